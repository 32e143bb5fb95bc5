"""Every fault at 10 % while web, worker and beat are killed with -9: nothing lost, nothing unknown, nothing different.

Small here; `make soak` runs it with 10,000 records.
"""

import io
import json
import os
import random
from collections import Counter

import pytest
from django.utils import timezone

from demo.check import in_english
from demo.comings import lively
from demo.comparison import compare
from demo.generator import BEIJING
from demo.throwaway import sandbox, throwaway
from demo.truth import write
from sandbox.faults import KINDS
from tests.uploads.soaking import MARKED, Collector, Victims, chaos, control, operate, said

pytestmark = [pytest.mark.processes]
SCALE = float(os.environ.get("ANJU_SOAK_SCALE", "0.1"))
KILLS = int(os.environ.get("ANJU_SOAK_KILLS", "5"))
HAPPENINGS = ("B.2.3", "B.5.3")


def test_nothing_is_lost_unknown_or_different_after_faults_and_kills() -> None:
    with throwaway() as portal, sandbox(portal.home, "--faults-seed", "11") as upper:
        portal.environment.update(
            {
                "UPLOADS_LEASE_SECONDS": "4",
                "LOG_LEVEL": "ERROR",
                "ANJU_DEMO_SCALE": str(SCALE),
                "API_RATE": "100000/min",
            }
        )
        portal.manage("collectstatic", "--noinput", "--verbosity", "0")
        control(upper, faults={"rate": 0.1, "kinds": list(KINDS)})
        today = timezone.now().astimezone(BEIJING).date()
        portal.manage("demo", "--first-start", "--upper", upper.url)
        truth = io.StringIO()
        records = write(lively(scale=SCALE, today=today), truth)
        victims = Victims(portal)
        collector = Collector(victims.port)
        with victims.alive():
            collector.start()
            chaos(victims, KILLS, 2.5 + 3 * SCALE, random.Random(5))
            collector.over.set()
            collector.join(60)
            left = operate(portal, 240 + 400 * SCALE)
        assert (left["due"], left["held"]) == (0, 0), left
        stored = list(upper.records())
        marked = {tuple(one) for one in said(portal, MARKED)}
        audit = portal.json("audit", "verify")
    collected = set(collector.done)
    assert collected
    numbers = {row["id"]: row["record"]["zjhm"] for row in stored if row["interface"] == "B.2.2"}
    assert collected <= set(numbers.values())
    relations = Counter(numbers[row["record"]["ryId"]] for row in stored if row["interface"] == "B.4.2")
    assert {number: relations[number] for number in collected} == dict.fromkeys(collected, 1)
    own = [row for row in stored if _number(row, numbers) not in set(collector.tried)]
    expected = [json.loads(line) for line in truth.getvalue().splitlines()]
    found = compare(
        [(one["interface"], in_english(one["interface"], one["record"])) for one in expected],
        [(row["interface"], row["id"], in_english(row["interface"], row["record"])) for row in own],
    )
    assert found.differences == []
    assert sum(found.compared.values()) == records
    times = Counter(_way(row["record"]) for row in own if row["interface"] in HAPPENINGS)
    assert {way for way, count in times.items() if count > 1} <= marked
    assert audit["ok"]
    facts = {"records": records, "collected": len(collected), "kills": KILLS, "marked": len(marked)}
    print(json.dumps(facts | {"doubled": sum(count > 1 for count in times.values())}))


def _number(row: dict, numbers: dict[str, str]) -> str:
    record = row["record"]
    return record.get("zjhm", "") if row["interface"] == "B.2.2" else numbers.get(record.get("ryId", ""), "")


def _way(record: dict) -> tuple[str, str]:
    return record["sbbm"], record.get("jrsj") or record["lksj"]
