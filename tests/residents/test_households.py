"""房态图: a building as a grid in a few questions, a house with its household, moving out."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.models import Entry
from community.generation import generate
from community.models import House
from residents.households import grid
from residents.models import Person, Residency, Vehicle
from tests import cast
from uploads.models import Due


@pytest.fixture
def manager(lotus: cast.Place, as_user) -> Client:
    return as_user(lotus.staff["manager"])


def states(place: cast.Place, house: House) -> dict[str, str]:
    made = grid.grid(place.building, timezone.now())
    return next(
        cell.states for _floor, units in made.floors for _unit, cells in units for cell in cells if cell.house == house
    )


def test_a_house_is_coloured_by_what_it_is_and_lacks(lotus: cast.Place) -> None:
    assert states(lotus, lotus.empty_house) == {
        "occupancy": "empty", "completeness": "empty", "lease": "none", "delivery": "waiting",
    }  # fmt: skip
    assert states(lotus, lotus.house) == {
        "occupancy": "owner", "completeness": "whole", "lease": "none", "delivery": "waiting",
    }  # fmt: skip
    person = Person.objects.create(community=lotus.community, name="李四", document_number=cast.valid_id("19910101"))
    soon = timezone.now() + timedelta(days=10)
    home = Residency.objects.create(
        person=person, house=lotus.house, occupant_type="1", lease_start=timezone.now(), lease_end=soon
    )
    Due.objects.filter(report="person", subject_id=person.pk.hex).update(state="held")
    assert states(lotus, lotus.house) == {
        "occupancy": "let", "completeness": "phone", "lease": "ending", "delivery": "held",
    }  # fmt: skip
    Residency.objects.filter(pk=home.pk).update(
        lease_start=soon - timedelta(days=90), lease_end=soon - timedelta(days=60)
    )
    assert states(lotus, lotus.house)["lease"] == "over"
    Due.objects.update(state="due", delivered_revision=99)
    assert states(lotus, lotus.house)["delivery"] == "arrived"


def test_the_grid_has_floors_units_and_a_legend_that_adds_up(lotus: cast.Place, manager: Client) -> None:
    page = manager.get(f"/houses/buildings/{lotus.building.pk}/").content.decode()
    assert page.count('class="house ') == 2
    assert ("2 单元" in page, "自住 <b>1</b>" in page, "无人登记 <b>1</b>" in page) == (True, True, True)
    page = manager.get(f"/houses/buildings/{lotus.building.pk}/?by=delivery").content.decode()
    assert "上报中 <b>2</b>" in page


def test_a_large_building_is_asked_for_in_as_few_questions(lotus: cast.Place, manager: Client) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert manager.get(f"/houses/buildings/{lotus.building.pk}/").status_code == 200
        return len(queries)

    few = asked()
    generate(lotus.building, units=4, floors=20, rooms=4)
    assert asked() == few <= 16


def test_a_household_shows_people_masked_cars_and_who_left(lotus: cast.Place, manager: Client) -> None:
    Vehicle.objects.create(community=lotus.community, plate="津A12345", owner=lotus.resident, owner_name="张三丰")
    page = manager.get(f"/houses/{lotus.house.pk}/").content.decode()
    assert ("张*丰" in page, "津A12345" in page, "张三丰" in page, "19900001234" in page) == (True, True, False, False)
    assert f"/collect/?house={lotus.house.pk}" in page
    assert Entry.objects.filter(action="view", target_id=str(lotus.house.pk)).count() == 1
    manager.post(f"/houses/move-out/{lotus.residency.pk}/", {"day": "2999-01-01"})
    assert Residency.objects.get(pk=lotus.residency.pk).moved_out is None
    manager.post(f"/houses/move-out/{lotus.residency.pk}/", {"day": timezone.localdate().isoformat()})
    assert Residency.objects.get(pk=lotus.residency.pk).moved_out == timezone.localdate()
    assert "以前住过" in manager.get(f"/houses/{lotus.house.pk}/").content.decode()
    assert Entry.objects.filter(action="move_out").count() == 1


def test_police_look_and_change_nothing(lotus: cast.Place, as_user) -> None:
    police = as_user(lotus.staff["police"])
    page = police.get(f"/houses/{lotus.house.pk}/").content.decode()
    assert ("登记迁出" in page, "同户下一人" in page) == (False, False)
    assert police.post(f"/houses/move-out/{lotus.residency.pk}/").status_code == 404


def test_the_buildings_say_how_far_they_are(lotus: cast.Place, maple: cast.Place, manager: Client) -> None:
    page = manager.get("/houses/").content.decode()
    assert ("已登记 1 / 2 户" in page, "枫林苑" in page) == (True, False)


def test_the_grid_for_the_desk_has_a_button_a_house_and_no_names(lotus: cast.Place, maple: cast.Place, as_user) -> None:
    collector = as_user(lotus.staff["collector"])
    chooser = collector.get("/collect/grid/").content.decode()
    assert f'data-grid="/collect/grid/{lotus.building.pk}/"' in chooser
    assert f"/collect/grid/{maple.building.pk}/" not in chooser
    page = collector.get(f"/collect/grid/{lotus.building.pk}/").content.decode()
    assert page.count("<button") == 4 + 4 + 2  # what colours tell, the legend, the houses
    assert f'data-house="{lotus.empty_house.pk}" data-label="3-2-502"' in page
    assert ("<html" in page, "<a " in page, "张" in page) == (False, False, False)
    assert collector.get(f"/collect/grid/{lotus.building.pk}/", {"by": "lease"}).context["mode"] == "lease"
    assert collector.get(f"/collect/grid/{lotus.building.pk}/", {"by": "nothing"}).context["mode"] == "occupancy"


def test_who_does_not_collect_there_gets_no_grid(lotus: cast.Place, maple: cast.Place, stranger, as_user) -> None:
    for user in (maple.staff["collector"], lotus.staff["police"], lotus.staff["guard"], stranger):
        assert as_user(user).get(f"/collect/grid/{lotus.building.pk}/").status_code == 404
    assert as_user(lotus.staff["collector"]).get(f"/collect/grid/{2**63}/").status_code == 404


def test_a_collector_goes_from_a_house_of_the_grid_to_the_desk(lotus: cast.Place, as_user) -> None:
    address, desk = f"/houses/buildings/{lotus.building.pk}/", f'href="/collect/?house={lotus.empty_house.pk}"'
    collector, police = as_user(lotus.staff["collector"]), as_user(lotus.staff["police"])
    assert desk in collector.get(address, {"go": "collect"}).content.decode()
    assert desk not in collector.get(address).content.decode()
    assert desk not in police.get(address, {"go": "collect"}).content.decode()
    assert "采集这一户" in collector.get(f"/houses/{lotus.empty_house.pk}/").content.decode()
