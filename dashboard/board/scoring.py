"""From what is held to how far it carries: pure arithmetic over holdings and delivery figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from dashboard.board.holdings import Gap, Holding
from standard.requirements import UploadItem

REQUIRED, OPTIONAL = "required", "optional"


@dataclass(frozen=True)
class Line:
    """One item of table 1 for one community. Shares lie between 0 and 1; None where there is nothing to share."""

    item: UploadItem
    demand: str  # of the tier looked at: required, optional, none
    holding: Holding | None  # None: the portal has no place for it
    delivered: float | None
    refused: float | None
    waiting: int = 0  # records on their way or held

    @property
    def held(self) -> int:
        return self.holding.held if self.holding else 0

    @property
    def complete(self) -> float | None:
        """Share of the held records without a gap."""
        return self.holding.whole / self.holding.held if self.holding and self.holding.held else None

    @property
    def score(self) -> float:
        """Nothing held is 0; else completeness times what has arrived (where an interface carries it)."""
        if self.complete is None:
            return 0.0
        return self.complete * (1.0 if self.delivered is None else self.delivered)

    @property
    def state(self) -> str:
        """missing | partial | good: the colour of its cell."""
        return "missing" if not self.held else "good" if self.score >= 0.95 else "partial"


@dataclass(frozen=True)
class Lift:
    """Something to do, and how many points of 100 it would bring for the tier."""

    item: UploadItem
    gap: Gap | None
    points: float


@dataclass(frozen=True)
class Board:
    """All 32 items of one community for one tier."""

    lines: tuple[Line, ...]
    score: float  # 0 to 100, over the required items
    lifts: tuple[Lift, ...]


def board(
    items: Sequence[UploadItem],
    tier: str,
    holdings: Mapping[str, Holding],
    figures: Mapping[str, Mapping[str, Any]],
    carried: Mapping[str, tuple[str, ...]],
) -> Board:
    """`holdings` and `carried` (names of reports) by item number, `figures` by report name (uploads' delivered, due, held)."""
    lines = tuple(
        _line(one, getattr(one, tier), holdings.get(one.no), figures, carried.get(one.no, ())) for one in items
    )
    required = [line for line in lines if line.demand == REQUIRED]
    score = 100 * sum(line.score for line in required) / len(required) if required else 0.0
    lifts = sorted((lift for line in required for lift in _lifts(line, len(required))), key=lambda lift: -lift.points)
    return Board(lines, score, tuple(lifts[:10]))


def _line(
    item: UploadItem,
    demand: str,
    holding: Holding | None,
    figures: Mapping[str, Mapping[str, Any]],
    carried: tuple[str, ...],
) -> Line:
    delivered = refused = None
    waiting = 0
    if holding:
        found = [figures[name] for name in carried if name in figures]
        total = sum(one["delivered"] + one["due"] + one["held"] for one in found)
        if total:
            delivered = sum(one["delivered"] for one in found) / total
            refused = sum(one["held"] for one in found) / total
            waiting = total - sum(one["delivered"] for one in found)
    return Line(item, demand, holding, delivered, refused, waiting)


def _lifts(line: Line, count: int) -> list[Lift]:
    worth = 100 / count
    if not line.held:
        return [Lift(line.item, None, worth)]
    assert line.holding is not None
    found = [Lift(line.item, gap, worth * min(gap.count, line.held) / line.held) for gap in line.holding.gaps]
    if line.delivered is not None and line.complete and line.waiting:
        gap = Gap(_("还没有上报"), line.waiting, "uploads:center")
        found.append(Lift(line.item, gap, worth * line.complete * (1 - line.delivered)))
    return found
