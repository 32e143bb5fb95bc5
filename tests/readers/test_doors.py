"""A web page that is not the portal's must not read cards through the bridge."""

import socket
import threading
import time
from pathlib import Path

import pytest

from tests.readers import bridging, cards
from tests.readers.bridging import Bridge
from tests.readers.emulator import Emulator

STRANGERS = [None, "https://evil.example", "null", "https://anju.example.evil.example", "https://anju.example:8443",
    "http://anju.example", "https://ANJU.example", "https://anju.example/", "*"]  # fmt: skip


@pytest.mark.parametrize("origin", STRANGERS)
@pytest.mark.parametrize("path", ["/read?wait=1", "/status", "/"])
def test_a_foreign_page_or_none_is_refused(bridge: Bridge, reader: Emulator, origin: str | None, path: str) -> None:
    reader.put(cards.WANG)
    answer = bridge.ask(path, Origin=origin)
    assert (answer.status, answer.json()["code"]) == (403, "origin")
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert "王秀英" not in answer.data.decode()
    assert b"\x30\x01" not in reader.heard


@pytest.mark.parametrize(
    "host", ["anju.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "localhost", "", "[::1]:{port}"]
)
def test_a_foreign_name_that_leads_here_is_refused(bridge: Bridge, reader: Emulator, host: str) -> None:
    reader.put(cards.WANG)
    answer = bridge.ask("/read?wait=1", Host=host.format(port=bridge.listening))
    assert answer.status == 421
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert b"\x30\x01" not in reader.heard


def test_localhost_is_a_good_name(bridge: Bridge) -> None:
    assert bridge.ask("/status", Host=f"localhost:{bridge.listening}").status == 200


@pytest.mark.parametrize(
    "sent", [None, "", "Bearer", "Bearer ", "Bearer wrong", "Basic {token}", "{token}", "Bearer {token}X"]
)
def test_a_wrong_pairing_code_is_refused(bridge: Bridge, reader: Emulator, sent: str | None) -> None:
    reader.put(cards.WANG)
    answer = bridge.ask("/read?wait=1", Authorization=sent and sent.format(token=bridge.token))
    assert (answer.status, answer.json()["code"]) == (401, "token")
    assert answer.headers["Access-Control-Allow-Origin"] == bridging.PORTAL
    assert b"\x30\x01" not in reader.heard


def test_the_pairing_code_may_be_typed_without_its_dashes(bridge: Bridge) -> None:
    typed = bridge.token.replace("-", "").lower()
    assert bridge.ask("/status", Authorization=f"Bearer {typed}").status == 200


def test_guessing_is_throttled(bridge: Bridge) -> None:
    codes = [bridge.ask("/status", Authorization="Bearer AAAAA-AAAAA").json()["code"] for _ in range(7)]
    assert codes == ["token"] * 5 + ["throttled"] * 2
    assert bridge.ask("/status").status == 429, "not even the right one is looked at"


def test_a_foreign_page_cannot_lock_the_portal_out(bridge: Bridge) -> None:
    for _ in range(9):
        bridge.ask("/status", Origin="https://evil.example", Authorization="Bearer AAAAA")
    assert bridge.ask("/status").status == 200


PREFLIGHT = {
    "Access_Control_Request_Method": "GET", "Access_Control_Request_Headers": "authorization",
    "Access_Control_Request_Private_Network": "true", "Authorization": None,
}  # fmt: skip


def test_the_preflight_lets_the_portal_in(bridge: Bridge) -> None:
    answer = bridge.ask("/read", method="OPTIONS", **PREFLIGHT)
    assert answer.status == 204
    assert answer.headers["Access-Control-Allow-Origin"] == bridging.PORTAL
    assert answer.headers["Access-Control-Allow-Private-Network"] == "true"
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]
    assert answer.headers["Vary"] == "Origin"


@pytest.mark.parametrize("origin", STRANGERS)
def test_the_preflight_lets_nobody_else_in(bridge: Bridge, origin: str | None) -> None:
    answer = bridge.ask("/read", method="OPTIONS", **PREFLIGHT | {"Origin": origin})
    assert answer.status == 403
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]


def test_the_bridge_listens_on_this_machine_only(bridge: Bridge) -> None:
    lines = Path("/proc/net/tcp").read_text().split("\n")
    listening = [line.split()[1] for line in lines[1:] if line and line.split()[3] == "0A"]
    assert [place for place in listening if place.endswith(f":{bridge.listening:04X}")] == [
        f"0100007F:{bridge.listening:04X}"
    ]


def talk(bridge: Bridge, text: bytes, seconds: float = 8) -> bytes:
    with socket.create_connection(("127.0.0.1", bridge.listening), timeout=seconds) as line:
        line.sendall(text)
        got = b""
        while piece := line.recv(4096):
            got += piece
        return got


HEAD = (
    "POST /read HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: https://anju.example\r\nAuthorization: Bearer {token}\r\n"
)


@pytest.mark.parametrize(
    "rest",
    [
        "Content-Length: 99999\r\n\r\n", "Content-Length: -1\r\n\r\n", "Content-Length: x\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "Content-Length: 2\r\n\r\n[]", "Content-Length: 2\r\n\r\n{{",
        "Origin: https://evil.example\r\n\r\n", "Host: evil.example\r\n\r\n", "X: " + "y" * 70000 + "\r\n\r\n",
    ],
)  # fmt: skip
def test_crooked_requests_are_refused_and_the_bridge_lives_on(bridge: Bridge, reader: Emulator, rest: str) -> None:
    reader.put(cards.WANG)
    got = talk(bridge, (HEAD + rest).format(port=bridge.listening, token=bridge.token).encode())
    assert b" 200 " not in got.split(b"\r\n")[0]
    assert "王秀英".encode() not in got
    assert bridge.ask("/status").status == 200
    assert "Traceback" not in bridge.output


def test_callers_that_say_nothing_do_not_keep_the_portal_out(bridge: Bridge) -> None:
    silent = [socket.create_connection(("127.0.0.1", bridge.listening)) for _ in range(40)]
    time.sleep(0.5)
    assert threading.active_count() < 50
    time.sleep(5.5)  # their time is over
    assert bridge.ask("/status").status == 200
    for line in silent:
        line.close()


@pytest.mark.parametrize("method", ["PUT", "DELETE", "HEAD", "TRACE"])
def test_other_methods_do_nothing(bridge: Bridge, method: str) -> None:
    assert bridge.ask("/read", method=method).status == 501
