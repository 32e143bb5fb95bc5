"""Parcels over HTTP, several at a time. Threads do HTTP only; the database stays with the caller's thread."""

import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from django.utils import timezone

from standard import interfaces, messages
from uploads import answers
from uploads.answers import Rule
from uploads.batches import Parcel
from uploads.client import TransportError, UpperClient
from uploads.limits import Allowance

UNSENT = "unsent"  # not even tried: something stopped the flight, or its time was over
UNREACHABLE = "unreachable"  # nothing was sent
UNANSWERED = "unanswered"  # it may have been processed
STOPPERS = {answers.TOKEN, answers.THROTTLED, answers.WINDOW, answers.DENIED, UNREACHABLE}
DIVISIBLE = {answers.REFUSED, answers.ORPHAN}  # about one record of many, perhaps
ALONE_AFTER = 3
MANY = 64
UNLIMITED = Allowance()
NOT_SENT = {"connect", "tls", "redirect", "url"}


@dataclass(frozen=True)
class Answered:
    """What became of one parcel. `kind` is one of uploads.answers or of the three above; `message` is cleaned."""

    parcel: Parcel
    kind: str
    message: str = ""
    data: Any = None
    ms: int = 0
    wait: float | None = None


class Flight:
    """Parcels of one interface on their way with one token. Nothing new starts after `deadline_seconds` or after a stopper."""

    def __init__(
        self,
        pool: ThreadPoolExecutor,
        client: UpperClient,
        rules: Sequence[Rule],
        deadline_seconds: float,
        allowed: Allowance = UNLIMITED,
    ) -> None:
        self._pool, self._client, self._rules = pool, client, rules
        self._slots = threading.BoundedSemaphore(allowed.concurrency or MANY)
        self._left, self.calls, self._counting = allowed.calls, 0, threading.Lock()
        self._deadline = time.monotonic() + deadline_seconds
        self._stop = threading.Event()
        self._futures: list[Future[Answered]] = []

    def start(self, parcels: Sequence[Parcel], token: str) -> None:
        self._stop.clear()
        self._futures = [self._pool.submit(self._send, bundle, token) for bundle in bundles(parcels)]

    def answers(self) -> list[Answered]:
        """Wait for all of them: one for each parcel."""
        return [answered for future in self._futures for answered in future.result()]

    def _send(self, bundle: Sequence[Parcel], token: str) -> list[Answered]:
        """One call. A refused bundle is halved until the bad record stands alone; the good ones are delivered."""
        if self._stop.is_set() or time.monotonic() > self._deadline:
            return [Answered(parcel, UNSENT) for parcel in bundle]
        with self._slots:
            if self._stop.is_set() or not self._may_call():
                return [Answered(parcel, UNSENT) for parcel in bundle]
            outcome = self._call(bundle, token)
        if outcome.kind in STOPPERS:
            self._stop.set()
        if outcome.kind in DIVISIBLE and len(bundle) > 1:
            middle = len(bundle) // 2
            return [*self._send(bundle[:middle], token), *self._send(bundle[middle:], token)]
        return [replace(outcome, parcel=parcel) for parcel in bundle]

    def _may_call(self) -> bool:
        """Count the call, unless the day's quota is used up."""
        with self._counting:
            if self._left is not None and self.calls >= self._left:
                return False
            self.calls += 1
            return True

    def _call(self, bundle: Sequence[Parcel], token: str) -> Answered:
        """What the platform said to all of them at once."""
        first, started = bundle[0], time.monotonic()
        interface = interfaces.get(first.clause)
        body = first.payload
        if interface.batch is not None:
            body = messages.batch(first.clause, [parcel.payload for parcel in bundle])
        try:
            reply = self._client.post(interface.path, body, now=timezone.now(), token=token)
        except TransportError as error:
            kind = UNREACHABLE if error.kind in NOT_SENT else answers.REFUSED if error.permanent else UNANSWERED
            return Answered(first, kind, error.problem, None, round((time.monotonic() - started) * 1000), error.wait)
        kind = answers.sort(reply.status, reply.code, reply.message, self._rules)
        message = answers.cleaned(reply.message, [secret for parcel in bundle for secret in parcel.secrets])
        return Answered(first, kind, message, reply.data, reply.ms, reply.wait)


def bundles(parcels: Sequence[Parcel]) -> Iterator[list[Parcel]]:
    """What goes in one call: a parcel by itself, or as many as B.2.3 and B.5.3 take: 50 records, 18 MB (quirk G-33).

    One that has failed several times without being understood goes alone, so that it cannot take others with it.
    """
    if not parcels or interfaces.get(parcels[0].clause).batch is None:
        yield from ([parcel] for parcel in parcels)
        return
    together = [parcel for parcel in parcels if parcel.row.attempts < ALONE_AFTER]
    yield from ([parcel] for parcel in parcels if parcel.row.attempts >= ALONE_AFTER)
    rest = iter(together)
    for payloads in messages.split_batches(parcels[0].clause, [parcel.payload for parcel in together]):
        yield list(islice(rest, len(payloads)))


def upper_id_of(answered: Answered, name: str | None) -> str:
    """The platform's id in the answer, under any spelling; "" when there is none."""
    if not name or not isinstance(answered.data, dict):
        return ""
    decoded = messages.decode(answered.parcel.clause, answered.data, part="response", check=False)
    value = decoded.get(name)
    return str(value)[:64] if value not in (None, "") else ""
