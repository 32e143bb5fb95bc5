"""The bridge as people run it: a process of its own, spoken to over HTTP."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import urllib3

from residents.readers.standalone import anju_reader

PROGRAM = Path(anju_reader.__file__)
PORTAL = "https://anju.example"


class Bridge:
    """One running program. `ask` speaks as the portal's page would, unless told otherwise."""

    def __init__(self, folder: Path, port: str | None, *more: str, origins: tuple[str, ...] = (PORTAL,)) -> None:
        self.token_file = folder / "token"
        named = [part for origin in origins for part in ("--origin", origin)]
        command = [sys.executable, str(PROGRAM), *named, "--listen", "0", "--token-file", str(self.token_file), *more]
        if port:
            command += ["--port", port]
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        self.process = subprocess.Popen(
            command, cwd=folder, env=environment | {"PYTHONIOENCODING": "utf-8"},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8",
        )  # fmt: skip
        self.lines: list[str] = []
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()
        self.listening = int(self.wait_for(r"http://127\.0\.0\.1:(\d+)")[1])
        shown = re.search(r":([A-Z0-9]{5}(?:-[A-Z0-9]{5}){4})", self.output)
        self.token = shown[1] if shown else self.token_file.read_text().strip()
        self.http = urllib3.PoolManager(retries=False, timeout=30, maxsize=20)

    def _listen(self) -> None:
        for line in self.process.stdout:
            self.lines.append(line)

    @property
    def output(self) -> str:
        return "".join(self.lines)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listening}"

    def wait_for(self, pattern: str, seconds: float = 20) -> re.Match:
        """Until the console says so."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if found := re.search(pattern, self.output):
                return found
            time.sleep(0.02)
        raise AssertionError(f"the bridge did not say {pattern}: {self.output}")

    def ask(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str | None) -> Any:
        """The response. A header given as None is left out; _ stands for - in names."""
        sent = {"Origin": PORTAL, "Authorization": f"Bearer {self.token}"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        kept = {name: value for name, value in sent.items() if value is not None}
        return self.http.request(method, self.url + path, headers=kept, body=body)

    def facts(self, path: str, **more: Any) -> dict[str, Any]:
        return json.loads(self.ask(path, **more).data)

    def stop(self, how: int = signal.SIGINT) -> int:
        """Ends it as Ctrl+C does; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            code = self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        self.thread.join(5)
        return code


@contextlib.contextmanager
def running(folder: Path, port: str | None, *more: str, ready: bool = True, **facts: Any) -> Iterator[Bridge]:
    """A bridge for a while; `ready`: wait until it has found the reader."""
    bridge = Bridge(folder, port, *more, **facts)
    try:
        if ready:
            bridge.wait_for("波特")
        yield bridge
    finally:
        bridge.stop()
        bridge.process.stdout.close()
