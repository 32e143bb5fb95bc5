"""A building as a grid: floors down, units and rooms across, each house with what it is and what it lacks. Four queries."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from community.models import Building, House
from residents.models import Residency
from uploads.models import Due
from uploads.reports import subject_key

LEASE_DAYS, MOST_BUILDINGS = 30, 500
# What the colours can tell: mode -> state -> (its words, its tone).
MODES: dict[str, tuple[Promise, dict[str, tuple[Promise, str]]]] = {
    "occupancy": (_("居住"), {
        "empty": (_("无人登记"), "off"), "owner": (_("自住"), "good"), "let": (_("出租"), "busy"), "other": (_("其他"), "warn"),
    }),
    "completeness": (_("资料"), {
        "empty": (_("无人登记"), "off"), "whole": (_("齐全"), "good"), "photo": (_("缺照片"), "warn"), "phone": (_("缺电话"), "bad"),
    }),
    "delivery": (_("上报"), {
        "none": (_("没有上报"), "off"), "arrived": (_("已上报"), "good"), "waiting": (_("上报中"), "busy"), "held": (_("待处理"), "bad"),
    }),
    "lease": (_("租约"), {
        "none": (_("没有租约"), "off"), "running": (_("租期内"), "good"), "ending": (_("30 天内到期"), "warn"), "over": (_("已到期"), "bad"),
    }),
}  # fmt: skip
TENANT, OWNERS = "1", {"2", "3"}


@dataclass
class Cell:
    """One house of the grid."""

    house: House
    people: int = 0
    states: dict[str, str] = field(default_factory=dict)  # by mode

    def tone(self, mode: str) -> str:
        """The colour of its state."""
        return MODES[mode][1][self.states[mode]][1]

    def said(self, mode: str) -> Promise:
        """Its state in words."""
        return MODES[mode][1][self.states[mode]][0]


@dataclass
class Grid:
    """All of a building: floors from the top, each a list of (unit number or 0, cells in the order of their rooms)."""

    building: Building
    floors: list[tuple[int, list[tuple[int, list[Cell]]]]]
    counts: dict[str, dict[str, int]]  # mode -> state -> houses


def grid(building: Building, now: datetime) -> Grid:
    """The grid of one building."""
    houses = list(House.objects.filter(building=building).select_related("unit", "building").order_by("room"))
    homes: dict[Any, list[Residency]] = defaultdict(list)
    lived = Residency.objects.filter(house__building=building, moved_out=None).select_related("person")
    for home in lived.only(
        "house_id", "occupant_type", "tenant_family", "lease_end", "person__photo", "person__phone_index"
    ):
        homes[home.house_id].append(home)
    due = _delivery(houses, homes)
    cells = [_cell(house, homes[house.pk], due, now) for house in houses]
    counts = {mode: dict.fromkeys(states, 0) for mode, (_title, states) in MODES.items()}
    for cell in cells:
        for mode, state in cell.states.items():
            counts[mode][state] += 1
    return Grid(building, _floors(cells), counts)


def _delivery(houses: list[House], homes: dict[Any, list[Residency]]) -> dict[str, str]:
    """By subject: arrived, waiting or held; of the houses and of everybody who lives there."""
    wanted = {
        "house": [house.pk for house in houses],
        "person": [home.person_id for many in homes.values() for home in many],
    }
    found: dict[str, str] = {}
    for report, keys in wanted.items():
        rows = Due.objects.filter(report=report, subject_id__in=[subject_key(key) for key in keys]).exclude(
            state=Due.State.GONE
        )
        for row in rows.only("subject_id", "state", "revision", "delivered_revision"):
            found[row.subject_id] = "held" if row.state == Due.State.HELD else "arrived" if row.arrived else "waiting"
    return found


def _cell(house: House, homes: list[Residency], due: dict[str, str], now: datetime) -> Cell:
    ways = {due.get(subject_key(key)) for key in [house.pk, *(home.person_id for home in homes)]} - {None}
    return Cell(
        house, len(homes),
        {
            "occupancy": _occupancy(homes), "completeness": _completeness(homes), "lease": _lease(homes, now),
            "delivery": next((way for way in ("held", "waiting", "arrived") if way in ways), "none"),
        },
    )  # fmt: skip


def _occupancy(homes: list[Residency]) -> str:
    kinds = {home.occupant_type for home in homes}
    if not homes:
        return "empty"
    if TENANT in kinds or any(home.tenant_family for home in homes):
        return "let"
    return "owner" if kinds & OWNERS else "other"


def _completeness(homes: list[Residency]) -> str:
    if not homes:
        return "empty"
    if any(not home.person.phone_index for home in homes):
        return "phone"
    return "photo" if any(not home.person.photo for home in homes) else "whole"


def _lease(homes: list[Residency], now: datetime) -> str:
    ends = [home.lease_end for home in homes if home.lease_end]
    if not ends:
        return "none"
    if min(ends) < now:
        return "over"
    return "ending" if min(ends) < now + timedelta(days=LEASE_DAYS) else "running"


def _floors(cells: list[Cell]) -> list[tuple[int, list[tuple[int, list[Cell]]]]]:
    units = sorted({cell.house.unit.number if cell.house.unit else 0 for cell in cells})
    by_place: dict[tuple[int, int], list[Cell]] = defaultdict(list)
    for cell in cells:
        by_place[cell.house.floor, cell.house.unit.number if cell.house.unit else 0].append(cell)
    floors = sorted({cell.house.floor for cell in cells}, reverse=True)
    return [(floor, [(unit, by_place[floor, unit]) for unit in units]) for floor in floors]


def buildings(places: Any) -> list[Building]:
    """At most so many buildings of these communities, with how many houses they have and how many are lived in."""
    rows = list(places.order_by("community__name", "number")[:MOST_BUILDINGS])
    houses = House.objects.filter(building__in=rows).order_by()
    home = Residency.objects.filter(house=OuterRef("pk"), moved_out=None)
    counted = houses.values("building").annotate(n=Count("pk")).values_list("building", "n")
    every, lived = dict(counted), dict(counted.filter(Exists(home)))
    for row in rows:
        row.all_houses, row.lived = every.get(row.pk, 0), lived.get(row.pk, 0)
    return rows
