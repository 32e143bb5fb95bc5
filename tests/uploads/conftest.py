"""A register of one lane: Lotus community, house 3-2-501, Mrs Wang who lives there, her car, the camera at the gate."""

import itertools
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from community.models import Building, Community, House, Unit
from devices.models import Device
from residents.models import OptionalField, Person, Residency, Vehicle
from tests.uploads.sandboxed import Upper, sandbox

OWNER_NUMBER = "120101198001010012"  # invented; its check digit is right
_sequence = itertools.count(1)


def make_person(community: Community, **values: object) -> Person:
    number = next(_sequence)
    facts = {
        "name": "王秀英",
        "document_number": f"E{number:08d}",
        "document_type": "414",
        "phone": "13812345678",
        "sex": "2",
    }
    return Person.objects.create(community=community, **(facts | values))


def make_house(lane: SimpleNamespace, room: str, **values: object) -> House:
    facts = {
        "address_code": f"12010100{room}",
        "owner_name": "赵大海",
        "owner_number": OWNER_NUMBER,
        "owner_phone": "13900001111",
        "owner_address": "幸福里3-2-501",
        "category": "10",
        "nature": "2",
        "use": "10",
        "lease_status": "01",
    }
    house = House(building=lane.building, unit=lane.unit, floor=5, room=room, **(facts | values))
    house.community = lane.community
    house.save()
    return house


def make_lane(name: str = "幸福里", code: str = "LOTUS") -> SimpleNamespace:
    community = Community.objects.create(name=name, registration_code=code)
    OptionalField.objects.create(community=community, field="education", basis="单独同意")
    building = Building.objects.create(community=community, number=3, floors=6)
    lane = SimpleNamespace(
        community=community, building=building, unit=Unit.objects.create(building=building, number=2)
    )
    lane.house = make_house(lane, "501")
    lane.wang = make_person(community)
    lane.home = Residency.objects.create(person=lane.wang, house=lane.house, occupant_type="2")
    lane.car = Vehicle.objects.create(
        community=community, plate="津A12345", owner_name="王秀英", owner_number="E00000001", owner_phone="13812345678"
    )
    lane.camera = Device.objects.create(community=community, code="CAM-1", name="东门相机", type="2")
    return lane


@pytest.fixture
def lane(db) -> SimpleNamespace:
    return make_lane()


@pytest.fixture
def upper(tmp_path) -> Iterator[Upper]:
    """The upper platform, strict, without faults."""
    with sandbox(tmp_path) as running:
        yield running
