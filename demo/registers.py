"""A large invented register as a workbook and its photos as a ZIP, for the benches of importing: three people to a house."""

import io
import random
import zipfile
from pathlib import Path
from typing import Any

import xlsxwriter
from PIL import Image

from standard.numbers.identity import check_digit

CODE = "LARGE"
PLACE = (
    "from community.models import Community; from accounts.models import User; "
    f"Community.objects.create(name='大社区', registration_code='{CODE}', address='天津市'); "
    "User.objects.create_user('importer')"
)
HOUSE = ("楼号", "单元号", "房号", "地址编码", "房主姓名", "房主公民身份号码", "房主联系电话", "租赁状态")
PERSON = ("姓名", "证件号码", "联系电话", "户籍地详址", "人员类型")
HOME = ("证件号码", "房屋", "住户类型")
NAMES = "王李张刘陈杨赵黄周吴"


def number(n: int) -> str:
    """The n-th valid identity number nobody holds."""
    day, order = divmod(n, 999)
    year, month = divmod(day, 12)
    first = f"120100{1940 + year}{month + 1:02}01{order + 1:03}"
    return first + check_digit(first)


def workbook(people: int) -> bytes:
    """The workbook of so many people."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"constant_memory": False, "in_memory": True}) as book:
        houses, persons, homes = (book.add_worksheet(title) for title in ("房屋", "人员", "人房关系"))
        for page, head in ((houses, HOUSE), (persons, PERSON), (homes, HOME)):
            page.write_row(0, 0, head)
        labels = [_place(n) for n in range(-(-people // 3))]
        for n, (building, unit, room) in enumerate(labels):
            owner = (f"{NAMES[n % 10]}业主{n}", number(n), f"139{n:08}", "01")
            _line(houses, n + 1, (building, unit, room, f"A{n:08}", *owner))
        for n in range(people):
            building, unit, room = labels[n // 3]
            _line(persons, n + 1, (f"{NAMES[n % 10]}住户{n}", number(n), f"138{n:08}", "天津市和平区南京路1号", "1"))
            _line(homes, n + 1, (number(n), f"{building}-{unit}-{room}", "2"))
    return target.getvalue()


def photos(people: int, target: Path) -> None:
    """Their photos, 960 × 1280 and some 200 KB each as a camera's are, named by number, as a ZIP on the disk."""
    grain = random.Random(1)  # noqa: S311 -- pictures of nobody
    noise = Image.frombytes("L", (480, 640), grain.randbytes(480 * 640)).resize((960, 1280))
    with zipfile.ZipFile(target, "w") as archive:
        for n in range(people):
            tint = Image.new("L", noise.size, n * 37 % 256)
            out = io.BytesIO()
            Image.merge("RGB", (noise, tint, Image.blend(noise, tint, 0.5))).save(out, "JPEG", quality=60)
            archive.writestr(f"photos/{number(n)}.jpg", out.getvalue())


def _place(n: int) -> tuple[int, int, str]:
    return n // 200 + 1, n // 50 % 4 + 1, f"{n % 50 // 4 + 1}{n % 4 + 1:02}"


def _line(page: Any, row: int, cells: tuple[Any, ...]) -> None:
    for column, cell in enumerate(cells):
        page.write(row, column, cell)
