"""Records an app can tell of an item of table 1 that Appendix B has no interface for.

Declared in the app's `reporting.py`, beside its reports. The board exports them (docs/table1-export.md), and an interface
that an upper platform adds can carry them (uploads/loaded.py).
"""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from django.db import models

from uploads.reports import NAME, ReportError

MOST = 20_000


class Offer:
    """One kind of record: which model, what is told of it. `keys`: English key -> Chinese title, lazy."""

    name: ClassVar[str]
    item: ClassVar[str]  # its number in table 1: "11"
    model: ClassVar[type[models.Model]]
    title: ClassVar[Any]
    keys: ClassVar[Mapping[str, Any]]
    community: ClassVar[str] = "community"  # ORM path from the model to its community
    touched_by: ClassVar[tuple[str, ...]] = ()
    on: ClassVar[tuple[str, ...]] = ("insert", "update", "delete")
    personal: ClassVar[frozenset[str]] = frozenset()  # keys that may travel as ciphertext only
    verb: ClassVar[str] = "view_place"  # what one must hold to export it

    def queryset(self) -> models.QuerySet:
        """All subjects, with what `values` needs."""
        return self.model._default_manager.all()

    def values(self, obj: Any) -> dict[str, Any]:
        """The values by key. May raise uploads.reports.Waits or Incomplete."""
        raise NotImplementedError(type(self).__name__)

    def shown(self, obj: Any) -> dict[str, Any]:
        """The values of an export: as `values`, but what is personal is masked."""
        return self.values(obj)

    def rows(self, place: Any) -> Iterator[dict[str, Any]]:
        """The export of one community."""
        for obj in self.queryset().filter(**{self.community: place.pk}).order_by("pk")[:MOST]:
            yield {"item": self.item, "registration_code": place.registration_code} | self.shown(obj)


_offers: dict[str, Offer] = {}


def offer(declared: type[Offer]) -> type[Offer]:
    """Class decorator: make the offer known. ReportError for a wrong or double declaration."""
    if not NAME.fullmatch(getattr(declared, "name", "")) or len(declared.name) > 28:
        raise ReportError(f"{declared.__name__}.name must match {NAME.pattern}, at most 28 long")
    if declared.personal - set(declared.keys):
        raise ReportError(f"{declared.__name__}.personal names no key")
    known = _offers.get(declared.name)
    if known is not None and type(known).__qualname__ != declared.__qualname__:
        raise ReportError(f"two offers are named {declared.name}")
    _offers[declared.name] = declared()
    return declared


def every() -> list[Offer]:
    """All offers in the order of table 1."""
    return sorted(_offers.values(), key=lambda one: (one.item, one.name))


def get(name: str) -> Offer:
    """The offer of this name; KeyError."""
    return _offers[name]


def of_items() -> dict[str, Offer]:
    """Offers by the number of their item."""
    return {one.item: one for one in every()}
