"""Taking in a form: once, whatever is sent again; what somebody else changed meanwhile is shown, never overwritten."""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from community.models import House
from guomi import keyring
from residents.desk import parts
from residents.desk.forms import CollectForm
from residents.desk.models import Submission
from residents.desk.versions import Conflict, Difference, differences, earlier, version_of
from residents.models import Person
from residents.registration import PersonInput, Registration, home_in, person_of, register_person
from residents.rights import optional


@dataclass(frozen=True)
class Versions:
    """Which versions of the rows the collector had before him."""

    person: str = ""
    residency: str = ""


def content_of(form: CollectForm) -> str:
    """A keyed digest of what the form says: whether it is the same form again."""
    said = {name: str(value) for name, value in form.cleaned_data.items() if name != "pictures"}
    pictures = sorted((form.cleaned_data["pictures"] or {}).items())
    return keyring.get().index("residents.submission", json.dumps([sorted(said.items()), pictures]))


def submit(user: Any, form: CollectForm, house: House, *, now: datetime) -> Submission:
    """Take in a valid form. ValidationError by field, or Conflict; the same form again gives what came of it first."""
    key, content = form.cleaned_data["client_key"], content_of(form)
    known = (
        Submission.objects.filter(client_key=key)
        .select_related("person", "residency__house__building", "residency__house__unit")
        .first()
    )
    if known is not None and known.user_id != user.pk:
        raise ValidationError({"client_key": _("这份草稿属于另一位采集员。")})
    if known is not None and known.content == content:
        return known
    if known is not None and known.residency is not None and known.residency.house_id != house.pk:
        told = _("这份草稿已送达 %(house)s,不能再换房屋;请在那一户登记迁出,再另建草稿。")
        raise ValidationError({"house": told % {"house": known.residency.house.label}})
    person, versions = _asked(form, known)
    someone = _registered(house, person)
    _stand_still(someone, house, person, form, versions)
    digests = form.cleaned_data["pictures"]
    files = parts.assemble(user, key, digests)
    try:
        return _save(user, form, house, person, files, known, content, now)
    except IntegrityError:  # the same form came in twice at once: the other one was faster
        return Submission.objects.select_related("person", "residency").get(client_key=key, user=user)


def _asked(form: CollectForm, known: Submission | None) -> tuple[PersonInput, Versions]:
    """Of whom the form is. A form that made a person already and now says something else changes that person."""
    given, person = form.cleaned_data, form.person_input()
    if known is None:
        return person, Versions(given["person_version"], given["residency_version"])
    if known.person_id is None:
        raise ValidationError({"document_number": _("这份草稿登记的人员档案已被删除,请另建草稿。")})
    if person.existing and given["person_version"]:
        return person, Versions(given["person_version"], given["residency_version"])
    return replace(person, existing=known.person_id), Versions(known.person_version, known.residency_version)


def _registered(house: House, person: PersonInput) -> Person | None:
    """The person it is of, or who is registered under that number already."""
    if person.existing:
        return person_of(house.community, person.existing)
    number = person.facts().get("document_number")
    if not number:
        return None
    return Person.objects.filter(community=house.community, document_number_index__matches=number).first()


def _stand_still(
    someone: Person | None, house: House, person: PersonInput, form: CollectForm, versions: Versions
) -> None:
    """Conflict where what is stored differs from the form and the collector has not seen it."""
    if someone is None:
        return
    home = home_in(someone, house)
    chosen = person.existing is not None
    rows = differences(someone, person.facts(), versions.person if chosen else "")
    if home is not None:
        rows += differences(home, form.residency_input().facts(), versions.residency if chosen else "")
    if "photo" in form.cleaned_data["pictures"] and _photographed(someone, versions.person if chosen else ""):
        rows.append(Difference("photo", str(Person._meta.get_field("photo").verbose_name), _("已有照片")))
    if not chosen:
        raise Conflict(someone, home, rows, "registered")
    if rows:
        raise Conflict(someone, home, rows, "changed")


def _photographed(someone: Person, version: str) -> bool:
    """Whether a portrait was stored that the collector has not seen."""
    if not someone.photo or version == version_of(someone):
        return False
    before = earlier(someone, version)
    return before is None or str(before.photo) != str(someone.photo)


def _save(
    user: Any, form: CollectForm, house: House, person: PersonInput, files: dict[str, bytes], known: Submission | None,
    content: str, now: datetime,
) -> Submission:  # fmt: skip
    key = form.cleaned_data["client_key"]
    row = known or Submission(client_key=key, community=house.community, user=user)
    row.content, row.received_at = content, now

    def take_in(done: Registration) -> None:
        row.person, row.residency = done.person, done.residency
        row.person_version, row.residency_version = version_of(done.person), version_of(done.residency)
        row.save()
        parts.forget(user, key)

    with transaction.atomic():
        if known is None:
            row.save()  # claims the key: a second one waits here, then finds it taken
        closed = optional.off(house.community_id)
        allowed = replace(person, ethnicity="") if "ethnicity" in closed else person
        register_person(
            community=house.community, house=house, person=allowed, residency=form.residency_input(),
            photo=files.get("photo"), contract=files.get("lease_contract"), face=form.consent(), user=user,
            client_key=key, now=now, also=take_in,
        )  # fmt: skip
    return row
