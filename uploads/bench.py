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
    platforms = list(UpperPlatform.objects.filter(enabled=True))
    if not platforms:
        raise RuntimeError("no upper platform is configured")
    now = timezone.now()
    platform = max(platforms, key=lambda found: claims.ready(found.community_id, now).get(REPORT, 0))
    with delivery.Courier(platform) as courier:
        bare, posted = _bare(courier, limit)
        sealing = _timed_sealing(courier)
        started, busy = time.monotonic(), time.process_time()
        sent = delivery.carry(courier, reports.get(REPORT), limit, timezone.now()).delivered
        value = sent / (time.monotonic() - started)
        busy = time.process_time() - busy
    if not posted or sent != posted:
        raise RuntimeError(f"{posted} people posted, {sent} delivered: nothing to compare")
    return [
        {
            "case": "people delivered a second, claim to receipt",
            "value": round(value, 1),
            "unit": "1/s",
            "baseline": "bare loop of ready-made bodies",
            "baseline_value": round(bare, 1),
            "ratio": round(value / bare, 2),
        },
        {
            "case": "CPU seconds in SM2 while delivering",
            "value": round(sum(sealing), 3),
            "unit": "s",
            "baseline": "all CPU seconds of the process",
            "baseline_value": round(busy, 3),
            "ratio": round(sum(sealing) / busy, 3),
        },
    ]


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
    """Bodies made beforehand, posted with the same number of connections; the rows are given back. Returns (1/s, number)."""
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
    return accepted / (time.monotonic() - started), accepted
