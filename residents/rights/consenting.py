"""Giving and withdrawing consent: both as easy, both in the ledger, a withdrawal taking at once what rested on it."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from residents.models import Consent, Merge, Notice, Person
from residents.rights.models import How, Kind

GUARDED_AGE = 14  # PIPL 31: below it a guardian consents
UNGUARDED = _("未满 14 周岁,须由监护人同意,请填写监护人姓名。")
# What rests on the consent of that kind, and the value that stands for nothing.
RESTS_ON = {
    Kind.FACE: {"photo": ""},
    Kind.SENSITIVE: {
        "education": "", "workplace": "", "occupation": "", "occupation_category": "", "ethnicity": "",
        "marital_status": "", "military_service": "", "political_status": "",
    },
}  # fmt: skip


@dataclass(frozen=True)
class ConsentInput:
    """What a form says of a consent: how it was given, and by which guardian."""

    how: str = How.IN_PERSON
    guardian: str = field(default="", repr=False)


def needs_guardian(birth_date: date | None, day: date) -> bool:
    """Younger than 14 on that day; nobody of whom no birth date is known."""
    if birth_date is None:
        return False
    before_birthday = (day.month, day.day) < (birth_date.month, birth_date.day)
    return day.year - birth_date.year - before_birthday < GUARDED_AGE


def holds(person: Person, kind: str) -> bool:
    """Does a consent of this kind hold?"""
    return Consent.objects.filter(person=person).active(kind).exists()


def portrait_problems(person: Person, face: ConsentInput | None, day: date) -> dict[str, Any]:
    """What keeps a portrait from being kept, by form field (PIPL 29, 31): separate consent, below 14 by a guardian."""
    if face is None and not holds(person, Kind.FACE):
        told = _("保存人像须先征得本人单独同意,请出示告知书并勾选;不同意的不拍照,可用门禁卡等方式出入。")
        return {"face_consent": told}
    if face is not None and not face.guardian and needs_guardian(person.birth_date, day):
        return {"guardian": UNGUARDED}
    return {}


def give(person: Person, kind: str, given: ConsentInput, *, user: Any, now: datetime) -> Consent:
    """Write that the newest notice was shown and agreed to; an earlier consent of the kind ends. ValidationError: guardian."""
    if kind != Kind.REGISTER and needs_guardian(person.birth_date, timezone.localdate(now)) and not given.guardian:
        raise ValidationError({"guardian": UNGUARDED})
    consent = Consent(
        community_id=person.community_id, person=person, subject=person.pk, how=given.how, guardian=given.guardian,
        notice=Notice.objects.current(kind, person.community_id), given_at=now, recorded_by=user,
    )  # fmt: skip
    consent.full_clean(exclude=["person", "community", "notice", "recorded_by"])
    with transaction.atomic():
        end(Consent.objects.filter(person=person).active(kind), Consent.Ending.RENEWED, user=user, now=now)
        consent.save()
    return consent


def end(consents: QuerySet, why: str, *, user: Any, now: datetime) -> int:
    """End consents that hold; how many."""
    ended = list(consents.filter(ended_at=None))
    for consent in ended:
        consent.ended_at, consent.ending, consent.ended_by = now, why, user
        consent.save(update_fields=["ended_at", "ending", "ended_by"])
    return len(ended)


def withdraw(person: Person, kind: str, *, user: Any, now: datetime) -> list[str]:
    """End the consent, and forget at once what rested on it: the names of the fields that were emptied."""
    with transaction.atomic():
        end(Consent.objects.filter(person=person).active(kind), Consent.Ending.WITHDRAWN, user=user, now=now)
        return forget(person, kind)


def forget(person: Person, kind: str) -> list[str]:
    """Empty what rests on a consent of this kind: the names of the fields that held something.

    Also in what was merged into the record, and in what is kept of it to part the two again: nothing brings it back.
    """
    emptied: list[str] = []
    for one in [person, *Person.with_merged.filter(merged_into=person)]:
        if names := _empty(one, kind):
            one.save()
        emptied += [name for name in names if name not in emptied]
    for deed in Merge.objects.filter(kept=person):
        if deed.forget(RESTS_ON[Kind(kind)]):
            deed.save()
    return emptied


def _empty(person: Person, kind: str) -> list[str]:
    emptied = []
    for name, nothing in RESTS_ON[Kind(kind)].items():
        if getattr(person, name):
            setattr(person, name, nothing)
            emptied.append(name)
    return emptied


def with_consent(kind: str) -> Exists:
    """A condition on people: a consent of this kind holds."""
    return Exists(Consent.objects.active(kind).filter(person=OuterRef("pk")))


def withdrawn(kind: str) -> Exists:
    """A condition on people: a consent of this kind was withdrawn once."""
    ended = Consent.objects.filter(notice__kind=kind, ending=Consent.Ending.WITHDRAWN)
    return Exists(ended.filter(person=OuterRef("pk")))
