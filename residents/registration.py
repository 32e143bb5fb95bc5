"""Registering a resident: person and residency in one transaction, audited, or nothing at all.

Somebody who is registered already gets a home, and what the form says of him anew; an empty field changes nothing.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, fields
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


def _secret() -> Any:
    return field(default="", repr=False)


@dataclass(frozen=True)
class PersonInput:
    """What the form says of the person. `existing`: an already registered person chosen instead."""

    name: str = _secret()
    document_type: str = ""
    document_number: str = _secret()
    phone: str = _secret()
    sex: str = ""
    birth_date: date | None = field(default=None, repr=False)
    registered_address: str = _secret()
    document_issuer: str = ""
    document_validity: str = ""
    english_name: str = _secret()
    ethnicity: str = ""
    existing: uuid.UUID | None = None

    def facts(self) -> dict[str, Any]:
        """What is said, by field of Person. The kind of document goes with its number; a new person's default is 111."""
        said = {one.name: getattr(self, one.name) for one in fields(self) if one.name != "existing"}
        said = {name: half_width(value) if isinstance(value, str) else value for name, value in said.items() if value}
        if "document_number" not in said:
            said.pop("document_type", None)
        return said


@dataclass(frozen=True)
class ResidencyInput:
    """What the form says of the residency; days are Beijing days. "" and None say nothing: a new home takes the default."""

    occupant_type: str = ""
    tenant_family: bool | None = None
    lease_start: date | None = None
    lease_end: date | None = None

    def facts(self) -> dict[str, Any]:
        """What is said, by field of Residency."""
        leased = {"lease_start": _midnight(self.lease_start), "lease_end": _midnight(self.lease_end)}
        said: dict[str, Any] = {name: moment for name, moment in leased.items() if moment}
        if self.occupant_type:
            said["occupant_type"] = self.occupant_type
        if self.tenant_family is not None:
            said["tenant_family"] = self.tenant_family
        return said


@dataclass(frozen=True)
class Registration:
    """What came of it. `created` is False when the home was there before: the same form again, or a change."""

    person: Person
    residency: Residency
    created: bool


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


def _take(row: Any, facts: dict[str, Any], picture: tuple[str, bytes | None]) -> bool:
    """Put what was said into the row; whether anything changed."""
    different = {name: value for name, value in facts.items() if (getattr(row, name) or "") != (value or "")}
    for name, value in different.items():
        setattr(row, name, value)
    name, data = picture
    if data:
        setattr(row, name, pictures.CleanPicture(data, name="picture"))
    return bool(different or data)


def person_of(community: Community, key: uuid.UUID) -> Person:
    """A registered person of the community; ValidationError."""
    person = Person.objects.filter(community=community, pk=key).first()
    if person is None:
        raise ValidationError({"document_number": _("所选人员不存在,请重新输入证件号码。")})
    return person


def home_in(person: Person, house: House) -> Residency | None:
    """The person's present home in that house."""
    return None if person._state.adding else person.residencies.filter(house=house, moved_out=None).first()


def _person(
    community: Community, given: PersonInput, photo: bytes | None, errors: dict[str, Any]
) -> tuple[Person, bool]:
    person = person_of(community, given.existing) if given.existing else Person(community=community)
    changed = _take(person, given.facts(), ("photo", photo))
    try:
        person.full_clean()
    except ValidationError as error:
        errors.update(error.message_dict)
    return person, changed or person._state.adding


def _residency(
    house: House, person: Person, given: ResidencyInput, contract: bytes | None, errors: dict[str, Any]
) -> tuple[Residency, bool]:
    home = home_in(person, house) or Residency(person=person, house=house)
    changed = _take(home, given.facts(), ("lease_contract", contract))
    try:
        home.clean_fields(exclude=["person"])
        home.clean()
    except ValidationError as error:
        errors.update(error.message_dict)
    return home, changed or home._state.adding


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
    also: Callable[[Registration], None] | None = None,
) -> Registration:
    """Save all or nothing. ValidationError maps fields to Chinese messages.

    A portrait needs the separate consent to it (`face`), unless one holds already; that the notice of registration was
    shown is written to the ledger. `also` is called inside the transaction with what came of it: it may refuse as well.
    """
    errors: dict[str, Any] = {}
    portrait, page = _picture(photo, "photo", errors), _picture(contract, "lease_contract", errors)
    someone, new_facts = _person(community, person, portrait, errors)
    if portrait:
        errors.update(consenting.portrait_problems(someone, face, timezone.localdate(now)))
    home, new_home = _residency(house, someone, residency, page, errors)
    errors.pop("__all__", None) if "document_number" in errors else None
    if errors:
        if "__all__" in errors:
            errors["document_number"] = errors.pop("__all__")
        raise ValidationError(errors)
    done = Registration(someone, home, created=home._state.adding)
    if done.created:
        home.client_key, home.moved_in = client_key, timezone.localdate(now)
    try:
        with transaction.atomic():
            if new_facts:
                someone.save()
            if new_home:
                home.save()
            if done.created:
                consenting.give(someone, Kind.REGISTER, ConsentInput(), user=user, now=now)
            if portrait and face:
                consenting.give(someone, Kind.FACE, face, user=user, now=now)
            log.write("collect", target=home, community_id=community.pk, detail={"person": str(someone.pk)})
            if also:
                also(done)
    except IntegrityError:
        raise ValidationError({"document_number": _("此人已登记住在这套房屋,或证件号码已被登记。")}) from None
    return done
