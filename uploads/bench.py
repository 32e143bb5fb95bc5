"""People delivered a second, from claim to receipt, beside a bare loop that posts ready-made bodies to the same upper platform.

`manage.py upper bench` runs it in a portal that has a configured upper platform and people that are due; `manage.py bench push` makes
such a portal, with a sandbox, first.
"""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from django.utils import timezone

from standard import interfaces
from uploads import answers, claims, delivery, reports, sessions
from uploads.models import UpperPlatform

REPORT = "person"


def push_cases(*, limit: int = 600) -> list[dict[str, Any]]:
    """Measure both on the people due, the platform that has most of them. Delivers them for good."""
    bare = bare_loop(limit)
    return compared(bare, [carried(limit)])


def bare_loop(limit: int) -> dict[str, float]:
    """{people, seconds} of ready-made bodies, posted with the same number of connections; nothing counts as delivered."""
    with delivery.Courier(_busiest()) as courier:
        seconds, posted = _bare(courier, limit)
    return {"people": posted, "seconds": seconds}


def carried(limit: int, start_at: float = 0.0) -> dict[str, float]:
    """One worker's share: {people, began, ended (epoch seconds), sealing, busy (CPU seconds)}. Waits for `start_at`."""
    with delivery.Courier(_busiest()) as courier:
        sealing = _timed_sealing(courier)
        time.sleep(max(start_at - time.time(), 0))
        began, busy = time.time(), time.process_time()
        people = delivery.carry(courier, reports.get(REPORT), limit, timezone.now()).delivered
        ended, busy = time.time(), time.process_time() - busy
    return {"people": people, "began": began, "ended": ended, "sealing": sum(sealing), "busy": busy}


def compared(bare: dict[str, float], workers: Sequence[dict[str, float]]) -> list[dict[str, Any]]:
    """The cases of one run; RuntimeError when not the same people went both ways."""
    people = sum(one["people"] for one in workers)
    if not bare["people"] or people != bare["people"]:
        raise RuntimeError(f"{bare['people']} people posted, {people} delivered: nothing to compare")
    value = people / (max(one["ended"] for one in workers) - min(one["began"] for one in workers))
    base = bare["people"] / bare["seconds"]
    sealing, busy = sum(one["sealing"] for one in workers), sum(one["busy"] for one in workers)
    return [
        {
            "case": f"people delivered a second, claim to receipt, workers: {len(workers)}",
            "value": round(value, 1),
            "unit": "1/s",
            "baseline": "bare loop of ready-made bodies",
            "baseline_value": round(base, 1),
            "ratio": round(value / base, 2),
        },
        {
            "case": f"CPU seconds in SM2 while delivering, workers: {len(workers)}",
            "value": round(sealing, 3),
            "unit": "s",
            "baseline": "all CPU seconds of the workers",
            "baseline_value": round(busy, 3),
            "ratio": round(sealing / busy, 3),
        },
    ]


def _busiest() -> UpperPlatform:
    """The platform that has most people due."""
    platforms = list(UpperPlatform.objects.filter(enabled=True))
    if not platforms:
        raise RuntimeError("no upper platform is configured")
    now = timezone.now()
    return max(platforms, key=lambda found: claims.ready(found.community_id, now).get(REPORT, 0))


def _timed_sealing(courier: Any) -> list[float]:
    """CPU seconds of each sealed value from here on, in a list that grows."""
    spent: list[float] = []
    encrypt = courier.speech.encrypt

    def timed(clear: str) -> str:
        started = time.thread_time()
        try:
            return encrypt(clear)
        finally:
            spent.append(time.thread_time() - started)

    courier.speech = replace(courier.speech, encrypt=timed)
    return spent


def _bare(courier: Any, limit: int) -> tuple[float, int]:
    """Bodies made beforehand, posted with the same number of connections; the rows are given back. Returns (seconds, number)."""
    load = courier.load(reports.get(REPORT), limit, timezone.now())
    if load is None:
        return 0.0, 0
    claims.release(load.lease)
    token = sessions.current(courier.platform, courier.client).token
    path = interfaces.get(load.report.interface).path

    def post(payload: Any) -> bool:
        reply = courier.client.post(path, payload, now=timezone.now(), token=token)
        return answers.sort(reply.status, reply.code, reply.message) == answers.OK

    bodies: Sequence[Any] = [parcel.payload for parcel in load.parcels]
    started = time.monotonic()
    with ThreadPoolExecutor(courier.platform.concurrency) as pool:
        accepted = sum(pool.map(post, bodies))
    return time.monotonic() - started, accepted
