"""No personal value leaks sideways: marked values go through every door, then everything that was written is searched."""

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from demo import invented
from demo.throwaway import Portal, configure, sandbox, throwaway
from tests.canary import marks

pytestmark = [pytest.mark.processes]


def spellings(mark: str) -> set[bytes]:
    """How a value may stand in a file: plain, UTF-16, JSON-escaped, percent-encoded, inside Base64 at any offset."""
    plain = mark.encode()
    found = {plain, mark.encode("utf-16-le"), json.dumps(mark)[1:-1].encode()}
    for offset in range(3):
        whole = base64.b64encode(b"\0" * offset + plain)
        start = (0, 2, 3)[offset]
        found.add(whole[start : -4 if len(whole) > 12 else None])
    return {one for one in found if len(one) >= 6}


def run(portal: Portal, *words: str) -> tuple[str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.canary.driver", *words], cwd=settings.BASE_DIR, env=portal.environment,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout, done.stderr


def database_dump(portal: Portal) -> bytes:
    """All tables of PostgreSQL, as it stores them; SQLite's file is among the files."""
    url = portal.environment["DATABASE_URL"]
    if not url.startswith("postgres"):
        return b""
    return subprocess.run(["pg_dump", "--dbname", url], capture_output=True, check=True).stdout


def written(portal: Portal) -> dict[str, bytes]:
    """Everything the portal has written; the upper platform's own files are not the portal's."""
    files = {
        str(path.relative_to(portal.home)): path.read_bytes()
        for path in portal.home.rglob("*")
        if path.is_file() and "sandbox" not in str(path.relative_to(portal.home))
    }
    return files | {"database dump": database_dump(portal)}


def test_the_search_finds_a_value_that_is_there() -> None:
    for text in ("鸾翡翠", "18999017301"):
        for place in (
            text.encode(),
            json.dumps({"a": text}).encode(),
            base64.b64encode(b"xy" + text.encode() + b"tail"),
        ):
            assert any(one in place for one in spellings(text)), place


def test_marked_values_are_found_nowhere_but_upstairs(tmp_path: Path) -> None:
    with throwaway() as portal, sandbox(portal.home) as upper:
        temporary = portal.home / "temporary"
        temporary.mkdir()
        portal.environment.update({"TMPDIR": str(temporary), "LOG_LEVEL": "DEBUG"})
        said = [*run(portal, "seed")]
        portal.manage("collectstatic", "--noinput", "--verbosity", "0")
        configure(portal, invented.COMMUNITIES[0][0], upper.url, upper.keeper)
        said.append(portal.manage("upper", "push", "--until-empty", "--json"))
        said += [*run(portal, "walk")]
        outcome = json.loads(said[-2].strip().splitlines()[-1])
        assert outcome["leaks"] == []
        assert outcome["pages"] > 300
        said.append(portal.manage("upper", "push", "--until-empty", "--json"))
        upstairs = [row["record"] for row in upper.records()]
        assert any(marks.COLLECTED["name"] in record.values() for record in upstairs)  # it did travel
        files = written(portal) | {f"output {number}": text.encode() for number, text in enumerate(said)}
        found = [
            f"{name}: {mark}" for mark in marks.all_marks() for one in spellings(mark) for name, data in files.items()
            if one in data
        ]  # fmt: skip
        assert found == []
        assert os.listdir(temporary) == []
