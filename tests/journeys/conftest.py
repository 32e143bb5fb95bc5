"""Real portals: every process of `make run`, on ports of their own, in a home of their own."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3
from django.conf import settings
from playwright.sync_api import sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]
START_SECONDS = 180


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class RunningPortal:
    """`make run` as a process: the portal, its worker and beat, and its upper platform."""

    def __init__(self, home: Path, **values: str) -> None:
        self.home = home
        self.web, self.upper = free_port(), free_port()
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        self.environment = (
            kept
            | {
                "ANJU_HOME": str(home),
                "DATABASE_URL": f"sqlite:///{home / 'anju.sqlite3'}",
                "ANJU_WEB_PORT": str(self.web),
                "ANJU_SANDBOX_PORT": str(self.upper),
                "UPLOADS_LEASE_SECONDS": "3",
                "API_RATE": "100000/min",
            }
            | values
        )
        self.log = (home / "run.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "config.runner"],
            cwd=settings.BASE_DIR,
            env=self.environment,
            stdout=self.log,
            stderr=self.log,
        )
        self.http = urllib3.PoolManager(retries=False, timeout=10)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.web}"

    @property
    def upper_url(self) -> str:
        return f"http://127.0.0.1:{self.upper}"

    def words(self) -> str:
        return (self.home / "run.log").read_text(encoding="utf-8", errors="replace")[-3000:]

    def wait_until_up(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(f"make run ended:\n{self.words()}")
            try:
                if self.http.request("GET", f"{self.url}/accounts/login/").status == 200:
                    return
            except urllib3.exceptions.HTTPError:
                time.sleep(0.3)
        raise AssertionError(f"make run did not come up:\n{self.words()}")

    def children(self) -> dict[str, int]:
        """pid of each child by the word that tells it apart."""
        found = {}
        for child in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split():
            command = Path(f"/proc/{child}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            for name in ("gunicorn", "worker", "beat", "sandbox"):
                if name in command:
                    found[name] = int(child)
                    break
        return found

    def kill(self, name: str) -> None:
        """kill -9 of one child and everything it started."""
        pid = self.children().get(name)
        if pid is None:
            return
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            os.kill(int(child), signal.SIGKILL)
        os.kill(pid, signal.SIGKILL)

    def manage(self, *arguments: str) -> str:
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(
            command, cwd=settings.BASE_DIR, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def wait_until_delivered(self, seconds: float = 60) -> dict:
        """Wait until nothing is due; how delivery stands then."""
        deadline = time.monotonic() + seconds
        while True:
            status = json.loads(self.manage("upper", "status", "--json").strip().splitlines()[-1])
            if status["due"] == 0 or time.monotonic() > deadline:
                return status
            time.sleep(1)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(40)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.log.close()


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPortal]:
    """A portal with the demo register at a small scale, up and running."""
    running = RunningPortal(tmp_path_factory.mktemp("portal"), ANJU_DEMO_SCALE="0.15")
    try:
        running.wait_until_up()
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="session")
def screenshots() -> Path:
    """Where pictures of the journeys go: CI keeps them, git does not."""
    folder = Path(os.environ.get("ANJU_SCREENSHOTS") or os.environ["ANJU_TEST_HOME"]).resolve() / "journeys"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def playwright() -> Iterator[Any]:
    """One driver for every browser of the process; skipped, saying so, where no Chromium is installed."""
    if not Path(CHROMIUM).exists():
        pytest.skip("no Chromium is installed on this machine (Debian: apt-get install chromium)")
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def chromium(playwright: Any) -> Iterator[Any]:
    """A real browser with a fake camera."""
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    yield browser
    browser.close()
