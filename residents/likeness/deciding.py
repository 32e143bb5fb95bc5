"""Same person or another one: what still has to be answered before somebody is registered, and keeping the answers."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audit import log
from community.models import Community, House
from residents.likeness import finding, grounds
from residents.likeness.finding import Candidate
from residents.likeness.grounds import Facts
from residents.likeness.models import Choice, Likeness, Reason
from residents.likeness.words import of_grounds
from residents.models import Person

MOST_DECISIONS, MOST_ASKED = 20, 10


@dataclass(frozen=True)
class Decision:
    """Somebody looked at the two and said what it is."""

    other: uuid.UUID
    choice: str
    reason: str = ""
    note: str = field(default="", repr=False)

    @property
    def answers(self) -> bool:
        """Is it said that this is another person, and why?"""
        if self.choice != Choice.OTHER or self.reason not in Reason.values:
            return False
        return self.reason != Reason.OTHER or len(self.note.strip()) >= 2


class Unanswered(ValidationError):
    """Somebody alike is registered and nobody said whether it is he. Maps "likeness" to words; `questions` has them."""

    def __init__(self, questions: Sequence[Candidate]) -> None:
        self.questions = list(questions)
        told = (
            _("这个证件号码已登记,请选择“同一人”,或更正号码。") if any(one.must == "same" for one in questions)
            else _("小区已登记相似的人,请先判断是不是同一人。")
        )  # fmt: skip
        super().__init__({"likeness": told})


def read(given: Any) -> list[Decision]:
    """The decisions of a draft: [{other, choice, reason, note}]. ValidationError for what is none."""
    wrong = ValidationError({"likeness": _("判断的内容不正确,请重新判断。")})
    if given in (None, ""):
        return []
    if not isinstance(given, list) or len(given) > MOST_DECISIONS:
        raise wrong
    found = []
    for one in given:
        try:
            choice, reason = str(one.get("choice", "")), str(one.get("reason") or "")
            decision = Decision(uuid.UUID(str(one.get("other"))), choice, reason, str(one.get("note") or "")[:200])
        except (AttributeError, ValueError):
            raise wrong from None
        if choice not in Choice.values or (reason and reason not in Reason.values):
            raise wrong
        found.append(decision)
    return found


def open_questions(
    community: Community,
    facts: Facts,
    decisions: Iterable[Decision] = (),
    *,
    house: House | None = None,
    about: Person | None = None,
) -> list[Candidate]:
    """Those alike of whom it must still be said whether they are the same person, the likeliest first.

    The same number is never another person: it is the same one, or mistyped. `about` is somebody who is registered
    already, of whom decisions were kept: what was decided is not asked again on the same grounds.
    """
    alike = finding.candidates(
        community, document_number=facts.document_number, document_type=facts.document_type, name=facts.name,
        birth_date=facts.birth_date, phone=facts.phone, house=house, leave_out=about.pk if about else None,
        limit=MOST_ASKED,
    )  # fmt: skip
    asked = [one for one in alike if one.must]
    if not asked:
        return []
    answered = {decision.other for decision in decisions if decision.answers}
    known = decided(about.pk, [one.person.pk for one in asked]) if about else {}
    return [
        one for one in asked
        if one.must == "same"
        or (one.person.pk not in answered and grounds.DECIDED & set(one.grounds) - known.get(one.person.pk, set()))
    ]  # fmt: skip


def decided(person: uuid.UUID, others: Iterable[uuid.UUID]) -> dict[uuid.UUID, set[str]]:
    """Grounds on which each of the others was decided to be another person than this one; also by records merged into either."""
    wanted = set(others)
    mine = Q(person=person) | Q(person__merged_into=person)
    theirs = Q(other=person) | Q(other__merged_into=person)
    rows = Likeness.objects.filter(mine | theirs, choice=Choice.OTHER).exclude(other=None)
    found: dict[uuid.UUID, set[str]] = {}
    for row in rows.select_related("person", "other"):
        ends = {row.person.merged_into_id or row.person_id, row.other.merged_into_id or row.other_id}
        for key in ends - {person} & wanted:
            found.setdefault(key, set()).update(row.grounds)
    return found


def demand(
    community: Community, facts: Facts, decisions: Iterable[Decision], *, house: House | None = None
) -> list[Candidate]:
    """Nothing, or Unanswered: the one call before somebody new is registered."""
    if questions := open_questions(community, facts, decisions, house=house):
        raise Unanswered(questions)
    return []


def record(person: Person, decisions: Iterable[Decision], *, user: Any, now: datetime) -> list[Likeness]:
    """Keep what was decided while this person was registered, in the caller's transaction. ValidationError: likeness.

    A record that was merged away meanwhile takes nobody in. "Same" said of the person himself is kept without a second one.
    """
    here = Person.with_merged.select_for_update(of=("self",)).get(pk=person.pk)
    if here.merged_into_id:
        raise ValidationError({"likeness": _("此人的档案刚被并入另一人,请重新查找。")})
    given = {decision.other: decision for decision in decisions}
    rows = Person.with_merged.filter(community=person.community_id, pk__in=list(given)).select_related("merged_into")
    others = {row.pk: row.merged_into or row for row in rows}
    return [
        _keep(person, others[key], decision, user, now)
        for key, decision in given.items() if key in others and _tells(person, others[key], decision)
    ]  # fmt: skip


def _tells(person: Person, other: Person, decision: Decision) -> bool:
    """ "Another one" of somebody else, "the same" of himself; anything else was said before the collector thought better."""
    return (other.pk == person.pk) == (decision.choice == Choice.SAME)


def _keep(person: Person, other: Person, decision: Decision, user: Any, now: datetime) -> Likeness:
    same = other.pk == person.pk
    codes = () if same else between(person, other)
    return keep(
        person, None if same else other, decision.choice, reason=decision.reason, note=decision.note, codes=codes,
        user=user, now=now,
    )  # fmt: skip


def keep(
    person: Person,
    other: Person | None,
    choice: str,
    *,
    reason: str = "",
    note: str = "",
    codes: Iterable[str] = (),
    user: Any,
    now: datetime,
) -> Likeness:
    """Write one decision. ValidationError says what is missing; the words of the note never reach the log."""
    row = Likeness(
        community_id=person.community_id, person=person, other=other, choice=choice,
        reason="" if choice == Choice.SAME else reason, note=note.strip(), grounds=list(codes), decided_by=user,
        decided_at=now,
    )  # fmt: skip
    row.full_clean(exclude=["person", "other", "community", "decided_by"], validate_constraints=False)
    row.save()
    detail = {"person": str(person.pk), "choice": choice, "why": row.reason}
    log.write("likeness", target=other or person, community_id=person.community_id, user=user, detail=detail)
    return row


def between(one: Person, two: Person) -> tuple[str, ...]:
    """Grounds that two registered people have in common."""
    houses = [set(who.residencies.filter(moved_out=None).values_list("house_id", flat=True)) for who in (one, two)]
    return grounds.shared(grounds.of_person(one), grounds.of_person(two), same_house=bool(houses[0] & houses[1]))


def differ(one: Person, two: Person, *, reason: str, note: str, user: Any, now: datetime) -> Likeness:
    """Two registered people are two: kept with the grounds they have in common. Call it in a transaction."""
    return keep(one, two, Choice.OTHER, reason=reason, note=note, codes=between(one, two), user=user, now=now)


def told(candidate: Candidate) -> dict[str, Any]:
    """A candidate for the browser: masked, with the grounds in words."""
    person = candidate.person
    return {
        "id": str(person.pk),
        "name": person.name_masked(),
        "number": person.document_number_masked(),
        "phone": person.phone_masked(),
        "birth_date": person.birth_date_masked(),
        "document_type": person.get_document_type_display(),
        "houses": candidate.houses,
        "grounds": of_grounds(candidate.grounds),
        "agrees": candidate.agrees,
        "must": candidate.must,
        "restricted": bool(person.restricted_at),
        "led": candidate.led,
    }
