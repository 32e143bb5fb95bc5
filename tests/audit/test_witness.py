"""A witness with a key of its own countersigns the heads over HTTP, and raises the alarm when the log was changed."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from accounts.signin import tokens
from audit import bundles, log, trail, verifying
from audit.models import Countersignature, Entry, Head
from audit.standalone import anju_audit
from guomi import sm2
from tests import cast
from tests.audit import tampering

PROGRAM = str(bundles.PROGRAM)


class Police:
    """The witness's machine: its key, its token, what it saw last."""

    def __init__(self, folder: Path, portal: str) -> None:
        self.folder, self.portal = folder, portal
        done = self.run("keygen", "witness.key")
        self.key = done.stdout.rpartition(":")[2].strip()

    def run(self, *arguments: str) -> subprocess.CompletedProcess:
        command = [sys.executable, "-I", "-S", PROGRAM, *arguments]
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)

    def look(self) -> subprocess.CompletedProcess:
        files = ["--token-file", "token", "--key", "witness.key", "--state", "seen.json"]
        return self.run("witness", "--portal", self.portal, "--name", "police", *files)


@pytest.fixture
def portal(committed) -> Iterator[str]:
    """A running portal; pytest-django's own fixture would empty the log before its triggers are off."""
    server = LiveServer("127.0.0.1")
    yield server.url
    server.stop()


@pytest.fixture
def police(portal: str, tmp_path: Path, settings) -> Police:
    made = Police(tmp_path, portal)
    settings.AUDIT_WITNESSES = [f"police={made.key}"]
    _token, text = tokens.make(cast.user("witness"), "见证", ["witness"], 30, timezone.now())
    (tmp_path / "token").write_text(text)
    trail.seal_all(timezone.now())
    return made


def more(count: int) -> None:
    for number in range(count):
        log.write_now("view", target=("residents.person", str(number)))
    trail.seal_all(timezone.now())


def test_the_witness_signs_what_goes_on_from_what_it_saw(police: Police) -> None:
    for count in (3, 0, 20):
        more(count)
        done = police.look()
        assert (done.returncode, "已见证" in done.stdout) == (0, True), done.stdout + done.stderr
    marks = list(Countersignature.objects.order_by("size"))
    assert marks[-1].size == Head.objects.order_by("-size").first().size
    assert sm2.verify(sm2.load_public_key(police.key), marks[-1].statement(), bytes.fromhex(marks[-1].signature))
    assert Entry.objects.filter(action="witness").count() == len(marks)
    assert verifying.verify().ok


def test_a_log_begun_anew_does_not_pass_the_witness(police: Police) -> None:
    more(12)
    assert police.look().returncode == 0
    tampering.triggers_off()
    for table in ("audit_countersignature", "audit_head", "audit_leaf", "audit_chunk", "audit_entry"):
        tampering.run(f"DELETE FROM {table}")
    more(40)  # the forger has the portal's own keys: everything fits but what the witness remembers
    done = police.look()
    assert (done.returncode, "警报" in done.stdout) == (1, True)
    assert not Countersignature.objects.exists()


def test_a_shorter_log_does_not_pass_either(police: Police) -> None:
    more(30)
    assert police.look().returncode == 0
    seen = json.loads((police.folder / "seen.json").read_text())
    (police.folder / "seen.json").write_text(json.dumps(seen | {"size": seen["size"] + 500}))
    done = police.look()
    assert (done.returncode, "旧的备份" in done.stdout) == (1, True)


def test_the_witness_is_believed_only_with_its_token_and_its_key(police: Police, portal: str) -> None:
    more(2)
    address, head = f"{portal}/audit/heads/", Head.objects.order_by("-size").first()
    assert urllib3.request("GET", address).status == 401
    _token, other = tokens.make(cast.user("program"), "对接", ["read", "write"], 30, timezone.now())
    assert urllib3.request("GET", address, headers={"Authorization": f"Token {other}"}).status == 403
    mine = {"Authorization": "Token " + (police.folder / "token").read_text()}
    forged = int.from_bytes(sm2.generate().private, "big")
    mark = {"witness": "police", "size": head.size, "root": head.root, "seen_at": 1}
    text = f"anju-audit-witness\npolice\n{head.size}\n{head.root}\n1".encode()
    for wrong in (
        mark | {"signature": anju_audit.sign(forged, text).hex()},
        mark | {"signature": "zz"},
        mark | {"signature": "00" * 64, "witness": "nobody"},
        mark | {"signature": "00" * 64, "size": 10**6},
        {"witness": "police"},
        [],
    ):
        answer = urllib3.request("POST", address, json=wrong, headers=mine)
        assert answer.status == 400, wrong
    assert not Countersignature.objects.exists()


def test_a_countersigned_head_that_is_gone_is_found(police: Police) -> None:
    more(5)
    police.look()
    tampering.triggers_off()
    tampering.run("UPDATE audit_countersignature SET root = %s", "0" * 64)
    verdict = verifying.verify()
    assert (verdict.ok, "见证方" in verdict.problem) == (False, True)
