"""`demo --check`: the main job without a browser, on a throw-away portal, against a sandbox of its own."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field

from demo import invented
from demo.comparison import Comparison, compare, in_english
from demo.throwaway import Portal, Sandbox, configure, sandbox, throwaway

Say = Callable[[str], None]


@dataclass(slots=True)
class Outcome:
    """What the check found; `passed` only if everything arrived as generated and the audit log verifies."""

    people: int = 0
    houses: int = 0
    relations: int = 0
    vehicles: int = 0
    devices: int = 0
    statuses: int = 0
    person_passages: int = 0
    vehicle_passages: int = 0
    strangers: int = 0
    suspect_vehicles: int = 0
    readings: int = 0
    delivered: int = 0
    mismatches: int = 0
    held: int = 0
    due: int = 0
    fields: int = 0
    audit_ok: bool = False
    seconds: float = 0.0
    passed: bool = False
    differences: list[dict] = field(default_factory=list)


COUNTED = {
    "people": "B.2.2", "houses": "B.3.2", "relations": "B.4.2", "vehicles": "B.5.2", "devices": "B.6.1",
    "statuses": "B.6.3", "person_passages": "B.2.3", "vehicle_passages": "B.5.3", "strangers": "B.8",
    "suspect_vehicles": "B.9", "readings": "B.10",
}  # fmt: skip


def push_all(portal: Portal) -> None:
    """Deliver each community in a process of its own, side by side."""
    command = [sys.executable, "manage.py", "upper", "push", "--until-empty", "--json", "--community"]
    running = [
        subprocess.Popen([*command, code], env=portal.environment, stdout=subprocess.DEVNULL)  # noqa: S603 -- our own command
        for code, *_ in invented.COMMUNITIES
    ]
    for process in running:
        process.wait()


def hold_against(portal: Portal, upper: Sandbox) -> Comparison:
    """The generated truth against what the sandbox holds."""
    truth = (portal.home / "truth.jsonl").read_text(encoding="utf-8").splitlines()
    lines = map(json.loads, truth)
    expected = [(line["interface"], in_english(line["interface"], line["record"])) for line in lines]
    stored = [(row["interface"], row["id"], in_english(row["interface"], row["record"])) for row in upper.records()]
    return compare(expected, stored)


def totals(status: dict) -> tuple[int, int]:
    """(due, held) over all interfaces and communities of `upper status --json`."""
    rows = status["interfaces"]
    return sum(row["due"] for row in rows), sum(row["held"] for row in rows)


def check(*, seed: int, scale: float, say: Say) -> Outcome:
    """Generate, load, deliver, compare, verify."""
    started = time.monotonic()
    outcome = Outcome()
    with throwaway() as portal, sandbox(portal.home) as upper:
        say(f"sandbox listening on {upper.url}")
        truth = str(portal.home / "truth.jsonl")
        portal.manage("demo", "--load", "--seed", str(seed), "--scale", str(scale), "--truth", truth)
        say(f"register loaded after {time.monotonic() - started:.1f} s")
        for code, *_ in invented.COMMUNITIES:
            configure(portal, code, upper.url, upper.keeper)
        push_all(portal)
        say(f"delivered after {time.monotonic() - started:.1f} s")
        comparison = hold_against(portal, upper)
        outcome.due, outcome.held = totals(portal.json("upper", "status"))
        outcome.audit_ok = bool(portal.json("audit", "verify").get("ok"))
    for name, clause in COUNTED.items():
        setattr(outcome, name, comparison.compared.get(clause, 0))
    missing = sum(difference.problem == "missing" for difference in comparison.differences)
    outcome.delivered = sum(comparison.compared.values()) - missing
    outcome.mismatches = len(comparison.differences)
    outcome.fields = comparison.fields
    # Keys of invented people only, and at most a handful: enough to find the fault.
    outcome.differences = [asdict(difference) for difference in comparison.differences[:20]]
    outcome.seconds = round(time.monotonic() - started, 1)
    outcome.passed = not (outcome.mismatches or outcome.held or outcome.due) and outcome.audit_ok and outcome.people > 0
    return outcome
