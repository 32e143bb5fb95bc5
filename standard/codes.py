"""Code tables: Appendix C of the standard and the national tables its fields cite, as files under data/codes/.

The first line of each file states its table, title, source with edition, and how sure it is; data/codes/SOURCES.md tells
the rest. Codes are text: leading zeros and the one minus sign (C.1 `-1`) are part of them. Tables are read when first
asked for.

>>> name("occupant_type", "1")
'租客'
>>> table("C.7") is table("occupant_type")
True
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType

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
    """A code table in printed order. `sureness` is how far the file may be trusted, as its first line says."""

    id: str
    alias: str
    title: str
    source: str
    sureness: str
    rows: tuple[Row, ...] = field(repr=False)
    names: Mapping[str, str] = field(repr=False, compare=False)

    @property
    def sure(self) -> bool:
        """May an unknown code be refused? Not where the standard's own text was not found."""
        return self.sureness not in ("weak", "by row")


# id, alias, file
TABLES = (
    ("C.1", "vehicle_brand", "c01_vehicle_brand"),
    ("C.2", "vehicle_type", "c02_vehicle_type"),
    ("C.3", "use_status", "c03_use_status"),
    ("C.4", "in_community", "c04_in_community"),
    ("C.5", "parking_type", "c05_parking_type"),
    ("C.6", "passage_direction", "c06_passage_direction"),
    ("C.7", "occupant_type", "c07_occupant_type"),
    ("C.8", "sync_status", "c08_sync_status"),
    ("C.9", "person_type", "c09_person_type"),
    ("C.10", "lives_alone_elder", "c10_lives_alone_elder"),
    ("C.11", "door_open_method", "c11_door_open_method"),
    ("C.12", "door_open_result", "c12_door_open_result"),
    ("C.13", "passage_direction_dup", "c13_passage_direction_dup"),
    ("C.14", "in_community_dup", "c14_in_community_dup"),
    ("C.15", "lease_status", "c15_lease_status"),
    ("C.16", "device_type", "c16_device_type"),
    ("C.17", "online_status", "c17_online_status"),
    ("C.18", "check_result", "c18_check_result"),
    ("GB/T 2261.1", "sex", "gbt2261_1_sex"),
    ("GB/T 2261.2", "marital_status", "gbt2261_2_marital_status"),
    ("GB/T 3304", "ethnic_group", "gbt3304_ethnic_group"),
    ("GB/T 4658", "education", "gbt4658_education"),
    ("GB 4762", "political_status", "gbt4762_political_status"),
    ("GB/T 6565", "occupation", "gbt6565_occupation"),
    ("GB/T 17986.1", "house_use", "gbt17986_1_house_use"),
    ("GA/T 2000.28", "house_category", "gat2000_28_house_category"),
    ("GA/T 2000.29", "house_property_nature", "gat2000_29_house_property_nature"),
    ("GA/T 2000.36", "military_service", "gat2000_36_military_service"),
    ("GA/T 2000.40", "use_status_ga", "gat2000_40_use_status"),
    ("GA/T 2000.156", "identity_document", "gat2000_156_identity_document"),
    ("GA/T 833-2016", "plate_colour", "gat833_plate_colour"),
    ("GA/T 16.8-2012", "vehicle_colour", "gat16_8_vehicle_colour"),
    ("GA/T 1400.3", "capture_colour", "gat1400_colour"),
    ("GB/T 2260", "division", "gbt2260_division"),
)
_BY_NAME = {name: row for row in TABLES for name in (row[0], row[1])}


@cache
def _read(identifier: str) -> Table:
    number, alias, file = _BY_NAME[identifier]
    with (FOLDER / f"{file}.csv").open(encoding="utf-8", newline="") as lines:
        stated, title, source, sureness = (part.strip() for part in next(lines).lstrip("# ").split("|"))
        rows = tuple(Row(row["code"], row["name"], row["note"] or "") for row in csv.DictReader(lines))
    if stated != number:
        raise ValueError(f"{file}.csv is table {stated}, not {number}")
    names = MappingProxyType({row.code: row.name for row in rows})
    return Table(number, alias, title, source, sureness, rows, names)


def table(identifier: str) -> Table:
    """The table of an id ("C.7") or an alias ("occupant_type"); UnknownTable."""
    if identifier not in _BY_NAME:
        raise UnknownTable(identifier)
    return _read(_BY_NAME[identifier][0])


def choices(identifier: str) -> list[tuple[str, str]]:
    """(code, name) in printed order, for a form."""
    return [(row.code, row.name) for row in table(identifier).rows]


def name(identifier: str, code: str) -> str:
    """The name of a code; UnknownCode."""
    try:
        return table(identifier).names[code]
    except KeyError:
        raise UnknownCode(f"{identifier} has no code {code!r}") from None


def knows(identifier: str, code: str) -> bool:
    """Is the code in the table?"""
    return code in table(identifier).names
