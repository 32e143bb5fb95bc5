"""Messages of Appendix B: encode, decode, check. Records have English keys; refusals name wire name, Chinese name, clause.

A refusal never holds the value. An empty value (None or "") is an absent one and is never sent.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from standard import codes, interfaces, wire
from standard.fields import LABEL, WHEN, YES, Field

MAX_URL_BYTES = 2048
MAX_BODY_BYTES = 20_000_000
MAX_PICTURE_BASE64 = wire.MAX_PICTURE_BASE64
MAX_PAGE = 400
BATCH_BYTES = 18_000_000
TENANT_FAMILY = "tenant_family"  # an extra key of a relation: 租客家属 has no code of its own (quirk G-28)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a message is not a message: the field by its three names, the clause, the kind, and a Chinese phrase."""

    clause: str
    wire: str
    en: str
    name_zh: str
    kind: str
    problem: str

    def __str__(self) -> str:
        return f"{self.name_zh}({self.wire}){self.problem}({self.clause})"


class MessageError(ValueError):
    """A message that the standard does not allow; `refusals` say why."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        self.refusals = tuple(refusals)
        super().__init__(";".join(str(refusal) for refusal in self.refusals))


@dataclass(frozen=True)
class Profile:
    """Which spelling a platform understands. `overrides`: (clause, English name) -> wire name."""

    names: str = "table"
    overrides: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def wire_name(self, clause: str, one: Field) -> str:
        """The name to send a field under."""
        usual = one.likely if self.names == "likely" and one.likely else one.wire
        return self.overrides.get((clause, one.en), usual)


TABLE = Profile()
LIKELY = Profile("likely")


def _refuse(clause: str, one: Field, kind: str, problem: str) -> Refusal:
    return Refusal(clause, one.wire, one.en, one.zh, kind, problem)


def _absent(value: Any) -> bool:
    return value is None or value == ""


@lru_cache(maxsize=64)
def _labels(clause: str) -> dict[str, tuple[str, str]]:
    """Name field -> (its code field, code table): `x_name` is filled from `x_code`."""
    fields = {one.en: one for one in interfaces.get(clause).request}
    pairs = {}
    for one in fields.values():
        twin = fields.get(one.en.removesuffix("_name") + "_code") if one.en.endswith("_name") else None
        if twin is not None and twin.table and (one.role == LABEL or one.table is None):
            pairs[one.en] = (twin.en, twin.table)
    return pairs


def filled(clause: str, record: Mapping[str, Any]) -> dict[str, Any]:
    """The record with the names of its codes."""
    result = {name: value for name, value in record.items() if not _absent(value)}
    for name, (code, table) in _labels(clause).items():
        if name not in result and code in result:
            label = codes.table(table).names.get(str(result[code]))
            if label is not None:
                result[name] = label
    return result


def _required(clause: str, present: Mapping[str, Any], fields: Iterable[Field]) -> Iterator[Refusal]:
    for one in fields:
        if one.en in present:
            continue
        if one.required is YES:
            yield _refuse(clause, one, "required", "为必填项,不能为空")
        elif one.required == WHEN and one.condition is not None:
            condition = one.condition
            if condition.kind == "one_of" and not any(name in present for name in condition.fields):
                yield _refuse(clause, one, "conditional", "与同组字段不能同时为空")
            elif condition.kind == "tenant" and _of_tenant(present):
                yield _refuse(clause, one, "conditional", "在住户类型为租客或租客家属时必填")


def _of_tenant(record: Mapping[str, Any]) -> bool:
    return str(record.get("resident_type_code", "")) == "1" or bool(record.get(TENANT_FAMILY))


def _lease(clause: str, wired: Mapping[str, Any]) -> Iterator[Refusal]:
    if "lease_start" in wired and "lease_end" in wired:
        try:
            ordered = wire.read_moment(wired["lease_start"]) < wire.read_moment(wired["lease_end"])
        except wire.WireError:
            return
        if not ordered:
            yield _refuse(clause, interfaces.get(clause).field("lease_end"), "order", "必须大于租赁开始时间")


def _written(clause: str, record: Mapping[str, Any], fields: Sequence[Field]) -> tuple[dict[str, Any], list[Refusal]]:
    """Wire values by English name, and what is wrong with the record."""
    refusals, wired = list(_required(clause, record, fields)), {}
    known = {one.en: one for one in fields}
    for name in record.keys() - known.keys() - {TENANT_FAMILY}:
        refusals.append(Refusal(clause, name, name, name, "unknown", "不是本接口的字段"))
    for one in fields:
        if one.en not in record:
            continue
        try:
            value = wire.written(one, record[one.en])
            if one.type == "List<Map>" and one.items:
                value = _written_items(clause, value, one)
            wire.check(one, value)
            wired[one.en] = value
        except wire.WireError as error:
            refusals.append(_refuse(clause, one, "value", str(error)))
        except MessageError as error:
            refusals += error.refusals
    refusals += _lease(clause, wired)
    return wired, refusals


def _written_items(clause: str, rows: Any, one: Field) -> list[dict[str, Any]]:
    if not isinstance(rows, list):
        raise wire.WireError("应为数组")
    result = []
    for row in rows:
        wired, refusals = _written(clause, {k: v for k, v in row.items() if not _absent(v)}, one.items)
        if refusals:
            raise MessageError(refusals)
        result.append({item.wire: wired[item.en] for item in one.items if item.en in wired})
    return result


def check(clause: str, record: Mapping[str, Any]) -> list[Refusal]:
    """Everything wrong with a clear, English-keyed record; an empty list when nothing is."""
    return _written(clause, filled(clause, record), interfaces.get(clause).request)[1]


def encode(
    clause: str,
    record: Mapping[str, Any],
    *,
    profile: Profile = TABLE,
    encrypt: Callable[[str], str] | None = None,
    also_encrypt: Iterable[str] = (),
) -> dict[str, Any]:
    """The message of one record, in printed order; MessageError when the standard does not allow it.

    For a batch interface this is one record of the array; `batch` wraps them. `also_encrypt` holds English names or
    "B.4.2 document_number".
    """
    wired, refusals = _written(clause, filled(clause, record), interfaces.get(clause).request)
    if refusals:
        raise MessageError(refusals)
    more = set(also_encrypt)
    message = {}
    for one in interfaces.get(clause).request:
        if one.en in wired:
            value = wired[one.en]
            if encrypt is not None and (one.encrypted or one.en in more or f"{clause} {one.en}" in more):
                value = encrypt(value)
            message[profile.wire_name(clause, one)] = value
    return message


def batch(clause: str, messages: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Encoded records as the array a batch interface wants (quirks of tables B.16 and B.46)."""
    shape = interfaces.get(clause).batch
    if shape is None:
        raise ValueError(f"{clause} takes one record")
    if not 0 < len(messages) <= shape.limit:
        raise ValueError(f"{clause} takes 1 to {shape.limit} records")
    return {shape.array_field: list(messages)}


def split_batches(clause: str, messages: Iterable[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    """Encoded records in lists within the record limit and 18 MB of body."""
    shape = interfaces.get(clause).batch
    if shape is None:
        raise ValueError(f"{clause} takes one record")
    rows: list[Mapping[str, Any]] = []
    size = 0
    for message in messages:
        weight = len(json.dumps(message, ensure_ascii=False).encode()) + 2
        if weight > BATCH_BYTES:
            raise ValueError(f"{clause}: one record is larger than a body may be")
        if rows and (len(rows) == shape.limit or size + weight > BATCH_BYTES):
            yield rows
            rows, size = [], 0
        rows.append(message)
        size += weight
    if rows:
        yield rows


@lru_cache(maxsize=256)
def _spellings(clause: str, part: str) -> dict[str, Field]:
    """Every spelling a field of a message may come under, spaces and case forgiven (quirks G-41, G-48)."""
    known: dict[str, Field] = {}
    for one in interfaces.get(clause).part(part):
        for name in one.spellings:
            known.setdefault(name, one)
            known.setdefault(name.lower(), one)
    return known


def _named(clause: str, part: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    known, result = _spellings(clause, part), {}
    for name, value in payload.items():
        plain = str(name).replace(" ", "")
        one = known.get(plain) or known.get(plain.lower())
        if one is not None and not _absent(value) and one.en not in result:
            result[one.en] = value
    return result


def decode(
    clause: str,
    payload: Mapping[str, Any],
    *,
    part: str = "request",
    decrypt: Callable[[str], str] | None = None,
    check: bool = True,
) -> dict[str, Any]:
    """A message as a record with English keys and the program's values. Unknown names are passed over.

    With `check` the standard's demands hold and MessageError says what fails; without, what cannot be read is kept as it came.
    """
    fields = interfaces.get(clause).part(part)
    named, record, refusals = _named(clause, part, payload), {}, []
    if check:
        refusals += _required(clause, named, fields)
    for one in fields:
        if one.en not in named:
            continue
        value = named[one.en]
        try:
            if one.encrypted and decrypt is not None:
                wire.check(one, value, sealed=True)
                value = decrypt(value)
            record[one.en] = _read(clause, one, value, check=check)
        except wire.WireError as error:
            if check:
                refusals.append(_refuse(clause, one, "value", str(error)))
            else:
                record[one.en] = value
        except MessageError as error:
            refusals += error.refusals
        except ValueError:
            refusals.append(_refuse(clause, one, "sealed", "不是可以解密的 SM2 密文"))
    if check and part == "request":
        refusals += _lease(clause, {name: named[name] for name in ("lease_start", "lease_end") if name in named})
    if check and refusals:
        raise MessageError(refusals)
    return record


def _read(clause: str, one: Field, value: Any, *, check: bool) -> Any:
    if one.type == "String" and isinstance(value, (int, float)) and not isinstance(value, bool):
        value = str(value)  # codes and numbers as JSON numbers are forgiven (quirk G-17)
    if one.type == "Integer" and isinstance(value, str) and value.isdigit():
        value = int(value)
    if one.format == wire.PICTURE and isinstance(value, str) and value.startswith("data:"):
        value = value.partition(",")[2]
    if check:
        wire.check(one, value)
    if one.type == "List<Map>" and one.items and isinstance(value, list):
        return [_row(clause, one, row, check=check) for row in value]
    return wire.reader(one)(value)


def _row(clause: str, one: Field, row: Any, *, check: bool) -> dict[str, Any]:
    if not isinstance(row, Mapping):
        return {one.items[0].en: row}  # a plain string where an object is usual (quirk B.1.1-q01)
    names = {name: item for item in one.items for name in item.spellings}
    result = {}
    for name, value in row.items():
        item = names.get(str(name).replace(" ", ""))
        if item is not None and not _absent(value):
            result[item.en] = _read(clause, item, value, check=check)
    if check and (missing := list(_required(clause, result, one.items))):
        raise MessageError(missing)
    return result


