"""What the upper platform holds beside what we hold: whose is it, and where do the two disagree. Values are compared, never kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from standard import interfaces, wire
from uploads import batches, reports
from uploads.reports import Context, Report, subject_key

NOT_COMPARED = {"registered_at", "updated_at", "added_at"}
STARS = "*＊"


@dataclass(frozen=True)
class Match:
    """The report and subject a pulled record belongs to ("" when we hold none), and the fields that differ."""

    report: str = ""
    subject_id: str = ""
    differs: tuple[str, ...] = ()


def report_of(clause: str) -> Report | None:
    """The report whose records a pull interface hands back."""
    return next((report for report in reports.every() if report.pulled == clause), None)


def match(clause: str, community_id: int, records: Sequence[Mapping[str, Any]], now: datetime) -> list[Match]:
    """One Match for each record."""
    report = report_of(clause)
    if report is None:
        return [Match() for _ in records]
    found = report.match(community_id, records)
    keys = [subject_key(pk) if pk else "" for pk in found]
    rows = report.queryset().filter(pk__in=[pk for pk in found if pk])
    subjects = {subject_key(row.pk): row for row in rows}
    context = Context(now, community_id, batches.find, batches.known_needs(report, subjects.values()))
    return [
        Match(report.name, key, differing(clause, report, subjects[key], record, context))
        if key in subjects else Match(report.name)
        for key, record in zip(keys, records, strict=True)
    ]  # fmt: skip


def differing(
    clause: str, report: Report, subject: Any, theirs: Mapping[str, Any], context: Context
) -> tuple[str, ...]:
    """English names of the fields both sides fill and fill differently; nothing while ours cannot be built."""
    try:
        ours = report.record(subject, context)
    except (reports.Incomplete, reports.Waits):
        return ()
    fields = {field.en: field for field in interfaces.get(clause).items}
    return tuple(
        name
        for name, value in sorted(theirs.items())
        if name in fields and name not in NOT_COMPARED and _given(value) and _given(ours.get(name))
        if not same(ours[name], value, masked=fields[name].masked)
    )


def _given(value: Any) -> bool:
    return value not in (None, "") and not isinstance(value, (bytes, list))


def same(ours: Any, theirs: Any, *, masked: bool) -> bool:
    """Equal as text; of a masked value (the pattern is open, quirk G-18) only what can be seen has to agree.

    >>> same("13812345678", "138****5678", masked=True), same("13812345679", "138****5678", masked=True)
    (True, False)
    """
    left, right = _text(ours), _text(theirs)
    if not masked or not any(star in right for star in STARS):
        return left == right
    return len(left) == len(right) and all(b in STARS or a == b for a, b in zip(left, right, strict=True))


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return wire.moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return str(value).strip().upper()
