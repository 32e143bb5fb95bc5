"""Removing what has been kept long enough: in small batches, each with its entry in the log, run again after a kill.

A rule that fails is named and does not keep the others from their work.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection, models, transaction

from accounts import keeping, orphans
from audit import log

BATCH = 100
LOCK = 0x70757267  # any fixed number: one purge at a time
ACTION = "purge"
logger = logging.getLogger(__name__)


class StuckError(RuntimeError):
    """A rule removed nothing of what it called expired."""


@dataclass
class Outcome:
    """Rows removed (or, on trial, to be removed) by rule and model label; the codes of rules that failed."""

    removed: dict[str, dict[str, int]] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.failed

    @property
    def total(self) -> int:
        return sum(sum(counts.values()) for counts in self.removed.values())


def expected(now: datetime) -> dict[str, dict[str, int]]:
    """What a purge would remove now, by rule and model label; what goes along with a row is not counted."""
    found: dict[str, dict[str, int]] = {}
    for code, days in keeping.periods().items():
        found[code] = {}
        for rows in keeping.get(code).expired(keeping.cutoff(days, now)):
            if count := rows.count():
                label = rows.model._meta.label
                found[code][label] = found[code].get(label, 0) + count
    return found


def purge(now: datetime) -> Outcome:
    """Carry out every rule, then remove the pictures that no row names any more."""
    outcome = Outcome()
    for code, days in keeping.periods().items():
        counts = outcome.removed.setdefault(code, {})
        try:
            _carry_out(keeping.get(code), keeping.cutoff(days, now), now, counts)
        except Exception:
            logger.exception("retention rule %s failed", code)
            outcome.failed.append(code)
    outcome.removed["orphans"] = {"files": orphans.purge_orphans(now)}
    return outcome


def _carry_out(rule: keeping.Rule, cutoff: datetime, now: datetime, counts: dict[str, int]) -> None:
    last: set[tuple[str, object]] = set()
    while True:
        with transaction.atomic():
            _one_at_a_time()
            rows = _some(rule.expired(cutoff))
            if not rows:
                return
            keys = {(type(row)._meta.label, row.pk) for row in rows}
            if keys & last:
                raise StuckError(rule.code)
            removed, last = rule.remove(rows, now), keys
            log.write(ACTION, detail={"rule": rule.code, "before": cutoff.isoformat(), "removed": removed})
        for label, count in removed.items():
            counts[label] = counts.get(label, 0) + count


def _some(expired: Iterable[models.QuerySet]) -> list[models.Model]:
    """The next rows of one queryset."""
    for rows in expired:
        if found := list(rows.order_by()[:BATCH]):
            return found
    return []


def _one_at_a_time() -> None:
    """On SQLite the IMMEDIATE transaction has made two purges queue already."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
