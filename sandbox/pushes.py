"""What a client reports: read strictly, opened, made sense of, kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox import refusals
from sandbox.refusals import Refused
from sandbox.rules import Rules
from sandbox.store import Arrival, Store, Writer
from standard import interfaces, messages
from standard.fields import PICTURE
from standard.numbers import NumberError, identity, plain

PERSON, HOUSE, RELATION, DEVICE, WITHDRAWAL, STATUS = "B.2.2", "B.3.2", "B.4.2", "B.6.1", "B.6.2", "B.6.3"
# What makes two messages speak of the same thing; the standard names none (quirks B.2.2-q11, B.10-q07). What is not
# here is a happening: each arrival is one of its own.
KEYS: dict[str, tuple[str, ...]] = {
    PERSON: ("document_type_code", "document_number"),
    HOUSE: ("address_code",),
    "B.5.2": ("plate_number", "plate_color_code"),
    DEVICE: ("device_code",),
    WITHDRAWAL: ("device_code",),
    STATUS: ("device_code",),
    "B.8": ("archive_no",),
    "B.9": ("plate_number", "first_passage_at"),
    "B.10": ("house_address", "usage_month"),
}
NUMBERS = {"document_number", "plate_number", "archive_no"}
# Unmarked fields a client may seal all the same (quirks B.4.2-q04, B.6.1-q07), and those never kept.
MAY_BE_SEALED = {RELATION: ("document_number",), DEVICE: ("device_username", "device_password")}
NEVER_KEPT = {DEVICE: ("device_username", "device_password")}
SHORTEST_CIPHERTEXT = 130
CITIZEN = "111"
MAX_STRANGE_NAMES, MAX_STRANGE_CHARS = 20, 200
SEPARATOR = "\x1f"


@dataclass(frozen=True, slots=True)
class Message:
    """One message: the record with English keys, the clear values and the pictures under the names they came with."""

    clause: str
    place: str
    record: Mapping[str, Any]
    clear: Mapping[str, Any]
    pictures: Mapping[str, bytes]
    size: int


def push(
    rules: Rules, store: Store, interface: interfaces.Interface, payload: dict[str, Any], size: int, now: float
) -> str:
    """Keep what a call brings, all of it or nothing; the lasting id of the record (of a batch: of its last one)."""
    rows = _rows(interface, payload)
    read = [_read(rules, interface, row, size // len(rows)) for row in rows]
    with store.writing() as writer:
        for message in read:
            identifier = _settle(writer, message, now)
    return identifier


def _rows(interface: interfaces.Interface, payload: dict[str, Any]) -> list[dict[str, Any]]:
    if interface.batch is None:
        return [payload]
    name, limit = interface.batch.array_field, interface.batch.limit
    rows = payload.get(name)
    if not isinstance(rows, list) or not rows:
        raise Refused(refusals.NOT_JSON, f"{name} 应为非空数组({interface.clause})")
    if len(rows) > limit:
        raise Refused(refusals.LIMIT, f"{name} 长度超过限制,每次最多 {limit} 条({interface.clause})")
    if not all(isinstance(row, dict) for row in rows):
        raise Refused(refusals.NOT_JSON, f"{name} 的每一项应为对象({interface.clause})")
    return rows


def _read(rules: Rules, interface: interfaces.Interface, row: dict[str, Any], size: int) -> Message:
    clause = interface.clause
    row = _opened(rules, interface, row)
    record = messages.decode(clause, row, decrypt=rules.open)
    place = record["registration_code"]
    if place not in rules.account.places:
        raise Refused(refusals.PLACE, f"{_named(clause, 'registration_code')}不属于本账号(9.2.3)")
    _make_sense(clause, record)
    clear, pictures = _cleared(interface, row, record)
    return Message(clause, place, record, clear, pictures, size)


def _named(clause: str, en: str) -> str:
    one = interfaces.get(clause).field(en)
    return f"{one.zh}({one.wire})"


def _opened(rules: Rules, interface: interfaces.Interface, row: dict[str, Any]) -> dict[str, Any]:
    """The message with the unmarked fields opened that this client sealed."""
    names = {name for en in MAY_BE_SEALED.get(interface.clause, ()) for name in interface.field(en).spellings}
    found = {}
    for name in names & row.keys():
        value = row[name]
        if isinstance(value, str) and len(value) >= SHORTEST_CIPHERTEXT:
            try:
                found[name] = rules.open(value)
            except ValueError:
                continue  # left as it is: the check of its length names the field
    return row | found if found else row


def _make_sense(clause: str, record: Mapping[str, Any]) -> None:
    """Identity numbers must hold together: of people with a citizen's card, and of owners of houses."""
    name = {PERSON: "document_number", "B.2.3": "document_number", HOUSE: "owner_id_number"}.get(clause)
    if name not in record or (clause != HOUSE and record.get("document_type_code") != CITIZEN):
        return
    try:
        identity.parse(record[name])
    except NumberError as error:
        raise Refused(refusals.FIELD, f"{_named(clause, name)}校验不符:{error.message}({clause})") from None


def _cleared(
    interface: interfaces.Interface, row: Mapping[str, Any], record: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The message as it came, its ciphertext replaced by clear text, its pictures apart."""
    known = {name.lower(): one for one in interface.request for name in one.spellings}
    hidden = NEVER_KEPT.get(interface.clause, ())
    clear: dict[str, Any] = {}
    pictures: dict[str, bytes] = {}
    strange = 0
    for name, value in row.items():
        one = known.get(name.replace(" ", "").lower())
        if value is None or value == "":
            continue
        if one is None or one.en not in record:
            strange += 1
            if strange <= MAX_STRANGE_NAMES:
                clear[name[:MAX_STRANGE_CHARS]] = str(value)[:MAX_STRANGE_CHARS]
        elif one.format == PICTURE:
            pictures[name] = record[one.en]
        elif one.en in hidden:
            clear[name] = "***"
        else:
            clear[name] = record[one.en] if one.encrypted else value
    return clear, pictures


def _settle(writer: Writer, message: Message, now: float) -> str:
    """Find what it belongs to, and keep it."""
    person, address, key = "", "", None
    record, clause = message.record, message.clause
    if clause == PERSON:
        person = plain(record["document_number"])
    elif clause == RELATION:
        person, address = _ends(writer, message)
        key = SEPARATOR.join((person, address))
    elif clause == HOUSE:
        address = record["address_code"]
    elif clause in (WITHDRAWAL, STATUS) and writer.find(DEVICE, message.place, key=record["device_code"]) is None:
        raise Refused(refusals.NO_DEVICE, f"设备不存在,请先同步设备信息({clause})")
    if clause == WITHDRAWAL:
        for one in (DEVICE, STATUS):
            writer.withdraw(one, message.place, record["device_code"], now)
    arrival = Arrival(
        clause,
        message.place,
        key or natural_key(clause, record),
        message.clear,
        message.pictures,
        message.size,
        person,
        address,
    )
    return writer.keep(arrival, now)


def natural_key(clause: str, record: Mapping[str, Any]) -> str | None:
    """The text two messages share that speak of the same thing; None for a happening."""
    names = KEYS.get(clause) or interfaces.get(clause).key
    if not names:
        return None
    return SEPARATOR.join(
        plain(record.get(name, "")) if name in NUMBERS else str(record.get(name, "")) for name in names
    )


def _ends(writer: Writer, message: Message) -> tuple[str, str]:
    """The person's id and the house's address code of a relation; both must be here already."""
    record, place = message.record, message.place
    number = plain(record["document_number"]) if "document_number" in record else None
    if "person_id" in record:
        found = writer.find(PERSON, place, identifier=record["person_id"])
    else:
        found = writer.find(PERSON, place, person=number)
    if found is None:
        raise Refused(refusals.ORPHAN, "人员不存在,请先同步人员信息(B.2.2)")
    if number is not None and found.person != number:
        raise Refused(refusals.FIELD, f"{_named(RELATION, 'document_number')}与人员不符({RELATION})")
    if writer.find(HOUSE, place, key=record["address_code"]) is None:
        raise Refused(refusals.ORPHAN, "房屋不存在,请先同步房屋信息(B.3.2)")
    return found.identifier, record["address_code"]
