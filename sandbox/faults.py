"""Faults on purpose, at random but repeatable: what an upper platform does on a bad day."""

import random
import threading
from typing import Literal, get_args

Fault = Literal["500", "reset-before", "reset-after", "slow", "not-json", "throttled"]
KINDS: tuple[Fault, ...] = get_args(Fault)


class Faults:
    """Draws a fault for a share of the calls; 0 draws none. The n-th call of a seed always draws the same."""

    def __init__(self, rate: float = 0.0, seed: int = 1, kinds: tuple[Fault, ...] = KINDS) -> None:
        if not 0 <= rate <= 1:
            raise ValueError("a share lies between 0 and 1")
        self.rate, self.kinds, self.slow_seconds = rate, kinds, 1.0
        self._chance, self._lock = random.Random(seed), threading.Lock()  # noqa: S311 -- repeatable

    def draw(self) -> Fault | None:
        """The fault of the next call, usually none."""
        if not self.rate:
            return None
        with self._lock:
            return self._chance.choice(self.kinds) if self._chance.random() < self.rate else None
