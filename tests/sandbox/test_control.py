"""Limits and faults switched while it runs; every call noted without values; a report clause by clause."""

import json
import threading
from datetime import datetime

import pytest
import urllib3

from sandbox.limits import Limit, LimitError, Limits
from sandbox.refusals import Refused
from standard.wire import BEIJING
from tests.sandbox.caller import Caller
from tests.sandbox.test_platform import COMPLETE, ORDER, caller, everything, record, upper  # noqa: F401 -- fixtures

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=BEIJING).timestamp()


def control(caller: Caller, **asked) -> dict:  # noqa: F811
    answer = urllib3.request("POST", caller.upper.url + "/sandbox/control", body=json.dumps(asked).encode())
    return answer.json() | {"status": answer.status}


@pytest.fixture
def free(caller: Caller) -> Caller:  # noqa: F811
    yield caller
    control(caller, reset=True, allow=[])


def person(caller: Caller) -> dict:  # noqa: F811
    return caller.push("B.2.2", COMPLETE["B.2.2"])


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        ({"denied": True}, "没有权限"), ({"daily_quota": 1}, "配额"), ({"valid_until": "2020-01-01"}, "无权限"),
        ({"hours": "00:00-00:00"}, "调用时段"),
    ],
)  # fmt: skip
def test_a_limit_is_kept_to_on_its_interface_alone(limit: dict, words: str, free: Caller) -> None:
    person(free)
    assert control(free, limits={"B.2.2": limit})["status"] == 200
    person(free)
    refused = person(free)
    assert refused["code"] != 0
    assert words in refused["msg"]
    assert "9.2" in refused["msg"]
    assert free.push("B.6.1", COMPLETE["B.6.1"])["code"] == 0
    control(free, reset=True)
    assert person(free)["code"] == 0


def test_only_allowed_addresses_may_call(free: Caller) -> None:
    person(free)
    control(free, allow=["10.0.0.0/8"])
    assert "白名单" in person(free)["msg"]
    control(free, allow=["10.0.0.0/8", "127.0.0.0/8"])
    assert person(free)["code"] == 0


def test_no_more_calls_at_once_than_allowed() -> None:
    limits = Limits()
    limits.set({"B.2.2": {"concurrency": 2}})
    inside, leave = threading.Semaphore(0), threading.Event()

    def hold() -> None:
        with limits.entered("B.2.2", "127.0.0.1", NOON):
            inside.release()
            leave.wait(5)

    threads = [threading.Thread(target=hold) for _ in range(2)]
    for thread in threads:
        thread.start()
    inside.acquire()
    inside.acquire()
    with pytest.raises(Refused, match="并发"), limits.entered("B.2.2", "127.0.0.1", NOON):
        pass
    leave.set()
    for thread in threads:
        thread.join()
    with limits.entered("B.2.2", "127.0.0.1", NOON):
        pass
    assert limits.told()["peak"]["B.2.2"] == 2


@pytest.mark.parametrize(
    ("hours", "hour", "open_"), [("08:00-20:00", 12, True), ("08:00-20:00", 20, False), ("20:00-06:00", 23, True),
                                 ("20:00-06:00", 12, False), ("", 3, True)],
)  # fmt: skip
def test_calling_hours_may_pass_midnight(hours: str, hour: int, open_: bool) -> None:
    assert Limit(hours=hours).open_at(datetime(2026, 1, 1, hour, tzinfo=BEIJING)) is open_


@pytest.mark.parametrize(
    "asked",
    [
        {"limits": {"B.99": {}}}, {"limits": {"B.2.2": {"hours": "8-20"}}}, {"limits": {"B.2.2": {"speed": 1}}},
        {"limits": {"B.2.2": {"concurrency": -1}}}, {"allow": ["nowhere"]}, {"faults": {"rate": 2}},
        {"faults": {"kinds": ["meteor"]}}, {"unknown": 1}, {"limits": {"B.2.2": {"valid_until": "soon"}}},
    ],
)  # fmt: skip
def test_nonsense_changes_nothing(asked: dict, free: Caller) -> None:
    assert control(free, **asked)["status"] == 400
    facts = control(free)
    assert (facts["limits"], facts["faults"]["rate"]) == ({}, 0.0)


def test_limits_are_read_strictly() -> None:
    with pytest.raises(LimitError):
        Limit.read({"denied": "yes"})


def test_the_next_calls_go_wrong_as_told(free: Caller) -> None:
    person(free)
    control(free, faults={"next": ["expired-token", "quota", "refused", "ip", "window"]})
    said = [person(free)["msg"] for _ in range(6)]
    assert ["token" in said[0], "配额" in said[1], "格式" in said[2], "白名单" in said[3], "时段" in said[4]] == [
        True
    ] * 5
    assert said[5] == "同步成功"
    control(free, expire_tokens=True)
    assert "token已失效" in person(free)["msg"]


def test_every_call_is_noted_without_a_value(everything: Caller) -> None:  # noqa: F811
    rows = urllib3.request("GET", everything.upper.url + "/sandbox/requests").json()["requests"]
    assert {row["clause"] for row in rows} >= set(ORDER)
    assert all(row["status"] == 200 and row["code"] == 0 and row["ms"] > 0 for row in rows)
    assert COMPLETE["B.2.2"]["name"] not in json.dumps(rows, ensure_ascii=False)
    assert everything.token not in json.dumps(rows)
    page = urllib3.request("GET", everything.upper.url + "/requests").data.decode()
    assert "全部请求" in page


def findings(caller: Caller) -> dict:  # noqa: F811
    facts = urllib3.request("GET", caller.upper.url + "/sandbox/conformance").json()
    return {(one["clause"], one["demand"]): one for one in facts["findings"]} | {"ok": facts["ok"]}


def test_a_client_that_keeps_to_it_is_said_to(everything: Caller) -> None:  # noqa: F811
    found = findings(everything)
    assert found.pop("ok")
    assert [key for key, one in found.items() if one["state"] == "bad"] == []
    assert sum(one["state"] == "good" for one in found.values()) >= 20
    assert found["B.2.2", "人员信息数据同步"]["evidence"].startswith("调用")
    assert found["B.7", "分页获取标准地址列表"]["state"] == "unseen"
    page = urllib3.request("GET", everything.upper.url + "/conformance").data.decode()
    assert "客户端符合性报告" in page


def test_what_it_does_wrong_is_named_with_its_clause(caller: Caller) -> None:  # noqa: F811
    for _ in range(3):
        person(caller)
    caller.call("B.2.2", {"xm": "x"})
    caller.call("B.2.2", {"xm": "x"})
    caller.call("B.2.2", {}, token="")
    caller.call("B.2.2", {}, time="2020-01-01 00:00:00")
    found = findings(caller)
    assert not found["ok"]
    assert found["B.2.2", "人员信息数据同步"]["state"] == "bad"
    assert found["9.3.1", "调用携带令牌"]["state"] == "bad"
    assert found["9.4.2", "时间戳与北京时间一致"]["state"] == "bad"
    assert found["9.3.5", "URL 不超过 2048 字节"]["state"] == "good"
