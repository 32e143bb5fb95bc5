"""What merging and parting mean for delivery: the merged record is no longer due, its row and receipts stay as they are.

The standard takes no person back (only a device has an end): what the upper platform holds of the merged record stays
there. The kept record goes up again, and so does every home that moved, now under the kept one's id.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import F

from uploads.models import Due
from uploads.reports import subject_key

# A row of a state other than "due" is claimed by nobody; the new revision tells a sender in flight that it comes too late.
ENDED = {
    "state": Due.State.GONE, "withdrawing": False, "attempts": 0, "sendings": 0, "next_at": None, "problem": "",
    "reason": "", "waits_for": "",
}  # fmt: skip


def _rows(report: str, keys: Iterable[Any]) -> Any:
    return Due.objects.filter(report=report, subject_id__in=[subject_key(key) for key in keys])


def upper_ids(**people: Any) -> dict[str, str]:
    """By the name of the argument: what the upper platform calls the person."""
    rows = dict(_rows("person", people.values()).values_list("subject_id", "upper_id"))
    return {name: rows.get(subject_key(key), "") for name, key in people.items()}


def end(person: Any, homes: Iterable[Any]) -> None:
    """The record of a merged person, and the homes that stayed with it, are no longer due."""
    for report, keys in (("person", [person]), ("residency", list(homes))):
        _rows(report, keys).update(revision=F("revision") + 1, **ENDED)


def again(person: Any, now: datetime) -> None:
    """The record goes up again whatever was delivered of it."""
    _rows("person", [person]).exclude(state=Due.State.GONE).send_again(now, digest="")


def revive(person: Any, homes: Iterable[Any], now: datetime, *, overwritten: bool) -> None:
    """A record that was parted again is due as before; sent although nothing changed if the other one was sent in its place."""
    fresh = {"digest": ""} if overwritten else {}
    for report, keys in (("person", [person]), ("residency", list(homes))):
        _rows(report, keys).send_again(now, **fresh)


def name_again(person: Any, upper_id: str, *, instead_of: str) -> None:
    """Give a person's row the platform's id it had, if it took the other one's together with the number.

    Homes are sent under that id: under the other one's they would be somebody else's. Without an id of his own the person
    has not arrived yet, and his homes wait.
    """
    if not instead_of or upper_id == instead_of:
        return
    taken = _rows("person", [person]).filter(upper_id=instead_of)
    taken.update(upper_id=upper_id, **({} if upper_id else {"delivered_revision": 0}))
