"""The register out as a workbook: what the role may see, masked as on the screen, with who took it and when on every page."""

import io
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import xlsxwriter
from django.utils import timezone

from accounts import access
from community.models import Community
from community.workbooks.columns import Column
from community.workbooks.reading import MAX_ROWS, NOTE
from community.workbooks.sheets import Sheet, every
from guomi.fields import EncryptedField

CHUNK = 2000


def sheets_for(user: Any, community: Community) -> list[Sheet]:
    """The sheets whose records the user may see in this community."""
    return [sheet for sheet in every() if access.verb_holds(user, sheet.view_verb, community.pk)]


def export(community: Community, sheets: list[Sheet], by: str, now: datetime) -> tuple[bytes, dict[str, int]]:
    """The workbook, and how many rows of each sheet are in it. Every cell is text: no formula of anybody's runs."""
    target, counts = io.BytesIO(), {}
    said = (
        f"{community.name} · 导出人 {by} · {timezone.localtime(now):%Y-%m-%d %H:%M:%S} · 已脱敏,仅供工作使用,不得外传"
    )
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(target, options) as book:
        mark = book.add_format({"italic": True, "font_color": "#9C0006"})
        head = book.add_format({"bold": True, "bg_color": "#E6EDF9", "border": 1})
        note = book.add_worksheet(NOTE)
        note.set_column(0, 0, 90)
        note.write_string(0, 0, said, mark)
        for sheet in sheets:
            page = book.add_worksheet(sheet.title)
            page.set_header(f"&C{said.replace('&', '&&')}")
            page.set_footer("&C&P / &N")
            page.write_string(0, 0, said, mark)
            page.freeze_panes(2, 0)
            for number, column in enumerate(sheet.columns):
                page.set_column(number, number, column.width)
                page.write_string(1, number, column.title, head)
            counts[sheet.title] = _fill(page, sheet, community)
    return target.getvalue(), counts


def _fill(page: Any, sheet: Sheet, community: Community) -> int:
    count = 0
    for count, record in enumerate(_records(sheet, community), 1):
        for number, column in enumerate(sheet.columns):
            if text := shown(sheet, record, column):
                page.write_string(count + 1, number, text)
    return count


def _records(sheet: Sheet, community: Community) -> Iterator[Any]:
    return sheet.records(community)[:MAX_ROWS].iterator(chunk_size=CHUNK)


def shown(sheet: Sheet, record: Any, column: Column) -> str:
    """A cell as the screen shows it: masked where it is sealed, a code with its name."""
    value = sheet.value(record, column)
    if value is None or value == "":
        return ""
    made = next((one for one in record._meta.concrete_fields if one.name == column.field), None)
    if isinstance(made, EncryptedField):
        return made.masked(value)
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%Y-%m-%d}"
    if isinstance(value, date):
        return value.isoformat()
    if column.kind == "code":
        name = dict(column.choices).get(str(value))
        return f"{value} {name}" if name else str(value)
    return str(value)
