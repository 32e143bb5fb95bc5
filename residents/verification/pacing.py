"""How often somebody may ask this process to look at faces: counted in memory, because what is protected is its processor."""

import threading
import time
from collections import deque
from collections.abc import Hashable

MOST_KEPT = 5000


class Pace:
    """At most `most` deeds by one within `seconds`."""

    def __init__(self, most: int, seconds: float) -> None:
        self.most, self.seconds = most, seconds
        self._lock = threading.Lock()
        self._times: dict[Hashable, deque[float]] = {}

    def allows(self, who: Hashable, now: float | None = None) -> bool:
        """Whether one more may be done; counted if so. `now` in seconds of a monotonic clock."""
        here = time.monotonic() if now is None else now
        with self._lock:
            times = self._times.setdefault(who, deque(maxlen=self.most))
            if len(times) == self.most and here - times[0] < self.seconds:
                return False
            times.append(here)
            if len(self._times) > MOST_KEPT:
                self._times.pop(next(iter(self._times)))
            return True

    def clear(self) -> None:
        """Forget what was counted."""
        with self._lock:
            self._times.clear()
