"""What a client may read back: pages of what is stored, masked as the field tables say.

Pictures stay here: 400 of them would pass any sensible size of an answer, and the tables leave them optional.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from sandbox import refusals
from sandbox.pushes import HOUSE, PERSON, RELATION, SEPARATOR
from sandbox.refusals import Refused
from sandbox.rules import Rules
from sandbox.store import Held, Store
from standard import codes, interfaces, messages

VEHICLE = "B.5.2"
SOURCES = {"B.2.1": PERSON, "B.3.1": HOUSE, "B.4.1": RELATION, "B.5.1": VEHICLE, "B.7": HOUSE}
IDENTIFIERS = {"B.2.1": "person_id", "B.3.1": "house_id", "B.5.1": "vehicle_id"}
BUILDING = re.compile(r"(\d{1,4})\s*(?:号楼|号院|栋|幢|楼|座)")
UNIT = re.compile(r"(\d{1,3})\s*(?:单元|门)")
ROOM = re.compile(r"(\d{2,5})\s*室?$")


def pull(rules: Rules, store: Store, interface: interfaces.Interface, payload: dict[str, Any]) -> dict[str, Any]:
    """One page, English-keyed, as the answer wants it."""
    asked = messages.decode(interface.clause, payload)
    place = asked["registration_code"]
    if place not in rules.account.places:
        raise Refused(refusals.PLACE, "注册码不属于本账号(9.2.3)")
    if asked["page_size"] > messages.MAX_PAGE:
        raise Refused(refusals.LIMIT, f"每页长度超过限制,最多 {messages.MAX_PAGE} 条({interface.clause})")
    total, rows = store.page(
        SOURCES[interface.clause],
        place,
        asked["page"],
        asked["page_size"],
        since=_epoch(asked.get("start_time")),
        until=_epoch(asked.get("end_time")),
        person=_person(store, place, asked),
        address=asked.get("address_code"),
    )
    item = ITEMS.get(interface.clause, _plain)
    items = [item(store, interface, rules.account.places[place], row) for row in rows]
    return {"total_records": total, "page": asked["page"], "page_size": asked["page_size"], "items": items}


def _epoch(moment: Any) -> float | None:
    return None if moment is None else moment.timestamp()


def _person(store: Store, place: str, asked: Mapping[str, Any]) -> str | None:
    """The person id that B.4.1 asks for, by itself or by the document number."""
    if "person_id" in asked or "document_number" not in asked:
        return asked.get("person_id")
    found = store.find(PERSON, place, person=asked["document_number"])
    return found.identifier if found else SEPARATOR  # which nobody has


def _stored(row: Held) -> dict[str, Any]:
    """The record as it was reported, with the times it was first and last received."""
    record = messages.decode(row.clause, row.clear, check=False)
    return record | {"registered_at": row.first_at, "updated_at": row.latest_at}


def _plain(_store: Store, interface: interfaces.Interface, _community: str, row: Held) -> dict[str, Any]:
    return _stored(row) | {IDENTIFIERS[interface.clause]: row.identifier}


def _relation(store: Store, _interface: interfaces.Interface, _community: str, row: Held) -> dict[str, Any]:
    record = _stored(row)
    person = store.find(PERSON, row.place, identifier=row.person)
    house = store.find(HOUSE, row.place, key=row.address)
    code = record["resident_type_code"]
    return record | {
        "person_id": row.person,
        "document_number": person.person if person else "",
        "address_detail": _stored(house)["address_name"] if house else row.address,
        "resident_type_name": codes.table("occupant_type").names.get(code, code),
        "added_at": row.first_at,
    }


def _address(_store: Store, _interface: interfaces.Interface, community: str, row: Held) -> dict[str, Any]:
    """A standard address, its parts read from the house's address as far as they can be."""
    record = _stored(row)
    text = record["address_name"]
    building, unit, room = (_first(pattern, text) for pattern in (BUILDING, UNIT, ROOM))
    return {
        "address_code": record["address_code"],
        "address_detail": text,
        "community_name": community,
        "building_sequence_no": building or "0",
        "building_no": f"{building}号楼" if building else "未分楼栋",
        "unit_sequence_no": unit,
        "unit_no": f"{unit}单元" if unit else "",
        "floor_no": room[:-2],
        "room_sequence_no": room[-2:].lstrip("0"),
        "room_no": f"{room}室" if room else "",
        "registered_at": row.first_at,
        "updated_at": row.latest_at,
    }


def _first(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found.group(1) if found else ""


ITEMS: dict[str, Callable[[Store, interfaces.Interface, str, Held], dict[str, Any]]] = {
    "B.4.1": _relation,
    "B.7": _address,
}
