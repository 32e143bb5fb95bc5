"""What has changed since somebody looked: a row's version is its newest history row, and what differs is shown, never overwritten."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.formats import date_format

from guomi.fields import EncryptedField


@dataclass(frozen=True)
class Difference:
    """One field in which what was sent and what is stored differ. `theirs` is masked, or a code's name."""

    field: str
    label: str
    theirs: str

    def as_dict(self) -> dict[str, str]:
        return {"field": self.field, "label": self.label, "theirs": self.theirs}


class Conflict(Exception):
    """Somebody else stored something else: which person, in which version, and how it differs."""

    def __init__(self, person: Any, residency: Any, rows: list[Difference], why: str) -> None:
        super().__init__(why)
        self.person, self.residency, self.rows, self.why = person, residency, rows, why


def version_of(row: models.Model | None) -> str:
    """The newest history row's key; "" for a row that is not stored."""
    if row is None or row._state.adding:
        return ""
    newest = row.history.order_by("-history_date", "-history_id").values_list("history_id", flat=True).first()
    return str(newest or "")


def differences(row: models.Model, given: Mapping[str, Any], version: str) -> list[Difference]:
    """Fields of `given` that differ from the row and were changed since `version` ("" or unknown: since ever)."""
    different = {name: value for name, value in given.items() if not same(getattr(row, name), value)}
    if not different:
        return []
    before = earlier(row, version)
    if before is not None:
        different = {
            name: value for name, value in different.items() if not same(getattr(before, name), getattr(row, name))
        }
    return [Difference(name, str(row._meta.get_field(name).verbose_name), shown(row, name)) for name in different]


def earlier(row: models.Model, version: str) -> Any:
    """The row as it was in that version; None when there is no such version."""
    try:
        return row.history.filter(history_id=version).first() if version else None
    except (ValidationError, ValueError):
        return None


def same(stored: Any, given: Any) -> bool:
    """Whether what was given says what is stored: nothing and "" are one."""
    return (stored or "") == (given or "")


def shown(row: models.Model, name: str) -> str:
    """A stored value as a collector may see it."""
    field = row._meta.get_field(name)
    value = getattr(row, name)
    if value in (None, ""):
        return ""
    if isinstance(field, EncryptedField):
        return str(getattr(row, f"{name}_masked")())
    if isinstance(field, models.DateTimeField):
        return date_format(value, "Y-m-d")
    if field.choices:
        return str(getattr(row, f"get_{name}_display")())
    return str(value)
