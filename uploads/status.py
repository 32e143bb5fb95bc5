"""How delivery stands, in figures: for the command and the page alike."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from uploads import reports
from uploads.models import Due
from uploads.querysets import DueQuerySet


def rows(due: DueQuerySet, now: datetime) -> list[dict[str, Any]]:
    """One row a report, in the order of the interfaces; three queries."""
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    figures, reasons = due.figures(midnight), due.held_reasons()
    empty = {"due": 0, "retrying": 0, "delivered": 0, "delivered_today": 0, "held": 0, "oldest": None}
    return [
        {
            "report": report.name,
            "interface": report.interface,
            "title": str(report.title),
            **(empty | figures.get(report.name, {})),
            "reasons": [
                {"reason": row["reason"], "count": row["count"]} for row in reasons if row["report"] == report.name
            ],
        }
        for report in reports.every()
    ]


def totals(found: list[dict[str, Any]]) -> dict[str, int]:
    """The sums over all reports."""
    return {name: sum(row[name] for row in found) for name in ("due", "retrying", "delivered", "held")}


def of_communities(ids: list[int] | None, now: datetime) -> list[dict[str, Any]]:
    """For a command: one community or all of them."""
    return rows(Due.objects.all() if ids is None else Due.objects.filter(community_id__in=ids), now)
