"""Faults on purpose, at random but repeatable: what an upper platform does on a bad day."""

import random
import threading
from typing import Literal

Fault = Literal["", "500", "reset-before", "reset-after", "slow", "not-json", "throttled"]
KINDS: tuple[Fault, ...] = ("500", "reset-before", "reset-after", "slow", "not-json", "throttled")


class Faults:
    """Draws a fault for a share of the requests; 0 draws none."""

    def __init__(self, rate: float, seed: int = 1) -> None:
        self.rate, self.chance, self.lock = rate, random.Random(seed), threading.Lock()  # noqa: S311 -- repeatable

    def draw(self) -> Fault:
        """The fault of the next request, usually none."""
        with self.lock:
            return self.chance.choice(KINDS) if self.rate and self.chance.random() < self.rate else ""
