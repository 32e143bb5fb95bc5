"""Entries appended a second by several writers, how long they wait for their seal, entries verified a second beside bare SM3."""

import statistics
import time
from typing import Any

from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from audit import canonical, log, merkle, trail, verifying
from audit.models import Entry, Head, Leaf, scope
from audit.review import timeline

BATCH = 2000


def write_share(number: int, count: int, start_at: float, *, audited: bool) -> dict[str, float]:
    """One writer: `count` small deeds, each a transaction; {began, ended, p95 (seconds), count}. Waits for `start_at`."""
    times = []
    time.sleep(max(start_at - time.time(), 0))
    began = time.time()
    for deed in range(count):
        started = time.perf_counter()
        with transaction.atomic():
            Session.objects.create(
                session_key=f"{audited:d}{number}-{deed}", session_data="", expire_date=timezone.now()
            )
            if audited:
                log.write(
                    "view",
                    target=("residents.person", f"{number}-{deed}"),
                    reason="上门核实",
                    detail={"field": "phone"},
                )
        times.append(time.perf_counter() - started)
    return {"began": began, "ended": time.time(), "p95": statistics.quantiles(times, n=20)[-1], "count": count}


def seal_for(seconds: float, every: float = 1.0) -> dict[str, float]:
    """Seal as the beat does; {lag: the longest time an entry waited, sealed}."""
    ends, sealed, lag = time.monotonic() + seconds, trail.seal_all(timezone.now()), 0.0
    while time.monotonic() < ends:
        oldest = Entry.objects.exclude(pk__in=Leaf.objects.values("entry_id")).order_by("pk").first()
        sealed += trail.seal_pending(timezone.now())
        if oldest is not None:
            lag = max(lag, (timezone.now() - oldest.at).total_seconds())
        time.sleep(every)
    return {"lag": lag, "sealed": sealed + trail.seal_all(timezone.now())}


def fill(count: int) -> int:
    """Entries as write() makes them, many at a time, sealed; how many the log then holds."""
    last = Entry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    for start in range(last + 1, last + count + 1, BATCH):
        rows = []
        for pk in range(start, min(start + BATCH, last + count + 1)):
            entry = Entry(
                id=pk, at=timezone.now(), actor_id=pk % 50, actor=f"王敏{pk % 50}", role="居委会采集员", address="10.2.0.8",
                session="0123456789abcdef", request_id="f" * 32, action="reveal", target_model="residents.person",
                target_id=f"{pk % 5000:032x}", community_id=pk % 7, reason="上门核实", detail={"field": "phone"},
            )  # fmt: skip
            entry.mac = entry.own_mac()
            rows.append(entry)
        Entry.objects.bulk_create(rows, batch_size=200)
        trail.seal_all(timezone.now())
    return Entry.objects.count()


def verify_case() -> dict[str, Any]:
    """All of the log verified, beside hashing the same texts as a bare tree."""
    texts = [canonical.text_of(entry.values()) for entry in Entry.objects.order_by("pk")[:50_000]]
    started = time.perf_counter()
    tree = merkle.Growing()
    for text in texts:
        tree.append(merkle.leaf_hash(text))
    tree.root()
    bare = len(texts) / (time.perf_counter() - started)
    started = time.perf_counter()
    verdict = verifying.verify()
    value = verdict.entries / (time.perf_counter() - started)
    if not verdict.ok:
        raise RuntimeError(verdict.problem)
    return {
        "case": f"entries verified a second ({verdict.entries} entries, {Head.objects.count()} heads)",
        "value": round(value), "unit": "1/s", "baseline": "bare SM3 tree over the same texts", "baseline_value": round(bare),
        "ratio": round(value / bare, 2),
    }  # fmt: skip


def append_cases(
    plain: list[dict[str, float]], audited: list[dict[str, float]], sealing: dict[str, float]
) -> list[dict[str, Any]]:
    """What the writers and the sealer measured, as cases."""

    def rate(shares: list[dict[str, float]]) -> float:
        span = max(one["ended"] for one in shares) - min(one["began"] for one in shares)
        return sum(one["count"] for one in shares) / span

    value, base = rate(audited), rate(plain)
    p95 = max(one["p95"] for one in audited), max(one["p95"] for one in plain)
    return [
        {
            "case": f"deeds with their entries a second, {len(audited)} writers", "value": round(value), "unit": "1/s",
            "baseline": "the same deeds without entries", "baseline_value": round(base), "ratio": round(value / base, 2),
        },
        {
            "case": "p95 of a deed with its entry", "value": round(p95[0] * 1000, 2), "unit": "ms",
            "baseline": "p95 of the deed alone", "baseline_value": round(p95[1] * 1000, 2),
            "ratio": round(p95[0] / p95[1], 2),
        },
        {
            "case": "longest wait for a seal, sealing every second", "value": round(sealing["lag"], 2), "unit": "s",
            "baseline": "allowed", "baseline_value": 5.0, "ratio": round(sealing["lag"] / 5.0, 2),
        },
    ]  # fmt: skip


def page_cases(user: Any = None, places: list[int] | None = None) -> list[dict[str, Any]]:
    """How long the time line takes to find one page, by each filter: the slowest of five, in milliseconds."""
    if user is None:  # in a process of the bench's own
        scope.ids = lambda user: places
    newest, first = Entry.objects.order_by("-pk").first(), Entry.objects.order_by("pk").first()
    asked = {
        "newest": {}, "action": {"action": "reveal"}, "rare action": {"action": "verify_log"}, "actor": {"actor": "7"},
        "role": {"role": newest.role}, "object": {"kind": "residents.person", "object": f"{7:032x}"},
        "community": {"community": "3"}, "reason": {"reason": "上门"}, "reason never given": {"reason": "没有这个理由"},
        "address": {"address": "10.2.0.8"}, "address never seen": {"address": "203.0.113.9"},
        "day": {"start": f"{newest.at:%Y-%m-%d}", "end": f"{newest.at:%Y-%m-%d}"},
        "first day": {"end": f"{first.at:%Y-%m-%d}"}, "session": {"session": "0123456789abcdef"},
    }  # fmt: skip
    cases = []
    for name, query in asked.items():
        times = []
        for _ in range(5):
            started = time.perf_counter()
            timeline.page(user, timeline.Filters.read(query), None)
            times.append((time.perf_counter() - started) * 1000)
        cases.append(
            {"case": f"a page by {name}" + (", one community of seven" if places else ""), "value": round(max(times), 1), "unit": "ms", "baseline": "allowed",
             "baseline_value": 300.0, "ratio": round(max(times) / 300, 3)}
        )  # fmt: skip
    return cases
