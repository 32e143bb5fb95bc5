"""Deciding the answer to one call, strictly after section 9 and Appendix B. Knows no HTTP and no clock."""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox import answers, pulls, pushes, refusals, routes
from sandbox.limits import Limits
from sandbox.refusals import Refused
from sandbox.rules import PASSWORDS, Rules
from sandbox.store import Store
from standard import envelope, interfaces, messages, wire

LOGIN = "B.1.1"
MAX_MESSAGE = 1000


@dataclass(frozen=True, slots=True)
class Call:
    """One POST: path, URL parameters, the JSON body as read, its bytes, epoch seconds."""

    path: str
    parameters: Mapping[str, str]
    payload: Any
    size: int
    now: float
    address: str = ""


@dataclass(frozen=True, slots=True)
class Judge:
    """Rules applied to what is stored."""

    rules: Rules
    store: Store
    limits: Limits = field(default_factory=Limits)

    def answer(self, call: Call) -> dict[str, Any]:
        """The envelope of Table 5. A refusal is kept with its reason, so that the page can show it."""
        interface = routes.interface_at(call.path)
        try:
            if interface is None:
                raise Refused(refusals.NO_INTERFACE, "接口不存在")
            with self.limits.entered(interface.clause, call.address, call.now):
                data = self._data(interface, call)
        except Refused as refused:
            return self._refuse(interface, call, refused.code, refused.message)
        except messages.MessageError as error:
            return self._refuse(interface, call, refusals.FIELD, str(error)[:MAX_MESSAGE])
        return envelope.answer(0, answers.success(interface), data)

    def _refuse(self, interface: interfaces.Interface | None, call: Call, code: int, message: str) -> dict[str, Any]:
        self.store.note_refusal(interface.clause if interface else "", code, message, call.now)
        return envelope.answer(code, message)

    def _data(self, interface: interfaces.Interface, call: Call) -> dict[str, Any] | None:
        if not isinstance(call.payload, dict):
            raise Refused(refusals.NOT_JSON, "请求体应为 JSON 对象(9.3.3)")
        self._admit(interface, call)
        if interface.clause == LOGIN:
            return answers.data(interface, self._login(call))
        if interface.direction == "pull":
            return answers.data(interface, pulls.pull(self.rules, self.store, interface, call.payload))
        identifier = pushes.push(self.rules, self.store, interface, call.payload, call.size, call.now)
        return answers.data(interface, {one.en: identifier for one in interface.response})

    def _admit(self, interface: interfaces.Interface, call: Call) -> None:
        """The common parameters of Table 2: who, when, with which token."""
        login = interface.clause == LOGIN
        if problem := envelope.common_problem(call.parameters, needs_token=not login):
            raise Refused(refusals.COMMON, problem)
        if not _same(call.parameters[envelope.CLIENT], self.rules.account.client_id):
            raise Refused(refusals.CLIENT, "调用方账号(client_id)不存在(9.3.1)")
        tolerance = self.rules.time_tolerance_seconds
        asked_at = wire.read_moment(call.parameters[envelope.TIME]).timestamp()
        if tolerance and abs(asked_at - call.now) > tolerance:
            raise Refused(refusals.COMMON, f"时间戳(time)与平台时间相差超过 {tolerance:g} 秒(9.4.2)")
        if not login:
            ends = self.store.token_ends(call.parameters[envelope.TOKEN])
            if ends is None or ends <= call.now:
                raise Refused(refusals.TOKEN, "token已失效,请重新登录(9.3.1)")

    def _login(self, call: Call) -> dict[str, Any]:
        asked = messages.decode(LOGIN, call.payload)
        named = _same(asked["username"], self.rules.account.username)
        if not (self._password_right(asked["password"]) and named):
            raise Refused(refusals.PASSWORD, "用户名或密码错误(B.1.1)")
        token = secrets.token_hex(16)
        self.store.add_token(token, call.now, call.now + self.rules.token_seconds)
        places = [
            {"registration_code": code, "community_name": name} for code, name in self.rules.account.places.items()
        ]
        return {"token": token, "registration_codes": places}

    def _password_right(self, given: str) -> bool:
        right = self.rules.account.password
        matches = [_same(given, PASSWORDS[form](right)) for form in self.rules.password_forms if form in PASSWORDS]
        if "sm2" in self.rules.password_forms:
            matches.append(self._sealed_password_right(given))
        return any(matches)

    def _sealed_password_right(self, given: str) -> bool:
        try:
            return _same(self.rules.open(given), self.rules.account.password)
        except ValueError:
            return False


def _same(left: str, right: str) -> bool:
    return hmac.compare_digest(left.encode(errors="replace"), right.encode(errors="replace"))
