"""Drafts under fire: whole trials of writing and submitting while the browser is killed, the line cut and the session ended.

What the desk has said is kept must be there again, letter by letter; what was submitted must reach the portal once.
"""

import random
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from demo.firststart import PASSWORD
from tests.cast import valid_id
from tests.journeys.killable import Killable
from tests.journeys.line import Line

EVENTS = ("nothing", "reload", "kill", "kill-at-once", "offline", "lost-answer", "signed-out", "offline-kill", "flaky")
WAIT_MS = 20_000
READY = "html[data-desk=ready]"


@dataclass
class Trials:
    """Runs trials one after the other; `submitted` are the numbers that must be upstairs exactly once in the end."""

    browser: Killable
    line: Line
    room: str = "1-1-101"
    seed: int = 1
    submitted: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    happened: Counter = field(default_factory=Counter)
    number: int = 0

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)

    @property
    def page(self) -> Any:
        return self.browser.page

    # --- the collector's hands ---------------------------------------------------------------------------------------
    def open(self, query: str = "") -> None:
        """The desk, signed in; with a browser that is up."""
        if not self.browser.running:
            self.browser.start()
        self.page.goto(f"{self.line.url}/collect/{query}", wait_until="commit")
        self.page.wait_for_selector(f"{READY}, [name=username]", state="attached", timeout=WAIT_MS)
        if "/accounts/login/" in self.page.url:
            self.sign_in()
            self.open(query)

    def sign_in(self) -> None:
        self.page.fill("[name=username]", "collector1")
        self.page.fill("[name=password]", PASSWORD)
        self.page.click("button[type=submit]")
        self.page.wait_for_selector(READY, state="attached", timeout=WAIT_MS)

    def write(self) -> dict[str, str]:
        """A draft of somebody new; its house is chosen from what the browser knows."""
        self.number += 1
        sequence = self.number % 1000
        birth = f"19{50 + self.number // 1000 % 40:02}0{1 + self.seed % 9}11"
        said = {
            "document_number": valid_id(birth, sequence),
            "name": "江" + chr(0x4E00 + self.number % 5000),
            "phone": "13812345678",
        }
        self.page.fill("#house-search", self.room)
        self.page.wait_for_selector("#house-list li", timeout=WAIT_MS)
        self.page.press("#house-search", "Enter")
        for name, value in said.items():
            self.page.fill(f"#id_{name}", value)
        return said

    def kept(self) -> str:
        """The key of the draft once the desk says that it is on the disk."""
        self.until("document.documentElement.dataset.kept === 'yes'")
        return self.page.evaluate("document.documentElement.dataset.draft")

    def same(self, key: str, said: dict[str, str]) -> bool:
        """Whether the draft opens again as it was."""
        self.open(f"?draft={key}")
        found = {name: self.page.input_value(f"#id_{name}") for name in said}
        return found == said and self.page.input_value("#house-search") == self.room

    def submit(self) -> None:
        """Press the keys, and wait until the desk has put the draft into the queue and shows an empty form."""
        self.page.keyboard.press("Control+Enter")
        self.until("document.getElementById('id_document_number').value === ''")

    def until(self, truth: str, seconds: float = WAIT_MS / 1000) -> None:
        """Wait for a condition of the page; its own policy forbids it to evaluate text, so the asking is done from here."""
        deadline = time.monotonic() + seconds
        while not self.page.evaluate(truth):
            assert time.monotonic() < deadline, f"never came true: {truth}"
            time.sleep(0.03)

    # --- one trial -----------------------------------------------------------------------------------------------------
    def trial(self, event: str | None = None) -> None:
        event = event or self.chance.choice(EVENTS)
        self.happened[event] += 1
        self.line.state, self.line.cut_share = "up", 0.0
        self.open()
        said = self.write()
        key = self.kept()
        getattr(self, f"_{event.replace('-', '_')}")(said, key)

    def _check(self, said: dict[str, str], key: str, event: str) -> None:
        if not self.same(key, said):
            self.lost.append(f"{event} {key}")

    def _send(self, said: dict[str, str]) -> None:
        self.submit()
        self.submitted.append(said["document_number"])

    def _nothing(self, said: dict[str, str], key: str) -> None:
        self._send(said)

    def _reload(self, said: dict[str, str], key: str) -> None:
        self._check(said, key, "reload")
        self._send(said)

    def _kill(self, said: dict[str, str], key: str) -> None:
        """The browser dies while the draft lies there, at a random moment."""
        time.sleep(self.chance.random() * 0.3)
        self.browser.kill()
        self._check(said, key, "kill")
        self._send(said)

    def _kill_at_once(self, said: dict[str, str], key: str) -> None:
        """It dies right after the desk took the submission: somewhere between the queue and the portal's answer."""
        self._send(said)
        time.sleep(self.chance.random() * 0.4)
        self.browser.kill()

    def _offline(self, said: dict[str, str], key: str) -> None:
        self.line.state = "down"
        if self.chance.random() < 0.5:
            self._check(said, key, "offline")
        self._send(said)

    def _lost_answer(self, said: dict[str, str], key: str) -> None:
        self.line.state = "losing"
        self._send(said)
        time.sleep(self.chance.random() * 0.5)

    def _signed_out(self, said: dict[str, str], key: str) -> None:
        self.page.context.clear_cookies(name="sessionid")
        self._send(said)
        # an answer that was on its way may have brought the session back: then the draft arrives
        self.page.wait_for_selector("#signed-out:visible, #saved:visible", timeout=WAIT_MS)

    def _offline_kill(self, said: dict[str, str], key: str) -> None:
        self.line.state = "down"
        time.sleep(self.chance.random() * 0.2)
        self.browser.kill()
        self._check(said, key, "offline-kill")
        self._send(said)
        self.browser.kill()

    def _flaky(self, said: dict[str, str], key: str) -> None:
        self.line.cut_share = 0.4
        self._send(said)

    # --- in the end ------------------------------------------------------------------------------------------------------
    def settle(self, seconds: float = 120) -> None:
        """Everything is well again: wait until the queue is empty."""
        self.line.state, self.line.cut_share = "up", 0.0
        self.open()
        deadline = time.monotonic() + seconds
        waiting = "document.querySelectorAll('#draft-list [data-state=queued]').length"
        while self.page.evaluate(waiting):
            assert time.monotonic() < deadline, f"{self.page.evaluate(waiting)} drafts are still waiting"
            time.sleep(0.3)
