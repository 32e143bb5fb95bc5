"""What stands around every message: the common parameters of Table 2 and the answer of Tables 3 to 5."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from standard import wire

CLIENT, TIME, TOKEN = "client_id", "time", "token"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as read: success is code 0 and nothing else (quirk G-06)."""

    code: int | str
    message: str
    data: Any
    request_id: str

    @property
    def ok(self) -> bool:
        return self.code == 0


def common_problem(parameters: Mapping[str, str], *, needs_token: bool) -> str:
    """What is wrong with the common parameters, a Chinese sentence; "" when nothing is (Table 2)."""
    for name, zh in ((CLIENT, "调用方唯一标识"), (TIME, "时间戳"), *(((TOKEN, "认证参数"),) if needs_token else ())):
        if not parameters.get(name):
            return f"{zh}({name})为必填项,不能为空(9.4.2)"
    try:
        wire.read_moment(parameters[TIME])
    except wire.WireError as error:
        return f"时间戳({TIME}){error}(9.4.2)"
    return ""


def answer(code: int, message: str, data: Any = None) -> dict[str, Any]:
    """An answer as Table 5 prints it; a failure has no data."""
    return {"req_id": str(uuid.uuid4()), "code": code, "msg": message, "data": data}


def parse_response(payload: Any) -> Answer:
    """Read an answer; ValueError when it is none. A code may come as text; what lies beside data counts as data (G-38)."""
    if not isinstance(payload, Mapping) or "code" not in payload:
        raise ValueError("no answer of Table 4")
    code = payload["code"]
    if isinstance(code, str) and code.lstrip("-").isdigit():
        code = int(code)
    if isinstance(code, bool) or not isinstance(code, (int, str)):
        raise ValueError("no answer of Table 4")
    data = payload.get("data")
    if data is None:
        beside = {k: v for k, v in payload.items() if k not in {"code", "msg", "data", "req_id", "api_id", "ver"}}
        data = beside or None
    return Answer(code, str(payload.get("msg") or ""), data, str(payload.get("req_id") or ""))
