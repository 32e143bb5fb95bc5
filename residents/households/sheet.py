"""入户核对表: what is registered of a house, on paper, to be put right and signed. Masked, unless revealed value by value.

A building's sheets cost as many queries as one. Notices stand in the version people are shown now (PIPL 17), the face's
with a consent of its own for each person (PIPL 29), below 14 by a guardian (PIPL 31).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models
from django.utils import timezone

from accounts import reveals
from community.models import House
from residents.models import Consent, Notice, Residency, Vehicle
from residents.rights.consenting import needs_guardian
from residents.rights.models import Kind

MOST_HOUSES = 200
BLANK_PEOPLE, BLANK_VEHICLES = 3, 1
OF_PERSON = ("name", "document_number", "phone")
OF_HOUSE = ("owner_name", "owner_phone")
Clear = dict[tuple[Any, str], str]  # (row's key, field) -> value


@dataclass(frozen=True)
class Line:
    """One person of a sheet. Consents are those that hold, by kind."""

    home: Residency
    name: str
    number: str
    phone: str
    child: bool
    restricted: bool
    consents: dict[str, Consent] = field(default_factory=dict)


@dataclass(frozen=True)
class Sheet:
    """One house."""

    house: House
    owner_name: str
    owner_phone: str
    people: list[Line]
    vehicles: list[Vehicle]
    notices: list[Notice]

    @property
    def adults(self) -> list[Line]:
        return [line for line in self.people if not line.child]

    @property
    def children(self) -> list[Line]:
        return [line for line in self.people if line.child]


def present(houses: Iterable[House]) -> dict[Any, list[Residency]]:
    """Who lives in each house now, by the house's key; in the order they were registered."""
    homes: dict[Any, list[Residency]] = defaultdict(list)
    rows = Residency.objects.filter(house__in=list(houses), moved_out=None).select_related("person")
    for home in rows.order_by("created_at", "id"):
        homes[home.house_id].append(home)
    return homes


def sealed(house: House, homes: Sequence[Residency]) -> list[tuple[models.Model, list[str]]]:
    """The values a clear sheet shows: rows with the names of their fields, of nobody whose data are restricted."""
    wanted: list[tuple[models.Model, Sequence[str]]] = [(house, OF_HOUSE)]
    wanted += [(home.person, OF_PERSON) for home in homes if not home.person.reveal_refused]
    held = [(row, [name for name in names if reveals.holds(row, name)]) for row, names in wanted]
    return [(row, names) for row, names in held if names]


def reveal(user: Any, house: House, homes: Sequence[Residency], *, reason: str, note: str, now: datetime) -> Clear:
    """The clear values of a house's sheet: logged and counted before they are read. What reveals.reveal_several raises."""
    wanted = sealed(house, homes)
    given = reveals.reveal_several(user, wanted, reason=reason, note=note, now=now)
    return {
        (row.pk, name): value
        for (row, _names), values in zip(wanted, given, strict=True)
        for name, value in values.items()
    }


def sheets(
    houses: Sequence[House],
    homes: dict[Any, list[Residency]],
    *,
    vehicles: bool,
    now: datetime,
    clear: Clear | None = None,
) -> list[Sheet]:
    """The sheets of houses of one community; `vehicles`: whether the reader may see those."""
    people = [home.person_id for many in homes.values() for home in many]
    cars, consents = _cars(people) if vehicles else {}, _consents(people)
    notices = _notices(houses[0].community_id) if houses else []
    return [
        Sheet(
            house, _shown(house, "owner_name", clear), _shown(house, "owner_phone", clear),
            [_line(home, consents[home.person_id], clear, now) for home in homes.get(house.pk, [])],
            [car for home in homes.get(house.pk, []) for car in cars.get(home.person_id, [])], notices,
        )
        for house in houses
    ]  # fmt: skip


def _line(home: Residency, consents: dict[str, Consent], clear: Clear | None, now: datetime) -> Line:
    person = home.person
    return Line(
        home, *(_shown(person, name, clear) for name in OF_PERSON),
        child=needs_guardian(person.birth_date, timezone.localdate(now)), restricted=bool(person.restricted_at),
        consents=consents,
    )  # fmt: skip


def _shown(row: Any, name: str, clear: Clear | None) -> str:
    """The value as it was revealed, else masked."""
    known = (clear or {}).get((row.pk, name))
    return getattr(row, f"{name}_masked")() if known is None else known


def _cars(people: list[Any]) -> dict[Any, list[Vehicle]]:
    found: dict[Any, list[Vehicle]] = defaultdict(list)
    for car in Vehicle.objects.filter(owner__in=people).only("owner_id", "plate", "plate_colour"):
        found[car.owner_id].append(car)
    return found


def _consents(people: list[Any]) -> dict[Any, dict[str, Consent]]:
    found: dict[Any, dict[str, Consent]] = defaultdict(dict)
    rows = Consent.objects.filter(person__in=people, ended_at=None, notice__kind__in=[Kind.REGISTER, Kind.FACE])
    for consent in rows.select_related("notice").defer("notice__text").order_by("given_at"):
        found[consent.person_id][consent.notice.kind] = consent
    return found


def _notices(community_id: int) -> list[Notice]:
    return [Notice.objects.current(kind, community_id) for kind in (Kind.REGISTER, Kind.FACE)]
