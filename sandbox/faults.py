"""Faults on purpose, at random but repeatable: what an upper platform does on a bad day."""

import random
import threading
from collections import deque
from typing import Any, Literal, get_args

Fault = Literal[
    "500", "reset-before", "reset-after", "slow", "not-json", "throttled", "expired-token", "quota", "window", "ip",
    "refused",
]  # fmt: skip
KINDS: tuple[Fault, ...] = get_args(Fault)
# Drawn unless others are named: those a client gets over by itself within seconds.
USUAL: tuple[Fault, ...] = ("500", "reset-before", "reset-after", "slow", "not-json", "throttled")
MOST_NEXT = 1000


class Faults:
    """Draws a fault for a share of the calls; 0 draws none. The n-th call of a seed always draws the same."""

    def __init__(self, rate: float = 0.0, seed: int = 1, kinds: tuple[Fault, ...] = USUAL) -> None:
        if not 0 <= rate <= 1:
            raise ValueError("a share lies between 0 and 1")
        self.rate, self.kinds, self.slow_seconds = rate, kinds, 1.0
        self._chance, self._lock = random.Random(seed), threading.Lock()  # noqa: S311 -- repeatable
        self._next: deque[Fault] = deque()

    def set(self, *, rate: Any = None, kinds: Any = None, following: Any = None) -> None:
        """Change the share and the kinds drawn; `following` are the faults of the very next calls. ValueError changes nothing."""
        rate = self.rate if rate is None else rate
        kinds = self.kinds if kinds is None else kinds
        following = [] if following is None else following
        if isinstance(rate, bool) or not isinstance(rate, (int, float)) or not 0 <= rate <= 1:
            raise ValueError("故障比例应在 0 到 1 之间")
        for named in (kinds, following):
            if not isinstance(named, (list, tuple)) or set(named) - set(KINDS) or len(named) > MOST_NEXT:
                raise ValueError(f"故障只有 {'、'.join(KINDS)}")
        if not kinds:
            raise ValueError("请至少选一种故障")
        with self._lock:
            self.rate, self.kinds = float(rate), tuple(kinds)
            self._next.extend(following)

    def clear(self) -> None:
        """No faults any more."""
        with self._lock:
            self.rate = 0.0
            self._next.clear()

    def told(self) -> dict[str, Any]:
        """As JSON."""
        with self._lock:
            return {"rate": self.rate, "kinds": list(self.kinds), "next": list(self._next)}

    def draw(self) -> Fault | None:
        """The fault of the next call, usually none."""
        if not self.rate and not self._next:
            return None
        with self._lock:
            if self._next:
                return self._next.popleft()
            return self._chance.choice(self.kinds) if self._chance.random() < self.rate else None
