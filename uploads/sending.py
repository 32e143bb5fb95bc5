"""Parcels over HTTP, several at a time. Threads do HTTP only; the database stays with the caller's thread."""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from standard import interfaces, messages
from uploads import answers
from uploads.answers import Rule
from uploads.batches import Parcel
from uploads.client import TransportError, UpperClient

UNSENT = "unsent"  # not even tried: something stopped the flight, or its time was over
UNREACHABLE = "unreachable"  # nothing was sent
UNANSWERED = "unanswered"  # it may have been processed
STOPPERS = {answers.TOKEN, answers.THROTTLED, answers.WINDOW, answers.DENIED, UNREACHABLE}
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
        self, pool: ThreadPoolExecutor, client: UpperClient, rules: Sequence[Rule], deadline_seconds: float
    ) -> None:
        self._pool, self._client, self._rules = pool, client, rules
        self._deadline = time.monotonic() + deadline_seconds
        self._stop = threading.Event()
        self._futures: list[Future[Answered]] = []

    def start(self, parcels: Sequence[Parcel], token: str) -> None:
        self._stop.clear()
        self._futures = [self._pool.submit(self._send, parcel, token) for parcel in parcels]

    def answers(self) -> list[Answered]:
        """Wait for all of them."""
        return [future.result() for future in self._futures]

    def _send(self, parcel: Parcel, token: str) -> Answered:
        if self._stop.is_set() or time.monotonic() > self._deadline:
            return Answered(parcel, UNSENT)
        started = time.monotonic()
        try:
            path = interfaces.get(parcel.clause).path
            reply = self._client.post(path, parcel.payload, now=timezone.now(), token=token)
        except TransportError as error:
            kind = UNREACHABLE if error.kind in NOT_SENT else answers.REFUSED if error.permanent else UNANSWERED
            answered = Answered(
                parcel, kind, error.problem, None, round((time.monotonic() - started) * 1000), error.wait
            )
        else:
            kind = answers.sort(reply.status, reply.code, reply.message, self._rules)
            message = answers.cleaned(reply.message, parcel.secrets)
            answered = Answered(parcel, kind, message, reply.data, reply.ms, reply.wait)
        if answered.kind in STOPPERS:
            self._stop.set()
        return answered


def upper_id_of(answered: Answered, name: str | None) -> str:
    """The platform's id in the answer, under any spelling; "" when there is none."""
    if not name or not isinstance(answered.data, dict):
        return ""
    decoded = messages.decode(answered.parcel.clause, answered.data, part="response", check=False)
    value = decoded.get(name)
    return str(value)[:64] if value not in (None, "") else ""
