"""A real upper platform for a test: the bundled sandbox as a process of its own."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import urllib3
from django.conf import settings

from uploads.configuring import configure
from uploads.models import UpperPlatform

ACCOUNT = {"client_id": "anju-test", "username": "anju-test", "password": "correct horse"}


@dataclass
class Upper:
    """A running sandbox."""

    url: str
    public_key: str
    process: subprocess.Popen

    def records(self, interface: str = "") -> list[dict]:
        """What it holds, decrypted."""
        http, rows, after = urllib3.PoolManager(), [], 0
        while True:
            fields = {"interface": interface, "limit": "500", "after": str(after)}
            page = http.request("GET", f"{self.url}/sandbox/records", fields=fields).json()["records"]
            rows += page
            if not page:
                return rows
            after = page[-1]["sequence"]

    def know(self, community, **values: object) -> UpperPlatform:
        """Make it the upper platform of a community."""
        facts = {"base_url": self.url, "public_key": self.public_key, **ACCOUNT, **values}
        return configure(community.pk, community.registration_code, **facts)


def command(folder: Path, *extra: str) -> list[str]:
    codes = ["--registration-code=LOTUS=幸福里", "--registration-code=MAPLE=枫林苑"]
    account = [f"--{name.replace('_', '-')}={value}" for name, value in ACCOUNT.items()]
    return [sys.executable, "-m", "sandbox", "--db", str(folder / "upper.sqlite3"), *account, *codes, *extra]


@contextmanager
def sandbox(folder: Path, *extra: str) -> Iterator[Upper]:
    """Start it on a free port; end it at the end."""
    ready = folder / "ready.json"
    ready.unlink(missing_ok=True)
    arguments = command(folder, "--port", "0", "--ready-file", str(ready), *extra)
    process = subprocess.Popen(arguments, cwd=settings.BASE_DIR, stdout=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 20
        while not ready.exists():
            assert process.poll() is None, "the sandbox ended"
            assert time.monotonic() < end, "the sandbox did not start"
            time.sleep(0.02)
        facts = json.loads(ready.read_text())
        yield Upper(facts["url"], facts["public_key"], process)
    finally:
        process.terminate()
        process.wait(10)
