"""Forgetting faces: at once when the consent ends, by retention when a purpose is over; and how many are held."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, OuterRef, Q

from residents.models import Person
from residents.verification.models import FaceCheck

FILING = (
    100_000  # faces: from here on the use must be filed with the provincial CAC within 30 working days (2025-06-01)
)
WARNED = 90_000


def forget_person(person: Person) -> int:
    """Empty templates and pictures of the checks of a person; of how many checks."""
    return sum(check.forget_face() for check in FaceCheck.objects.filter(person=person).holding())


def people_holding(people: Any) -> Any:
    """Of these people, those of whom a check still holds something of the face."""
    return people.filter(Exists(FaceCheck.objects.filter(person=OuterRef("pk")).holding()))


def forget_pictures(checks: Iterable[FaceCheck]) -> int:
    """Empty the pictures of these checks; how many."""
    count = 0
    for check in checks:
        check.forget_pictures()
        check.save(update_fields=["photo", "card_portrait"])
        count += 1
    return count


def faces_held() -> int:
    """How many people's faces are stored, as a portrait or in a check; drafts that were never submitted count too."""
    people = Person.objects.filter(
        ~Q(photo="") | Exists(FaceCheck.objects.filter(person=OuterRef("pk")).holding())
    ).count()
    return people + FaceCheck.objects.filter(person=None).holding().values("client_key").distinct().count()
