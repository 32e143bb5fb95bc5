"""From what became of a row to what is written: the new columns of its due row and its receipt. Pure but for chance."""

import random
from datetime import datetime, timedelta
from typing import Any

from uploads import answers
from uploads.batches import Kept
from uploads.claims import Row, Settled
from uploads.models import Due, Receipt
from uploads.pace import MAX_ATTEMPTS, later
from uploads.reports import Report
from uploads.sending import UNANSWERED, UNREACHABLE, UNSENT, Answered, upper_id_of

WAIT = timedelta(seconds=30)
CLEAR = {"attempts": 0, "next_at": None, "problem": "", "reason": "", "waits_for": ""}
RELEASED = {UNSENT, UNREACHABLE, answers.TOKEN, answers.THROTTLED, answers.WINDOW, answers.DENIED}
OUTCOMES = {
    answers.OK: Receipt.Outcome.DELIVERED,
    answers.REFUSED: Receipt.Outcome.REFUSED,
    answers.ORPHAN: Receipt.Outcome.DEFERRED,
    answers.ABSENT: Receipt.Outcome.DEFERRED,
    answers.UNKNOWN: Receipt.Outcome.UNKNOWN,
    UNANSWERED: Receipt.Outcome.UNANSWERED,
    answers.THROTTLED: Receipt.Outcome.DEFERRED,
    answers.WINDOW: Receipt.Outcome.DEFERRED,
    answers.DENIED: Receipt.Outcome.DEFERRED,
}


def of_kept(kept: Kept, now: datetime) -> Settled:
    """A row that was not sent."""
    row = kept.row
    if kept.kind == "unchanged":
        return Settled(row, {"delivered_revision": row.revision}, CLEAR)
    if kept.kind == "gone":
        return Settled(row, {}, {**CLEAR, "state": Due.State.GONE, "withdrawing": False})
    if kept.kind == "waits":
        return Settled(
            row, {}, {"next_at": now + WAIT, "problem": kept.kind, "reason": kept.reason, "waits_for": kept.waits_for}
        )
    if kept.kind == "broken":
        return _again(row, kept.kind, kept.reason, now)
    return _held(row, kept.kind, kept.reason)


def of_answer(answered: Answered, report: Report, now: datetime) -> Settled:
    """A row that was sent, or should have been."""
    parcel, kind = answered.parcel, answered.kind
    row = parcel.row
    if parcel.withdrawal and kind in (answers.OK, answers.ABSENT):
        return _withdrawn(row, now)
    if kind == answers.OK:
        delivered = {"delivered_revision": row.revision, "digest": parcel.digest, "delivered_at": now}
        if upper_id := upper_id_of(answered, report.upper_id):
            delivered["upper_id"] = upper_id
        return Settled(row, delivered, {**CLEAR, "sent_at": now})
    turned_away = {"sendings": row.sendings}  # the platform did not keep this one
    if kind in RELEASED:
        return Settled(row, {}, turned_away)
    if kind == answers.REFUSED:
        return _held(row, Due.Problem.REFUSED, answered.message, sent_at=now, **turned_away)
    if kind in (answers.ORPHAN, answers.ABSENT):
        return _again(row, Due.Problem.WAITS, answered.message, now, sent_at=now, **turned_away)
    return _again(row, Due.Problem.UNKNOWN, answered.message, now, sent_at=now)


def _withdrawn(row: Row, now: datetime) -> Settled:
    """The platform no longer knows the old key. A deleted subject is done with; one with a new key is sent under it next."""
    forgotten = {"upper_key": "", "upper_id": "", "digest": ""}
    if row.withdrawing:
        done = {**CLEAR, "state": Due.State.GONE, "withdrawing": False, "sent_at": now}
        return Settled(row, {**forgotten, "delivered_revision": row.revision, "delivered_at": now}, done)
    return Settled(row, forgotten, {"next_at": None})


def _held(row: Row, problem: str, reason: str, **more: Any) -> Settled:
    held = {
        "state": Due.State.HELD,
        "attempts": row.attempts + 1,
        "problem": problem,
        "reason": reason,
        "next_at": None,
    }
    return Settled(row, {}, {**held, **more})


def _again(row: Row, problem: str, reason: str, now: datetime, **more: Any) -> Settled:
    attempts = row.attempts + 1
    if attempts >= MAX_ATTEMPTS:
        return _held(row, problem, reason, **more)
    retry = {"attempts": attempts, "next_at": later(now, attempts, random.random), "problem": problem, "reason": reason}
    return Settled(row, {}, {**retry, **more})


def receipt(answered: Answered, report: Report, community_id: int, now: datetime) -> Receipt | None:
    """The receipt of what was sent; None for what was not."""
    parcel = answered.parcel
    outcome = OUTCOMES.get(answered.kind)
    if outcome is None:
        return None
    if parcel.withdrawal and answered.kind in (answers.OK, answers.ABSENT):
        outcome = Receipt.Outcome.WITHDRAWN
    return Receipt(
        report=report.name,
        subject_id=parcel.row.subject_id,
        community_id=community_id,
        revision=parcel.row.revision,
        outcome=outcome,
        upper_id=upper_id_of(answered, report.upper_id) if answered.kind == answers.OK else "",
        message=answered.message[:300],
        at=now,
        ms=answered.ms,
    )
