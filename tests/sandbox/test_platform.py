"""The upper platform over real sockets: every interface taken, everything wrong refused, nothing answered lost."""

import http.client
import signal
import socket
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import urllib3

from sandbox import refusals
from standard import interfaces, messages
from tests.cast import valid_id
from tests.sandbox.caller import Caller
from tests.standard import records
from tests.uploads.sandboxed import Upper, command, sandbox

NUMBER = valid_id("19900307", 123, "120101")
COMPLETE = {
    clause: {name: NUMBER if value == records.LI["document_number"] else value for name, value in facts.items()}
    for clause, facts in records.COMPLETE.items()
}
ORDER = ("B.2.2", "B.3.2", "B.4.2", "B.5.2", "B.6.1", "B.6.3", "B.2.3", "B.5.3", "B.8", "B.9", "B.10", "B.6.2")


@pytest.fixture(scope="module")
def upper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upper]:
    with sandbox(tmp_path_factory.mktemp("upper")) as running:
        yield running


@pytest.fixture
def caller(upper: Upper) -> Caller:
    urllib3.PoolManager().request("POST", upper.url + "/sandbox/clear", body=b"")
    return Caller(upper)


def record(caller: Caller, clause: str) -> dict:
    """A complete record whose person and house are upstairs already, where it needs them."""
    facts = dict(COMPLETE[clause])
    if "person_id" in facts:
        facts["person_id"] = caller.push("B.2.2", COMPLETE["B.2.2"])["data"]["ryId"]
    return facts


@pytest.fixture
def everything(caller: Caller) -> Caller:
    for clause in ORDER:
        answer = caller.push(clause, record(caller, clause))
        assert answer["code"] == 0, (clause, answer)
    return caller


def test_the_standard_s_twelve_pushes_are_taken_and_kept_decrypted(everything: Caller) -> None:
    held = {row["interface"]: row["record"] for row in everything.upper.records()}
    assert set(ORDER) - held.keys() == {"B.6.1", "B.6.3"}  # withdrawn by B.6.2, the last of them
    assert held["B.2.2"]["zjhm"] == NUMBER
    assert NUMBER in held["B.5.2"].values()


PULLS = {"B.2.1": "people", "B.3.1": "houses", "B.4.1": "relations", "B.5.1": "vehicles", "B.7": "addresses"}


@pytest.mark.parametrize("clause", PULLS)
def test_what_was_pushed_can_be_pulled_masked(clause: str, everything: Caller) -> None:
    asked = {"registration_code": "LOTUS", "page": 1, "page_size": 10}
    if clause == "B.4.1":
        asked["address_code"] = COMPLETE["B.3.2"]["address_code"]
    answer = everything.call(clause, messages.encode(clause, asked))
    assert answer["code"] == 0, answer
    page = messages.decode(clause, answer["data"], part="response")
    assert page["total_records"] == len(page["items"]) == 1
    assert COMPLETE["B.2.2"]["document_number"] not in str(answer)
    assert COMPLETE["B.2.2"]["phone"] not in str(answer)


def test_pages_do_not_overlap_and_say_how_many_there_are(caller: Caller) -> None:
    for number in range(5):
        assert caller.push("B.3.2", COMPLETE["B.3.2"] | {"address_code": f"12010100100100010{number}"})["code"] == 0
    seen = []
    for page in (1, 2, 3):
        asked = {"registration_code": "LOTUS", "page": page, "page_size": 2}
        data = caller.call("B.3.1", messages.encode("B.3.1", asked))["data"]
        found = messages.decode("B.3.1", data, part="response")
        assert found["total_records"] == 5
        seen += [row["address_code"] for row in found.get("items", [])]
    assert len(seen) == len(set(seen)) == 5


@pytest.mark.parametrize("clause", ORDER)
def test_each_missing_required_field_is_named(clause: str, caller: Caller) -> None:
    message = caller.message(clause, record(caller, clause))
    batch = interfaces.get(clause).batch
    for field in interfaces.get(clause).request:
        if field.required is not True:
            continue
        row = dict(message[batch.array_field][0] if batch else message)
        row = {name: value for name, value in row.items() if name not in field.spellings}
        answer = caller.call(clause, {batch.array_field: [row]} if batch else row)
        assert answer["code"] == refusals.FIELD, (field.wire, answer)
        assert field.wire in answer["msg"], (field.wire, answer)


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        ({"zjhm": NUMBER}, refusals.FIELD, "zjhm"),  # in clear where ciphertext is asked for
        ({"ptzcm": "MAPLE-2"}, refusals.PLACE, "不属于本账号"),
        ({"encrype": "no Base64!"}, refusals.FIELD, "encrype"),
        ({"xbdm": "7"}, refusals.FIELD, "xbdm"),
    ],
)
def test_a_wrong_value_is_refused_by_its_name_and_not_kept(change: dict, code: int, words: str, caller: Caller) -> None:
    answer = caller.call("B.2.2", caller.message("B.2.2", COMPLETE["B.2.2"]) | change)
    assert (answer["code"], words in answer["msg"]) == (code, True), answer
    assert caller.upper.records() == []


def test_a_number_whose_check_digit_is_wrong_is_refused_after_decryption(caller: Caller) -> None:
    wrong = NUMBER[:-1] + ("0" if NUMBER[-1] != "0" else "1")
    sealed = caller.seal(wrong)
    answer = caller.call("B.2.2", caller.message("B.2.2", COMPLETE["B.2.2"]) | {"zjhm": sealed})
    assert answer["code"] == refusals.FIELD
    assert wrong not in str(answer)


def test_the_relation_s_number_may_be_sealed_although_it_is_not_marked(caller: Caller) -> None:
    caller.push("B.3.2", COMPLETE["B.3.2"])
    message = caller.message("B.4.2", record(caller, "B.4.2"))
    answer = caller.call("B.4.2", message | {"zjhm": caller.seal(COMPLETE["B.2.2"]["document_number"])})
    assert answer["code"] == 0, answer


def test_states_are_kept_once_and_happenings_each_time(caller: Caller) -> None:
    first = caller.push("B.2.2", COMPLETE["B.2.2"])["data"]
    again = caller.push("B.2.2", COMPLETE["B.2.2"] | {"phone": "13900009999"})["data"]
    assert first == again
    assert [(row["times"], row["record"]["lxdh"]) for row in caller.upper.records("B.2.2")] == [(2, "13900009999")]
    caller.push("B.6.1", COMPLETE["B.6.1"])
    for _ in range(2):
        assert caller.push("B.2.3", record(caller, "B.2.3"))["code"] == 0
    assert len(caller.upper.records("B.2.3")) == 2


@pytest.mark.parametrize("clause", ["B.6.2", "B.6.3"])
def test_a_device_nobody_knows_has_no_status_and_no_end(clause: str, caller: Caller) -> None:
    assert caller.push(clause, COMPLETE[clause])["code"] == refusals.NO_DEVICE


def test_a_relation_waits_for_its_person_and_its_house(caller: Caller) -> None:
    assert caller.push("B.4.2", COMPLETE["B.4.2"])["code"] == refusals.ORPHAN


def test_one_bad_record_refuses_the_batch_and_none_of_it_is_kept(caller: Caller) -> None:
    facts = record(caller, "B.2.3") | {"registration_code": "LOTUS"}
    message = messages.encode("B.2.3", {"records": [facts] * 3}, encrypt=caller.seal)
    name = interfaces.get("B.2.3").batch.array_field
    message[name][1] = {**message[name][1], "kmfs": "77"}
    assert caller.call("B.2.3", message)["code"] == refusals.FIELD
    assert caller.upper.records("B.2.3") == []
    too_many = {name: message[name][:1] * 51}
    assert caller.call("B.2.3", too_many)["code"] == refusals.LIMIT


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"client_id": "somebody"}, refusals.CLIENT),
        ({"client_id": ""}, refusals.COMMON),
        ({"time": "2026-11-24"}, refusals.COMMON),
        ({"token": "0" * 32}, refusals.TOKEN),
    ],
)
def test_the_common_parameters_are_checked(changes: dict, code: int, caller: Caller) -> None:
    caller.sign_in()
    answer = caller.call("B.6.2", caller.message("B.6.2", COMPLETE["B.6.2"]), **changes)
    assert answer["code"] == code, answer


def test_signing_in_needs_the_right_password(caller: Caller) -> None:
    assert caller.sign_in(password="wrong")["code"] == refusals.PASSWORD
    assert caller.sign_in(username="nobody")["code"] == refusals.PASSWORD
    assert caller.sign_in()["data"]["token"]


def test_a_token_ends_when_its_time_is_over(tmp_path: Path) -> None:
    with sandbox(tmp_path, "--token-ttl", "0") as upper:
        assert Caller(upper).push("B.3.2", COMPLETE["B.3.2"])["code"] == refusals.TOKEN


def test_bodies_addresses_and_shapes_out_of_bounds_are_refused(caller: Caller) -> None:
    caller.sign_in()
    assert caller.call("B.3.2", [1, 2])["code"] == refusals.NOT_JSON
    where = urlsplit(caller.upper.url)
    line = http.client.HTTPConnection(where.hostname, where.port, timeout=10)
    line.request("POST", "/OpenApi/openapi/login/auth?x=" + "a" * 3000, body=b"{}")
    assert line.getresponse().status == 414
    line = http.client.HTTPConnection(where.hostname, where.port, timeout=10)
    line.putrequest("POST", "/OpenApi/openapi/login/auth")
    line.putheader("Content-Length", str(21 * 1024 * 1024))
    line.endheaders()
    assert line.getresponse().status == 413
    assert caller.http.request("GET", caller.upper.url + interfaces.get("B.1.1").path).status in (404, 405)
    assert caller.http.request("POST", caller.upper.url + "/OpenApi/openapi/none", json={}).status == 404


def test_a_caller_who_says_nothing_does_not_keep_others_waiting(caller: Caller) -> None:
    where = urlsplit(caller.upper.url)
    silent = [socket.create_connection((where.hostname, where.port)) for _ in range(40)]
    try:
        assert caller.push("B.3.2", COMPLETE["B.3.2"])["code"] == 0
    finally:
        for line in silent:
            line.close()


def test_what_was_answered_is_there_after_kill_9(tmp_path: Path) -> None:
    with sandbox(tmp_path) as upper:
        caller = Caller(upper)
        assert all(
            caller.push("B.3.2", COMPLETE["B.3.2"] | {"address_code": f"1201010010010{n:05d}"})["code"] == 0
            for n in range(20)
        )
        upper.process.send_signal(signal.SIGKILL)
        upper.process.wait(10)
        with sqlite3.connect(tmp_path / "upper.sqlite3") as database:
            assert database.execute("SELECT count(*) FROM held").fetchone() == (20,)
    assert command(tmp_path)


@pytest.mark.parametrize("fault", ["500", "reset-before", "reset-after", "not-json", "throttled"])
def test_faults_on_purpose_happen(fault: str, tmp_path: Path) -> None:
    with sandbox(tmp_path, "--faults", "1", "--fault", fault) as upper:
        caller = Caller(upper)
        if fault == "throttled":
            assert caller.sign_in()["code"] == refusals.THROTTLED
        else:
            with pytest.raises((urllib3.exceptions.HTTPError, ValueError)):
                caller.sign_in()


def test_the_page_shows_what_arrived_newest_first_and_runs_no_script_of_a_record(everything: Caller) -> None:
    everything.push("B.3.2", COMPLETE["B.3.2"] | {"address_name": "<script>alert(1)</script>", "address_code": "X1"})
    answer = everything.http.request("GET", everything.upper.url + "/?interface=B.3.2")
    page = answer.data.decode()
    assert "<script>alert" not in page
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert page.index("X1") < page.index(COMPLETE["B.3.2"]["address_code"])
    assert (
        COMPLETE["B.2.2"]["name"]
        in everything.http.request("GET", everything.upper.url + "/?interface=B.2.2").data.decode()
    )


def test_the_page_is_for_this_machine_only(caller: Caller) -> None:
    for headers in ({"Host": "evil.example"}, {"Origin": "https://evil.example"}):
        assert caller.http.request("GET", caller.upper.url + "/sandbox/records", headers=headers).status == 403
