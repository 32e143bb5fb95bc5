"""Workbooks we write: the empty template, and the user's own rows with what is wrong marked. No cell is ever a formula."""

import io
from collections.abc import Mapping
from typing import Any

import xlsxwriter

from community.workbooks.columns import text_of
from community.workbooks.reading import NOTE, PROBLEMS, Table
from community.workbooks.sheets import Sheet, every

SAMPLE_ROWS = 5000
GUIDE = (
    "每个工作表一类记录;不需要的工作表可以留空或删除。",
    "带 * 的列必填;有下拉框的列可选,也可填代码或名称。空白单元格不改动已有内容。",
    "房屋写作 楼号-单元号-房号,如 3-2-501;没有单元的写 3-501。",
    "人房关系的人员按证件号码查找:可以在本工作簿的“人员”里,也可以已经登记过。",
    "先试运行,改正所有标出的问题后再正式导入;导入后可整体撤销。",
)


def _book(target: io.BytesIO) -> xlsxwriter.Workbook:
    return xlsxwriter.Workbook(
        target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )


def template() -> bytes:
    """The empty workbook: headings of the standard, drop-downs for codes, a page that tells how."""
    target = io.BytesIO()
    with _book(target) as book:
        head = book.add_format({"bold": True, "bg_color": "#E6EDF9", "border": 1, "text_wrap": True})
        must = book.add_format({"bold": True, "bg_color": "#FDE9D9", "border": 1, "text_wrap": True})
        plain = book.add_format({"num_format": "@"})
        guide = book.add_worksheet(NOTE)
        guide.set_column(0, 0, 90)
        for line, said in enumerate(GUIDE):
            guide.write_string(line, 0, said)
        lists = book.add_worksheet("代码")
        place = 0
        for sheet in every():
            page = book.add_worksheet(sheet.title)
            page.freeze_panes(1, 0)
            for number, column in enumerate(sheet.columns):
                page.set_column(number, number, column.width, plain)
                title = f"{column.title}*" if column.required else column.title
                page.write_string(0, number, title, must if column.required else head)
                if options := _options(sheet, column):
                    source = _listed(lists, place, f"{sheet.title} {column.title}", options)
                    place += 1
                    page.data_validation(
                        1, number, SAMPLE_ROWS, number,
                        {"validate": "list", "source": source, "error_type": "warning", "ignore_blank": True},
                    )  # fmt: skip
        guide.activate()
    return target.getvalue()


def _options(sheet: Sheet, column: Any) -> list[str]:
    if column.kind == "flag":
        return ["是", "否"]
    return [f"{code} {name}" for code, name in column.choices]


def _listed(lists: Any, place: int, title: str, options: list[str]) -> str:
    """Put the options into a column of the sheet of codes; its range."""
    lists.write_string(0, place, title)
    for line, option in enumerate(options, 1):
        lists.write_string(line, place, option)
    letter = xlsxwriter.utility.xl_col_to_name(place)
    return f"=代码!${letter}$2:${letter}${len(options) + 1}"


def marked(tables: list[tuple[Sheet, Table]], errors: Mapping[str, Mapping[int, Mapping[str, str]]]) -> bytes:
    """The user's rows as they came, each wrong cell red, what is wrong in the first column: to be put right and sent again."""
    target = io.BytesIO()
    with _book(target) as book:
        head = book.add_format({"bold": True, "bg_color": "#E6EDF9", "border": 1})
        bad = book.add_format({"bg_color": "#FFC7CE", "font_color": "#9C0006", "num_format": "@"})
        plain = book.add_format({"num_format": "@"})
        for sheet, table in tables:
            page = book.add_worksheet(sheet.title)
            page.freeze_panes(1, 1)
            page.set_column(0, 0, 50)
            page.set_column(1, len(table.headings), 16)
            page.write_string(0, 0, PROBLEMS, head)
            for number, heading in enumerate(table.headings, 1):
                page.write_string(0, number, heading, head)
            for line, (number, cells) in enumerate(table.rows, 1):
                wrong = errors.get(sheet.title, {}).get(number, {})
                page.write_string(
                    line, 0, "；".join(f"{title}：{said}" for title, said in wrong.items()), bad if wrong else plain
                )
                for place, cell in enumerate(cells):
                    is_wrong = table.mapped.get(place) in wrong
                    page.write_string(line, place + 1, text_of(cell), bad if is_wrong else plain)
    return target.getvalue()
