"""Every reader through its adapter in a real browser: every card, every failure by its code, nothing hostile gets through."""

import base64
import json
import struct
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from residents.readers.tables import tables
from tests.readers import bridging, cards, vendors
from tests.readers.emulator import Emulator

pytestmark = pytest.mark.browser

READ = """async ([choice, tables, wait]) => {
  const { open } = await import("/static/desk/readers/index.js");
  try {
    const card = await open(choice, tables).read({ waitSeconds: wait });
    const head = card.photo && [...new Uint8Array(await card.photo.slice(0, 2).arrayBuffer())];
    return { ...card, photo: card.photo && { type: card.photo.type, size: card.photo.size, head } };
  } catch (error) { return { error: error.code, name: error.name }; }
}"""
STATUS = """async ([choice, tables]) => {
  const { open } = await import("/static/desk/readers/index.js");
  return open(choice, tables).status();
}"""


def read(page: Any, kind: str, address: str, wait: float = 2, token: str = "") -> dict[str, Any]:
    """The card as the page gets it, or {"error": code}."""
    return page.evaluate(READ, [{"kind": kind, "address": address, "token": token}, tables(), wait])


def status(page: Any, kind: str, address: str, token: str = "") -> dict[str, Any]:
    return page.evaluate(STATUS, [{"kind": kind, "address": address, "token": token}, tables()])


SERVICES = {"xzx": vendors.Xzx, "cvr100": vendors.Cvr100, "ws": vendors.Socket}


@pytest.fixture(params=SERVICES)
def service(request: pytest.FixtureRequest) -> Iterator[Any]:
    made = SERVICES[request.param]()
    made.kind = request.param
    yield made
    made.close()


@pytest.fixture
def xzx() -> Iterator[vendors.Xzx]:
    made = vendors.Xzx()
    yield made
    made.close()


@pytest.fixture
def cvr100() -> Iterator[vendors.Cvr100]:
    made = vendors.Cvr100()
    yield made
    made.close()


@pytest.fixture
def line() -> Iterator[vendors.Socket]:
    made = vendors.Socket()
    yield made
    made.close()


EXPECTED = {
    "110101199003071241": {
        "type": "resident", "documentType": "111", "name": "王秀英", "sex": "2", "ethnicity": "01", "birth": "1990-03-07",
        "address": "天津市示范区幸福里3号楼2单元501室", "authority": "天津市公安局示范分局", "validity": "20160330-20360330",
    },
    "110101194102030055": {
        "type": "resident", "name": "李长庚", "sex": "1", "ethnicity": "11", "validity": "20110330-长期", "birth": "1941-02-03",
    },
    "810000199408230021": {
        "type": "hmt", "documentType": "154", "name": "陳大文", "ethnicity": "", "birth": "1994-08-23",
        "validity": "20200101-20250101",
    },
    "CAN110081080319": {
        "type": "foreigner2017", "documentType": "553", "nationality": "CAN", "name": "证件样本", "birth": "1981-08-03",
        "authority": "1500",
    },
    "931586198001010028": {
        "type": "foreigner2023", "documentType": "553", "name": "证件样本", "birth": "1980-01-01",
        "validity": "20230808-20330807",
    },
}  # fmt: skip


def agrees(found: dict[str, Any], card: cards.Card) -> None:
    expected = EXPECTED[card.fields["number"]] | {"number": card.fields["number"]}
    assert {name: found.get(name) for name in expected} == expected


@pytest.mark.parametrize("card", cards.ALL, ids=lambda card: card.fields["number"])
def test_every_card_through_every_vendors_service(page: Any, service: Any, card: cards.Card) -> None:
    service.put(card)
    found = read(page, service.kind, service.url)
    agrees(found, card)
    assert found["reader"] == service.kind
    assert found["notices"] == []
    assert found["photo"]["type"] == ("image/bmp" if service.kind == "ws" else "image/jpeg")
    assert found["photo"]["size"] == len(service.picture)


@pytest.mark.parametrize("card", cards.ALL, ids=lambda card: card.fields["number"])
def test_every_card_through_our_bridge(
    page: Any, portal: vendors.Page, reader: Emulator, tmp_path: Path, card: cards.Card
) -> None:
    with bridging.running(tmp_path, reader.port, origins=(portal.url,)) as bridge:
        reader.put(card)
        assert status(page, "bridge", bridge.url, bridge.token) == {"ok": True, "code": ""}
        found = read(page, "bridge", bridge.url, 5, bridge.token)
    expected = dict(EXPECTED[card.fields["number"]])
    if card.newest_address:
        expected["address"] = card.newest_address
    assert {name: found[name] for name in expected} == expected
    assert found["notices"] == ["photo-not-decoded"]
    assert found["passNo"] == card.fields.get("passNo", "")
    assert found["englishName"] == card.fields.get("englishName", "")


def test_the_printed_answers_of_the_manual_are_read(page: Any, xzx: vendors.Xzx) -> None:
    sample = {
        "code": "0", "retcode": "0x90 0x1", "retmsg": "操作成功||相片解码解码正确", "errmsg": "", "name": "证件样本",
        "sex": "女", "nation": "巴基斯坦/PAK", "born": "19800101", "address": "", "cardno": "931586198001010028",
        "userlifeb": "20230808", "userlifee": "20330807", "police": "", "CardType": "3", "Reserved": "000",
        "EngName": "ZHENGJIAN, YANGBEN", "CertVol": "", "PassID": "", "IssuesTimes": "00", "photobase64": "/9j/2wCEAA==",
    }  # fmt: skip
    xzx.says = json.dumps(sample).encode()
    found = read(page, "xzx", xzx.url)
    assert (found["nationality"], found["englishName"], found["sex"]) == ("PAK", "ZHENGJIAN, YANGBEN", "2")
    assert found["photo"] is None, "the manual shortens its picture"
    assert found["notices"] == ["photo-not-decoded"]


def test_a_card_laid_down_while_waiting(page: Any, service: Any) -> None:
    threading.Timer(1.0, service.put, [cards.WANG]).start()
    agrees(read(page, service.kind, service.url, 5), cards.WANG)


def test_no_card_is_told_after_the_wait(page: Any, service: Any) -> None:
    began = time.monotonic()
    assert read(page, service.kind, service.url, 1)["error"] == "no-card"
    assert time.monotonic() - began < 6


def test_a_device_that_was_opened_is_closed(page: Any, cvr100: vendors.Cvr100) -> None:
    read(page, "cvr100", cvr100.url, 1)
    assert cvr100.is_open is False
    assert cvr100.asked[0] == "/OpenDevice"
    assert cvr100.asked[-1] == "/CloseDevice"
    assert all(path.startswith("/readcard&t=") for path in cvr100.asked[1:-1])


def test_a_newer_build_writes_real_json(page: Any, cvr100: vendors.Cvr100) -> None:
    cvr100.strict = True
    cvr100.put(cards.WANG)
    agrees(read(page, "cvr100", cvr100.url), cards.WANG)


@pytest.mark.parametrize(
    ("retcode", "words", "code"),
    [
        ("0x1", "读卡器正忙", "busy"), ("0x80", "", "no-card"), ("0x81", "选卡失败", "unreadable"), ("0x41", "读卡失败", "unreadable"),
        ("0x1", "打开端口失败", "not-connected"), ("0x31", "", "card-refused"), ("0x40", "", "card-kind"), ("0x66", "", "reader-fault"),
        ("-1", "未连接读卡器", "not-connected"), ("", "", "unreadable"),
    ],
)  # fmt: skip
def test_refusals_of_xzx_by_code_and_words(page: Any, xzx: vendors.Xzx, retcode: str, words: str, code: str) -> None:
    xzx.says = vendors.Xzx.failure(retcode, words)
    assert read(page, "xzx", xzx.url)["error"] == code


def test_a_card_of_an_unknown_kind(page: Any, xzx: vendors.Xzx) -> None:
    xzx.says = json.dumps({"code": "0", "retcode": "0x90 0x1", "CardType": "7", "cardno": "1"}).encode()
    assert read(page, "xzx", xzx.url)["error"] == "card-kind"


def test_one_reading_at_a_time_in_one_page_and_in_two(page: Any, portal: vendors.Page, xzx: vendors.Xzx) -> None:
    other = page.context.new_page()
    other.goto(portal.url)
    choice = {"kind": "xzx", "address": xzx.url, "token": ""}
    page.evaluate(f"(given) => {{ window.first = ({READ})(given); }}", [choice, tables(), 4])
    time.sleep(0.8)
    assert read(page, "xzx", xzx.url, 1)["error"] == "busy"
    assert read(other, "xzx", xzx.url, 1)["error"] == "busy"
    xzx.put(cards.WANG)
    agrees(page.evaluate("() => window.first"), cards.WANG)
    assert xzx.refused == 0, "the service saw one call at a time"


def test_stopping_frees_the_reader_at_once(page: Any, service: Any) -> None:
    stopped = page.evaluate(
        """async ([choice, tables]) => {
          const { open } = await import("/static/desk/readers/index.js");
          const stop = new AbortController();
          setTimeout(() => stop.abort(), 400);
          const began = Date.now();
          try { await open(choice, tables).read({ signal: stop.signal, waitSeconds: 15 }); } catch (error) { return [error.code, Date.now() - began]; }
        }""",
        [{"kind": service.kind, "address": service.url}, tables()],
    )
    assert stopped[0] == "cancelled"
    assert stopped[1] < 3000
    # 新中新's own service still waits for the page that left, up to three seconds.
    threading.Timer(3.5, service.put, [cards.WANG]).start()
    agrees(read(page, service.kind, service.url, 8), cards.WANG)


@pytest.mark.parametrize("kind", ["xzx", "cvr100", "ws", "bridge"])
def test_a_service_that_is_not_there(page: Any, kind: str) -> None:
    scheme = "ws" if kind == "ws" else "http"
    assert read(page, kind, f"{scheme}://127.0.0.1:9", token="AAAAA")["error"] == "offline"
    assert status(page, kind, f"{scheme}://127.0.0.1:9", "AAAAA") == {"ok": False, "code": "offline"}


def test_a_service_that_lets_no_page_in_is_told_apart(page: Any, xzx: vendors.Xzx) -> None:
    xzx.cors = False
    assert read(page, "xzx", xzx.url)["error"] == "forbidden"


def test_our_bridge_started_for_another_portal(page: Any, reader: Emulator, tmp_path: Path) -> None:
    with bridging.running(tmp_path, reader.port) as bridge:
        reader.put(cards.WANG)
        assert read(page, "bridge", bridge.url, token=bridge.token)["error"] == "forbidden"
    assert b"\x30\x01" not in reader.heard


def test_our_bridge_with_a_wrong_code_and_a_dead_reader(
    page: Any, portal: vendors.Page, reader: Emulator, tmp_path: Path
) -> None:
    with bridging.running(tmp_path, reader.port, origins=(portal.url,)) as bridge:
        assert read(page, "bridge", bridge.url)["error"] == "token"
        assert read(page, "bridge", bridge.url, token="WRONG-CODES")["error"] == "token"
        assert read(page, "bridge", bridge.url, 1, bridge.token)["error"] == "no-card"
        reader.fail("status", command=b"\x20\x01", status=0x66)
        assert read(page, "bridge", bridge.url, 1, bridge.token)["error"] == "reader-fault"
        reader.dead = True
        assert read(page, "bridge", bridge.url, 1, bridge.token)["error"] == "not-answering"
        for _ in range(5):
            read(page, "bridge", bridge.url, token="WRONG-CODES")
        assert read(page, "bridge", bridge.url, 1, bridge.token)["error"] == "throttled"


@pytest.mark.parametrize(
    "address",
    [
        "http://192.168.1.5:8989", "http://evil.example", "https://127.0.0.1.evil.example", "javascript:alert(1)", "file:///etc",
        "http://user@127.0.0.1:8989", "http://127.0.0.1:8989/?x=1", "ws://127.0.0.1:1", "",
    ],
)  # fmt: skip
def test_only_this_machine_is_spoken_to(page: Any, address: str) -> None:
    choose = """async ([address, tables]) => {
      const { choose } = await import("/static/desk/readers/index.js");
      try { choose({ kind: "xzx", address }, tables); return ""; } catch (error) { return error.code; }
    }"""
    found = page.evaluate(choose, [address, tables()])
    assert found == ("address" if address else "")
    if address:
        assert read(page, "xzx", address)["error"] == "address"


def test_the_choice_is_kept_and_a_damaged_one_is_none(page: Any) -> None:
    found = page.evaluate(
        """async (tables) => {
          const { choose, chosen } = await import("/static/desk/readers/index.js"), found = [chosen()];
          choose({ kind: "bridge", address: "http://127.0.0.1:19197/", token: " ABCDE " }, tables);
          found.push(chosen());
          for (const broken of ["{", "null", "[]", '{"kind":"evil"}', '{"kind":"xzx","address":7}']) { localStorage.setItem("anju.reader", broken); found.push(chosen()); }
          return found;
        }""",
        tables(),
    )
    assert found[0] is None
    assert found[1] == {"kind": "bridge", "address": "http://127.0.0.1:19197", "token": "ABCDE"}
    assert found[2:6] == [None] * 4
    assert found[6] == {"kind": "xzx", "address": "http://localhost:8989", "token": ""}


# --- a service that means harm ----------------------------------------------------------------------------------------
def flood(door: Any) -> None:
    door.send_response(200)
    door.send_header("Access-Control-Allow-Origin", "*")
    door.end_headers()
    for _ in range(2000):
        door.wfile.write(b"x" * 65536)


def drip(door: Any) -> None:
    door.send_response(200)
    door.send_header("Access-Control-Allow-Origin", "*")
    door.end_headers()
    for _ in range(600):
        door.wfile.write(b" ")
        door.wfile.flush()
        time.sleep(0.1)


def away(door: Any) -> None:
    door.send_response(302)
    door.send_header("Location", "https://evil.example/steal")
    door.send_header("Access-Control-Allow-Origin", "*")
    door.end_headers()


def answer(**more: Any) -> bytes:
    told = {
        "code": "0", "retcode": "0x90 0x1", "CardType": "0", "name": "王", "sex": "女", "born": "19900307", "cardno": "110101199003071241",
        "nation": "汉", "address": "x", "userlifeb": "20110330", "userlifee": "长期", "photobase64": "",
    }  # fmt: skip
    return json.dumps(told | more).encode()


HOSTILE: dict[str, bytes | Callable] = {
    "flood": flood, "nothing": b"", "html": b"<script>alert(1)</script>", "null": b"null", "list": b"[1]", "deep": b"[" * 900_000,
    "deep object": b'{"code":"0","retcode":' + b"[" * 500_000, "number": b"7", "binary": bytes(range(256)) * 50,
    "long name": answer(name="王" * 500_000), "object name": answer(name={"toString": 1}), "list number": answer(cardno=["1"]),
    "no number": answer(cardno=""), "letters": answer(cardno="1" * 17 + "A"), "nobody": answer(name=""), "wrong kind": answer(CardType="2"),
    "long address": answer(address="x" * 121), "numbers in a list": answer(userlifee=[1]), "array as code": answer(code=[0]),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_answer_gives_a_clear_no(page: Any, xzx: vendors.Xzx, name: str) -> None:
    says = HOSTILE[name]
    xzx.says = (lambda door: says(door)) if callable(says) else says
    began = time.monotonic()
    assert read(page, "xzx", xzx.url)["error"] in ("bad-answer", "unreadable")
    assert time.monotonic() - began < 8
    assert page.evaluate("1 + 1") == 2


def test_an_answer_that_never_ends_is_given_up(page: Any, xzx: vendors.Xzx) -> None:
    xzx.says = drip
    began = time.monotonic()
    assert read(page, "xzx", xzx.url, 1)["error"] == "not-answering"
    assert time.monotonic() - began < 15


def test_nobody_is_followed_elsewhere(page: Any, portal: vendors.Page, xzx: vendors.Xzx) -> None:
    portal.policy = f"default-src 'self'; connect-src 'self' {xzx.url}"
    page.reload()
    seen: list[str] = []
    page.on("response", lambda response: seen.append(response.url))
    page.on("requestfailed", lambda request: seen.append(request.url) if "csp" not in request.failure else None)
    xzx.says = away
    assert "error" in read(page, "xzx", xzx.url)
    assert not [url for url in seen if "evil" in url]


def png(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sIIBBBBB", 13, b"IHDR", width, height, 8, 2, 0, 0, 0) + b"\0" * 20


PICTURES = {
    "bomb": png(40000, 40000), "tiny": png(1, 1), "svg": b"<svg onload='alert(1)'/>", "too big": vendors.portrait() + b"\0" * 1_000_001,
    "headless jpeg": b"\xff\xd8" + b"\xff\xe0\xff\xff" * 1000, "endless jpeg": b"\xff\xd8" + b"\xff" * 100_000,
    "negative bmp": b"BM" + b"\0" * 16 + struct.pack("<ii", -5, -5) + b"\0" * 40, "gif": b"GIF89a" + b"\0" * 60,
}  # fmt: skip


@pytest.mark.parametrize("name", [*PICTURES, "not base64", "a number"])
def test_a_hostile_picture_is_left_out_and_said(page: Any, xzx: vendors.Xzx, name: str) -> None:
    told = {"not base64": "%%%%", "a number": 7}.get(name) or base64.b64encode(PICTURES.get(name, b"")).decode()
    xzx.says = answer(photobase64=told)
    found = read(page, "xzx", xzx.url)
    assert found["name"] == "王"
    assert found["photo"] is None
    assert found["notices"] == ["photo-not-decoded"]


@pytest.mark.parametrize("form", ["JPEG", "PNG", "BMP"])
def test_the_three_kinds_of_picture_are_taken(page: Any, xzx: vendors.Xzx, form: str) -> None:
    xzx.picture = vendors.portrait(form)
    xzx.put(cards.WANG)
    assert read(page, "xzx", xzx.url)["photo"]["type"] == f"image/{form.lower()}"


def test_hidden_signs_of_a_text_are_taken_out(page: Any, xzx: vendors.Xzx) -> None:
    xzx.says = answer(name="王\u202e\u0000秀\u200b英\r\n")
    assert read(page, "xzx", xzx.url)["name"] == "王秀英"


def test_a_number_that_does_not_check_is_remarked(page: Any, xzx: vendors.Xzx) -> None:
    xzx.says = answer(cardno="110101199003071242", born="19910307")
    assert read(page, "xzx", xzx.url)["notices"] == ["photo-missing", "number-check", "birth-differs"]


@pytest.mark.parametrize(
    ("nation", "code"),
    [
        ("汉", "01"),
        ("汉族", "01"),
        ("维吾尔", "05"),
        ("其他", "97"),
        ("穿青人", "97"),
        ("火星", ""),
        ("56", "56"),
        ("99", ""),
    ],
)
def test_nations_by_name_and_code(page: Any, xzx: vendors.Xzx, nation: str, code: str) -> None:
    xzx.says = answer(nation=nation)
    assert read(page, "xzx", xzx.url)["ethnicity"] == code


@pytest.mark.parametrize("born", ["19900230", "1990", "00000000", "x" * 20, "29900101"])
def test_a_day_that_does_not_exist_is_left_empty(page: Any, xzx: vendors.Xzx, born: str) -> None:
    xzx.says = answer(born=born, userlifeb=born)
    found = read(page, "xzx", xzx.url)
    assert (found["birth"], found["validity"]) == ("", "")


LINES = {
    "no flag": b'"certNumber" : "1"', "nothing": b"", "unclosed": b'{"resultFlag" : 0\n"partyName" : "abc', "keys": b'"k":1,' * 200_000,
    "colons": b'":":":"' * 100_000, "quotes": b'"' * 2_000_000, "proto": b'"__proto__" : "x"\n"resultFlag" : -11',
}  # fmt: skip


@pytest.mark.parametrize("name", LINES)
def test_hostile_lines_of_not_quite_json(page: Any, cvr100: vendors.Cvr100, name: str) -> None:
    cvr100.says = lambda door: LINES[name] if door.path.startswith("/readcard") else b'"resultFlag" : 0'
    began = time.monotonic()
    assert read(page, "cvr100", cvr100.url, 1)["error"] in ("bad-answer", "no-card")
    assert time.monotonic() - began < 8


FRAMES = {
    "no json": ["x"], "list": ["[]"], "deep": ["[" * 500_000], "no card": [json.dumps({"Ret": 0, "Cmd": 10001, "UserParam": "e30="})],
    "not base64": [json.dumps({"Ret": 0, "Cmd": 10001, "UserParam": "%"})], "many": ['{"Cmd":1}'] * 400,
    "huge": [json.dumps({"Ret": 0, "Cmd": 10001, "UserParam": "A" * 3_500_000})],
    "long field": [json.dumps({"Ret": 0, "Cmd": 10001, "UserParam": base64.b64encode(json.dumps({"CardInfo": {"Name": "A" * 9000}}).encode()).decode()})],
    "not hex": [json.dumps({"Ret": 0, "Cmd": 10001, "UserParam": base64.b64encode(b'{"CardInfo":{"Name":"WlpaWg=="}}').decode()})],
}  # fmt: skip


@pytest.mark.parametrize("name", FRAMES)
def test_hostile_messages_of_a_socket(page: Any, line: vendors.Socket, name: str) -> None:
    line.says = FRAMES[name]
    assert read(page, "ws", line.url)["error"] == "bad-answer"
    assert page.evaluate("1 + 1") == 2
