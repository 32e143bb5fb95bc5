"""Is what arrived what was generated? Field by field, without asking any model.

Both sides are English-keyed records of text. Pictures are compared as pictures: they are re-encoded on the way, so the
same size and nearly the same pixels count as equal.
"""

import base64
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from PIL import Image, ImageChops, ImageStat

from standard import interfaces

Record = Mapping[str, str]
KEYS = {
    "B.2.2": ("registration_code", "document_number"),
    "B.3.2": ("registration_code", "address_code"),
    "B.4.2": ("registration_code", "document_number", "address_code"),
    "B.5.2": ("registration_code", "plate_number", "plate_color_code"),
    "B.6.1": ("registration_code", "device_code"),
    "B.6.3": ("registration_code", "device_code"),
    "B.2.3": ("registration_code", "device_code", "entered_at", "left_at", "document_number", "archive_no"),
    "B.5.3": ("registration_code", "device_code", "entered_at", "left_at", "plate_number"),
    "B.8": ("registration_code", "archive_no"),
    "B.9": ("registration_code", "plate_number"),
    "B.10": ("registration_code", "house_address", "usage_month"),
}
OWN_IDS = {"track_id"}  # made by the portal, so not known beforehand
PIXEL_TOLERANCE = 8.0  # mean difference of 255 levels that re-encoding may cause


@dataclass(slots=True)
class Difference:
    """One record that is missing, unexpected, or differs in the fields named."""

    interface: str
    key: tuple[str, ...]
    problem: str
    fields: tuple[str, ...] = ()


@dataclass(slots=True)
class Comparison:
    """How many records were compared, and what differs."""

    compared: dict[str, int] = field(default_factory=dict)
    fields: int = 0
    differences: list[Difference] = field(default_factory=list)


def in_english(interface: str, record: Mapping[str, object]) -> dict[str, str]:
    """A stored record under the standard's English names; unknown names keep their own, so that they show."""
    fields = interfaces.get(interface).request
    names = {field.wire: field.en for field in fields}
    members = {member.wire: member.en for field in fields for member in field.items}
    return {
        names.get(key, key): _rows(value, members) if isinstance(value, list) else str(value)
        for key, value in record.items()
        if value not in (None, "")
    }


def _rows(rows: list[Mapping[str, object]], members: Mapping[str, str]) -> str:
    """A list as text, without the ids the portal made."""
    named = [{members.get(key, key): value for key, value in row.items()} for row in rows]
    return json.dumps([{k: v for k, v in row.items() if k not in OWN_IDS} for row in named], sort_keys=True)


def same_picture(left: str, right: str) -> bool:
    """Two base64 pictures of equal size and nearly equal pixels."""
    pictures = [Image.open(io.BytesIO(base64.b64decode(text))).convert("RGB") for text in (left, right)]
    if pictures[0].size != pictures[1].size:
        return False
    return max(ImageStat.Stat(ImageChops.difference(*pictures)).mean) <= PIXEL_TOLERANCE


def differing(expected: Record, stored: Record) -> tuple[str, ...]:
    """Names of the fields that are missing, unexpected or different."""
    wrong = []
    for name in sorted({*expected, *stored}):
        left, right = expected.get(name, ""), stored.get(name, "")
        if left == right:
            continue
        if name.endswith("_base64") and left and right and same_picture(left, right):
            continue
        wrong.append(name)
    return tuple(wrong)


def compare(expected: Iterable[tuple[str, Record]], stored: Iterable[tuple[str, str, Record]]) -> Comparison:
    """Hold (interface, expected record) against (interface, platform id, stored record).

    A stored relation or passage names its person by the platform's id; the person stored under that id gives the number.
    """
    result = Comparison()
    arrived: dict[tuple[str, tuple[str, ...]], Record] = {}
    rows = list(stored)
    numbers = {identifier: record["document_number"] for clause, identifier, record in rows if clause == "B.2.2"}
    for clause, _identifier, record in rows:
        if clause not in KEYS:
            continue
        if clause in ("B.4.2", "B.2.3") and "person_id" in record:
            record = {name: value for name, value in record.items() if name != "person_id"} | {
                "document_number": numbers.get(record["person_id"], "unknown person")
            }
        arrived[clause, tuple(record.get(name, "") for name in KEYS[clause])] = record
    for clause, record in expected:
        wanted = {name: value for name, value in record.items() if value != ""}
        key = tuple(wanted.get(name, "") for name in KEYS[clause])
        result.compared[clause] = result.compared.get(clause, 0) + 1
        result.fields += len(wanted)
        found = arrived.pop((clause, key), None)
        if found is None:
            result.differences.append(Difference(clause, key, "missing"))
        elif wrong := differing(wanted, found):
            result.differences.append(Difference(clause, key, "differs", wrong))
    result.differences += [Difference(clause, key, "unexpected") for clause, key in arrived]
    return result
