"""When to try again. Pure: chance is passed in."""

from collections.abc import Callable
from datetime import datetime, timedelta

CAP_SECONDS = 6 * 3600.0
MAX_ATTEMPTS = 20  # the last waits are six hours each: about two days of trying, then a person looks at it


def back_off(attempts: int, chance: Callable[[], float], *, first: float = 5.0, cap: float = CAP_SECONDS) -> timedelta:
    """The wait after the `attempts`-th failure (1, 2, ...): doubling from `first` seconds to `cap`, spread by ±20 %.

    >>> [back_off(n, lambda: 0.5).total_seconds() for n in (1, 2, 3, 20)]
    [5.0, 10.0, 20.0, 21600.0]
    """
    wait = min(first * 2.0 ** min(max(attempts, 1) - 1, 30), cap)
    return timedelta(seconds=min(wait * (0.8 + 0.4 * chance()), cap))


def later(now: datetime, attempts: int, chance: Callable[[], float], **limits: float) -> datetime:
    """The moment of the next try."""
    return now + back_off(attempts, chance, **limits)
