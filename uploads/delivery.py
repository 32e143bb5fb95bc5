"""Delivery: claim what is due, send it, settle it. What happens if we die at any step stands in uploads/claims.py.

Reports go in the printed order of their interfaces, so people and houses stand before their relation; within a report the oldest change goes
first. While one batch is on its way the next one is read and encrypted.
"""

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from audit import log
from guomi.sm2 import Sm2Error
from uploads import answers, batches, claims, gates, limits, loaded, outcomes, platforms, reports, sessions
from uploads.batches import Kept, Parcel, Speech
from uploads.claims import Row
from uploads.client import TransportError, UpperClient
from uploads.models import Due, Receipt, UpperPlatform
from uploads.reports import Report
from uploads.sending import UNANSWERED, UNREACHABLE, UNSENT, Answered, Flight
from uploads.tally import Tally
from uploads.wrapping import WrapError

IDLE_SECONDS = 1.0
PAUSING = (answers.THROTTLED, answers.WINDOW, answers.DENIED, answers.TOKEN)
KEPT_AS = {
    "unchanged": "unchanged",
    "gone": "gone",
    "waits": "waiting",
    "incomplete": "held",
    "message": "held",
    "broken": "retrying",
}


@dataclass
class Load:
    """A claimed batch, ready to be sent."""

    report: Report
    lease: str
    rows: list[Row]
    parcels: list[Parcel]
    kept: list[Kept]
    flight: Flight | None = None


class Courier:
    """Carries batches to one upper platform. Use as a context manager; `stopped` says that the platform wants a pause."""

    def __init__(self, platform: UpperPlatform) -> None:
        self.platform = platform
        self.stopped = False
        self.shut: set[str] = set()
        self.problems: list[str] = []
        self.client = UpperClient(platforms.endpoint(platform))
        self.rules = platforms.rules(platform)
        self.speech = Speech(
            platform.registration_code,
            platforms.profile(platform),
            platforms.cipher(platform),
            tuple(platform.also_encrypt),
        )
        self.pool = ThreadPoolExecutor(platform.concurrency, thread_name_prefix="upper")
        self.grant: sessions.Pass | None = None

    def __enter__(self) -> "Courier":
        return self

    def __exit__(self, *_: object) -> None:
        self.pool.shutdown(wait=True)
        self.client.close()

    def load(self, report: Report, limit: int, now: datetime) -> Load | None:
        """Claim and prepare one batch; None when nothing is ready."""
        until = now + lease_length()
        lease, rows = claims.claim(report.name, self.platform.community_id, limit=limit, now=now, until=until)
        if not rows:
            return None
        ready = batches.prepare(report, rows, self.speech, community_id=self.platform.community_id, now=now)
        parcels = [item for item in ready if isinstance(item, Parcel)]
        return Load(report, lease, rows, parcels, [item for item in ready if isinstance(item, Kept)])

    def launch(self, load: Load) -> None:
        """Mark the rows and send them off. Without a token, or when the platform wants a pause, they are given back."""
        if self.stopped or load.report.interface in self.shut or not self._signed_in(load):
            claims.release(load.lease)
            load.parcels, load.kept = [], []
            return
        now = timezone.now()
        keys = [(parcel.row, "" if parcel.withdrawal else parcel.key) for parcel in load.parcels]
        sendable = claims.mark(load.lease, keys, now=now, until=now + lease_length())
        load.parcels = [parcel for parcel in load.parcels if parcel.row.id in sendable]
        allowed = limits.allowance(self.platform, load.report.interface, now)
        load.flight = Flight(self.pool, self.client, self.rules, lease_length().total_seconds() / 2, allowed)
        load.flight.start(load.parcels, self.grant.token)

    def land(self, load: Load) -> Tally:
        """Wait for the answers and settle the batch in one transaction."""
        if load.flight is None:
            return Tally()
        answered = self._renewed(load, load.flight.answers())
        limits.count(self.platform, load.report.interface, load.flight.calls, timezone.now())
        self._pause(load, answered)
        return self._settle(load, answered)

    def _signed_in(self, load: Load) -> bool:
        if not load.parcels and self.grant:
            return True
        try:
            self.grant = sessions.current(self.platform, self.client)
        except (TransportError, sessions.SignInError, Sm2Error, WrapError) as error:
            self._stop(error)
        return not self.stopped

    def _renewed(self, load: Load, answered: list[Answered]) -> list[Answered]:
        """If the token was refused: one new token for everybody, and once more for those who met the refusal or did not start."""
        if not any(item.kind == answers.TOKEN for item in answered):
            return answered
        try:
            self.grant = sessions.current(self.platform, self.client, refused=self.grant.serial)
        except (TransportError, sessions.SignInError, Sm2Error, WrapError) as error:
            self._stop(error)
            return answered
        again = [item for item in answered if item.kind in (answers.TOKEN, UNSENT)]
        load.flight.start([item.parcel for item in again], self.grant.token)
        return [item for item in answered if item not in again] + load.flight.answers()

    def _stop(self, error: Exception) -> None:
        kind = error.kind if isinstance(error, sessions.SignInError) else UNREACHABLE
        self._close("", kind, str(error), getattr(error, "wait", None))
        self.stopped = True

    def _close(self, clause: str, kind: str, problem: str, wait: float | None) -> None:
        gates.close(self.platform, clause, kind, problem, now=timezone.now(), wait=wait)
        self.problems.append(problem)

    def _pause(self, load: Load, answered: list[Answered]) -> None:
        """Shut the gate that the answers ask for: of the platform when it can't be reached, of the interface when it refuses calls."""
        tried = [item for item in answered if item.kind != UNSENT]
        if self.stopped or not tried:
            return
        for item in tried:
            if item.kind == UNREACHABLE or (
                item.kind == UNANSWERED and all(other.kind == UNANSWERED for other in tried)
            ):
                self._close("", UNREACHABLE, item.message, item.wait)
                self.stopped = True
                return
        for item in tried:
            if item.kind in PAUSING:
                self._close(load.report.interface, item.kind, item.message, self._wait(load, item))
                self.shut.add(load.report.interface)
                return
        if any(item.kind == answers.OK for item in tried):
            gates.open_all(self.platform, load.report.interface)

    def _wait(self, load: Load, item: Answered) -> float | None:
        """Seconds to wait: what the platform said, or what its words tell of the interface's limits."""
        now, clause = timezone.now(), load.report.interface
        at_once = min(len(load.parcels), self.platform.concurrency)
        until = limits.learn(self.platform, clause, item.kind, item.message, at_once=at_once, now=now)
        return item.wait if item.wait is not None or until is None else (until - now).total_seconds()

    def _settle(self, load: Load, answered: list[Answered]) -> Tally:
        now, tally, report = timezone.now(), Tally(), load.report
        settled = [outcomes.of_kept(kept, now) for kept in load.kept]
        settled += [outcomes.of_answer(item, report, now) for item in answered]
        receipts = [outcomes.receipt(item, report, self.platform.community_id, now) for item in answered]
        arrived = [item.parcel.row.subject_id for item in answered if item.kind == answers.OK]
        with transaction.atomic():
            claims.settle(load.lease, settled)
            Receipt.objects.bulk_create([receipt for receipt in receipts if receipt])
            if arrived:
                claims.wake(report.name, arrived)
            claims.wake_arrived({kept.waits_for for kept in load.kept if kept.kind == "waits"})
            if sums := Counter(_counted(item) for item in answered):
                detail = {"report": report.name, "interface": report.interface, **sums}
                log.write("deliver", community_id=self.platform.community_id, detail=detail)
            claims.release(load.lease)
        tally.counts["claimed"] = len(load.rows)
        tally.counts.update(KEPT_AS[kept.kind] for kept in load.kept)
        tally.counts.update(_counted(item) for item in answered)
        return tally


def _counted(item: Answered) -> str:
    if item.parcel.withdrawal and item.kind in (answers.OK, answers.ABSENT):
        return "withdrawn"
    if item.kind in outcomes.RELEASED:
        return "released"
    return {answers.OK: "delivered", answers.REFUSED: "held", answers.ORPHAN: "waiting"}.get(item.kind, "retrying")


def lease_length() -> timedelta:
    """How long a batch is ours. A request is started in its first half only, and lasts no longer than the other half."""
    return timedelta(seconds=settings.UPLOADS_LEASE_SECONDS)


def deliver(*, limit: int = 1000, now: datetime | None = None, community_id: int | None = None) -> Tally:
    """One pass over every platform that may be called: at most `limit` rows each, shared out among the reports that have some."""
    now, tally = now or timezone.now(), Tally()
    loaded.refresh()
    with log.acting_as("上报任务"):
        for platform in _platforms(community_id):
            tally += _serve(platform, limit, now)
    return tally


def _platforms(community_id: int | None) -> list[UpperPlatform]:
    found = UpperPlatform.objects.filter(enabled=True).prefetch_related("answer_rules")
    return list(found if community_id is None else found.filter(community_id=community_id))


def _serve(platform: UpperPlatform, limit: int, now: datetime) -> Tally:
    closed = gates.closed(platform, now)
    closed |= dict.fromkeys(limits.shut(platform, now))
    backlog = {} if "" in closed else claims.ready(platform.community_id, now)
    going = [report for report in reports.every() if backlog.get(report.name) and report.interface not in closed]
    if not going:
        return Tally()
    try:
        courier = Courier(platform)
    except Sm2Error as error:
        problem = f"SM2 公钥不可用:{error}"
        gates.close(platform, "", answers.DENIED, problem, now=now)
        return Tally(problems=[problem])
    tally, share = Tally(), max(limit // len(going), 1)
    with courier:
        for report in going:
            if any(backlog.get(name, 0) > share for name in report.after):
                continue  # what it refers to is still on its way: sending it now would only make it wait
            tally += carry(courier, report, share, now)
    tally.problems += courier.problems
    return tally


def carry(courier: Courier, report: Report, limit: int, now: datetime) -> Tally:
    """Up to `limit` rows of one report, one batch in the air while the next is prepared."""
    tally, flying, started = Tally(), None, time.monotonic()
    while limit > 0 and not courier.stopped and report.interface not in courier.shut:
        moment = now + timedelta(seconds=time.monotonic() - started)
        load = courier.load(report, min(limit, settings.UPLOADS_BATCH), moment)
        if flying is not None:
            tally += courier.land(flying)
            flying = None
        if load is None:
            break
        limit -= len(load.rows)
        courier.launch(load)
        flying = load
    if flying is not None:
        tally += courier.land(flying)
    return tally


def deliver_until_empty(*, community_id: int | None = None, seconds: float = 3600, patience: float = 0) -> Tally:
    """Passes until nothing more can go now, or `seconds` are over.

    With `patience` it also waits for rows and platforms that come free within so many seconds (a throttle, a retry).
    """
    total, end = Tally(), time.monotonic() + seconds
    while time.monotonic() < end:
        tally = deliver(community_id=community_id)
        total += tally
        if tally.claimed and tally.progress:
            continue
        pause = _pause_seconds(community_id)
        if pause is not None and not tally.claimed:
            pause = max(pause, IDLE_SECONDS)  # what is ready has to wait for something else: do not ask all the time
        if pause is None or pause > min(patience, end - time.monotonic()):
            break
        time.sleep(max(pause, 0.05))
    return total


def left(community_id: int | None = None) -> int:
    """Changes that are still due in the communities that have an upper platform."""
    served = [platform.community_id for platform in _platforms(community_id)]
    return Due.objects.pending().filter(community_id__in=served).count()


def _pause_seconds(community_id: int | None) -> float | None:
    """Seconds until something could go; None when nothing is pending."""
    now = timezone.now()
    opens = [moment for platform in _platforms(community_id) for moment in _openings(platform, now)]
    return (min(opens) - now).total_seconds() if opens else None


def _openings(platform: UpperPlatform, now: datetime) -> Iterator[datetime]:
    """When rows of the platform could go: those ready now, at the end of what pauses them; the others when they come free."""
    closed = {clause: gate.closed_until for clause, gate in gates.closed(platform, now).items()}
    shut, earliest = limits.shut(platform, now), closed.get("", now)
    for name in claims.ready(platform.community_id, now):
        clause = reports.get(name).interface
        yield max(earliest, closed.get(clause, earliest), shut.get(clause, earliest))
    if moment := claims.next_ready_at([platform.community_id]):
        yield max(earliest, moment)
