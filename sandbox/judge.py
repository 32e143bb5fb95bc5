"""Deciding the answer to one request, strictly after section 9 and Appendix B. Knows no HTTP."""

import hashlib
import hmac
import secrets
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from guomi import sm2, sm3
from sandbox.store import Store
from standard import envelope, interfaces, messages, wire
from standard.numbers import NumberError, identity

# Natural keys of what is kept as a state (the standard names none: quirks B.2.2-q11, B.3.2, B.5.2-q01).
KEYS: dict[str, tuple[str, ...]] = {
    "B.2.2": ("document_type_code", "document_number"),
    "B.3.2": ("address_code",),
    "B.4.2": ("person_id", "document_number", "address_code"),
    "B.5.2": ("plate_number", "plate_color_code"),
    "B.6.1": ("device_code",),
}
PULLS = {"B.2.1": "B.2.2", "B.3.1": "B.3.2", "B.4.1": "B.4.2", "B.5.1": "B.5.2", "B.7": "B.3.2"}
LOGIN, DELETE, STATUS = "B.1.1", "B.6.2", "B.6.3"
PASSWORDS: dict[str, Callable[[str], str]] = {
    "plain": lambda password: password,
    "md5-base64": lambda password: b64encode(hashlib.md5(password.encode(), usedforsecurity=False).digest()).decode(),
    "sm3-hex": lambda password: sm3.digest(password.encode()).hex(),
}


class Refused(Exception):
    """The request is refused with this code and Chinese message."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


@dataclass(frozen=True)
class Account:
    """Who may call, and for which communities (code -> name)."""

    username: str
    password: str = field(repr=False)
    client_id: str
    places: Mapping[str, str]


@dataclass(frozen=True)
class Judge:
    """The upper platform's rules: account, key, cipher form, life of a token in seconds."""

    account: Account
    private_key: bytes = field(repr=False)
    store: Store
    form: sm2.CipherForm = sm2.DEFAULT_FORM
    token_seconds: float = 7200

    def answer(self, path: str, parameters: Mapping[str, str], payload: Any, size: int, now: float) -> dict[str, Any]:
        """The envelope for one POST; `now` is epoch seconds."""
        try:
            interface = by_path(path)
            if interface is None:
                raise Refused(404, "接口不存在")
            if not isinstance(payload, dict):
                raise Refused(1001, "请求体应为 JSON 对象")
            self._common(parameters, interface.clause, now)
            if interface.clause == LOGIN:
                return envelope.answer(0, "授权成功", self._login(payload, now))
            if interface.direction == "pull":
                return envelope.answer(0, "成功", self._pull(interface, payload))
            return envelope.answer(0, "同步成功", self._push(interface, payload, size, now))
        except Refused as refused:
            return envelope.answer(refused.code, refused.message)
        except messages.MessageError as error:
            return envelope.answer(1002, str(error)[:1000])

    def _common(self, parameters: Mapping[str, str], clause: str, now: float) -> None:
        if problem := envelope.common_problem(parameters, needs_token=clause != LOGIN):
            raise Refused(1003, problem)
        if parameters["client_id"] != self.account.client_id:
            raise Refused(1004, "调用方账号不存在(9.2.1)")
        if clause != LOGIN:
            ends = self.store.token_ends(parameters["token"])
            if ends is None or ends <= now:
                raise Refused(1005, "token已失效,请重新登录(9.3.1)")

    def _login(self, payload: dict[str, Any], now: float) -> dict[str, Any]:
        record = messages.decode(LOGIN, payload)
        known = any(
            hmac.compare_digest(record["password"].encode(), wrap(self.account.password).encode())
            for wrap in PASSWORDS.values()
        )
        if record["username"] != self.account.username or not known:
            raise Refused(1006, "用户名或密码错误")
        token = secrets.token_hex(16)
        self.store.add_token(token, now + self.token_seconds)
        places = [{"registration_code": code, "community_name": name} for code, name in self.account.places.items()]
        return respond(LOGIN, {"token": token, "registration_codes": places})

    def _decrypt(self, text: str) -> str:
        return sm2.decrypt(self.private_key, text, self.form).decode("utf-8")

    def _place(self, record: Mapping[str, Any]) -> str:
        place = record["registration_code"]
        if place not in self.account.places:
            raise Refused(1007, "注册码不属于本账号(9.2.3)")
        return place

    def _push(self, interface: interfaces.Interface, payload: dict[str, Any], size: int, now: float) -> Any:
        if interface.batch is None:
            return self._one(interface, payload, size, now)
        rows = payload.get(interface.batch.array_field)
        if not isinstance(rows, list) or not rows:
            raise Refused(1001, f"{interface.batch.array_field} 应为非空数组")
        if len(rows) > interface.batch.limit:
            raise Refused(1008, f"每次最多 {interface.batch.limit} 条({interface.clause})")
        if not all(isinstance(row, dict) for row in rows):
            raise Refused(1001, f"{interface.batch.array_field} 的每一项应为对象")
        decoded = [messages.decode(interface.clause, row, decrypt=self._decrypt) for row in rows]
        for record, row in zip(decoded, rows, strict=True):
            self._keep(interface.clause, record, row, size // len(rows), now)
        return None

    def _one(self, interface: interfaces.Interface, payload: dict[str, Any], size: int, now: float) -> Any:
        record = messages.decode(interface.clause, payload, decrypt=self._decrypt)
        if interface.clause == DELETE:
            if not self.store.drop("B.6.1", self._place(record), record["device_code"]):
                raise Refused(1009, "设备不存在")
            return None
        return self._keep(interface.clause, record, payload, size, now)

    def _keep(self, clause: str, record: dict[str, Any], payload: dict[str, Any], size: int, now: float) -> Any:
        place = self._place(record)
        self._sense(clause, place, record)
        key = "|".join(str(record.get(name, "")) for name in KEYS.get(clause, ("device_code", "address_code")))
        clear = cleared(clause, payload, record)
        identifier = self.store.keep(clause, place, key, clear, wire.moment(_at(now)), size)
        response = interfaces.get(clause).response
        return respond(clause, {one.en: identifier for one in response}) if response else None

    def _sense(self, clause: str, place: str, record: Mapping[str, Any]) -> None:
        """What the clear values must make sense with: each other, and what is already here."""
        number = {"B.2.2": "document_number", "B.3.2": "owner_id_number"}.get(clause)
        if number and (clause == "B.3.2" or record.get("document_type_code") == "111"):
            try:
                identity.parse(record[number])
            except NumberError as error:
                one = interfaces.get(clause).field(number)
                raise Refused(1002, f"{one.zh}({one.wire})校验不符:{error.message}({clause})") from None
        if clause == "B.4.2":
            if "person_id" in record and not self.store.has("B.2.2", place, identifier=record["person_id"]):
                raise Refused(1010, "人员不存在,请先同步人员信息")
            if not self.store.has("B.3.2", place, key=record["address_code"]):
                raise Refused(1010, "房屋不存在,请先同步房屋信息")
            if record["resident_type_code"] == "1" and not {"lease_start", "lease_end"} <= record.keys():
                raise Refused(1002, "租客必须填写租赁起止时间(B.4.2)")
        if clause == STATUS and not self.store.has("B.6.1", place, key=record["device_code"]):
            raise Refused(1009, "设备不存在")

    def _pull(self, interface: interfaces.Interface, payload: dict[str, Any]) -> dict[str, Any]:
        query = messages.decode(interface.clause, payload)
        if query["page_size"] > messages.MAX_PAGE:
            raise Refused(1008, f"每页最多 {messages.MAX_PAGE} 条")
        source = PULLS[interface.clause]
        total, rows = self.store.page(source, self._place(query), query["page"], query["page_size"])
        items = [_item(interface, source, row) for row in rows]
        page = {"total_records": total, "page": query["page"], "page_size": query["page_size"], "items": items}
        return respond(interface.clause, page)


def _at(now: float) -> Any:
    return wire.read_moment(str(int(now * 1000)))


def by_path(path: str) -> interfaces.Interface | None:
    """The interface of a path, with or without the prefix /OpenApi, whatever its case (quirk G-11)."""
    plain = path.rstrip("/").lower()
    plain = plain.removeprefix("/openapi") if plain.startswith("/openapi/openapi/") else plain
    return next((one for one in interfaces.ALL if one.path.lower() == plain), None)


def respond(clause: str, record: Mapping[str, Any]) -> dict[str, Any]:
    """The data of an answer under its wire names."""
    return _wired(interfaces.get(clause).response, record)


def _wired(fields: Any, record: Mapping[str, Any]) -> dict[str, Any]:
    result = {}
    for one in fields:
        if one.en in record:
            value = record[one.en]
            rows = isinstance(value, list) and one.items
            result[one.wire] = [_wired(one.items, row) for row in value] if rows else value
    return result


def cleared(clause: str, payload: Mapping[str, Any], record: Mapping[str, Any]) -> dict[str, Any]:
    """The message as it came, its ciphertext replaced by clear text: what the page and the tests look at."""
    sealed = {name: one for one in interfaces.get(clause).request if one.encrypted for name in one.spellings}
    return {
        name: record[sealed[name].en] if name in sealed and sealed[name].en in record else value
        for name, value in payload.items()
    }


def _item(interface: interfaces.Interface, source: str, row: dict[str, Any]) -> dict[str, Any]:
    """One object of a page: what is stored, masked where the field table says so, with the names of its codes."""
    stored = messages.decode(source, row["record"], check=False)
    identifiers = {one.en: row["id"] for one in interface.items if one.en in {"person_id", "house_id", "vehicle_id"}}
    item = {**identifiers, **{name: value for name, value in stored.items() if isinstance(value, (str, int))}}
    result = {}
    for one in interface.items:
        value = item.get(one.en)
        if value not in (None, ""):
            result[one.wire] = masked(str(value)) if one.masked else value
    return result


def masked(text: str) -> str:
    """A quarter at each end stays; the standard does not say how (quirk G-18)."""
    keep = max(1, len(text) // 4)
    return text[:keep] + "*" * max(1, len(text) - 2 * keep) + text[-keep:]
