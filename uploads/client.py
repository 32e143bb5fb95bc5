"""HTTP to an upper platform: keep-alive, time limits, TLS, size limits, the common parameters of 9.4.2. Knows no database.

The token travels in the URL (9.3.5, quirk G-46), so no URL is ever logged or put into an exception, and urllib3's debug
log, which prints addresses, is kept quiet.
"""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode, urlsplit
from zoneinfo import ZoneInfo

import orjson
import urllib3

from standard import envelope, messages

logging.getLogger("urllib3").setLevel(logging.INFO)
BEIJING = ZoneInfo("Asia/Shanghai")
MAX_ANSWER_BYTES = 20 * 1024 * 1024
CHUNK_BYTES = 65536


class TransportError(Exception):
    """No usable answer. `permanent`: trying again cannot help; `wait`: seconds to wait if the other side said so.

    `kind`: connect (nothing was sent) | timeout, broken (it may have been processed) | tls | redirect | size | url | answer.
    """

    def __init__(self, kind: str, problem: str, *, permanent: bool = False, wait: float | None = None) -> None:
        super().__init__(problem)
        self.kind = kind
        self.problem = problem
        self.permanent = permanent
        self.wait = wait


@dataclass(frozen=True)
class Endpoint:
    """Where and how to call. Times in seconds."""

    base_url: str
    client_id: str
    connect_seconds: float = 5
    read_seconds: float = 20
    concurrency: int = 4
    ca_file: str = ""
    client_cert_file: str = ""
    client_key_file: str = ""
    extra_parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Reply:
    """An answer: HTTP status, the envelope of Table 4 (code None: there was none), how long it took."""

    status: int
    code: int | str | None
    message: str
    data: Any
    request_id: str
    ms: int
    wait: float | None = None


def address(base_url: str, path: str) -> str:
    """The URL of an interface; a prefix /OpenApi written into the base address is not doubled (G-11).

    >>> address("https://h:1/OpenApi", "/openapi/login/auth"), address("https://h:1/", "/openapi/login/auth")
    ('https://h:1/OpenApi/login/auth', 'https://h:1/openapi/login/auth')
    """
    base = base_url.rstrip("/")
    if urlsplit(base).path.lower().endswith("/openapi") and path.lower().startswith("/openapi/"):
        path = path[len("/openapi") :]
    return base + path


class UpperClient:
    """One upper platform over a pool of kept-alive connections. Safe to share between threads."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        tls: dict[str, Any] = {"cert_reqs": "CERT_REQUIRED"}
        if endpoint.ca_file:
            tls["ca_certs"] = endpoint.ca_file
        if endpoint.client_cert_file:
            tls |= {"cert_file": endpoint.client_cert_file, "key_file": endpoint.client_key_file or None}
        self._pool = urllib3.PoolManager(
            num_pools=1,
            maxsize=endpoint.concurrency,
            block=True,
            retries=False,
            timeout=urllib3.Timeout(connect=endpoint.connect_seconds, read=endpoint.read_seconds),
            headers={"Content-Type": "application/json; charset=UTF-8", "Accept": "application/json"},
            **tls,
        )

    def close(self) -> None:
        self._pool.clear()

    def post(self, path: str, body: Mapping[str, Any], *, now: datetime, token: str | None = None) -> Reply:
        """POST `body` as JSON. `now` is aware; `token` None on B.1.1 only. Raises TransportError."""
        url = self._url(path, now, token)
        payload = orjson.dumps(body)
        if len(payload) > messages.MAX_BODY_BYTES:
            raise TransportError("size", "请求体超过 20 MB", permanent=True)
        started = time.monotonic()
        try:
            response = self._pool.request("POST", url, body=payload, redirect=False, preload_content=False)
            try:
                content = self._read(response, started)
            finally:
                response.release_conn()
        except urllib3.exceptions.HTTPError as error:
            raise _transport_error(error) from None
        return self._reply(response, content, round((time.monotonic() - started) * 1000))

    def _url(self, path: str, now: datetime, token: str | None) -> str:
        parameters = {
            "client_id": self.endpoint.client_id,
            "time": now.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S"),
            **({"token": token} if token else {}),
            **self.endpoint.extra_parameters,
        }
        url = f"{address(self.endpoint.base_url, path)}?{urlencode(parameters, quote_via=quote)}"
        if len(url.encode()) > messages.MAX_URL_BYTES:
            raise TransportError("url", "请求地址超过 2048 字节,请缩短服务地址或附加参数", permanent=True)
        return url

    def _read(self, response: urllib3.BaseHTTPResponse, started: float) -> bytes:
        parts, size = [], 0
        while part := response.read1(CHUNK_BYTES):  # what has come, so that dripping cannot outlast the limit
            parts.append(part)
            size += len(part)
            if size > MAX_ANSWER_BYTES:
                response.close()
                raise TransportError("answer", "应答超过 20 MB")
            if time.monotonic() - started > self.endpoint.connect_seconds + self.endpoint.read_seconds:
                response.close()
                raise TransportError("timeout", "应答过慢,超过时限")
        return b"".join(parts)

    def _reply(self, response: urllib3.BaseHTTPResponse, content: bytes, ms: int) -> Reply:
        status, wait = response.status, _retry_after(response.headers.get("Retry-After", ""))
        if 300 <= status < 400:
            raise TransportError("redirect", f"上级平台要求转到别处(HTTP {status}),不予跟随;请核对服务地址")
        try:
            answer = envelope.parse_response(orjson.loads(content))
        except ValueError:
            if status < 400:
                raise TransportError("answer", "应答不是规定的 JSON 格式") from None
            return Reply(status, None, f"HTTP {status}", None, "", ms, wait)
        return Reply(status, answer.code, answer.message or "", answer.data, answer.request_id or "", ms, wait)


def _retry_after(text: str) -> float | None:
    return min(float(text), 3600.0) if text.strip().isdigit() else None


def _transport_error(error: urllib3.exceptions.HTTPError) -> TransportError:
    """urllib3's exception without its text, which may hold the address."""
    kinds = urllib3.exceptions
    if isinstance(error, kinds.NameResolutionError):
        return TransportError("connect", "找不到上级平台的主机名")
    if isinstance(error, (kinds.NewConnectionError, kinds.ConnectTimeoutError)):
        return TransportError("connect", "连不上上级平台")
    if isinstance(error, kinds.SSLError):
        return TransportError("tls", "与上级平台的 TLS 握手失败,请核对证书")
    if isinstance(error, kinds.TimeoutError):
        return TransportError("timeout", "上级平台在时限内没有应答")
    if isinstance(error, kinds.LocationValueError):
        return TransportError("url", "服务地址不正确", permanent=True)
    return TransportError("broken", "与上级平台的连接中断")
