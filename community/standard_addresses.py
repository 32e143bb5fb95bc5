"""Standard addresses of the upper platform (B.7): a house that has no address code yet takes the one that is surely its own."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from audit import log
from community.models import House

DIGITS = re.compile(r"\d{1,6}")


def take(community_id: int, records: Sequence[Mapping[str, Any]]) -> int:
    """Fill in codes by building, unit and room where exactly one house fits and nobody has the code; how many."""
    bare = House.objects.filter(community=community_id, address_code="").select_related("building", "unit")
    by_place: dict[tuple[int, int, str], list[House]] = {}
    for house in bare:
        key = (house.building.number, house.unit.number if house.unit else 0, house.room)
        by_place.setdefault(key, []).append(house)
    if not by_place:
        return 0
    taken = set(
        House.objects.filter(community=community_id).exclude(address_code="").values_list("address_code", flat=True)
    )
    filled = 0
    for record in records:
        code, houses = record["address_code"], by_place.get(place_of(record), [])
        if len(houses) == 1 and code not in taken:
            houses[0].address_code = code
            houses[0].save()
            taken.add(code)
            filled += 1
    if filled:
        log.write("take_addresses", community_id=community_id, detail={"houses": filled})
    return filled


def place_of(record: Mapping[str, Any]) -> tuple[int, int, str]:
    """(building, unit or 0, room) of a standard address.

    >>> place_of({"building_no": "3号楼", "unit_no": "2单元", "room_no": "501室"})
    (3, 2, '501')
    """
    return (_number(record.get("building_no")), _number(record.get("unit_no")), _room(record.get("room_no")))


def _number(text: Any) -> int:
    found = DIGITS.search(str(text or ""))
    return int(found.group()) if found else 0


def _room(text: Any) -> str:
    return str(text or "").strip().removesuffix("室")
