"""Code tables: Appendix C of the standard and the national tables its fields cite, as files under data/codes/.

Each table names its source here; how sure it is stands in data/codes/SOURCES.md. Codes are text: leading zeros and
the one minus sign (C.1 `-1`) are part of them. Tables are read when first asked for.

>>> name("occupant_type", "1")
'租客'
>>> table("C.7") is table("occupant_type")
True
"""

import csv
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "data" / "codes"


class UnknownCode(KeyError):
    """The table has no such code."""


class UnknownTable(KeyError):
    """There is no such table."""


@dataclass(frozen=True, slots=True)
class Row:
    """One code, its name, and a remark for people."""

    code: str
    name: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A code table. `sure` is False where the source is weak: unknown codes are then let through."""

    id: str
    alias: str
    title: str
    source: str
    sure: bool
    rows: tuple[Row, ...] = field(repr=False)
    names: dict[str, str] = field(repr=False, compare=False)


APPENDIX_C = "智慧平安社区智能安防系统技术要求, 附录C"
# id, alias, title, file, source, sure
TABLES = (
    ("C.1", "vehicle_brand", "车辆品牌", "c01_vehicle_brand", APPENDIX_C, True),
    ("C.2", "vehicle_type", "车辆类型", "c02_vehicle_type", APPENDIX_C, True),
    ("C.3", "use_status", "使用状态", "c03_use_status", APPENDIX_C, True),
    ("C.4", "in_community", "是否本小区", "c04_in_community", APPENDIX_C, True),
    ("C.5", "parking_type", "停车类型", "c05_parking_type", APPENDIX_C, True),
    ("C.6", "passage_direction", "出入类型", "c06_passage_direction", APPENDIX_C, True),
    ("C.7", "occupant_type", "住户类型", "c07_occupant_type", APPENDIX_C, True),
    ("C.8", "sync_status", "数据同步状态", "c08_sync_status", APPENDIX_C, True),
    ("C.9", "person_type", "人员类型", "c09_person_type", APPENDIX_C, True),
    ("C.10", "lives_alone_elder", "是否独居老人", "c10_lives_alone_elder", APPENDIX_C, True),
    ("C.11", "door_open_method", "开门方式", "c11_door_open_method", APPENDIX_C, True),
    ("C.12", "door_open_result", "开门状态", "c12_door_open_result", APPENDIX_C, True),
    ("C.13", "passage_direction_dup", "出入类型", "c13_passage_direction_dup", APPENDIX_C, True),
    ("C.14", "in_community_dup", "是否本小区", "c14_in_community_dup", APPENDIX_C, True),
    ("C.15", "lease_status", "租赁状态", "c15_lease_status", APPENDIX_C, True),
    ("C.16", "device_type", "设备类型", "c16_device_type", APPENDIX_C, True),
    ("C.17", "online_status", "在线状态", "c17_online_status", APPENDIX_C, True),
    ("C.18", "check_result", "核查结果", "c18_check_result", APPENDIX_C, True),
    ("GB/T 2261.1", "sex", "人的性别代码", "gbt2261_1_sex", "GB/T 2261.1-2003 表1", True),
    ("GB/T 2261.2", "marital_status", "婚姻状况代码", "gbt2261_2_marital_status", "GB/T 2261.2-2003", True),
    ("GB/T 3304", "ethnic_group", "中国各民族名称的代码", "gbt3304_ethnic_group", "GB/T 3304-1991 及 97、98", True),
    ("GB/T 4658", "education", "学历代码", "gbt4658_education", "GB/T 4658-2006", True),
    ("GB 4762", "political_status", "政治面貌代码", "gbt4762_political_status", "GB/T 4762-1984", True),
    ("GB/T 6565", "occupation", "职业分类与代码", "gbt6565_occupation", "GB/T 6565-2015", True),
    ("GB/T 17986.1", "house_use", "房屋用途分类", "gbt17986_1_house_use", "GB/T 17986.1-2000 表A6", True),
    ("GA/T 2000.28", "house_category", "房屋类别代码", "gat2000_28_house_category", "GA/T 2000.28-2014", False),
    ("GA/T 2000.29", "house_property_nature", "房屋产权性质种类代码", "gat2000_29_house_property_nature", "GA/T 2000.29-2014", False),
    ("GA/T 2000.36", "military_service", "兵役状况代码", "gat2000_36_military_service", "GA/T 2000.36-2014", True),
    ("GA/T 2000.40", "use_status_ga", "使用状态代码", "gat2000_40_use_status", "GA/T 2000.40-2014", True),
    ("GA/T 2000.156", "identity_document", "常用证件代码", "gat2000_156_identity_document", "GA/T 2000.156-2016", False),
    ("GA/T 833-2016", "plate_colour", "号牌颜色", "gat833_plate_colour", "GA/T 833-2016 表B.2", True),
    ("GA/T 16.8-2012", "vehicle_colour", "车身颜色代码", "gat16_8_vehicle_colour", "GA/T 16.8-2012", True),
    ("GA/T 1400.3", "capture_colour", "颜色类型", "gat1400_colour", "GA/T 1400.3-2017 ColorType", True),
    ("GB/T 2260", "division", "行政区划代码", "gbt2260_division", "GB/T 2260, 1980-2026 各年", True),
)
_BY_NAME = {name: row for row in TABLES for name in (row[0], row[1])}


@cache
def _read(identifier: str) -> Table:
    number, alias, title, file, source, sure = _BY_NAME[identifier]
    with (FOLDER / f"{file}.csv").open(encoding="utf-8", newline="") as lines:
        rows = tuple(Row(row["code"], row["name"], row["note"] or "") for row in csv.DictReader(lines))
    return Table(number, alias, title, source, sure, rows, {row.code: row.name for row in rows})


def table(identifier: str) -> Table:
    """The table of an id ("C.7") or an alias ("occupant_type"); UnknownTable."""
    try:
        return _read(_BY_NAME[identifier][0])
    except KeyError:
        raise UnknownTable(identifier) from None


def choices(identifier: str) -> list[tuple[str, str]]:
    """(code, name) in printed order, for a form."""
    return [(row.code, row.name) for row in table(identifier).rows]


def name(identifier: str, code: str) -> str:
    """The name of a code; UnknownCode."""
    try:
        return table(identifier).names[code]
    except KeyError as error:
        raise UnknownCode(f"{identifier} has no code {code!r}") from error


def knows(identifier: str, code: str) -> bool:
    """Is the code in the table?"""
    return code in table(identifier).names


def division_name(code: str) -> str:
    """Province, prefecture and county of a division code, as far as they are known; "" for none.

    >>> division_name("120101")
    '天津市和平区'
    """
    names = table("division").names
    parts = [names.get(code[:2] + "0000", ""), names.get(code[:4] + "00", ""), names.get(code, "")]
    kept = [part for part in dict.fromkeys(parts) if part and part not in {"市辖区", "县"}]
    return "".join(kept)
