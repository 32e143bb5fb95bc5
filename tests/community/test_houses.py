"""Houses: found in every spelling, generated in one deed, once each."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from community.generation import generate
from community.models import Building, House
from tests import cast


@pytest.mark.parametrize("text", ["3-2-501", "3号楼2单元501", "3栋2单元501室", "３－２－５０１", "501", " 3-2-501 "])
def test_a_house_is_found_in_every_spelling(text: str, lotus: cast.Place) -> None:
    assert list(House.objects.search(text)) == [lotus.house]


def test_nonsense_finds_nothing(lotus: cast.Place) -> None:
    assert not House.objects.search("%' OR 1=1 --").exists()


def test_the_houses_of_a_building_are_generated_once(lotus: cast.Place) -> None:
    building = Building.objects.create(community=lotus.community, number=9)
    assert generate(building, units=2, floors=3, rooms=2) == 12
    assert generate(building, units=2, floors=3, rooms=2) == 0
    assert House.objects.filter(building=building, room="302").count() == 2
    assert House.history.filter(building=building).count() == 12


def test_too_many_houses_are_refused(lotus: cast.Place) -> None:
    with pytest.raises(ValidationError):
        generate(lotus.building, units=50, floors=200, rooms=50)


def test_a_room_stands_once(lotus: cast.Place) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        House.objects.create(building=lotus.building, unit=lotus.house.unit, room="501")
