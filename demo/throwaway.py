"""A portal to try things on: its own home, its own database, gone at the end. The real one is never touched."""

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import urllib3
from django.conf import settings
from psycopg import sql

from demo.upstairs import CLIENT_ID, USERNAME, Upstairs, upstairs

START_SECONDS = 30


class StepFailed(RuntimeError):
    """A command of the throw-away portal ended with an error; its last words are the message."""


@dataclass(frozen=True, slots=True)
class Portal:
    """A throw-away portal: its home and the environment its commands run in."""

    home: Path
    environment: dict[str, str]

    def manage(self, *arguments: str, check: bool = True) -> str:
        """Run a management command in a process of its own; what it printed."""
        done = subprocess.run(  # noqa: S603 -- our own commands
            [sys.executable, "manage.py", *arguments],
            cwd=settings.BASE_DIR,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if check and done.returncode:
            words = (done.stdout + done.stderr).strip().splitlines()[-12:]
            raise StepFailed(f"manage.py {' '.join(arguments[:2])} ended with {done.returncode}:\n" + "\n".join(words))
        return done.stdout

    def measured(self, *arguments: str) -> tuple[float, float]:
        """Seconds a command takes, and the peak of its memory in MB."""
        code = (
            "import resource,runpy,sys; sys.argv=['manage.py',*sys.argv[1:]]\n"
            "try: runpy.run_path('manage.py', run_name='__main__')\n"
            "finally: print('PEAK', resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
        )
        started = time.monotonic()
        done = subprocess.run(  # noqa: S603 -- our own commands
            [sys.executable, "-c", code, *arguments], cwd=settings.BASE_DIR, env=self.environment, capture_output=True,
            text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise StepFailed("\n".join((done.stdout + done.stderr).strip().splitlines()[-12:]))
        return time.monotonic() - started, float(done.stdout.rpartition("PEAK ")[2].split()[0])

    def json(self, *arguments: str) -> dict:
        """The JSON object a command prints on its last line, whether it succeeded or not."""
        lines = self.manage(*arguments, "--json", check=False).strip().splitlines()
        try:
            return json.loads(lines[-1])
        except (IndexError, ValueError) as error:
            raise StepFailed(f"manage.py {' '.join(arguments)} printed no JSON object") from error


@contextmanager
def _database(home: Path) -> Iterator[str]:
    """The URL of a fresh database of the kind the settings name."""
    real = settings.DATABASES["default"]
    if real["ENGINE"].endswith("sqlite3"):
        yield f"sqlite:///{home / 'anju.sqlite3'}"
        return
    name = f"anju_throwaway_{secrets.token_hex(4)}"
    reach = {
        "host": real["HOST"],
        "port": real["PORT"] or 5432,
        "user": real["USER"],
        "password": real["PASSWORD"] or None,
    }
    with psycopg.connect(dbname="postgres", autocommit=True, **reach) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            account = f"{real['USER']}:{real['PASSWORD']}" if real["PASSWORD"] else real["USER"]
            yield f"postgres://{account}@{reach['host']}:{reach['port']}/{name}"
        finally:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def throwaway() -> Iterator[Portal]:
    """A migrated, empty portal."""
    home = Path(tempfile.mkdtemp(prefix="anju-throwaway-"))
    try:
        with _database(home) as url:
            kept = {
                k: v
                for k, v in os.environ.items()
                if k not in {"REDIS_URL", "CELERY_BROKER_URL", "PYTEST_XDIST_WORKER"}
            }
            portal = Portal(home, kept | {"ANJU_HOME": str(home), "DATABASE_URL": url})
            portal.manage("migrate", "--verbosity", "0")
            yield portal
    finally:
        shutil.rmtree(home, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A running upper platform."""

    url: str
    keeper: Upstairs

    def records(self) -> Iterator[dict]:
        """Everything it holds, oldest first."""
        http, after = urllib3.PoolManager(), 0
        while True:
            answer = http.request("GET", f"{self.url}/sandbox/records", fields={"limit": "500", "after": str(after)})
            rows = answer.json()["records"]
            yield from rows
            if not rows:
                return
            after = rows[-1]["sequence"]


@contextmanager
def sandbox(home: Path, *extra: str) -> Iterator[Sandbox]:
    """Start the upper platform on a free port of the loopback; end it at the end."""
    keeper = upstairs(home)
    ready = home / "sandbox-ready.json"
    ready.unlink(missing_ok=True)
    command = keeper.command("--port", "0", "--ready-file", str(ready), *extra)
    process = subprocess.Popen(command, cwd=settings.BASE_DIR, stdout=subprocess.DEVNULL)  # noqa: S603 -- our own command
    try:
        deadline = time.monotonic() + START_SECONDS
        while not ready.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                raise StepFailed("the sandbox did not start")
            time.sleep(0.05)
        yield Sandbox(json.loads(ready.read_text())["url"], keeper)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def configure(portal: Portal, code: str, url: str, keeper: Upstairs) -> None:
    """Make the upper platform known to the portal for one community."""
    account = ["--client-id", CLIENT_ID, "--username", USERNAME, "--password", keeper.password]
    portal.manage(
        "upper", "configure", "--community", code, "--base-url", url, "--public-key", keeper.public_key, *account
    )
