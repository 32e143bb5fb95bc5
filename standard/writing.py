"""Records to messages: English keys and the program's values become wire names and wire values, or are refused."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from standard import interfaces, rules, wire
from standard.fields import Field, Interface
from standard.refusals import MessageError, Refusal, refuse

RECORDS = "records"  # the English key of the array of a batch interface


@dataclass(frozen=True)
class Profile:
    """Which spelling a platform understands: those of the "table" or the "likely" ones.

    `overrides`: (clause, English name) -> wire name.
    """

    names: str = "table"
    overrides: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.names not in ("table", "likely"):
            raise ValueError("names is table or likely")

    def wire_name(self, clause: str, one: Field) -> str:
        """The name to send a field under."""
        usual = one.likely if self.names == "likely" and one.likely else one.wire
        return self.overrides.get((clause, one.en), usual) if self.overrides else usual


TABLE = Profile()
LIKELY = Profile("likely")


def check(clause: str, record: Mapping[str, Any]) -> list[Refusal]:
    """Everything wrong with a clear, English-keyed record or {"records": [...]}; an empty list when nothing is."""
    interface = interfaces.get(clause)
    if interface.batch is None or RECORDS not in record:
        return _written(clause, rules.filled(clause, record), interface.request)[1]
    try:
        rows = _rows(interface, record)
    except MessageError as error:
        return list(error.refusals)
    faults = [(place, fault) for place, row in enumerate(rows, 1) for fault in check(clause, row)]
    return [fault.at(place) for place, fault in faults]


def encode(
    clause: str,
    record: Mapping[str, Any],
    *,
    profile: Profile = TABLE,
    encrypt: Callable[[str], str] | None = None,
    also_encrypt: Iterable[str] = (),
    check: bool = True,
) -> dict[str, Any]:
    """The message of a record, in printed order; MessageError when the standard does not allow it.

    Of a batch interface, {"records": [...]} becomes the whole body, with one registration code for all (quirk G-35);
    a record by itself becomes one member of the array, for `split_batches` and `batch`. `encrypt` seals the marked
    fields; `also_encrypt` adds English names, or "B.4.2 document_number" for one interface only. Without `check`, what
    cannot be written is sent as it is: only for echoing the printed examples.
    """
    interface = interfaces.get(clause)
    seal = _sealer(clause, encrypt, also_encrypt)
    if interface.batch is None or RECORDS not in record:
        return _message(interface, interface.request, rules.filled(clause, record), profile, seal, check=check)
    messages, refusals = [], []
    for place, row in enumerate(_rows(interface, record), 1):
        try:
            clear = rules.filled(clause, row)
            messages.append(_message(interface, interface.request, clear, profile, seal, check=check))
        except MessageError as error:
            refusals += [refusal.at(place) for refusal in error.refusals]
    if refusals:
        raise MessageError(refusals)
    return {interface.batch.array_field: messages}


def encode_response(clause: str, record: Mapping[str, Any], *, profile: Profile = TABLE) -> dict[str, Any]:
    """The `data` of an answer: what the upper platform sends back. A page keeps its rows under "items"."""
    interface = interfaces.get(clause)
    clear = {name: value for name, value in record.items() if not rules.absent(value)}
    return _message(interface, interface.response, clear, profile, None, check=True)


def _sealer(
    clause: str, encrypt: Callable[[str], str] | None, also: Iterable[str]
) -> Callable[[Field, Any], Any] | None:
    if encrypt is None:
        return None
    more = frozenset(also)

    def seal(one: Field, value: Any) -> Any:
        marked = one.encrypted or one.en in more or f"{clause} {one.en}" in more
        return encrypt(value) if marked and isinstance(value, str) else value

    return seal


def _rows(interface: Interface, record: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The records of a batch, each with the registration code; MessageError for a bad number or two codes."""
    shape, rows = interface.batch, record[RECORDS]
    if shape is None or not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise MessageError([Refusal(interface.clause, RECORDS, RECORDS, "记录", "type", "应为数组")])
    if not 0 < len(rows) <= shape.limit:
        problem = f"应有 1 至 {shape.limit} 条"
        raise MessageError([Refusal(interface.clause, shape.array_field, RECORDS, "记录", "items", problem)])
    common = record.get("registration_code")
    rows = [{"registration_code": common, **row} if common else row for row in rows]
    if len({row.get("registration_code") for row in rows}) > 1:
        code = interface.field("registration_code")
        raise MessageError([refuse(interface.clause, code, "conditional", "每次请求只能使用一个注册码")])
    return rows


def _message(
    interface: Interface,
    fields: Sequence[Field],
    clear: Mapping[str, Any],
    profile: Profile,
    seal: Callable[[Field, Any], Any] | None,
    *,
    check: bool,
) -> dict[str, Any]:
    clause = interface.clause
    wired, refusals = _written(clause, clear, fields)
    if check and refusals:
        raise MessageError(refusals)
    message = {}
    for one in fields:
        if one.en not in wired:
            continue
        value = wired[one.en]
        message[profile.wire_name(clause, one)] = seal(one, value) if seal is not None else value
    return message


def _written(clause: str, record: Mapping[str, Any], fields: Sequence[Field]) -> tuple[dict[str, Any], list[Refusal]]:
    """Wire values by English name, and what is wrong with the record. `record` holds no absent values."""
    refusals = list(rules.required(clause, record, fields))
    wired: dict[str, Any] = {}
    for one in fields:
        value = record.get(one.en)
        if value is None:
            continue
        wired[one.en] = value
        try:
            members = interfaces.members(clause, one)
            wired[one.en] = _written_list(clause, one, value, members) if members else wire.written(one, value)
            wire.check(one, wired[one.en])
        except wire.WireError as error:
            refusals.append(refuse(clause, one, error.kind, str(error)))
        except MessageError as error:
            refusals += error.refusals
    if len(wired) < len(record):
        strangers = sorted(record.keys() - wired.keys() - {rules.TENANT_FAMILY})
        refusals += [Refusal(clause, name, name, name, "unknown", "不是本接口的字段") for name in strangers]
    refusals += rules.lease(clause, wired)
    return wired, refusals


def _written_list(clause: str, one: Field, rows: Any, members: Sequence[Field]) -> list[dict[str, Any]]:
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise wire.WireError("type", "应为数组")
    result = []
    for row in rows:
        wired, refusals = _written(clause, {k: v for k, v in row.items() if not rules.absent(v)}, members)
        if refusals:
            raise MessageError(refusals)
        result.append({member.wire: wired[member.en] for member in members if member.en in wired})
    return result
