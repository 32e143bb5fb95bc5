"""What an answer of the upper platform means for us. The standard defines no error codes (G-10).

An answer is sorted by, in this order: the rules an operator wrote for the platform (AnswerRule), the HTTP status, the default
wording below. What nothing matches is UNKNOWN: tried again with back-off, then held for a person.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

OK = "ok"
TOKEN = "token"  # noqa: S105 -- the name of a kind of answer
THROTTLED = "throttled"
WINDOW = "window"
DENIED = "denied"
ORPHAN = "orphan"
ABSENT = "absent"
REFUSED = "refused"
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Rule:
    """An answer whose code equals `code` (if given) and whose message contains `words` (if given) is of `kind`."""

    kind: str
    code: str = ""
    words: str = ""

    def matches(self, code: str, message: str) -> bool:
        return (not self.code or self.code == code) and (not self.words or self.words.lower() in message.lower())


def _worded(kind: str, *words: str) -> tuple[Rule, ...]:
    return tuple(Rule(kind, words=word) for word in words)


# The first match counts: the narrow wordings stand before the wide ones.
DEFAULTS: tuple[Rule, ...] = (
    *_worded(ABSENT, "设备不存在", "未找到该设备", "设备未找到"),
    *_worded(ORPHAN, "人员不存在", "房屋不存在", "地址不存在", "地址编码不存在", "小区地址不存在", "未找到人员", "未找到房屋"),
    *_worded(TOKEN, "token", "令牌", "未登录", "重新登录", "登录失效", "登录过期", "授权已过期", "认证过期"),
    *_worded(WINDOW, "调用时段", "服务时段", "有效期外"),
    *_worded(THROTTLED, "频繁", "并发", "限流", "配额", "调用次数", "请求次数", "稍后"),
    *_worded(DENIED, "白名单", "无权限", "权限不足", "没有权限", "未授权", "注册码", "client_id", "调用方", "解密", "时间戳", "接口不存在"),
    *_worded(REFUSED, "不能为空", "必填", "缺少", "格式", "不合法", "非法", "无效", "不正确", "校验", "长度", "超长", "过大", "代码",
             "重复", "应为", "必须", "不符"),
)  # fmt: skip

BY_STATUS = {401: TOKEN, 403: DENIED, 404: DENIED, 405: DENIED, 413: REFUSED, 414: REFUSED, 429: THROTTLED}


def sort(status: int, code: int | str | None, message: str, rules: Sequence[Rule] = ()) -> str:
    """The kind of an answer. `code` None means that there was no envelope; `status` is HTTP's.

    >>> sort(200, 0, "成功"), sort(200, 1, "token已失效"), sort(200, 7, "xm不能为空"), sort(502, None, "")
    ('ok', 'token', 'refused', 'unknown')
    """
    text = "" if code is None else str(code)
    if text == "0" and status < 400:
        return OK
    for rule in rules:
        if rule.matches(text, message):
            return rule.kind
    if text:
        for rule in DEFAULTS:
            if rule.matches(text, message):
                return rule.kind
    return BY_STATUS.get(status, UNKNOWN)


LONG_NUMBER = re.compile(r"[0-9A-Za-z]{7,}")
MAX_MESSAGE = 200


def cleaned(message: str, secrets: Iterable[str] = ()) -> str:
    """The platform's message as it may be stored: values that we sent and anything like a number or key are starred.

    >>> cleaned("证件号码120101199003071234不正确,姓名张三", ["张三"])
    '证件号码***不正确,姓名***'
    """
    for secret in sorted({value for value in secrets if len(value) >= 2}, key=len, reverse=True):
        message = message.replace(secret, "***")
    return LONG_NUMBER.sub("***", " ".join(message.split()))[:MAX_MESSAGE]
