"""The sandbox's HTTP server: bounded connections, bodies and times; asks the judge, plays faults, shows the desk."""

import json
import socket
import struct
import sys
import threading
import time
import traceback
from contextlib import suppress
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from sandbox import refusals, routes
from sandbox.desk import JSON, TEXT, Desk, Reply
from sandbox.faults import Faults
from sandbox.judge import Call, Judge
from sandbox.store import Request
from standard import envelope, messages, wire

MAX_BODY_BYTES = 20 * 1024 * 1024  # the standard's 20 兆字节, read as binary: a client stays below 20,000,000 (G-34)
MAX_CONNECTIONS = 128
IDLE_SECONDS = 60
LINGER_SECONDS, LINGER_BYTES = 5.0, 64 * 1024 * 1024
FINISH_SECONDS = 5.0
MAX_LOCAL_BODY = 4096
BUSY = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\n"
    b"Content-Length: 0\r\nConnection: close\r\n\r\n"
)


class Server(ThreadingHTTPServer):
    """One sandbox: a thread a connection, no more than MAX_CONNECTIONS."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], judge: Judge, faults: Faults) -> None:
        self.judge, self.faults, self.desk = judge, faults, Desk(judge, faults)
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self._slots = threading.BoundedSemaphore(MAX_CONNECTIONS)
        self._calls, self._quiet = 0, threading.Condition()
        super().__init__(address, Handler)

    @property
    def url(self) -> str:
        """An address that works on this machine."""
        host = self.server_address[0]
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 -- where to call, not where to listen
        return f"http://[{host}]:{self.server_port}" if ":" in host else f"http://{host}:{self.server_port}"

    def process_request(self, request: Any, client_address: Any) -> None:
        """A thread for the connection, or a refusal when all are taken."""
        if not self._slots.acquire(blocking=False):
            request.settimeout(1)
            with suppress(OSError):  # who has gone already needs no answer
                request.sendall(BUSY)
            return self.shutdown_request(request)
        try:
            super().process_request(request, client_address)
        except BaseException:
            self._slots.release()
            raise
        return None

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """The connection's thread."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._slots.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that broke is no news; anything else is told without values, which may be personal."""
        error = sys.exception()
        if not isinstance(error, OSError):
            tell(error)

    def began(self) -> None:
        """A call is being served."""
        with self._quiet:
            self._calls += 1

    def ended(self) -> None:
        """It was answered."""
        with self._quiet:
            self._calls -= 1
            self._quiet.notify_all()

    def finish(self) -> None:
        """Close the door and let the calls being served come to their end."""
        self.server_close()
        with self._quiet:
            self._quiet.wait_for(lambda: self._calls == 0, FINISH_SECONDS)


def tell(error: BaseException | None) -> None:
    """What failed and where, without the exception's text: it may hold what was sent."""
    where = "".join(traceback.format_tb(error.__traceback__)) if error else ""
    print(f"sandbox: {type(error).__name__}\n{where}", file=sys.stderr, flush=True)


# What the faults that are answers say: (code, message).
PLAYED: dict[str | None, tuple[int, str]] = {
    "throttled": (refusals.THROTTLED, "请求过于频繁,请稍后再试(9.2.2)"),
    "expired-token": (refusals.TOKEN, "token已失效,请重新登录(9.3.1)"),
    "quota": (refusals.QUOTA, "今日调用次数已达配额(9.2.2)"),
    "window": (refusals.WINDOW, "不在调用时段(9.2.2)"),
    "ip": (refusals.ADDRESS, "调用方 IP 不在白名单(9.2.1)"),
    "refused": (refusals.FIELD, "数据格式不正确(人为拒绝)"),
}


class Noted:
    """What is noted of a call while it is served."""

    def __init__(self, at: float, began: float, size: int, fault: str) -> None:
        self.at, self.began, self.size, self.fault = at, began, size, fault
        self.status, self.code = 0, None
        self.records, self.skew, self.token = 1, None, False

    def read(self, parameters: dict[str, str], payload: Any) -> None:
        """Records of a batch, the request's own time, whether it brought a token."""
        self.token = bool(parameters.get(envelope.TOKEN))
        with suppress(ValueError):
            self.skew = wire.read_moment(parameters.get(envelope.TIME, "")).timestamp() - self.at
        if isinstance(payload, dict):
            self.records = max((len(value) for value in payload.values() if isinstance(value, list)), default=1)

    def request(self, handler: "Handler") -> Request:
        """As the log keeps it; an address of no interface is one of the clause ""."""
        interface = routes.interface_at(urlsplit(handler.path).path)
        return Request(
            self.at, interface.clause if interface else "", handler.client_address[0], self.status, self.code,
            round((time.perf_counter() - self.began) * 1000, 3), len(handler.path.encode(errors="replace")), self.size,
            self.records, self.skew, self.token, self.fault,
        )  # fmt: skip


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server_version = "anju-sandbox"
    sys_version = ""
    timeout = IDLE_SECONDS
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Server
    headers: Message
    _noted: "Noted | None" = None

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: the address holds the token (quirk G-46)."""

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What is wrong with the HTTP itself, as an envelope."""
        self.close_connection = True
        self._answer(envelope.answer(code, f"HTTP 请求不正确({code})"), code)

    def handle_expect_100(self) -> bool:
        """A body that will be refused need not be sent."""
        return True if self._too_much() else super().handle_expect_100()

    def do_GET(self) -> None:
        """Pages and readings for this machine; the interfaces take POST only."""
        reply = self._local()
        self._send(reply or self._only_post())

    def do_other(self) -> None:
        """Any other method."""
        self._send(self._only_post())

    do_HEAD = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = do_other

    def _only_post(self) -> Reply:
        self.close_connection = True
        return Reply.json(envelope.answer(refusals.METHOD, "只接受 POST(9.3.3)"), 405, {"Allow": "POST"})

    def _local(self, body: bytes | None = None) -> Reply | None:
        parts = urlsplit(self.path) if len(self.path) <= messages.MAX_URL_BYTES else urlsplit("/")
        if not self.server.desk.knows(parts.path):
            return None
        if not self.server.desk.admits(self.client_address[0], self.headers):
            return Reply.json(envelope.answer(refusals.LOCAL, "只在本机提供"), 403)
        if body is not None:
            return self.server.desk.do(parts.path, body)
        return self.server.desk.show(parts.path, dict(parse_qsl(parts.query, max_num_fields=20)))

    def do_POST(self) -> None:
        """A call of an interface, or a deed at the desk."""
        if refused := self._too_much():
            return self._refuse_unread(*refused)
        length = int(self.headers["Content-Length"])
        if length > MAX_LOCAL_BODY and self.server.desk.knows(urlsplit(self.path).path):
            return self._refuse_unread(refusals.BODY, "请求体过大", 413)
        body = self.rfile.read(length)
        if len(body) < length:
            self.close_connection = True
            return None
        if reply := self._local(body):
            return self._send(reply)
        self.server.began()
        try:
            return self._call(body)
        finally:
            self.server.ended()

    def _too_much(self) -> tuple[int, str, int] | None:
        """Why the call is refused before its body is read: (code, message, HTTP status)."""
        if len(self.path.encode(errors="replace")) > messages.MAX_URL_BYTES:
            return refusals.URL, "URL 长度超过 2048 字节(9.3.5)", 414
        length = self.headers.get("Content-Length", "")
        if self.headers.get("Transfer-Encoding") or not (length.isascii() and length.isdigit()):
            return refusals.LENGTH, "缺少 Content-Length", 411
        if len(length) > 12 or int(length) > MAX_BODY_BYTES:
            return refusals.BODY, "请求体过大,超过 20 兆字节(9.3.5)", 413
        return None

    def _call(self, body: bytes) -> None:
        """Serve it, and note it without a value."""
        fault = self.server.faults.draw()
        self._noted = Noted(time.time(), time.perf_counter(), len(body), fault or "")
        try:
            self._serve(body, fault)
        finally:
            self._note()  # what was never answered

    def _note(self) -> None:
        """Write the call into the log, once: before its answer leaves, so that who has the answer finds it there."""
        noted, self._noted = self._noted, None
        if noted is not None:
            self.server.judge.store.note_request(noted.request(self))

    def _serve(self, body: bytes, fault: str | None) -> None:
        if fault == "reset-before":
            return self._reset()
        if fault == "500":
            return self._send(Reply(502, TEXT, b"upstream error"))
        if fault in PLAYED:
            return self._answer(envelope.answer(*PLAYED[fault]))
        if fault == "slow":
            time.sleep(self.server.faults.slow_seconds)
        answer = self._judged(body)
        if fault == "reset-after":
            return self._reset()
        if fault == "not-json":
            return self._send(Reply(200, TEXT, b"<html>ok</html>"))
        return self._answer(answer, 404 if answer["code"] == refusals.NO_INTERFACE else 200)

    def _judged(self, body: bytes) -> dict[str, Any]:
        kind = self.headers.get_content_type() if "Content-Type" in self.headers else "application/json"
        if kind != "application/json":
            return envelope.answer(refusals.NOT_JSON, "请求体应为 application/json(9.3.3)")
        try:
            payload = strict_json(body)
        except (ValueError, RecursionError):
            return envelope.answer(refusals.NOT_JSON, "请求体不是有效的 JSON(9.3.3)")
        parts = urlsplit(self.path)
        try:
            parameters = dict(parse_qsl(parts.query, keep_blank_values=True, max_num_fields=50))
            self._noted.read(parameters, payload)
            call = Call(parts.path, parameters, payload, len(body), time.time(), self.client_address[0])
            return self.server.judge.answer(call)
        except Exception as error:  # whatever it is, the client gets an answer of Table 4
            tell(error)
            return envelope.answer(refusals.BROKEN, "平台内部错误")

    def _reset(self) -> None:
        """End the connection the rude way: with RST, unanswered."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def _refuse_unread(self, code: int, message: str, status: int) -> None:
        """Answer before the body was read; what still comes is thrown away, for a while, so that the answer gets through."""
        self.close_connection = True
        self._answer(envelope.answer(code, message), status)
        self.connection.shutdown(socket.SHUT_WR)
        self.connection.settimeout(1)
        ends, thrown = time.monotonic() + LINGER_SECONDS, 0
        with suppress(OSError):  # the client has gone, or has read the answer and waits
            while time.monotonic() < ends and thrown < LINGER_BYTES and (part := self.rfile.read1(65536)):
                thrown += len(part)

    def _answer(self, answer: dict[str, Any], status: int = 200) -> None:
        if self._noted is not None:
            self._noted.code = answer["code"]
        self._send(Reply(status, JSON, json.dumps(answer, ensure_ascii=False).encode()))

    def _send(self, reply: Reply) -> None:
        if self._noted is not None:
            self._noted.status = reply.status
            self._note()
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.kind)
        self.send_header("Content-Length", str(len(reply.content)))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.content)
        self.wfile.flush()


def strict_json(body: bytes) -> Any:
    """RFC 8259 in UTF-8: no NaN, no lone surrogates; ValueError otherwise."""
    payload = json.loads(body.decode("utf-8"), parse_constant=_no_constant)
    if b"\\u" in body:
        json.dumps(payload, ensure_ascii=False).encode()  # UnicodeEncodeError is a ValueError
    return payload


def _no_constant(name: str) -> Any:
    raise ValueError(name)
