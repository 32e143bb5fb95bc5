"""The client against servers that behave badly: a real HTTP server of a few lines, no substitutes inside the program."""

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from uploads.client import Endpoint, TransportError, UpperClient

NOW = datetime(2026, 5, 1, 4, 0, 0, tzinfo=UTC)
TOKEN = "tok-0123456789"


@contextmanager
def server(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[tuple[str, list[str]]]:
    """A server that answers each POST as told; the addresses asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            asked.append(self.path)
            self.rfile.read(int(self.headers["Content-Length"]))
            answer(self)

        def log_message(self, format: str, *args: object) -> None:
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{running.server_port}", asked
    finally:
        running.shutdown()
        running.server_close()


def say(handler: BaseHTTPRequestHandler, body: bytes, status: int = 200, **headers: str) -> None:
    handler.send_response(status)
    for name, value in {"Content-Length": str(len(body)), **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def good(handler: BaseHTTPRequestHandler) -> None:
    say(handler, json.dumps({"code": 0, "msg": "成功", "data": {"ryId": "7"}}).encode())


def client(url: str, **changes: object) -> UpperClient:
    return UpperClient(Endpoint(url, "anju", **{"connect_seconds": 1, "read_seconds": 1, **changes}))


def test_the_common_parameters_stand_in_the_url_in_beijing_time():
    with server(good) as (url, asked):
        reply = client(url).post("/openapi/person/synPersonInfo", {"xm": "张三"}, now=NOW, token=TOKEN)
    assert (reply.code, reply.message, reply.data) == (0, "成功", {"ryId": "7"})
    assert asked == [f"/openapi/person/synPersonInfo?client_id=anju&time=2026-05-01%2012%3A00%3A00&token={TOKEN}"]


def test_a_connection_is_kept_for_the_next_request():
    seen = set()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        seen.add(handler.client_address)
        good(handler)

    with server(answer) as (url, _):
        caller = client(url)
        for _ in range(5):
            caller.post("/openapi/x", {}, now=NOW, token=TOKEN)
    assert len(seen) == 1


def test_a_redirect_is_not_followed():
    def away(handler: BaseHTTPRequestHandler) -> None:
        say(handler, b"", 302, Location="http://127.0.0.1:1/elsewhere")

    with server(away) as (url, asked), pytest.raises(TransportError) as caught:
        client(url).post("/openapi/x", {}, now=NOW, token=TOKEN)
    assert caught.value.kind == "redirect"
    assert len(asked) == 1


def test_an_answer_that_is_no_json_or_no_envelope_is_no_answer():
    for body in (b"<html>", b"[]", b'{"msg": "x"}', b"\xff\xfe"):
        with server(lambda handler, body=body: say(handler, body)) as (url, _), pytest.raises(TransportError) as caught:
            client(url).post("/openapi/x", {}, now=NOW)
        assert caught.value.kind == "answer"


def test_an_error_page_keeps_its_status_and_the_wait_it_asks_for():
    with server(lambda handler: say(handler, b"busy", 503, Retry_After="7")) as (url, _):
        reply = client(url).post("/openapi/x", {}, now=NOW)
    assert (reply.status, reply.code, reply.wait) == (503, None, 7.0)


def test_silence_ends_with_a_time_out():
    with server(lambda handler: time.sleep(3)) as (url, _), pytest.raises(TransportError) as caught:
        client(url).post("/openapi/x", {}, now=NOW)
    assert caught.value.kind == "timeout"


def test_an_answer_that_drips_ends_with_a_time_out():
    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        for _ in range(40):
            try:
                handler.wfile.write(b" ")
                handler.wfile.flush()
            except OSError:
                return
            time.sleep(0.4)

    started = time.monotonic()
    with server(drip) as (url, _), pytest.raises(TransportError) as caught:
        client(url).post("/openapi/x", {}, now=NOW)
    assert caught.value.kind == "timeout"
    assert time.monotonic() - started < 6


def test_an_answer_above_20_megabytes_is_cut_off():
    def flood(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(64 * 1024 * 1024))
        handler.end_headers()
        try:
            for _ in range(64):
                handler.wfile.write(b" " * 1024 * 1024)
        except OSError:
            pass

    with server(flood) as (url, _), pytest.raises(TransportError) as caught:
        client(url, read_seconds=10).post("/openapi/x", {}, now=NOW)
    assert caught.value.kind == "answer"


def test_nobody_listening_is_told_apart_from_no_answer():
    with pytest.raises(TransportError) as caught:
        client("http://127.0.0.1:1").post("/openapi/x", {}, now=NOW)
    assert (caught.value.kind, caught.value.permanent) == ("connect", False)


def test_an_address_above_2048_bytes_is_refused_before_sending():
    with server(good) as (url, asked), pytest.raises(TransportError) as caught:
        client(url, extra_parameters={"x": "甲" * 300}).post("/openapi/x", {}, now=NOW, token=TOKEN)
    assert (caught.value.kind, caught.value.permanent) == ("url", True)
    assert asked == []


def test_a_body_above_20_megabytes_is_refused_before_sending():
    with server(good) as (url, asked), pytest.raises(TransportError) as caught:
        client(url).post("/openapi/x", {"x": "a" * 20_000_001}, now=NOW)
    assert (caught.value.kind, caught.value.permanent) == ("size", True)
    assert asked == []


def test_the_token_is_never_logged_nor_put_into_an_error(caplog):
    caplog.set_level(logging.DEBUG)
    with server(good) as (url, _):
        client(url).post("/openapi/x", {}, now=NOW, token=TOKEN)
    with pytest.raises(TransportError) as caught:
        client("http://127.0.0.1:1").post("/openapi/x", {}, now=NOW, token=TOKEN)
    assert TOKEN not in caplog.text
    assert TOKEN not in repr(caught.value) + str(caught.value.__cause__)
