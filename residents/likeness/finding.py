"""Search before create: who is registered in the community that may be the person somebody is about to register."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.db import models
from django.db.models import Prefetch

from community.models import Community, House
from residents.likeness import grounds
from residents.likeness.grounds import Facts
from residents.models import Person, Residency

MOST, MOST_SAME_NAME, MOST_OF_HOUSE = 20, 200, 50


@dataclass(frozen=True)
class Candidate:
    """Somebody registered, and why he may be the one. `agrees` by fact (grounds.agreement); `led` when what was typed is
    that of a record merged into this one."""

    person: Person
    grounds: tuple[str, ...]
    agrees: dict[str, bool | None] = field(default_factory=dict)
    led: bool = False

    @property
    def strength(self) -> int:
        return max(grounds.STRENGTH[code] for code in self.grounds)

    @property
    def must(self) -> str:
        """ "same": only the same person can have this; "decide": somebody has to say which; "": worth a look."""
        if grounds.NUMBER in self.grounds:
            return "same"
        return "decide" if grounds.DECIDED & set(self.grounds) else ""

    @property
    def houses(self) -> list[str]:
        """Where he lives."""
        return [str(home.house) for home in self.person.homes]


def candidates(
    community: Community,
    *,
    document_number: str = "",
    name: str = "",
    birth_date: date | None = None,
    phone: str = "",
    house: House | None = None,
    document_type: str = "",
    leave_out: uuid.UUID | None = None,
    limit: int = 5,
) -> list[Candidate]:
    """People of the community alike, the likeliest first; at most six queries, however many there are.

    The restricted are among them (show them masked, as everybody); who was merged is led to the person he is now.
    """
    given = Facts(document_number, name, birth_date, phone, document_type)
    at_home = _at_home(house) if house is not None and house.community_id == community.pk and name else set()
    found: dict[Any, Candidate] = {}
    for person in _alike(community, given, at_home):
        now = person.merged_into or person
        codes = grounds.shared(given, grounds.of_person(person), same_house=person.pk in at_home)
        if codes and leave_out not in (person.pk, now.pk):
            before = found.get(now.pk)
            codes = grounds.ordered([*codes, *(before.grounds if before else ())])
            led = now is not person or bool(before and before.led)
            found[now.pk] = Candidate(now, codes, led=led)
    best = sorted(found.values(), key=lambda one: (-one.strength, -len(one.grounds), str(one.person.pk)))[:limit]
    _with_homes([one.person for one in best])
    return [replace(one, agrees=_agrees(given, one.person, house)) for one in best]


def _agrees(given: Facts, person: Person, house: House | None) -> dict[str, bool | None]:
    lives = any(home.house_id == house.pk for home in person.homes) if house is not None and person.homes else None
    return grounds.agreement(given, grounds.of_person(person), same_house=lives)


def _at_home(house: House) -> set[uuid.UUID]:
    homes = Residency.objects.filter(house=house, moved_out=None)
    return set(homes.values_list("person_id", flat=True)[:MOST_OF_HOUSE])


def _alike(community: Community, given: Facts, at_home: set[uuid.UUID]) -> Iterable[Person]:
    """People found by one blind index each, each bounded; birth dates are sealed and compared by the caller."""
    people = Person.with_merged.filter(community=community).select_related("merged_into")
    if numbers := grounds.spellings(given.document_number):
        yield from people.filter(document_number_index__matches_any=sorted(numbers))[:MOST]
    if given.name:
        yield from people.filter(name_index__matches=given.name)[:MOST_SAME_NAME]
    if given.phone:
        yield from people.filter(phone_index__matches=given.phone)[:MOST]
    if at_home and given.born:
        yield from people.filter(pk__in=at_home)


def _with_homes(people: list[Person]) -> None:
    homes = Residency.objects.filter(moved_out=None).select_related("house__building", "house__unit")
    models.prefetch_related_objects(people, Prefetch("residencies", homes, to_attr="homes"))


def lead_on(community: Community, pk: uuid.UUID) -> Person | None:
    """The person of this key as he is registered now: a key of a record that was merged leads to the one it went into."""
    found = Person.with_merged.filter(community=community, pk=pk).select_related("merged_into").first()
    return found and (found.merged_into or found)


def by_number(community: Community, number: str) -> Person | None:
    """Who is registered under this document number, of whatever kind, in any spelling; led on as above."""
    numbers = sorted(grounds.spellings(number))
    rows = Person.with_merged.filter(community=community, document_number_index__matches_any=numbers)
    found = (
        rows.select_related("merged_into")
        .order_by(models.F("merged_into_id").asc(nulls_first=True), "created_at")
        .first()
        if numbers
        else None
    )
    return found and (found.merged_into or found)
