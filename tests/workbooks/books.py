"""Workbooks of the tests, written by a library of their own."""

import io
from typing import Any

import xlsxwriter

from tests import cast

HOUSE = ["楼号", "单元号", "房号", "地址编码", "房主姓名", "房主公民身份号码", "房主联系电话", "租赁状态"]
PERSON = ["姓名", "证件号码", "联系电话", "户籍地详址"]
HOME = ["证件号码", "房屋", "住户类型", "租赁开始时间", "租赁结束时间"]


def book(**sheets: list[list[Any]]) -> bytes:
    """A workbook: sheet -> lines, the headings first."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as made:
        for title, lines in sheets.items():
            page = made.add_worksheet(title)
            for row, line in enumerate(lines):
                for column, cell in enumerate(line):
                    page.write(row, column, cell)
    return target.getvalue()


def number(n: int) -> str:
    """The n-th valid identity number nobody holds."""
    return cast.valid_id(f"19{50 + n // 900 % 40:02}{1 + n // 40000:02}01", n % 900 + 1)


def register(people: int) -> dict[str, list[list[Any]]]:
    """Houses and people of a large community: three to a house."""
    houses, persons, homes = [HOUSE], [PERSON], [HOME]
    for n in range(-(-people // 3)):
        building, unit, room = n // 200 + 1, n // 50 % 4 + 1, f"{n % 50 // 4 + 1}{n % 4 + 1:02}"
        houses.append([building, unit, room, f"A{n:08}", "赵大海", number(n), "13900001111", "01 未出租"[:2]])
    for n in range(people):
        house = houses[n // 3 + 1]
        persons.append([f"王{n}", number(n), f"138{n:08}", "天津市和平区南京路1号"])
        homes.append([number(n), f"{house[0]}-{house[1]}-{house[2]}", "2", "", ""])
    return {"房屋": houses, "人员": persons, "人房关系": homes}
