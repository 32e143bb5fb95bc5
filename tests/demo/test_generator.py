"""The invented register."""

from datetime import date

import pytest

from demo.generator import ONLINE, Place, check_digit, generate
from demo.truth import records

TODAY = date(2026, 11, 24)


@pytest.fixture(scope="module")
def places() -> tuple[Place, ...]:
    return generate(seed=1, today=TODAY)


def test_the_register_is_as_large_as_promised(places: tuple[Place, ...]) -> None:
    homes = [home for place in places for home in place.homes]
    assert len(places) == 2
    assert sum(len(place.buildings) for place in places) >= 12
    assert len(homes) >= 400
    assert sum(len(home.dwellings) for home in homes) >= 1000
    assert sum(len(place.cars) for place in places) > 100
    assert sum(len(place.machines) for place in places) > 50


def test_the_same_seed_gives_the_same_register(places: tuple[Place, ...]) -> None:
    assert generate(seed=1, today=TODAY) == places
    assert generate(seed=2, today=TODAY) != places


def test_every_identity_number_is_valid_and_nobodys(places: tuple[Place, ...]) -> None:
    numbers = [d.human.number for place in places for home in place.homes for d in home.dwellings]
    assert len(set(numbers)) == len(numbers)
    for number in numbers:
        assert check_digit(number[:17]) == number[17]
        assert number[2:6] == "0100"  # the area code of no county: such numbers are never issued


def test_tenants_have_a_lease_that_ends_after_it_starts(places: tuple[Place, ...]) -> None:
    tenants = [d for place in places for home in place.homes for d in home.dwellings if d.occupant_type == "1"]
    assert tenants
    assert all(d.lease_start < d.lease_end and d.contract is not None for d in tenants)


def test_the_scale_sets_the_number_of_buildings() -> None:
    assert sum(len(place.buildings) for place in generate(seed=1, scale=0.2, today=TODAY)) == 2
    assert sum(len(place.buildings) for place in generate(seed=1, scale=2, today=TODAY)) == 26
    with pytest.raises(ValueError, match="scale"):
        generate(seed=1, scale=0, today=TODAY)


def test_the_truth_speaks_of_every_home_person_car_and_machine(places: tuple[Place, ...]) -> None:
    clauses = [clause for _, clause, _ in records(places)]
    people = sum(len(home.dwellings) for place in places for home in place.homes)
    assert clauses.count("B.2.2") == clauses.count("B.4.2") == people
    assert clauses.count("B.3.2") == sum(len(place.homes) for place in places)
    assert clauses.count("B.6.1") == sum(len(place.machines) for place in places)
    failed = [machine for place in places for machine in place.machines if machine.online != ONLINE]
    assert 0 < clauses.count("B.6.3") == len(failed)
