"""Table 1 (32 upload items), Appendix A (64 facility rows) and the figures the standard demands.

Source: 智慧平安社区智能安防系统技术要求 (2023-01-19): section 8, table 1; Appendix A (normative), table A.1; the clauses named
in each figure. Which interface carries an item of table 1 is a reading: the standard itself maps none.
"""

import csv
import json
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal

FOLDER = Path(__file__).parent / "data"

Demand = Literal["required", "optional", "none"]
Mark = Literal["must", "should", "none"]
TIERS = ("basic", "preferred", "demonstration")  # 达标型 优选型 示范型
LEVELS = ("level3", "level2", "level1")  # 三级, the lowest, to 一级
MODES = ("front_end", "centre")  # 前端分析, 中心分析


@dataclass(frozen=True, slots=True)
class UploadItem:
    """An item of table 1: what each tier demands, and the push interfaces that carry it (`coverage` full, partial, none)."""

    no: str
    name_zh: str
    name_en: str
    basic: Demand
    preferred: Demand
    demonstration: Demand
    interfaces: tuple[str, ...]
    related: tuple[str, ...]
    coverage: str
    remark: str


@dataclass(frozen=True, slots=True)
class Levels:
    """One value for each protection level."""

    level3: Any
    level2: Any
    level1: Any


@dataclass(frozen=True, slots=True)
class FacilityRow:
    """A row of table A.1: marks by construction mode and level, and the section-6 clauses that set them (or None)."""

    number: int
    location_zh: str
    location_en: str
    sublocation_zh: str
    sublocation_en: str
    community_kind: str  # closed, open, any
    system_zh: str
    system_en: str
    facility_zh: str
    facility_en: str
    front_end: Levels
    centre: Levels
    front_end_clauses: Levels
    centre_clauses: Levels

    def mark(self, mode: str, level: str) -> Mark:
        """must, should or none, for a mode of MODES and a level of LEVELS."""
        return getattr(getattr(self, mode), level)


@dataclass(frozen=True, slots=True)
class Figure:
    """A number demanded. `side`: software keeps it, record keeps a value to check, hardware has it."""

    clause: str
    figure: Decimal | str
    unit: str
    meaning_zh: str
    meaning_en: str
    op: str
    side: str


def _load(name: str) -> dict[str, Any]:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


@cache
def table1() -> tuple[UploadItem, ...]:
    """The 32 items of table 1, in printed order."""
    kept = UploadItem.__dataclass_fields__
    rows = ({name: row.get(name) or "" for name in kept} for row in _load("table1.json")["items"])
    return tuple(
        UploadItem(**{**row, "interfaces": tuple(row["interfaces"]), "related": tuple(row["related"])}) for row in rows
    )


@cache
def facilities() -> tuple[FacilityRow, ...]:
    """The 64 rows of table A.1, in printed order."""
    plain = [name for name in FacilityRow.__dataclass_fields__ if name.endswith(("_zh", "_en", "_kind"))]
    return tuple(
        FacilityRow(
            number=row["n"],
            **{name: row[name] or "" for name in plain},
            front_end=Levels(**row["front_end"]),
            centre=Levels(**row["centre"]),
            front_end_clauses=Levels(**row["clauses"]["front_end"]),
            centre_clauses=Levels(**row["clauses"]["centre"]),
        )
        for row in _load("facilities.json")["rows"]
    )


@cache
def figures() -> tuple[Figure, ...]:
    """The numbers the standard demands, by clause."""
    with (FOLDER / "figures.csv").open(encoding="utf-8", newline="") as lines:
        return tuple(Figure(**{**row, "figure": _number(row["figure"])}) for row in csv.DictReader(lines))


def _number(text: str) -> Decimal | str:
    return Decimal(text) if text.replace(".", "", 1).isdigit() else text
