"""The common parameters of Table 2 and the answers of Tables 3 to 5."""

import pytest

from standard import envelope

ASKED = {"client_id": "anju", "time": "2026-03-01 08:30:00", "token": "t"}


def test_a_request_with_its_common_parameters_passes():
    assert envelope.check_common_parameters(ASKED, needs_token=True) == []
    assert envelope.check_common_parameters({k: ASKED[k] for k in ("client_id", "time")}, needs_token=False) == []


@pytest.mark.parametrize("name", ["client_id", "time", "token"])
def test_a_missing_parameter_is_named_with_its_clause(name):
    (refusal,) = envelope.check_common_parameters({**ASKED, name: " "}, needs_token=True)
    assert name in str(refusal)
    assert str(refusal).endswith("为必填项,不能为空(9.4.2)")


def test_a_time_that_is_none_and_a_flood_are_refused():
    told = [str(one) for one in envelope.check_common_parameters({**ASKED, "time": "now"}, needs_token=True)]
    assert told == ["时间戳(time)的时间格式应为 yyyy-MM-dd HH:mm:ss(9.4.2)"]
    assert envelope.common_problem({**ASKED, "ver": "v" * 101}, needs_token=True).startswith("接口版本号(ver)过长")


def test_an_answer_is_read_as_it_was_written():
    answer = envelope.parse_response(envelope.ok({"ryId": "1"}))
    assert (answer.ok, answer.message, answer.data) == (True, "成功", {"ryId": "1"})
    refused = envelope.parse_response(envelope.failure(1002, "证件号码为必填项"))
    assert (refused.ok, refused.code, refused.message, refused.data) == (False, 1002, "证件号码为必填项", None)
    with pytest.raises(ValueError, match="code 0"):
        envelope.failure(0, "成功")


@pytest.mark.parametrize(
    ("payload", "code", "data"),
    [
        ({"code": 0, "msg": None, "data": None}, 0, None),
        ({"code": "0"}, 0, None),
        ({"code": " -7 ", "msg": "失败"}, -7, None),
        ({"code": "E12"}, "E12", None),
        ({"code": 0, "msg": "同步成功", "ryId": "r-1", "req_id": "x"}, 0, {"ryId": "r-1"}),
        ({"code": 0, "msg": "成功", "data": {}}, 0, {}),
    ],
)
def test_an_answer_is_read_with_tolerance(payload, code, data):
    answer = envelope.parse_response(payload)
    assert (answer.code, answer.data) == (code, data)


@pytest.mark.parametrize(
    "payload", [None, [], "成功", {}, {"msg": "成功"}, {"code": None}, {"code": True}, {"code": 1.5}]
)
def test_what_is_no_answer_is_not_taken_for_one(payload):
    with pytest.raises(ValueError, match="no answer"):
        envelope.parse_response(payload)
