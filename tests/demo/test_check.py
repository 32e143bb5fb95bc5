"""`demo --check` in processes of its own, as an operator runs it; a small register to be quick."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings


@pytest.mark.processes
def test_everything_generated_arrives_as_generated() -> None:
    command = [sys.executable, "manage.py", "demo", "--check", "--json", "--scale", "0.2", "--seed", "7"]
    done = subprocess.run(
        command, cwd=settings.BASE_DIR, env=dict(os.environ), capture_output=True, text=True, check=False, timeout=180
    )
    outcome = json.loads(done.stdout.strip().splitlines()[-1])
    assert done.returncode == 0, done.stdout + done.stderr
    assert outcome["passed"]
    assert (outcome["mismatches"], outcome["held"], outcome["due"]) == (0, 0, 0)
    assert outcome["people"] > 100
    assert outcome["delivered"] > 300


@pytest.mark.processes
@pytest.mark.parametrize(("name", "cases"), [("search", 12), ("fields", 3)])
def test_the_benches_measure_beside_a_baseline(name: str, cases: int) -> None:
    scale = ["--scale", "0.005"] if name == "search" else []
    command = [sys.executable, "manage.py", "bench", name, "--json", *scale]
    done = subprocess.run(
        command, cwd=settings.BASE_DIR, env=dict(os.environ), capture_output=True, text=True, check=True
    )
    rows = json.loads(done.stdout.strip().splitlines()[-1])["results"]
    assert len(rows) == cases
    assert all(row["value"] > 0 and row["baseline_value"] > 0 for row in rows)
