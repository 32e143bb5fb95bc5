"""The bridge with a reader on the line: every card, every fault, one at a time, and a clean end."""

import base64
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from residents.readers.standalone import anju_reader
from tests.readers import bridging, cards
from tests.readers.bridging import Bridge
from tests.readers.emulator import Emulator

FIND, SELECT, READ, ADDRESS = b"\x20\x01", b"\x20\x02", b"\x30\x01", b"\x30\x03"
REFUSALS = {
    0x31: "card-refused", 0x32: "card-refused", 0x33: "unreadable", 0x40: "card-kind", 0x41: "unreadable",
    0x21: "reader-fault", 0x23: "reader-fault", 0x24: "reader-fault", 0x47: "reader-fault", 0x60: "reader-fault",
    0x66: "reader-fault", 0x10: "unreadable", 0x11: "unreadable", 0x80: "no-card", 0x81: "unreadable",
}  # fmt: skip


@pytest.mark.parametrize("card", cards.ALL, ids=lambda card: card.fields["number"])
def test_every_kind_of_card_is_read(bridge: Bridge, reader: Emulator, card: cards.Card) -> None:
    reader.put(card)
    told = bridge.facts("/read?wait=5")
    read = told["card"]
    assert told["ok"]
    assert read["cardType"] == cards.KINDS[card.letter]
    assert {name: read[name] for name in card.fields if name != "version"} == {
        name: value for name, value in card.fields.items() if name != "version"
    }
    assert read["newestAddress"] == card.newest_address
    assert read["photo"] is None
    assert [message["code"] for message in told["messages"]] == ["photo-not-decoded"]


def test_the_state_of_the_reader_is_told(bridge: Bridge, reader: Emulator) -> None:
    told = bridge.facts("/status")
    assert told["ok"]
    assert told["port"] == reader.port
    assert told["baud"] == 115200
    assert told["samId"] == "05.03-20150421-0001234567-1234567890"


def test_a_card_laid_down_while_waiting_is_read(bridge: Bridge, reader: Emulator) -> None:
    threading.Timer(0.7, reader.put, [cards.WANG]).start()
    assert bridge.facts("/read?wait=5")["card"]["name"] == "王秀英"


def test_a_card_left_on_the_reader_must_be_lifted(bridge: Bridge, reader: Emulator) -> None:
    reader.put(cards.WANG)
    assert bridge.facts("/read?wait=2")["ok"]
    told = bridge.facts("/read?wait=0.3")
    assert (told["code"], told["status"]) == ("no-card", "80")
    assert "拿起再放" in told["message"]
    reader.take()
    reader.put(cards.WANG)
    assert bridge.facts("/read", method="POST", body=b'{"wait": 2}')["ok"]


@pytest.mark.parametrize("kind", ["noise", "false-start", "split", "checksum", "cut", "silent"])
@pytest.mark.parametrize("command", [FIND, SELECT, READ, ADDRESS], ids=["find", "select", "read", "address"])
def test_a_reply_that_came_badly_once_does_not_stop_the_reading(
    bridge: Bridge, reader: Emulator, kind: str, command: bytes
) -> None:
    reader.put(cards.OLD_LI)
    reader.fail(kind, command=command)
    told = bridge.facts("/read?wait=12")
    assert told["card"]["newestAddress"] == cards.OLD_LI.newest_address
    assert told["card"]["number"] == cards.OLD_LI.fields["number"]


@pytest.mark.parametrize(("status", "code"), REFUSALS.items(), ids=lambda value: str(value))
def test_every_status_of_a_read_is_told_in_words(bridge: Bridge, reader: Emulator, status: int, code: str) -> None:
    reader.put(cards.WANG)
    reader.fail("status", command=READ, status=status, times=99)
    told = bridge.facts("/read?wait=0.2")
    assert (told["ok"], told["code"]) == (False, code)
    assert anju_reader.STATUS[status][1] in told["message"] or status in (0x10, 0x11)


def test_a_newest_address_that_cannot_be_read_is_said(bridge: Bridge, reader: Emulator) -> None:
    reader.put(cards.OLD_LI)
    reader.fail("status", command=ADDRESS, status=0x41, times=9)
    told = bridge.facts("/read?wait=2")
    assert told["card"]["newestAddress"] == ""
    assert "newest-address" in [message["code"] for message in told["messages"]]


def test_a_card_lifted_too_early_is_read_when_it_lies_again(bridge: Bridge, reader: Emulator) -> None:
    reader.put(cards.WANG)
    reader.fail("status", command=READ, status=0x41)
    assert bridge.facts("/read?wait=5")["card"]["name"] == "王秀英"


def test_a_late_reply_is_not_taken_for_the_next_one(bridge: Bridge, reader: Emulator) -> None:
    reader.put(cards.WANG)
    reader.fail("late", command=SELECT, seconds=1.3)
    assert bridge.facts("/read?wait=8")["card"]["number"] == cards.WANG.fields["number"]


def test_a_dead_line_is_told_and_the_reader_is_found_again(bridge: Bridge, reader: Emulator) -> None:
    reader.dead = True
    assert bridge.facts("/read?wait=1")["code"] == "not-answering"
    reader.mend()
    reader.put(cards.WANG)
    assert bridge.facts("/read?wait=3")["ok"]


@pytest.mark.parametrize("speed", [57600, 38400, 19200, 9600])
def test_the_speed_is_found(tmp_path: Path, speed: int) -> None:
    reader = Emulator(speed)
    with bridging.running(tmp_path, reader.port) as bridge:
        assert bridge.facts("/status")["baud"] == speed
        reader.put(cards.WANG)
        assert bridge.facts("/read?wait=3")["ok"]
    reader.close()


def test_no_reader_is_told(tmp_path: Path) -> None:
    with bridging.running(tmp_path, str(tmp_path / "none"), ready=False) as bridge:
        bridge.wait_for("没有找到读卡器")
        assert bridge.facts("/read?wait=1")["code"] == "not-connected"


def test_a_second_read_at_the_same_time_is_told_busy(bridge: Bridge, reader: Emulator) -> None:
    told: list[dict] = []
    first = threading.Thread(target=lambda: told.append(bridge.facts("/read?wait=4")))
    first.start()
    time.sleep(0.5)
    answer = bridge.ask("/read?wait=4")
    assert (answer.status, answer.json()["code"]) == (409, "busy")
    assert bridge.facts("/status")["busy"] is True
    reader.put(cards.WANG)
    first.join(10)
    assert told[0]["ok"]


def test_a_page_that_left_frees_the_reader(bridge: Bridge, reader: Emulator) -> None:
    connection = __import__("http.client").client.HTTPConnection("127.0.0.1", bridge.listening)
    connection.request(
        "GET", "/read?wait=15", headers={"Origin": bridging.PORTAL, "Authorization": f"Bearer {bridge.token}"}
    )
    time.sleep(0.4)
    connection.close()
    time.sleep(0.8)
    reader.put(cards.WANG)
    assert bridge.facts("/read?wait=3")["ok"]


@pytest.mark.parametrize("wait", ["-1", "nan", "inf", "1e999", "x", "99999"])
def test_a_wait_is_bounded(bridge: Bridge, reader: Emulator, wait: str) -> None:
    reader.put(cards.WANG)
    told = bridge.facts(f"/read?wait={wait}")
    assert told.get("code") == "request" if wait == "x" else told["ok"]


PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
DECODERS = {
    "good": f"import sys; d = sys.stdin.buffer.read(); sys.stdout.buffer.write({PNG!r} if len(d) == 1024 else b'')",
    "huge": "import sys\nwhile True: sys.stdout.buffer.write(b'BM' * 100000)",
    "slow": "import time; time.sleep(60)",
    "nonsense": "print('<html>')",
    "failing": "raise SystemExit(3)",
}


@pytest.mark.parametrize("kind", [*DECODERS, "missing"])
def test_the_vendors_decoder_is_run_and_held_in_bounds(tmp_path: Path, reader: Emulator, kind: str) -> None:
    script = tmp_path / "decode.py"
    script.write_text(DECODERS.get(kind, ""), encoding="utf-8")
    command = f"{sys.executable} {script}" if kind in DECODERS else str(tmp_path / "none")
    with bridging.running(tmp_path, reader.port, "--decoder", command) as bridge:
        reader.put(cards.WANG)
        began = time.monotonic()
        told = bridge.facts("/read?wait=3")
        assert time.monotonic() - began < 9
    assert told["card"]["name"] == "王秀英"
    if kind == "good":
        assert base64.b64decode(told["card"]["photo"]) == PNG
        assert told["messages"] == []
    else:
        assert told["card"]["photo"] is None
        assert [message["code"] for message in told["messages"]] == ["photo-not-decoded"]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_cleanly_even_while_a_page_waits(tmp_path: Path, reader: Emulator, how: int) -> None:
    with bridging.running(tmp_path, reader.port) as bridge:
        told: list[dict] = []
        waiting = threading.Thread(target=lambda: told.append(bridge.facts("/read?wait=15")), daemon=True)
        waiting.start()
        time.sleep(0.5)
        began = time.monotonic()
        assert bridge.stop(how) == 0
        assert time.monotonic() - began < 4
        assert "读卡程序已停止" in bridge.output
        assert "Traceback" not in bridge.output


def test_nothing_of_a_card_is_printed_or_written(tmp_path: Path, reader: Emulator) -> None:
    with bridging.running(tmp_path, reader.port) as bridge:
        for card in cards.ALL:
            reader.put(card)
            assert bridge.facts("/read?wait=3")["ok"]
        token = bridge.token
    kept = bridge.output + "".join(path.read_text("utf-8", "replace") for path in tmp_path.rglob("*") if path.is_file())
    for card in cards.ALL:
        for name in ("name", "number", "address", "englishName", "birth"):
            assert card.fields.get(name, "-none-") not in kept
    assert bridge.output.count(token) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["token"]


def test_the_pairing_code_is_shown_once_and_kept(tmp_path: Path, reader: Emulator) -> None:
    with bridging.running(tmp_path, reader.port) as first:
        assert first.token in first.output
    with bridging.running(tmp_path, reader.port) as second:
        assert second.token == first.token
        assert first.token not in second.output
    with bridging.running(tmp_path, reader.port, "--new-token") as third:
        assert third.token != first.token


@pytest.mark.parametrize(
    "origin", ["*", "null", "http://portal.example", "https://a.example/path", "https://A.example", "ftp://x"]
)
def test_an_origin_that_lets_too_many_in_is_refused(tmp_path: Path, origin: str) -> None:
    done = subprocess.run(
        [sys.executable, str(bridging.PROGRAM), "--origin", origin], capture_output=True, cwd=tmp_path, timeout=20
    )
    assert done.returncode == 2
