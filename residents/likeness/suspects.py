"""The work list of a community: registered people who may be one, of whom nobody has said what they are."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Any

from django.db.models import Count, Q

from community.models import Community
from residents.likeness import grounds
from residents.likeness.models import Choice, Likeness
from residents.models import Person

MOST_SHOWN, MOST_GROUPS, MOST_OPENED, MOST_ALIKE = 100, 1000, 3000, 12


@dataclass(frozen=True)
class Suspect:
    """Two people and what they have in common."""

    one: Person
    two: Person
    grounds: tuple[str, ...]


@dataclass(frozen=True)
class Suspects:
    """The likeliest first. `whole` is False where the community has more namesakes than are looked at."""

    pairs: list[Suspect]
    whole: bool


def of(community: Community, *, limit: int = MOST_SHOWN) -> Suspects:
    """Same name and telephone, same name and birth date; five queries, whatever there is.

    Telephones are compared by their index. Birth dates are sealed: the namesakes' are opened, rare names first, as far
    as MOST_OPENED reaches.
    """
    people = Person.objects.filter(community=community)
    by_phone, all_phones = _groups(people.exclude(phone_index=None), ("name_index", "phone_index"))
    by_name, all_names = _groups(people, ("name_index",))
    phoned = _members(people, by_phone, ("name_index", "phone_index"))
    named, whole = _opened(people, by_name)
    pairs: dict[tuple[Any, Any], set[str]] = defaultdict(set)
    for members, code in ((phoned, grounds.NAME_PHONE), (_by_birth(named), grounds.NAME_BIRTH)):
        for group in members.values():
            for pair in combinations(sorted(group[:MOST_ALIKE], key=str), 2):
                pairs[pair].add(code)
    open_pairs = _undecided(pairs)
    ordered = sorted(
        open_pairs.items(), key=lambda one: (-len(one[1]), -max(map(grounds.STRENGTH.get, one[1])), str(one[0]))
    )
    return Suspects(list(_filled(ordered[:limit])), all_phones and all_names and whole and len(ordered) <= limit)


def _groups(people: Any, by: tuple[str, ...]) -> tuple[list[dict[str, Any]], bool]:
    """What several people have, the rarest first."""
    found = people.exclude(name_index=None).order_by().values(*by).annotate(n=Count("pk")).filter(n__gt=1)
    rows = list(found.order_by("n", *by)[: MOST_GROUPS + 1])
    return rows[:MOST_GROUPS], len(rows) <= MOST_GROUPS


def _members(people: Any, groups: list[dict[str, Any]], by: tuple[str, ...]) -> dict[tuple[str, ...], list[Any]]:
    wanted = {tuple(group[name] for name in by) for group in groups}
    rows = people.filter(name_index__in=[group["name_index"] for group in groups]).order_by("pk")
    found: dict[tuple[str, ...], list[Any]] = defaultdict(list)
    for pk, *values in rows.values_list("pk", *by)[: MOST_OPENED * 4]:
        if tuple(values) in wanted:
            found[tuple(values)].append(pk)
    return found


def _opened(people: Any, groups: list[dict[str, Any]]) -> tuple[list[Person], bool]:
    """The namesakes, with what tells their birth date: as many as may be opened."""
    names, count = [], 0
    for group in groups:
        if count + group["n"] > MOST_OPENED:
            break
        names.append(group["name_index"])
        count += group["n"]
    rows = people.filter(name_index__in=names).only("pk", "name_index", "birth_date", "community", "merged_into")
    return list(rows), len(names) == len(groups)


def _by_birth(people: list[Person]) -> dict[tuple[str, date], list[Any]]:
    found: dict[tuple[str, date], list[Any]] = defaultdict(list)
    for person in people:
        if person.birth_date is not None:
            found[str(person.__dict__["name_index"]), person.birth_date].append(person.pk)
    return {key: members for key, members in found.items() if len(members) > 1}


def _undecided(pairs: dict[tuple[Any, Any], set[str]]) -> dict[tuple[Any, Any], set[str]]:
    """Without what was decided to be two people, on all of these grounds; also when a record merged since was decided on."""
    people = {pk for pair in pairs for pk in pair}
    told = Q(person__in=people) | Q(person__merged_into__in=people)
    rows = Likeness.objects.filter(told, choice=Choice.OTHER).exclude(other=None).select_related("person", "other")
    decided: dict[frozenset[Any], set[str]] = defaultdict(set)
    for row in rows:
        ends = frozenset((row.person.merged_into_id or row.person_id, row.other.merged_into_id or row.other_id))
        decided[ends].update(row.grounds)
    return {pair: codes for pair, codes in pairs.items() if codes - decided.get(frozenset(pair), set())}


def _filled(pairs: list[tuple[tuple[Any, Any], set[str]]]) -> Iterator[Suspect]:
    people = Person.objects.in_bulk({pk for pair, _codes in pairs for pk in pair})
    for (one, two), codes in pairs:
        if one in people and two in people:
            yield Suspect(people[one], people[two], grounds.ordered(codes))
