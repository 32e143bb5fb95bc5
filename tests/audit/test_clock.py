"""The clock is compared with a real time source over the network; more than five seconds is told."""

import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.utils import timezone

from audit import clock


@contextmanager
def ntp_server(off: float, *, broken: bool = False) -> Iterator[str]:
    """An NTP server whose clock is `off` seconds ahead."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))

    def answer() -> None:
        _asked, where = server.recvfrom(512)
        now = time.time() + off + clock.EPOCH
        stamp = struct.pack("!II", int(now), int(now % 1 * 2**32))
        packet = b"\x24\x01" + bytes(30) + stamp + stamp
        server.sendto(b"nonsense" if broken else packet, where)

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    yield f"ntp://127.0.0.1:{server.getsockname()[1]}"
    thread.join(5)
    server.close()


@contextmanager
def http_server(off: float) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def date_time_string(self, timestamp: float | None = None) -> str:
            return format_datetime(datetime.now(UTC) + timedelta(seconds=off), usegmt=True)

        def do_HEAD(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Silent."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.handle_request, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.server_close()


@pytest.mark.parametrize("server", [ntp_server, http_server])
@pytest.mark.parametrize(("off", "wrong"), [(0, False), (30, True), (-30, True)])
def test_a_clock_that_is_off_is_found(server, off: float, wrong: bool, settings) -> None:
    with server(off) as source:
        settings.TIME_SOURCE = source
        reading = clock.read(timezone.now())
    assert reading.wrong is wrong
    assert abs(reading.ahead + off) < 1.5
    assert clock.last() == reading


def test_a_source_that_cannot_be_asked_says_so(settings) -> None:
    settings.TIME_SOURCE = "https://127.0.0.1:9/"
    reading = clock.read(timezone.now())
    assert (reading.ahead, reading.wrong, bool(reading.problem)) == (None, False, True)
    with ntp_server(0, broken=True) as source:
        settings.TIME_SOURCE = source
        assert clock.read(timezone.now()).problem == "ValueError"
    settings.TIME_SOURCE = ""
    assert clock.read(timezone.now()) is None
