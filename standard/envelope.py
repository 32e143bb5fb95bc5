"""What stands around every message: the common parameters of Table 2 and the answer of Tables 3 to 5."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from standard import wire
from standard.fields import YES, Field
from standard.refusals import Refusal, refuse

CLAUSE = "9.4.2"
CLIENT, TIME, TOKEN = "client_id", "time", "token"
MAX_MESSAGE = 2_000
COMMON = (
    Field(CLIENT, "client_id", "调用方唯一标识", required=YES, max_length=100),
    Field(TIME, "request_time", "时间戳", "DateTime", required=YES),
    Field(TOKEN, "token", "认证参数", required=YES, max_length=4096),
    Field("api_id", "api_id", "接口编号", max_length=100),
    Field("ver", "version", "接口版本号", max_length=100),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as read: success is code 0 and nothing else (quirk G-06). A code that is no number is kept as text."""

    code: int | str
    message: str
    data: Any
    request_id: str

    @property
    def ok(self) -> bool:
        return self.code == 0


def check_common_parameters(parameters: Mapping[str, str], *, needs_token: bool) -> list[Refusal]:
    """What is wrong with the common parameters of Table 2. Signing in (B.1.1) needs no token (quirk G-14)."""
    refusals = []
    for one in COMMON:
        value = parameters.get(one.wire, "")
        if not value.strip():
            if one.required and (needs_token or one.wire != TOKEN):
                refusals.append(refuse(CLAUSE, one, "required", "为必填项,不能为空"))
            continue
        try:
            wire.check(one, value)
        except wire.WireError as error:
            refusals.append(refuse(CLAUSE, one, error.kind, str(error)))
    return refusals


def common_problem(parameters: Mapping[str, str], *, needs_token: bool) -> str:
    """The first thing wrong with the common parameters as a Chinese sentence; "" when nothing is."""
    return next((str(refusal) for refusal in check_common_parameters(parameters, needs_token=needs_token)), "")


def answer(code: int, message: str, data: Any = None) -> dict[str, Any]:
    """An answer as Table 5 prints it; a failure has no data."""
    return {"req_id": str(uuid.uuid4()), "code": code, "msg": message, "data": data if code == 0 else None}


def ok(data: Any = None, message: str = "成功") -> dict[str, Any]:
    """The answer of success: code 0."""
    return answer(0, message, data)


def failure(code: int, message: str) -> dict[str, Any]:
    """The answer of failure: any code but 0, and why in words."""
    if code == 0:
        raise ValueError("code 0 is success")
    return answer(code, message)


def parse_response(payload: Any) -> Answer:
    """Read an answer; ValueError when it is none. A code may come as text; what lies beside data counts as data (G-38)."""
    if not isinstance(payload, Mapping) or "code" not in payload:
        raise ValueError("no answer of Table 4")
    code = payload["code"]
    if isinstance(code, str) and wire.DIGITS.fullmatch(code.strip()):
        code = int(code)
    if isinstance(code, bool) or not isinstance(code, (int, str)):
        raise ValueError("no answer of Table 4")
    data = payload.get("data")
    if data is None:
        beside = {k: v for k, v in payload.items() if k not in {"code", "msg", "data", "req_id", "api_id", "ver"}}
        data = beside or None
    return Answer(code, str(payload.get("msg") or "")[:MAX_MESSAGE], data, str(payload.get("req_id") or "")[:200])
