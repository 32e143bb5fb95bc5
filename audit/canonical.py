"""What an entry says, as the bytes that are hashed: the same for a row read by the ORM, by plain SQL, or from a bundle.

A field that came later counts only where it says something: the leaves of older entries stay what they were.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from audit import merkle

FIRST = (
    "id", "at", "actor_id", "actor", "address", "request_id", "action", "target_model", "target_id", "community_id",
    "outcome", "reason", "detail",
)  # fmt: skip
LATER = ("role", "session", "mac")
FIELDS = FIRST + LATER
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def micros(moment: datetime) -> int:
    """Microseconds since 1970 in UTC."""
    return (moment - EPOCH) // MICROSECOND


def text_of(values: Mapping[str, Any]) -> bytes:
    """The bytes of an entry; `at` is already a number (micros)."""
    said = {name: values[name] for name in FIRST}
    for name in LATER:
        if found := values.get(name):
            said[name] = found
    return orjson.dumps(said, option=orjson.OPT_SORT_KEYS)


def leaf(values: Mapping[str, Any]) -> bytes:
    """The leaf hash of an entry."""
    return merkle.leaf_hash(text_of(values))


def claim(values: Mapping[str, Any]) -> str:
    """What the entry's own code (`mac`) is made over: all it says but the code itself."""
    return text_of({**values, "mac": ""}).decode()
