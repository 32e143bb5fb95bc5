"""A Chromium of our own that may be killed with -9 and comes back with what its disk holds."""

import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from playwright.sync_api import Error as PlaywrightError

from tests.journeys.conftest import CHROMIUM, FLAGS

START_SECONDS = 30


class Killable:
    """A browser process with a profile that outlives it. `page` is its one page."""

    def __init__(self, playwright: Any, profile: Path) -> None:
        self.playwright, self.profile = playwright, profile
        self.process: subprocess.Popen[bytes] | None = None
        self.browser: Any = None
        self.page: Any = None

    def start(self) -> Any:
        """The page of a browser that is up."""
        port_file = self.profile / "DevToolsActivePort"
        port_file.unlink(missing_ok=True)
        command = [
            CHROMIUM,
            *FLAGS,
            "--headless=new",
            "--lang=zh-CN",
            "--remote-debugging-port=0",
            f"--user-data-dir={self.profile}",
            "about:blank",
        ]
        self.process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        deadline = time.monotonic() + START_SECONDS
        while not port_file.exists() or not port_file.read_text().strip():
            assert time.monotonic() < deadline, "Chromium did not come up"
            time.sleep(0.02)
        port = port_file.read_text().split()[0]
        self.browser = self.playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{port}")
        context = self.browser.contexts[0]
        self.page = context.pages[0] if context.pages else context.new_page()
        return self.page

    def kill(self) -> None:
        """-9 of every process of it."""
        if self.process is None:
            return
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None
        with suppress(PlaywrightError):  # the other side is dead, as it should be
            self.browser.close()

    @property
    def running(self) -> bool:
        return self.process is not None
