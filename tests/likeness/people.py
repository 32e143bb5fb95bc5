"""People of the cast twice over: Zhang Sanfeng of lotus as he was registered, and as he was registered once more."""

from datetime import date
from typing import Any

from django.utils import timezone

from demo.drawings import portrait
from residents.models import Person, Residency
from residents.rights import consenting
from residents.rights.consenting import ConsentInput
from residents.rights.models import Kind
from tests import cast

NOW = timezone.now()
BORN = date(1980, 1, 1)


def person(place: cast.Place, **facts: Any) -> Person:
    """Somebody of the place with a passport nobody else has, unless told."""
    count = Person.with_merged.count()
    usual = {"name": "李四", "document_type": "414", "document_number": f"E{count:08d}", "phone": "19900005678"}
    return Person.objects.create(community=place.community, **(usual | facts))


def twice(place: cast.Place, *, house: Any = None, **facts: Any) -> Person:
    """Zhang Sanfeng once more: with his passport, living in the other house."""
    again = person(place, **({"name": "张三丰", "birth_date": BORN, "phone": "19900001234"} | facts))
    Residency.objects.create(person=again, house=house or place.empty_house, occupant_type="2")
    return again


def with_portrait(someone: Person, number: int = 5, guardian: str = "") -> Person:
    """With a portrait and the consent to it."""
    someone.photo = portrait(number, "1")
    someone.save()
    consenting.give(someone, Kind.FACE, ConsentInput(guardian=guardian), user=None, now=NOW)
    return someone
