"""The limits of section 9.2, switchable for each interface while the sandbox runs: what an office may impose on a client.

9.2.1 addresses; 9.2.2 concurrency, daily quota, calling hours, validity; 9.2.3 the right to an interface.
"""

import ipaddress
import re
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sandbox import refusals
from sandbox.refusals import Refused
from standard import interfaces, wire

HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
MOST_ADDRESSES = 100


class LimitError(ValueError):
    """A limit that cannot be; the message says what it should be."""


@dataclass(frozen=True, slots=True)
class Limit:
    """Of one interface. 0 and "" mean: none. `hours` is "08:00-20:00" in Beijing; `valid_until` a day; `denied` no right to it."""

    concurrency: int = 0
    daily_quota: int = 0
    hours: str = ""
    valid_until: str = ""
    denied: bool = False

    @classmethod
    def read(cls, given: Any) -> "Limit":
        """A limit from JSON; LimitError."""
        if not isinstance(given, Mapping) or set(given) - set(cls.__dataclass_fields__):
            raise LimitError("限制只有 concurrency、daily_quota、hours、valid_until、denied")
        made = cls(**given)
        for name in ("concurrency", "daily_quota"):
            value = getattr(made, name)
            if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 1_000_000:
                raise LimitError(f"{name} 应为数字,0 表示不限")
        if not isinstance(made.hours, str) or (made.hours and not HOURS.fullmatch(made.hours)):
            raise LimitError("时段应写作 08:00-20:00")
        try:
            date.fromisoformat(made.valid_until or "2000-01-01")
        except (TypeError, ValueError):
            raise LimitError("有效期应为日期,如 2026-12-31") from None
        if not isinstance(made.denied, bool):
            raise LimitError("denied 应为 true 或 false")
        return made

    def open_at(self, moment: datetime) -> bool:
        """Whether the calling hours hold the moment; hours may pass midnight."""
        if not self.hours:
            return True
        opens, closes = self.hours.split("-")
        now = f"{moment:%H:%M}"
        return opens <= now < closes if opens <= closes else now >= opens or now < closes


class Limits:
    """What holds now. Safe between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._limits: dict[str, Limit] = {}
        self._allowed: tuple[str, ...] = ()
        self._running: Counter[str] = Counter()
        self._peak: Counter[str] = Counter()
        self._used: Counter[tuple[str, str]] = Counter()

    def set(self, limits: Mapping[str, Any] | None = None, allow: Any = None) -> None:
        """Replace the limits of the interfaces named, and the addresses allowed; LimitError changes nothing."""
        read = {}
        for clause, given in (limits or {}).items():
            if clause not in {one.clause for one in interfaces.every()}:
                raise LimitError(f"没有接口 {clause}")
            read[clause] = Limit.read(given)
        if allow is not None:
            if not isinstance(allow, list) or len(allow) > MOST_ADDRESSES:
                raise LimitError("allow 应为网段的数组")
            try:
                networks = tuple(str(ipaddress.ip_network(one, strict=False)) for one in allow)
            except ValueError:
                raise LimitError("应为网段,如 10.0.0.0/8") from None
        with self._lock:
            self._limits |= read
            if allow is not None:
                self._allowed = networks

    def clear(self) -> None:
        """No limits any more; what was used today stays counted."""
        with self._lock:
            self._limits, self._allowed = {}, ()

    def told(self) -> dict[str, Any]:
        """As JSON: limits, allowed networks, the calls of today and the peak of calls at once, by interface."""
        with self._lock:
            today = max((day for day, _ in self._used), default="")
            return {
                "limits": {clause: asdict(limit) for clause, limit in self._limits.items()},
                "allow": list(self._allowed),
                "used_today": {clause: count for (day, clause), count in self._used.items() if day == today},
                "peak": dict(self._peak),
            }

    @contextmanager
    def entered(self, clause: str, address: str, now: float) -> Iterator[None]:
        """Around one call; Refused (in the order of 9.2) when a limit is against it."""
        moment = datetime.fromtimestamp(now, wire.BEIJING)
        with self._lock:
            self._refuse(clause, address, moment)
            self._running[clause] += 1
            self._peak[clause] = max(self._peak[clause], self._running[clause])
            self._used[f"{moment:%Y-%m-%d}", clause] += 1
            if len(self._used) > 20 * len(interfaces.every()):
                self._used = Counter(
                    {key: count for key, count in self._used.items() if key[0] == f"{moment:%Y-%m-%d}"}
                )
        try:
            yield
        finally:
            with self._lock:
                self._running[clause] -= 1

    def _refuse(self, clause: str, address: str, moment: datetime) -> None:
        if self._allowed and not self._known(address):
            raise Refused(refusals.ADDRESS, "调用方 IP 不在白名单(9.2.1)")
        limit = self._limits.get(clause)
        if limit is None:
            return
        if limit.denied:
            raise Refused(refusals.RIGHT, f"没有权限访问该资源(9.2.3,{clause})")
        if limit.valid_until and f"{moment:%Y-%m-%d}" > limit.valid_until:
            raise Refused(refusals.EXPIRED, f"授权已于 {limit.valid_until} 到期,无权限(9.2.2,{clause})")
        if not limit.open_at(moment):
            raise Refused(refusals.WINDOW, f"不在调用时段 {limit.hours}(9.2.2,{clause})")
        if limit.daily_quota and self._used[f"{moment:%Y-%m-%d}", clause] >= limit.daily_quota:
            raise Refused(refusals.QUOTA, f"今日调用次数已达配额 {limit.daily_quota}(9.2.2,{clause})")
        if limit.concurrency and self._running[clause] >= limit.concurrency:
            raise Refused(refusals.THROTTLED, f"并发数超过限制 {limit.concurrency},请稍后再试(9.2.2,{clause})")

    def _known(self, address: str) -> bool:
        try:
            here = ipaddress.ip_address(address.removeprefix("::ffff:"))
        except ValueError:
            return False
        return any(here in ipaddress.ip_network(network) for network in self._allowed)
