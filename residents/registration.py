"""Registering a resident: person and residency in one transaction, audited, or nothing at all."""

import uuid
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit import log
from community.models import Community, House
from community.validators import half_width
from guomi import pictures
from residents.models import Person, Residency
from residents.rights import consenting
from residents.rights.consenting import ConsentInput
from residents.rights.models import Kind

MOST_MATCHES = 5


@dataclass(frozen=True)
class PersonInput:
    """What the form says of the person. `existing`: an already registered person chosen instead."""

    name: str = field(default="", repr=False)
    document_type: str = "111"
    document_number: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    existing: uuid.UUID | None = None


@dataclass(frozen=True)
class ResidencyInput:
    """What the form says of the residency; days are Beijing days."""

    occupant_type: str = "2"
    tenant_family: bool = False
    lease_start: date | None = None
    lease_end: date | None = None


@dataclass(frozen=True)
class Registration:
    """What came of it. `created` is False when the same form had been saved before."""

    person: Person
    residency: Residency
    created: bool


def find_duplicates(
    community: Community, *, document_number: str = "", name: str = "", phone: str = ""
) -> list[Person]:
    """People of the community with the same number, or the same name and telephone; at most five."""
    people = Person.objects.filter(community=community)
    if document_number:
        same = list(people.filter(document_number_index__matches=document_number)[:MOST_MATCHES])
        if same:
            return same
    if name and phone:
        return list(people.filter(name_index__matches=name, phone_index__matches=phone)[:MOST_MATCHES])
    return []


def _picture(data: bytes | None, name: str, errors: dict[str, Any]) -> bytes | None:
    if not data:
        return None
    try:
        return pictures.clean(data)
    except pictures.PictureError as error:
        errors[name] = str(error)
        return None


def _midnight(day: date | None) -> datetime | None:
    return timezone.make_aware(datetime.combine(day, time())) if day else None


def _person(community: Community, given: PersonInput, photo: bytes | None, errors: dict[str, Any]) -> Person:
    if given.existing:
        person = Person.objects.filter(community=community, pk=given.existing).first()
        if person is None:
            raise ValidationError({"document_number": _("所选人员不存在,请重新输入证件号码。")})
    else:
        person = Person(
            community=community,
            name=half_width(given.name),
            document_type=given.document_type,
            document_number=half_width(given.document_number),
            phone=half_width(given.phone),
        )
    if photo:
        person.photo = pictures.CleanPicture(photo, name="picture")
    try:
        person.full_clean()
    except ValidationError as error:
        errors.update(error.message_dict)
    return person


def _residency(house: House, person: Person, given: ResidencyInput, contract: bytes | None, errors: dict) -> Residency:
    residency = Residency(
        person=person,
        house=house,
        occupant_type=given.occupant_type,
        tenant_family=given.tenant_family,
        lease_start=_midnight(given.lease_start),
        lease_end=_midnight(given.lease_end),
    )
    if contract:
        residency.lease_contract = pictures.CleanPicture(contract, name="picture")
    try:
        residency.clean_fields(exclude=["person"])
        residency.clean()
    except ValidationError as error:
        errors.update(error.message_dict)
    return residency


def register_person(
    *,
    community: Community,
    house: House,
    person: PersonInput,
    residency: ResidencyInput,
    photo: bytes | None = None,
    contract: bytes | None = None,
    face: ConsentInput | None = None,
    user: Any = None,
    client_key: uuid.UUID | None = None,
    now: datetime,
) -> Registration:
    """Save all or nothing. ValidationError maps fields to Chinese messages. A form sent twice gives the first result.

    A portrait needs the separate consent to it (`face`), unless one holds already; that the notice of registration was
    shown is written to the ledger.
    """
    known = (
        Residency.objects.filter(client_key=client_key, house=house).select_related("person").first()
        if client_key
        else None
    )
    if known is not None:
        return Registration(known.person, known, created=False)
    errors: dict[str, Any] = {}
    portrait, page = _picture(photo, "photo", errors), _picture(contract, "lease_contract", errors)
    someone = _person(community, person, portrait, errors)
    if portrait:
        errors.update(consenting.portrait_problems(someone, face, timezone.localdate(now)))
    home = _residency(house, someone, residency, page, errors)
    errors.pop("__all__", None) if "document_number" in errors else None
    if errors:
        if "__all__" in errors:
            errors["document_number"] = errors.pop("__all__")
        raise ValidationError(errors)
    home.client_key, home.moved_in = client_key, timezone.localdate(now)
    try:
        with transaction.atomic():
            someone.save()
            home.save()
            consenting.give(someone, Kind.REGISTER, ConsentInput(), user=user, now=now)
            if portrait and face:
                consenting.give(someone, Kind.FACE, face, user=user, now=now)
            log.write("collect", target=home, community_id=community.pk, detail={"person": str(someone.pk)})
    except IntegrityError:
        raise ValidationError({"document_number": _("此人已登记住在这套房屋,或证件号码已被登记。")}) from None
    return Registration(someone, home, created=True)
