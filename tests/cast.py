"""The people of the tests. Lotus (幸福里) and maple (枫林苑) are two communities; the stranger has no post anywhere."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from accounts.models import User
from accounts.roles import ADMINISTRATORS, ROLES
from community.models import Building, Community, House, Post, Unit
from demo.drawings import portrait
from residents.models import Person, Residency
from standard.numbers.identity import check_digit

PASSWORD = "for-tests-only-1"


def valid_id(birth: str = "19900307", sequence: int = 901, region: str = "120100") -> str:
    """A valid identity number that nobody holds."""
    first17 = f"{region}{birth}{sequence:03d}"
    return first17 + check_digit(first17)


@dataclass
class Place:
    """A community with two houses and a resident."""

    community: Community
    building: Building
    house: House
    empty_house: House
    resident: Person
    residency: Residency
    staff: dict[str, User] = field(default_factory=dict)


def place(code: str, name: str, sequence: int) -> Place:
    """One community of the cast."""
    community = Community.objects.create(name=name, registration_code=code, address="天津市示范区1号")
    building = Building.objects.create(community=community, number=3, floors=6)
    unit = Unit.objects.create(building=building, number=2)
    owner = {"owner_name": "赵房主", "owner_number": valid_id("19700101", sequence), "owner_phone": "19900009999"}
    house = House.objects.create(building=building, unit=unit, floor=5, room="501", address_code=f"{code}501", **owner)
    empty = House.objects.create(building=building, unit=unit, floor=5, room="502", address_code=f"{code}502", **owner)
    resident = Person.objects.create(
        community=community, name="张三丰", document_number=valid_id("19800101", sequence), phone="19900001234",
        birth_date=date(1980, 1, 1), sex="1", photo=portrait(1, "1"),
    )  # fmt: skip
    residency = Residency.objects.create(person=resident, house=house, occupant_type="2")
    made = Place(community, building, house, empty, resident, residency)
    for role in ROLES.keys() - ADMINISTRATORS:
        made.staff[role] = user(f"{role}-{code.lower()}")
        Post.objects.create(user=made.staff[role], role=role, community=community)
    return made


def user(name: str, **facts: Any) -> User:
    """Somebody who can sign in."""
    return User.objects.create_user(name, password=PASSWORD, display_name=name, is_staff=True, **facts)
