"""From claimed rows to messages ready to send, in bulk: one query for the subjects, one for what they depend on."""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from guomi import keyring, sm3
from standard import messages
from uploads.claims import Row
from uploads.models import Due
from uploads.reports import Context, Incomplete, Report, Waits, get, subject_key

log = logging.getLogger(__name__)
MAX_REASON = 500


@dataclass(frozen=True)
class Speech:
    """How one upper platform wants to be spoken to."""

    registration_code: str
    profile: messages.Profile
    encrypt: Callable[[str], str]
    also_encrypt: tuple[str, ...] = ()


@dataclass(frozen=True)
class Parcel:
    """One message ready to send. `secrets` are the values that must not come back in a stored answer."""

    row: Row
    clause: str
    payload: Mapping[str, Any] = field(repr=False)
    key: str = ""
    digest: str = ""
    withdrawal: bool = False
    secrets: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Kept:
    """A row that is not sent now. `kind`: unchanged | gone | waits | incomplete | message | broken."""

    row: Row
    kind: str
    reason: str = ""
    waits_for: str = ""


def prepare(
    report: Report, rows: Sequence[Row], speech: Speech, *, community_id: int, now: datetime
) -> list[Parcel | Kept]:
    """A Parcel or a Kept for every row, in their order."""
    living = [row.subject_id for row in rows if not row.withdrawing]
    subjects = {subject_key(found.pk): found for found in report.queryset().filter(pk__in=living)} if living else {}
    context = Context(now, community_id, find, known_needs(report, subjects.values()))
    return [_one(report, row, subjects.get(row.subject_id), speech, context) for row in rows]


def find(report: str, subject_id: str) -> tuple[bool, str]:
    """Whether a subject has arrived upstairs, and the platform's id of it."""
    row = (
        Due.objects.filter(report=report, subject_id=subject_id)
        .values_list("delivered_revision", "upper_id", "state")
        .first()
    )
    return (False, "") if row is None or row[2] == Due.State.GONE else (row[0] > 0, row[1])


def known_needs(report: Report, subjects: Any) -> dict[tuple[str, str], tuple[bool, str]]:
    """What `find` would say about everything the subjects need, with one query a report."""
    wanted: dict[str, set[str]] = {}
    for subject in subjects:
        for name, pk in report.needs(subject):
            wanted.setdefault(name, set()).add(subject_key(pk))
    known = {(name, key): (False, "") for name, keys in wanted.items() for key in keys}
    for name, keys in wanted.items():
        rows = Due.objects.filter(report=name, subject_id__in=keys).exclude(state=Due.State.GONE)
        for key, delivered, upper_id in rows.values_list("subject_id", "delivered_revision", "upper_id"):
            known[name, key] = (delivered > 0, upper_id)
    return known


def _one(report: Report, row: Row, subject: Any, speech: Speech, context: Context) -> Parcel | Kept:
    try:
        if subject is None or row.withdrawing:
            return _withdrawal(report, row, speech)
        key = report.key(subject)
        if report.withdraw and row.upper_key and key != row.upper_key:
            return _withdrawal(report, row, speech)
        for name, pk in report.needs(subject):
            context.require(name, pk)
        record = {**report.record(subject, context), "registration_code": speech.registration_code}
        digest = digest_of(report.interface, record)
        if row.digest == digest and row.delivered_revision > 0:
            return Kept(row, "unchanged")
        return Parcel(
            row, report.interface, _encoded(report.interface, record, speech), key, digest, False, _texts(record)
        )
    except Waits as waits:
        return Kept(
            row,
            "waits",
            f"等待{get(waits.report).title}先上报",
            ":".join(filter(None, (waits.report, waits.subject_id))),
        )
    except Incomplete as incomplete:
        return Kept(row, "incomplete", str(incomplete)[:MAX_REASON])
    except messages.MessageError as error:
        return Kept(row, "message", "；".join(str(refusal) for refusal in error.refusals)[:MAX_REASON])
    except Exception as error:
        # A mistake in a declaration must not stop the others. Only its kind is noted: its text may hold personal data.
        log.error("report %s subject %s cannot be built: %s", report.name, row.subject_id, type(error).__name__)
        return Kept(row, "broken", f"记录无法生成({type(error).__name__}),请联系系统管理员")


def _withdrawal(report: Report, row: Row, speech: Speech) -> Parcel | Kept:
    if not report.withdraw or not row.upper_key:
        return Kept(row, "gone")
    record = {**report.withdrawal(row.upper_key), "registration_code": speech.registration_code}
    return Parcel(row, report.withdraw, _encoded(report.withdraw, record, speech), withdrawal=True)


def _encoded(clause: str, record: Mapping[str, Any], speech: Speech) -> dict[str, Any]:
    return messages.encode(
        clause, record, profile=speech.profile, encrypt=speech.encrypt, also_encrypt=speech.also_encrypt
    )


def _texts(record: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(value for name, value in record.items() if isinstance(value, str) and name != "registration_code")


def digest_of(clause: str, record: Mapping[str, Any]) -> str:
    """A keyed digest of the clear record (HMAC-SM3), so the same record is not sent twice and nobody can guess it back."""
    present = {name: value for name, value in record.items() if value not in (None, "")}
    canonical = json.dumps([clause, present], ensure_ascii=False, sort_keys=True, default=_canonical)
    return keyring.get().index("uploads.due", canonical)


def _canonical(value: Any) -> str:
    if isinstance(value, bytes):
        return sm3.digest(value).hex()
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return str(value)
