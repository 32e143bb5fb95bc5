"""The sandbox's HTTP server: reads requests within limits, asks the judge, shows the page."""

import json
import socket
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from guomi import sm2
from sandbox import pages
from sandbox.faults import Faults
from sandbox.judge import Judge
from standard import envelope, messages

MAX_BODY = 20 * 1024 * 1024
IDLE_SECONDS = 60
HTML = "text/html; charset=utf-8"
JSON = "application/json; charset=UTF-8"
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


class Server(ThreadingHTTPServer):
    """One sandbox."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], judge: Judge, faults: Faults) -> None:
        self.judge, self.faults = judge, faults
        super().__init__(address, Handler)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server_version = "anju-sandbox"
    sys_version = ""
    timeout = IDLE_SECONDS
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Server

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: the address holds the token."""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query)) if len(self.path) <= messages.MAX_URL_BYTES else {}
        if not self._host_is_ours():
            return self._say(envelope.answer(403, "只在本机提供"), 403)
        if parts.path == "/":
            return self._page(query)
        if parts.path == "/sandbox/records":
            return self._records(query)
        if parts.path == "/sandbox/public-key":
            return self._say({"public_key": "04" + sm2.public_of(self.server.judge.private_key).hex()})
        if parts.path == "/sandbox/health":
            return self._say({"ok": True, "counts": self.server.judge.store.counts()})
        return self._say(envelope.answer(405, "只接受 POST(9.3.3)"), 404)

    def do_POST(self) -> None:
        if len(self.path.encode()) > messages.MAX_URL_BYTES:
            return self._close_with(1011, "URL 超过 2048 字节(9.3.5)", 414)
        length = self.headers.get("Content-Length", "")
        if not length.isdigit():
            return self._close_with(1012, "缺少 Content-Length", 411)
        if int(length) > MAX_BODY:
            return self._close_with(1013, "请求体超过 20 兆字节(9.3.5)", 413)
        body = self.rfile.read(int(length))
        fault = self.server.faults.draw()
        if fault == "reset-before":
            return self._reset()
        if fault == "500":
            return self._send(b"upstream error", "text/plain", 502)
        if fault == "throttled":
            return self._say(envelope.answer(1014, "请求过于频繁,请稍后再试(9.2.2)"))
        if fault == "slow":
            time.sleep(1.0)
        answer = self._judged(body)
        if fault == "reset-after":
            return self._reset()
        if fault == "not-json":
            return self._send(b"<html>ok</html>", HTML, 200)
        return self._say(answer)

    def _judged(self, body: bytes) -> dict[str, Any]:
        parts = urlsplit(self.path)
        parameters = dict(parse_qsl(parts.query, keep_blank_values=True))
        try:
            payload = json.loads(body)
        except (ValueError, RecursionError):
            return envelope.answer(1001, "请求体不是有效的 JSON(9.3.3)")
        return self.server.judge.answer(parts.path, parameters, payload, len(body), time.time())

    def _host_is_ours(self) -> bool:
        """A page of another site must not read this one through a name of its own."""
        return self.headers.get("Host", "").rsplit(":", 1)[0] in {"127.0.0.1", "localhost", "[::1]"}

    def _page(self, query: dict[str, str]) -> None:
        chosen = query.get("interface", "")
        store = self.server.judge.store
        rows = store.rows(interface=chosen, limit=50, newest=True)
        self._send(pages.front(rows, store.counts(), chosen).encode(), HTML, 200)

    def _records(self, query: dict[str, str]) -> None:
        after, limit = query.get("after", "0"), query.get("limit", "100")
        if not (after.isdigit() and limit.isdigit()):
            return self._say(envelope.answer(1002, "after 和 limit 应为数字"), 400)
        rows = self.server.judge.store.rows(interface=query.get("interface", ""), after=int(after), limit=int(limit))
        return self._say({"records": rows})

    def _reset(self) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        self.connection.close()

    def _close_with(self, code: int, message: str, status: int) -> None:
        self.close_connection = True
        self._say(envelope.answer(code, message), status)

    def _say(self, answer: dict[str, Any], status: int = 200) -> None:
        self._send(json.dumps(answer, ensure_ascii=False).encode(), JSON, status)

    def _send(self, content: bytes, kind: str, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Security-Policy", POLICY)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()
