"""Drafts that never vanish: killed, off line, signed out; `ANJU_DRAFT_TRIALS=1000` runs them whole (make drafts)."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.conftest import RunningPortal
from tests.journeys.drafting import EVENTS, Trials
from tests.journeys.killable import Killable
from tests.journeys.line import Line

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.xdist_group("portal")]
TRIALS = int(os.environ.get("ANJU_DRAFT_TRIALS") or len(EVENTS))
SEED = int(os.environ.get("ANJU_DRAFT_SEED") or 1)
COUNTED = """
import json
from residents.models import Person, Residency
numbers = json.load(open({path!r}))
found = {{}}
for number in numbers:
    people = Person.objects.filter(document_number_index__matches=number)
    found[number] = [len(people), Residency.objects.filter(person__in=people).count()]
print(json.dumps([number for number, count in found.items() if count != [1, 1]]))
"""


@pytest.fixture
def line(portal: RunningPortal) -> Iterator[Line]:
    made = Line(portal.url)
    yield made
    made.close()


@pytest.fixture
def killable(playwright: Any, tmp_path: Path) -> Iterator[Killable]:
    made = Killable(playwright, tmp_path / "profile")
    yield made
    made.kill()


def test_no_draft_is_lost_and_none_arrives_twice(
    portal: RunningPortal, line: Line, killable: Killable, tmp_path: Path
) -> None:
    trials = Trials(killable, line, seed=SEED)
    for number in range(TRIALS):
        trials.trial(EVENTS[number] if len(EVENTS) == TRIALS else None)  # a small run meets each event once
        if number % 50 == 49:
            trials.settle()
            print(json.dumps({"trials": number + 1, "lost": len(trials.lost)}), flush=True)
    trials.settle()
    path = tmp_path / "numbers.json"
    path.write_text(json.dumps(trials.submitted))
    script = COUNTED.format(path=str(path))
    wrong = json.loads(portal.manage("shell", "--verbosity", "0", "-c", script).strip().splitlines()[-1])
    print(json.dumps({"trials": TRIALS, "lost": len(trials.lost), "wrong": len(wrong), "events": trials.happened}))
    assert trials.lost == []
    assert wrong == []
    assert len(trials.submitted) == TRIALS
    clear = [number for number in trials.submitted if any(number.encode() in body for body in line.passed)]
    assert clear == []  # what a logging proxy has is ciphertext
    assert line.posts.count("/collect/submit/") >= TRIALS
