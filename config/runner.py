"""`make run`: set up, then keep the portal's processes running until Ctrl+C.

Web, worker, beat and the demo's upper platform are children of this one process. Each gets its signal by pid (a signal
to the whole group leaves a Celery worker hanging); a child that dies is started again, later each time it dies young.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field

from config.home import CHECKOUT, home

WEB_PORT = int(os.environ.get("ANJU_WEB_PORT") or 8000)
SANDBOX_PORT = int(os.environ.get("ANJU_SANDBOX_PORT") or 8100)
HOST = "127.0.0.1"
SETTLED_SECONDS = 10
LONGEST_PAUSE_SECONDS = 30
GRACE_SECONDS = 15


@dataclass
class Child:
    """One process to keep running."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = 1.0
    due: float = field(default=0.0)

    def start(self) -> None:
        """Start it in a session of its own, so that Ctrl+C reaches this process only and the order of ending is ours."""
        self.process = subprocess.Popen(self.command, cwd=CHECKOUT, start_new_session=True)  # noqa: S603 -- our own commands
        self.started = time.monotonic()

    def watch(self, now: float) -> None:
        """Start it when it is due; note a death and when to try again."""
        if self.process is not None and self.process.poll() is not None:
            settled = now - self.started > SETTLED_SECONDS
            self.pause = 1.0 if settled else min(self.pause * 2, LONGEST_PAUSE_SECONDS)
            print(f"{self.name} ended ({self.process.returncode}); again in {self.pause:.0f} s", file=sys.stderr)
            self.process, self.due = None, now + self.pause
        if self.process is None and now >= self.due:
            self.start()

    def stop(self) -> None:
        """Ask it to end."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)

    def wait(self, seconds: float) -> None:
        """Wait for its end; kill it when it takes too long."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.1, seconds))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def manage(*arguments: str) -> None:
    """Run one management command to its end."""
    subprocess.run([sys.executable, "manage.py", *arguments], cwd=CHECKOUT, check=True)  # noqa: S603 -- our own commands


def in_use(port: int) -> bool:
    """Is somebody listening there already?"""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((HOST, port)) == 0


def children() -> list[Child]:
    """What a running portal consists of."""
    python = sys.executable
    threads = os.environ.get("ANJU_WEB_THREADS") or "8"
    web = ["gunicorn", "config.wsgi", "--bind", f"{HOST}:{WEB_PORT}", "--worker-class", "gthread", "--workers", "1"]
    web += [
        "--threads",
        threads,
        "--access-logfile",
        "/dev/null",
        "--log-level",
        "warning",
        "--limit-request-line",
        "4094",
    ]
    celery = [python, "-m", "celery", "--app", "config", "--quiet"]
    worker = [*celery, "worker", "--pool", "solo", "--loglevel", "warning", "--without-gossip", "--without-mingle"]
    beat = [*celery, "beat", "--loglevel", "warning", "--pidfile="]
    return [
        Child("sandbox", [python, "-m", "demo.upstairs", "--port", str(SANDBOX_PORT)]),
        Child("web", [python, "-m", *web]),
        Child("worker", [*worker, "--without-heartbeat"]),
        Child("beat", beat),
    ]


def prepare() -> None:
    """Bring the database, the static files and the demo up to date."""
    manage("check", "--fail-level", "ERROR")
    manage("migrate", "--verbosity", "0")
    manage("collectstatic", "--noinput", "--verbosity", "0")
    if (os.environ.get("ANJU_DEMO") or "1") != "0":
        manage("demo", "--first-start", "--upper", f"http://{HOST}:{SANDBOX_PORT}")


def announce() -> None:
    """Say where to look, once the web server answers."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and not in_use(WEB_PORT):
        time.sleep(0.2)
    print(
        f"\n安居 Anju         http://{HOST}:{WEB_PORT}/\nUpper platform    http://{HOST}:{SANDBOX_PORT}/  (the bundled sandbox)"
    )
    accounts = home() / "demo-accounts.txt"
    if accounts.is_file():
        print(accounts.read_text(encoding="utf-8"))
    print("Ctrl+C stops everything. Data and keys live under the folder of ANJU_HOME (default: var/).", flush=True)


def keep(running: list[Child]) -> None:
    """Watch the children until a signal comes, then end them: beat and web first, the worker after its task."""
    over: list[int] = []
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda number, frame: over.append(number))
    for child in running:
        child.start()
    announce()
    while not over:
        for child in running:
            child.watch(time.monotonic())
        time.sleep(0.3)
    for child in running:
        child.stop()
    deadline = time.monotonic() + GRACE_SECONDS
    for child in running:
        child.wait(deadline - time.monotonic())


def main() -> int:
    """Set up and run; 1 when a port is taken."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    for port, variable in ((WEB_PORT, "ANJU_WEB_PORT"), (SANDBOX_PORT, "ANJU_SANDBOX_PORT")):
        if in_use(port):
            print(f"Port {port} is in use: stop what listens there, or choose another one with {variable}=...")
            return 1
    try:
        prepare()
    except subprocess.CalledProcessError as error:
        print(f"Could not set up: `{' '.join(map(str, error.cmd[1:]))}` ended with {error.returncode}; see above.")
        return 1
    keep(children())
    return 0


if __name__ == "__main__":
    sys.exit(main())
