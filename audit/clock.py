"""Is the server's clock right? The log stands and falls with it (7.1.1). Asked of NTP or of an HTTP server's Date.

TIME_SOURCE is "ntp://host[:port]" or "https://host/"; without one nothing is asked.
"""

import socket
import struct
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import urllib3
from django.conf import settings
from django.core.cache import cache

MOST_SECONDS = 5.0
EPOCH = 2_208_988_800  # from 1900 to 1970
KEY = "audit.clock"
KEPT_SECONDS = 2 * 86400
TIMEOUT = 5.0


@dataclass(frozen=True, slots=True)
class Reading:
    """How far this clock is ahead of the source, in seconds (negative: behind); `problem` where it could not be asked."""

    source: str
    at: datetime
    ahead: float | None
    problem: str = ""

    @property
    def wrong(self) -> bool:
        """Further off than allowed."""
        return self.ahead is not None and abs(self.ahead) > MOST_SECONDS


def read(now: datetime) -> Reading | None:
    """Ask the source; None when none is configured. Remembered for the page that shows how the log stands."""
    source = settings.TIME_SOURCE
    if not source:
        return None
    try:
        reading = Reading(source, now, _ahead(source))
    except (OSError, ValueError, urllib3.exceptions.HTTPError) as error:
        reading = Reading(source, now, None, type(error).__name__)
    cache.set(KEY, reading, timeout=KEPT_SECONDS)
    return reading


def last() -> Reading | None:
    """The last reading, if one is not too old."""
    return cache.get(KEY)


def _ahead(source: str) -> float:
    parts = urlsplit(source)
    if parts.scheme == "ntp":
        return _by_ntp(parts.hostname or "", parts.port or 123)
    if parts.scheme in ("http", "https"):
        return _by_http(source)
    raise ValueError("TIME_SOURCE begins with ntp:// or https://")


def _by_ntp(host: str, port: int) -> float:
    """SNTP (RFC 4330): half of the way there and back is taken off."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(TIMEOUT)
        left = time.time()
        asking.sendto(b"\x23" + bytes(47), (host, port))
        answer, _from = asking.recvfrom(512)
        back = time.time()
    if len(answer) < 48 or answer[0] & 7 != 4 or answer[1] == 0:
        raise ValueError("no time in the answer")
    arrived, sent = (_seconds(answer[at : at + 8]) for at in (32, 40))
    return ((left - arrived) + (back - sent)) / 2


def _seconds(stamp: bytes) -> float:
    whole, part = struct.unpack("!II", stamp)
    return whole - EPOCH + part / 2**32


def _by_http(address: str) -> float:
    """The Date header tells whole seconds: half a second is added."""
    left = time.time()
    answer = urllib3.request("HEAD", address, timeout=TIMEOUT, retries=False, redirect=False)
    middle = (left + time.time()) / 2
    told = parsedate_to_datetime(answer.headers["Date"]) if answer.headers.get("Date") else None
    if told is None:
        raise ValueError("no Date in the answer")
    return middle - told.astimezone(UTC).timestamp() - 0.5
