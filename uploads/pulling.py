"""Reading what the upper platform holds (B.2.1, B.3.1, B.4.1, B.5.1, B.7): page by page, in windows that overlap.

What happens if we die: a page and the note that it has been read are one transaction, so the next call goes on with the
page after it; the window stays the same until its last page, so nothing falls between two windows.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from audit import log
from guomi.sm2 import Sm2Error
from standard import interfaces, messages, wire
from uploads import answers, matching, platforms, sessions
from uploads.client import Reply, TransportError, UpperClient
from uploads.models import Pull, UpperPlatform, UpperRecord
from uploads.wrapping import WrapError

CLAUSES = ("B.7", "B.3.1", "B.2.1", "B.4.1", "B.5.1")  # addresses first, then what refers to them
OVERLAP = timedelta(minutes=15)  # the platform's clock may differ, and a record may be stored later than it says
AHEAD = timedelta(minutes=1)  # what was stored in this very second counts
LEASE = timedelta(minutes=5)
PAGE, MOST_PAGES = messages.MAX_PAGE, 5000
WHOLE_AGAIN = timedelta(hours=20)  # an interface without a window is read whole, once a day
IDENTITY = {
    "B.7": ("address_code",), "B.3.1": ("house_id", "address_code"), "B.2.1": ("person_id",),
    "B.4.1": ("person_id", "address_code"), "B.5.1": ("vehicle_id",),
}  # fmt: skip
Taker = Callable[[int, Sequence[Mapping[str, Any]]], None]
takers: dict[str, Taker] = {}  # registered from above: what an app does with pulled records, in the page's transaction


class PullError(Exception):
    """The page could not be read; the message is Chinese."""


@dataclass
class Outcome:
    """What one interface of one platform came to; `problem` is "" when the window was read to its end."""

    community: str
    clause: str
    title: str
    pages: int = 0
    records: int = 0
    new: int = 0
    matched: int = 0
    differing: int = 0
    problem: str = ""


def pull(platform: UpperPlatform, *, now: datetime, force: bool = False) -> list[Outcome]:
    """Every pull interface of the platform. A problem with one does not keep the others from being read."""
    client = UpperClient(platforms.endpoint(platform))
    try:
        return [_pull(platform, client, clause, now, force) for clause in CLAUSES]
    finally:
        client.close()


def _pull(platform: UpperPlatform, client: UpperClient, clause: str, now: datetime, force: bool) -> Outcome:
    outcome = Outcome(platform.registration_code, clause, interfaces.get(clause).title)
    state, _ = Pull.objects.get_or_create(platform=platform, clause=clause)
    if not force and not _windowed(clause) and state.finished_at and now - state.finished_at < WHOLE_AGAIN:
        return outcome
    if not _lease(state, now):
        outcome.problem = "另一进程正在获取"
        return outcome
    try:
        state.refresh_from_db()
        _read_window(platform, client, state, outcome, now)
    except (PullError, TransportError, sessions.SignInError, Sm2Error, WrapError) as error:
        outcome.problem = str(error)
    finally:
        Pull.objects.filter(pk=state.pk).update(lease_until=None, problem=outcome.problem[:300])
    return outcome


def _windowed(clause: str) -> bool:
    return any(field.en == "start_time" for field in interfaces.get(clause).request)


def _lease(state: Pull, now: datetime) -> bool:
    free = Pull.objects.filter(Q(lease_until=None) | Q(lease_until__lt=now), pk=state.pk)
    return free.update(lease_until=now + LEASE) == 1


def _read_window(platform: UpperPlatform, client: UpperClient, state: Pull, outcome: Outcome, now: datetime) -> None:
    if state.window_end is None:
        state.window_start = state.synced_until - OVERLAP if state.synced_until else None
        state.window_end, state.page = now, 0
    while state.page < MOST_PAGES:
        page = _page(platform, client, state)
        rows = page.get("items") or []
        with transaction.atomic():
            _keep(platform, state.clause, rows, outcome, now)
            state.page, state.total = state.page + 1, page.get("total_records") or 0
            done = not rows or state.page * PAGE >= state.total
            if done:
                state.synced_until, state.finished_at = state.window_end, now
                state.window_start = state.window_end = None
                state.page = 0
                detail = {"interface": state.clause, "total": state.total}
                log.write("pull", target=platform, community_id=platform.community_id, detail=detail)
            state.lease_until = timezone.now() + LEASE
            state.save()
        outcome.pages += 1
        outcome.records += len(rows)
        if done:
            return
    raise PullError("页数过多,已停止")


def _page(platform: UpperPlatform, client: UpperClient, state: Pull) -> dict[str, Any]:
    query: dict[str, Any] = {
        "page": state.page + 1, "page_size": PAGE, "registration_code": platform.registration_code,
    }  # fmt: skip
    if _windowed(state.clause):
        query |= {"end_time": state.window_end + AHEAD}
        if state.window_start:
            query |= {"start_time": state.window_start}
    body = messages.encode(state.clause, query, profile=platforms.profile(platform))
    reply = asked(platform, client, interfaces.get(state.clause).path, body)
    try:
        return messages.decode(state.clause, reply.data if isinstance(reply.data, dict) else {}, part="response")
    except messages.MessageError as error:
        raise PullError("应答不符合标准:" + "；".join(str(refusal) for refusal in error.refusals)[:200]) from None


def asked(platform: UpperPlatform, client: UpperClient, path: str, body: Mapping[str, Any]) -> Reply:
    """One call, with a new token if the one in hand was refused."""
    grant = sessions.current(platform, client)
    rules = platforms.rules(platform)
    for _try in range(2):
        reply = client.post(path, body, now=timezone.now(), token=grant.token)
        kind = answers.sort(reply.status, reply.code, reply.message, rules)
        if kind == answers.OK:
            return reply
        if kind != answers.TOKEN:
            break
        grant = sessions.current(platform, client, refused=grant.serial)
    raise PullError(answers.cleaned(reply.message) or f"HTTP {reply.status}")


def _keep(platform: UpperPlatform, clause: str, rows: Sequence[Any], outcome: Outcome, now: datetime) -> None:
    """Store a page, matched with what we hold."""
    place = platform.community_id
    records = {key: row for row in rows if isinstance(row, Mapping) and (key := identity(clause, row))}
    known = {
        one.key: one for one in UpperRecord.objects.filter(community_id=place, clause=clause, key__in=list(records))
    }
    matches = matching.match(clause, place, list(records.values()), now)
    for (key, record), match in zip(records.items(), matches, strict=True):
        kept = known.get(key) or UpperRecord(community_id=place, clause=clause, key=key)
        text = plain(record)
        if kept._state.adding or kept.record != text:
            kept.record, kept.changed_at = text, now
        kept.report, kept.subject_id, kept.differs = match.report, match.subject_id, list(match.differs)
        kept.seen_at = now
        outcome.new += kept._state.adding
        outcome.matched += bool(match.subject_id)
        outcome.differing += bool(match.differs)
        kept.save()
    if taker := takers.get(clause):
        taker(place, list(records.values()))


def identity(clause: str, record: Mapping[str, Any]) -> str:
    """What tells one pulled record from another; "" when it says nothing."""
    parts = [str(record.get(name) or "") for name in IDENTITY[clause]]
    if clause == "B.3.1":  # the id alone, the address where it is missing
        return next((part for part in parts if part), "")
    return " ".join(parts) if all(parts) else ""


def plain(record: Mapping[str, Any]) -> dict[str, Any]:
    """The record as JSON keeps it, without pictures: they are ours already, or not ours to keep."""
    return {name: _plain(value) for name, value in record.items() if not isinstance(value, (bytes, list))}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return wire.moment(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
