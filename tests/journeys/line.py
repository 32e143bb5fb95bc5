"""The line between a browser and the portal: it can be cut, lose answers, and write down everything that passes."""

import random
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import urllib3

HOPPING = {"connection", "keep-alive", "transfer-encoding", "content-length", "content-encoding"}


class Line(ThreadingHTTPServer):
    """A proxy on a port of its own. `state`: up | down | losing (asks the portal, then says nothing)."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, target: str) -> None:
        super().__init__(("127.0.0.1", 0), Passing)
        self.target, self.state, self.cut_share = target, "up", 0.0
        self.passed: list[bytes] = []  # what a proxy that logs would have: bodies of requests
        self.posts: list[str] = []
        self.chance = random.Random(6)
        self.http = urllib3.PoolManager(maxsize=32, retries=False, timeout=30)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def close(self) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that went away is no error here."""


class Passing(BaseHTTPRequestHandler):
    """One request, passed on or not."""

    protocol_version = "HTTP/1.0"
    server: Line

    def log_message(self, *args: object) -> None:
        """Quiet."""

    def pass_on(self) -> None:
        line = self.server
        if line.state == "down" or line.chance.random() < line.cut_share / 2:
            return self.cut()
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.command == "POST":
            line.passed.append(body)
            line.posts.append(self.path)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOPPING}
        headers["Accept-Encoding"] = "identity"
        try:
            answer = line.http.request(
                self.command, line.target + self.path, body=body or None, headers=headers, redirect=False
            )
        except urllib3.exceptions.HTTPError:
            return self.cut()
        if (line.state == "losing" and self.command == "POST") or line.chance.random() < line.cut_share / 2:
            return self.cut()
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            if name.lower() not in HOPPING:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.data)))
        self.end_headers()
        self.wfile.write(answer.data)
        return None

    do_GET = do_POST = do_HEAD = pass_on

    def cut(self) -> None:
        """The connection ends without a word."""
        self.close_connection = True
        self.connection.close()
