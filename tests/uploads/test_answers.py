"""Sorting the platform's answers, when to try again, and what is kept of a message."""

import pytest

from uploads import answers, pace
from uploads.answers import Rule


@pytest.mark.parametrize(
    ("status", "code", "message", "kind"),
    [
        (200, 0, "成功", "ok"),
        (200, "0", "同步成功", "ok"),
        (200, 1, "token已失效,请重新登录", "token"),
        (401, None, "", "token"),
        (200, 9, "请求过于频繁,请稍后再试", "throttled"),
        (429, None, "", "throttled"),
        (200, 9, "不在调用时段内", "window"),
        (200, 9, "IP不在白名单", "denied"),
        (403, None, "", "denied"),
        (200, 9, "人员不存在,请先同步人员信息", "orphan"),
        (200, 9, "设备不存在", "absent"),
        (200, 9, "联系电话(lxdh)为必填项", "refused"),
        (200, 9, "设备IP(sbip)格式不正确", "refused"),
        (200, 9, "长度超过限制", "refused"),
        (200, 9, "密文无法解密", "denied"),
        (200, 9, "系统繁忙", "unknown"),
        (502, None, "", "unknown"),
    ],
)
def test_an_answer_means(status, code, message, kind):
    assert answers.sort(status, code, message) == kind


def test_the_operators_rules_come_first():
    rules = [Rule("throttled", code="500", words="系统繁忙"), Rule("refused", code="77")]
    assert answers.sort(200, 500, "系统繁忙", rules) == "throttled"
    assert answers.sort(200, 77, "token", rules) == "refused"
    assert answers.sort(200, 500, "别的", rules) == "unknown"


def test_a_stored_message_has_neither_what_we_sent_nor_a_number():
    kept = answers.cleaned("张三丰(13812345678)的证件号码120101198001010012不正确", ["张三丰", "13812345678"])
    assert kept == "***(***)的证件号码***不正确"


def test_waits_double_up_to_six_hours_and_are_spread_over_days():
    waits = [pace.back_off(number, lambda: 0.5).total_seconds() for number in range(1, 20)]
    assert waits[:4] == [5, 10, 20, 40]
    assert waits[-1] == 6 * 3600
    assert 1.9 * 86400 < sum(waits) < 3 * 86400
    assert pace.back_off(3, lambda: 0.0) < pace.back_off(3, lambda: 1.0)
    assert pace.back_off(99, lambda: 1.0).total_seconds() <= 6 * 3600
