"""The shapes a line of `standard/interfaces.py` fills: field, condition, batch, interface."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

Required = bool | Literal["conditional"]

YES: Required = True
NO: Required = False
WHEN: Required = "conditional"

# How a text is read and written. The numeric ones, the month and the GUID are printed in the field
# tables; a birth date and a person's name carry no printed layout (general quirk G-40).
MOMENT = "yyyy-MM-dd HH:mm:ss"
DAY = "yyyy-MM-dd"
MONTH = "yyyy-MM"
PICTURE = "base64"
WHOLE = "integer as text"
AREA = "number as text, at most 2 decimals"
USAGE = "number as text, 0 when there is none"
GUID = "32 hexadecimal digits"
NAME = "name of a person or an organisation"
LINES = "text of several lines"
TRACKS = "array of objects"

CODE, LABEL = "code", "name"


@dataclass(frozen=True, slots=True)
class Condition:
    """When a conditional field is required. `kind` is one_of, tenant or example."""

    kind: Literal["one_of", "tenant", "example"]
    fields: tuple[str, ...] = ()


def one_of(*fields: str) -> Condition:
    """At least one of these fields (English names) must have a value."""
    return Condition("one_of", fields)


TENANT = Condition("tenant")  # required for occupant type 1 and for a tenant's family
EXAMPLE = Condition("example")  # only the printed example calls it required; never refused when absent


@dataclass(frozen=True, slots=True)
class Field:
    """One line of a field table.

    `wire` is the name sent, without the stray spaces some tables print; `accept` are all spellings read;
    `likely` is the spelling the table probably meant. `table` names a code table, `boolean` the wire values
    of (True, False). `items` are the fields of the objects in a list. `in_table` is False where only a
    printed example shows the field. `max_length` counts characters of the clear value.
    """

    wire: str
    en: str
    zh: str
    type: Literal["String", "Integer", "DateTime", "List<Map>"] = "String"
    required: Required = False
    encrypted: bool = False
    masked: bool = False
    table: str | None = None
    role: Literal["code", "name"] | None = None
    values: tuple[tuple[str, str], ...] = ()
    boolean: tuple[str, str] | None = None
    format: str | None = None
    note: str | None = None
    condition: Condition | None = None
    accept: tuple[str, ...] = ()
    likely: str | None = None
    items: tuple[Field, ...] = ()
    max_items: int | None = None
    max_length: int = 200
    minimum: int | None = None
    in_table: bool = True
    spellings: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        spellings = (self.wire, *self.accept, *((self.likely,) if self.likely else ()))
        object.__setattr__(self, "spellings", tuple(dict.fromkeys(spellings)))


@dataclass(frozen=True, slots=True)
class Batch:
    """Records of this interface travel in an array. `array_field` is its wire name."""

    array_field: str
    limit: int


@dataclass(frozen=True, slots=True)
class Interface:
    """One interface of Appendix B. For a pull, `items` are the fields of one object of `list`."""

    clause: str
    title: str
    title_en: str
    path: str
    direction: Literal["auth", "pull", "push"]
    tables: str
    request: tuple[Field, ...]
    response: tuple[Field, ...] = ()
    items: tuple[Field, ...] = ()
    batch: Batch | None = None
    method: str = "POST"
    key: tuple[str, ...] = ()  # English names of the fields two messages about the same thing share; none: a happening

    def part(self, name: str) -> tuple[Field, ...]:
        """The fields of "request", "response" or "items"."""
        if name not in ("request", "response", "items"):
            raise ValueError(f"no part {name!r}")
        return getattr(self, name)

    def field(self, en: str, part: str = "request") -> Field:
        """The field with this English name; KeyError if there is none."""
        for one in self.part(part):
            if one.en == en:
                return one
        raise KeyError(f"{self.clause} {part}: {en}")

    def every_field(self) -> Iterator[tuple[str, Field]]:
        """(part, field) of all its fields in printed order."""
        for part in ("request", "response", "items"):
            for one in self.part(part):
                yield part, one
