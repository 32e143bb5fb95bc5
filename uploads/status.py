"""How delivery stands, in figures: for the command and the page alike."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from uploads import places, reports
from uploads.models import Due, Gate, InterfaceLimit
from uploads.querysets import DueQuerySet, PlacedQuerySet


def rows(due: DueQuerySet, now: datetime) -> list[dict[str, Any]]:
    """One row a report, in the order of the interfaces; three queries."""
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    figures, reasons = due.figures(midnight), due.held_reasons()
    empty = {"due": 0, "retrying": 0, "delivered": 0, "delivered_today": 0, "held": 0, "oldest": None, "resent": 0}
    return [
        {
            "report": report.name,
            "interface": report.interface,
            "title": str(report.title),
            **_figures(report, empty | figures.get(report.name, {})),
            "reasons": [
                {"reason": row["reason"], "count": row["count"]} for row in reasons if row["report"] == report.name
            ],
        }
        for report in reports.every()
    ]


def _figures(report: reports.Report, found: dict[str, Any]) -> dict[str, Any]:
    """`maybe_twice`: happenings the platform may hold twice, because the answer to the first sending was lost."""
    resent = found.pop("resent")
    return found | {"maybe_twice": resent if report.happens else 0}


def totals(found: list[dict[str, Any]]) -> dict[str, int]:
    """The sums over all reports."""
    return {name: sum(row[name] for row in found) for name in ("due", "retrying", "delivered", "held")}


def of_communities(ids: list[int] | None, now: datetime) -> list[dict[str, Any]]:
    """For a command: one community or all of them."""
    return rows(Due.objects.all() if ids is None else Due.objects.filter(community_id__in=ids), now)


def pauses(platforms: PlacedQuerySet, now: datetime) -> list[dict[str, Any]]:
    """Why nothing goes just now: [{community, interface ("" is all), problem, until}]."""
    gates = Gate.objects.filter(platform__in=platforms, closed_until__gt=now).select_related("platform")
    found = list(gates.order_by("platform__registration_code", "clause")[:50])
    names = places.directory().names({gate.platform.community_id for gate in found}) if found else {}
    return [*_misunderstood(platforms)] + [
        {
            "community": names.get(gate.platform.community_id, gate.platform.registration_code),
            "interface": gate.clause,
            "problem": gate.problem,
            "until": gate.closed_until,
        }
        for gate in found
    ]


def _misunderstood(platforms: PlacedQuerySet) -> Iterator[dict[str, Any]]:
    """Platforms whose daily self-test failed."""
    for platform in platforms.exclude(test_problem="")[:50]:
        yield {
            "community": places.name(platform.community_id),
            "interface": "",
            "problem": f"自检:{platform.test_problem}",
            "until": None,
        }


def limited(platforms: PlacedQuerySet, today: date) -> list[dict[str, Any]]:
    """What the platforms allow, as far as it is known: [{community, interface, used, quota, hours, concurrency, until, learnt}]."""
    known = InterfaceLimit.objects.filter(platform__in=platforms).exclude(
        concurrency=None, daily_quota=None, opens=None, valid_until=None
    )
    found = list(known.select_related("platform").order_by("platform__registration_code", "clause")[:200])
    names = places.directory().names({limit.platform.community_id for limit in found}) if found else {}
    return [
        {
            "community": names.get(limit.platform.community_id, limit.platform.registration_code),
            "interface": limit.clause,
            "used": limit.used(today),
            "quota": limit.daily_quota,
            "hours": f"{limit.opens:%H:%M}-{limit.closes:%H:%M}" if limit.opens and limit.closes else "",
            "concurrency": limit.concurrency,
            "until": limit.valid_until,
            "learnt": limit.learnt,
        }
        for limit in found
    ]
