"""Claiming due rows and settling them: every step is one UPDATE that names the lease, so a late worker changes nothing.

What happens if we die:
- after `claim`: nothing was sent; the lease runs out and another worker claims the rows.
- after `mark`: the digest is gone, so even a record that turns back to its old state is sent again; the key is stored, so a
  deleted device is withdrawn although we never learned whether it arrived.
- after sending, before `settle`: the row is still due; it is sent again (states are upserts; a happening may arrive twice,
  and `sendings` says so).
- inside `settle`: one transaction, all or nothing.
"""

# ruff: noqa: S608 -- only table and column names of our own are put into the text; values are parameters

import secrets
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction

from uploads.models import Due

TABLE = f'"{Due._meta.db_table}"'
PENDING = f'{TABLE}."state" = \'due\' AND {TABLE}."revision" > ({TABLE}."delivered_revision")'
READY = f'({TABLE}."next_at" IS NULL OR {TABLE}."next_at" <= %s) AND ({TABLE}."lease_until" IS NULL OR {TABLE}."lease_until" < %s)'
CLAIMED = (
    "id",
    "subject_id",
    "revision",
    "delivered_revision",
    "attempts",
    "sendings",
    "upper_key",
    "digest",
    "withdrawing",
)


class Row(NamedTuple):
    """A claimed due row; `revision` is the one that is delivered now, whatever comes later."""

    id: int
    subject_id: str
    revision: int
    delivered_revision: int
    attempts: int
    sendings: int
    upper_key: str
    digest: str
    withdrawing: bool


@dataclass(frozen=True)
class Settled:
    """What becomes of one row. `always` is true whatever happened since; `same` counts only if the revision is still the claimed one."""

    row: Row
    always: dict[str, Any] = field(default_factory=dict)
    same: dict[str, Any] = field(default_factory=dict)


def _moment(value: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(value)


def ready(community_id: int, now: datetime) -> dict[str, int]:
    """Number of rows that could be claimed now, by report. A read, so that an idle worker never takes the write lock."""
    sql = (
        f'SELECT "report", COUNT(*) FROM {TABLE} WHERE {PENDING} AND {TABLE}."community_id" = %s AND {READY} '
        'GROUP BY "report"'
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [community_id, _moment(now), _moment(now)])
        return dict(cursor.fetchall())


def next_ready_at(community_ids: Sequence[int]) -> datetime | None:
    """When the first pending row that waits or is leased comes free; None when none is pending."""
    rows = Due.objects.pending().filter(community_id__in=community_ids).order_by().values_list("next_at", "lease_until")
    moments = [max(filter(None, pair)) for pair in rows.distinct()[:5000] if any(pair)]
    return min(moments, default=None)


def claim(report: str, community_id: int, *, limit: int, now: datetime, until: datetime) -> tuple[str, list[Row]]:
    """Lease up to `limit` ready rows of one report, oldest first. Returns the lease token and the rows."""
    token = secrets.token_hex(16)
    skip = " FOR UPDATE SKIP LOCKED" if connection.vendor == "postgresql" else ""
    returning = ", ".join(
        f'{TABLE}."{column}"' if connection.vendor == "postgresql" else f'"{column}"' for column in CLAIMED
    )
    sql = (
        f'WITH picked AS (SELECT {TABLE}."id" FROM {TABLE} WHERE {PENDING} AND {TABLE}."report" = %s '
        f'AND {TABLE}."community_id" = %s AND {READY} ORDER BY {TABLE}."due_since", {TABLE}."id" LIMIT %s{skip}) '
        f'UPDATE {TABLE} SET "lease_until" = %s, "lease_token" = %s WHERE "id" IN (SELECT "id" FROM picked) '
        f"RETURNING {returning}"
    )
    moment = _moment(now)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, [report, community_id, moment, moment, limit, _moment(until), token])
        rows = [Row(*values[:-1], bool(values[-1])) for values in cursor.fetchall()]
    return token, rows


def mark(token: str, rows: Iterable[tuple[Row, str]], *, now: datetime, until: datetime) -> set[int]:
    """Just before sending: note the time, count the sending, renew the lease, forget the digest, store each key. Returns the ids that may be sent.

    A row that changed or was deleted since the claim is left out: its newest state is claimed again at once.
    """
    sql = (
        f'UPDATE {TABLE} SET "encrypted_at" = %s, "lease_until" = %s, "digest" = \'\', "sendings" = "sendings" + 1 '
        'WHERE "lease_token" = %s AND "id" = %s AND "revision" = %s'
    )
    key_sql = f'UPDATE {TABLE} SET "upper_key" = %s WHERE "lease_token" = %s AND "id" = %s AND "revision" = %s'
    rows = list(rows)
    moment = _moment(now)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(sql, [(moment, _moment(until), token, row.id, row.revision) for row, _ in rows])
        keys = [(key, token, row.id, row.revision) for row, key in rows if key and key != row.upper_key]
        if keys:
            cursor.executemany(key_sql, keys)
        revisions = dict(
            Due.objects.filter(pk__in=[row.id for row, _ in rows], lease_token=token).values_list("id", "revision")
        )
    return {row.id for row, _ in rows if revisions.get(row.id) == row.revision}


def settle(token: str, outcomes: Iterable[Settled]) -> None:
    """Write what became of the rows and give the lease back. Call inside the transaction that adds the receipts."""
    groups: dict[tuple[tuple[str, ...], tuple[str, ...]], list[Settled]] = defaultdict(list)
    for outcome in outcomes:
        groups[tuple(outcome.always), tuple(outcome.same)].append(outcome)
    with connection.cursor() as cursor:
        for (always, same), members in groups.items():
            changes = [
                '"lease_until" = NULL',
                "\"lease_token\" = ''",
                *(f'"{name}" = %s' for name in always),
                *(f'"{name}" = CASE WHEN "revision" = %s THEN %s ELSE "{name}" END' for name in same),
            ]
            sql = f'UPDATE {TABLE} SET {", ".join(changes)} WHERE "id" = %s AND "lease_token" = %s'
            cursor.executemany(sql, [_parameters(member, token) for member in members])


def _parameters(outcome: Settled, token: str) -> list[Any]:
    def plain(value: Any) -> Any:
        return _moment(value) if isinstance(value, datetime) else value

    parameters = [plain(value) for value in outcome.always.values()]
    for value in outcome.same.values():
        parameters += [outcome.row.revision, plain(value)]
    return [*parameters, outcome.row.id, token]


def wake(report: str, subject_ids: Sequence[str]) -> int:
    """Let the rows that wait for these subjects (or for any subject of the report) go at once."""
    waiting = Due.objects.pending().filter(waits_for__gt="")
    if not waiting.exists():
        return 0
    names = [report, *(f"{report}:{subject_id}" for subject_id in subject_ids)]
    return waiting.filter(waits_for__in=names).update(next_at=None, waits_for="")


def wake_arrived(waits: Iterable[str]) -> int:
    """Of the rows that have just begun to wait: wake those whose prerequisite came while they were being looked at."""
    named = {tuple(name.split(":", 1)) for name in waits if ":" in name}
    here = Due.objects.filter(delivered_revision__gt=0, subject_id__in=[subject for _, subject in named])
    arrived = set(here.exclude(state=Due.State.GONE).values_list("report", "subject_id")) & named if named else set()
    return sum(wake(report, [subject]) for report, subject in arrived)


def release(token: str) -> int:
    """Give every row of the lease back untouched."""
    return Due.objects.filter(lease_token=token).update(lease_until=None, lease_token="")
