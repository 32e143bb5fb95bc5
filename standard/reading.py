"""Messages to records: every known spelling becomes an English key, every wire value the program's own, or is refused."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from standard import interfaces, rules, wire
from standard.fields import Field, Interface
from standard.refusals import MessageError, Refusal, refuse
from standard.writing import RECORDS

MAX_KEYS = 200  # of one object; the longest interface has 37


def _plain(name: str) -> str:
    """Spelling without blanks (quirk G-41) and case (G-48)."""
    return "".join(name.split()).lower()


@cache
def _spellings(clause: str, part: str) -> tuple[dict[str, tuple[int, Field]], dict[str, tuple[int, Field]]]:
    """Exact and plain spelling -> (preference, field). A field's own wire name is never another field's alias."""
    return _index(interfaces.get(clause).part(part))


def _index(fields: Sequence[Field]) -> tuple[dict[str, tuple[int, Field]], dict[str, tuple[int, Field]]]:
    ranked = sorted(
        ((rank, name, one) for one in fields for rank, name in enumerate(one.spellings)), key=lambda entry: entry[0]
    )
    exact: dict[str, tuple[int, Field]] = {}
    plain: dict[str, tuple[int, Field]] = {}
    for rank, name, one in ranked:
        exact.setdefault(name, (rank, one))
        plain.setdefault(_plain(name), (rank, one))
    return exact, plain


def _named(index: tuple[dict, dict], payload: Mapping[str, Any]) -> dict[str, Any]:
    """Present values by English name; where several spellings came, the preferred one counts."""
    exact, plain = index
    result: dict[str, Any] = {}
    ranks: dict[str, int] = {}
    for name, value in payload.items():
        rank, one = exact.get(name) or plain.get(_plain(str(name))) or (0, None)
        if one is None or rules.absent(value) or ranks.get(one.en, MAX_KEYS) <= rank:
            continue
        result[one.en], ranks[one.en] = value, rank
    return result


def decode(
    clause: str,
    payload: Mapping[str, Any],
    *,
    part: str = "request",
    decrypt: Callable[[str], str] | None = None,
    also_encrypt: Iterable[str] = (),
    check: bool = True,
) -> dict[str, Any]:
    """A message as a record with English keys. Unknown names are passed over; the rows of a page are always a list.

    `part` is "request", "response" (the `data` of an answer) or "items" (one row of a page). The body of a batch interface
    becomes {"records": [...]}. `decrypt` opens the marked fields and raises ValueError for what it cannot open; without
    it they stay sealed. With `check` the standard's demands hold and MessageError says what fails; without, what cannot
    be read is kept as it came.
    """
    interface = interfaces.get(clause)
    if not isinstance(payload, Mapping):
        raise MessageError([Refusal(clause, "data", "data", "数据", "type", "应为 JSON 对象")])
    reader = _Reader(interface, part, decrypt, frozenset(also_encrypt), check)
    if part == "request" and interface.batch is not None and interface.batch.array_field in payload:
        return {RECORDS: reader.batch(payload[interface.batch.array_field])}
    return reader.record(interface.part(part), _spellings(clause, part), payload)


class _Reader:
    """One reading: what is asked for, and how."""

    def __init__(
        self,
        interface: Interface,
        part: str,
        decrypt: Callable[[str], str] | None,
        also: frozenset[str],
        check: bool,
    ) -> None:
        self.interface, self.clause, self.part = interface, interface.clause, part
        self.decrypt, self.also, self.check = decrypt, also, check

    def batch(self, rows: Any) -> list[dict[str, Any]]:
        """The records of an array; MessageError with the places of all bad ones."""
        shape = self.interface.batch
        assert shape is not None
        if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
            raise MessageError([Refusal(self.clause, shape.array_field, RECORDS, "记录", "type", "应为数组")])
        if self.check and not 0 < len(rows) <= shape.limit:
            problem = f"应有 1 至 {shape.limit} 条"
            raise MessageError([Refusal(self.clause, shape.array_field, RECORDS, "记录", "items", problem)])
        records, refusals = [], []
        for place, row in enumerate(rows, 1):
            try:
                records.append(self.record(self.interface.request, _spellings(self.clause, self.part), row))
            except MessageError as error:
                refusals += [refusal.at(place) for refusal in error.refusals]
        if not refusals and self.check and len({row.get("registration_code") for row in records}) > 1:
            code = self.interface.field("registration_code")
            refusals.append(refuse(self.clause, code, "conditional", "每次请求只能使用一个注册码"))
        if refusals:
            raise MessageError(refusals)
        return records

    def record(self, fields: Sequence[Field], index: tuple[dict, dict], payload: Mapping[str, Any]) -> dict[str, Any]:
        """One object by its fields."""
        if len(payload) > MAX_KEYS:
            raise MessageError([Refusal(self.clause, "data", "data", "数据", "size", f"最多 {MAX_KEYS} 个字段")])
        named = _named(index, payload)
        refusals = self._missing(fields, named)
        record = {}
        for one in fields:
            if one.en not in named:
                if one.type == "List<Map>":
                    record[one.en] = []  # quirk G-31
                continue
            try:
                record[one.en] = self._value(one, named[one.en])
            except wire.WireError as error:
                record[one.en] = named[one.en]
                refusals.append(refuse(self.clause, one, error.kind, str(error)))
            except MessageError as error:
                refusals += error.refusals
        if self.part == "request":
            refusals += rules.lease(self.clause, named)
        if self.check and refusals:
            raise MessageError(refusals)
        return record

    def _missing(self, fields: Sequence[Field], named: Mapping[str, Any]) -> list[Refusal]:
        if not self.check:
            return []
        found = rules.required(self.clause, named, fields)
        # What the upper platform leaves out of a page under a condition is its own affair.
        return [fault for fault in found if self.part == "request" or fault.kind == "required"]

    def _value(self, one: Field, value: Any) -> Any:
        value = wire.forgiven(one, value)
        if one.encrypted or (self.also and (one.en in self.also or f"{self.clause} {one.en}" in self.also)):
            wire.check_sealed(value)
            if self.decrypt is None:
                return value
            value = self._open(value)
        members = interfaces.members(self.clause, one)
        if self.check:
            wire.check(one, value)
        if members and isinstance(value, list):
            index = _index(members)
            return [self._member(members, index, row) for row in value]
        try:
            return wire.read(one, value)
        except wire.WireError:
            raise
        except ValueError:
            raise wire.WireError("format", "无法读取") from None

    def _open(self, value: str) -> str:
        assert self.decrypt is not None
        try:
            return self.decrypt(value)
        except ValueError:
            raise wire.WireError("sealed", "不是可以解密的 SM2 密文") from None

    def _member(self, members: Sequence[Field], index: tuple[dict, dict], row: Any) -> dict[str, Any]:
        if isinstance(row, Mapping):
            return self.record(members, index, row)
        if isinstance(row, str) and len(row) <= members[0].max_length:
            return {members[0].en: row}  # a bare text where an object is usual (quirk B.1.1-q01)
        raise wire.WireError("type", "的成员应为 JSON 对象")
