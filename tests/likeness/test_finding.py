"""Who is registered that may be the one being typed: grounds, order, bounds, scope."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from residents.likeness import grounds
from residents.likeness.finding import candidates, lead_on
from residents.likeness.grounds import Facts
from residents.likeness.merging import merge
from residents.models import Person, Residency
from tests import cast
from tests.likeness.people import BORN, NOW, person, twice


def found(place: cast.Place, **typed) -> list[tuple[Person, tuple[str, ...]]]:
    return [(one.person, one.grounds) for one in candidates(place.community, **typed)]


def test_the_same_number_is_the_same_person_whatever_else_is_typed(lotus: cast.Place) -> None:
    number = lotus.resident.document_number
    assert found(lotus, document_number=number, document_type="111", name="李四") == [(lotus.resident, ("number",))]
    spaced = f" {number[:6]} {number[6:14]} {number[14:].lower()} "
    assert found(lotus, document_number=spaced) == [(lotus.resident, ("number",))]
    assert candidates(lotus.community, document_number=number)[0].must == "same"


def test_the_same_number_of_another_kind_of_document_has_to_be_decided(lotus: cast.Place) -> None:
    one = candidates(lotus.community, document_number=lotus.resident.document_number, document_type="414")[0]
    assert (one.grounds, one.must) == (("number_of_other_kind",), "decide")


def test_a_number_of_fifteen_digits_finds_its_eighteen_and_the_other_way_round(lotus: cast.Place) -> None:
    long = lotus.resident.document_number
    short = long[:6] + long[8:17]
    assert found(lotus, document_number=short) == [(lotus.resident, ("number",))]
    old = person(lotus, document_type="990", document_number="120100850505123")
    assert found(lotus, document_number="120100198505051239"[:17] + "9", document_type="990")[0][0] == old


def test_name_and_birth_date_typed_or_told_by_the_number(lotus: cast.Place) -> None:
    assert found(lotus, name="张 三丰", birth_date=BORN) == [(lotus.resident, ("name_birth",))]
    told_by_number = cast.valid_id("19800101", 777)
    assert found(lotus, name="张三丰", document_number=told_by_number) == [(lotus.resident, ("name_birth",))]
    assert found(lotus, name="张三丰", birth_date=date(1980, 1, 2)) == []
    assert found(lotus, name="张三丰") == []


def test_a_telephone_says_more_with_the_name_than_without(lotus: cast.Place) -> None:
    assert found(lotus, name="张三丰", phone="+86 199-0000-1234") == [(lotus.resident, ("name_phone",))]
    alone = candidates(lotus.community, name="张小丰", phone="19900001234")[0]
    assert (alone.grounds, alone.must) == (("phone",), "")


def test_in_one_house_a_name_is_enough_and_a_twin_is_worth_a_look(lotus: cast.Place) -> None:
    assert found(lotus, name="张三丰", house=lotus.house) == [(lotus.resident, ("house_name",))]
    twin = candidates(lotus.community, name="张四丰", birth_date=BORN, house=lotus.house)[0]
    assert (twin.grounds, twin.must) == (("house_birth",), "")
    assert found(lotus, name="王四丰", birth_date=BORN, house=lotus.house) == []
    assert found(lotus, name="张三丰", house=lotus.empty_house) == []


def test_the_likeliest_stand_first_and_no_more_than_asked(lotus: cast.Place) -> None:
    by_phone = [person(lotus, name=f"王{number}") for number in "一二三四五六七八"]
    named = person(lotus, name="张三丰", birth_date=BORN, phone="")
    people = [who for who, _codes in found(
        lotus, document_number=lotus.resident.document_number, name="张三丰", birth_date=BORN, phone="19900005678"
    )]  # fmt: skip
    assert people[:2] == [lotus.resident, named]
    assert len(people) == 5
    assert set(people[2:]) < set(by_phone)


def test_what_agrees_and_what_does_not_is_told_fact_by_fact(lotus: cast.Place) -> None:
    one = candidates(lotus.community, document_number="E1", name="张三丰", phone="19900001234", house=lotus.house)[0]
    assert one.agrees == {"document_number": False, "name": True, "birth_date": None, "phone": True, "house": True}
    assert one.houses == [str(lotus.house)]


def test_somebody_of_another_community_is_never_found(lotus: cast.Place, maple: cast.Place) -> None:
    typed = {"document_number": maple.resident.document_number, "name": "张三丰", "birth_date": BORN}
    assert maple.resident not in [who for who, _codes in found(lotus, **typed)]
    assert found(lotus, name="张三丰", house=maple.house) == []
    assert lead_on(lotus.community, maple.resident.pk) is None


def test_who_was_merged_is_led_to_the_one_he_is_now(lotus: cast.Place) -> None:
    again = twice(lotus, name="张叁丰", phone="19911112222")
    merge(lotus.resident, again, user=None, now=NOW)
    one = candidates(lotus.community, name="张叁丰", phone="19911112222")[0]
    assert (one.person, one.led, one.grounds) == (lotus.resident, True, ("name_phone",))
    assert lead_on(lotus.community, again.pk) == lead_on(lotus.community, lotus.resident.pk) == lotus.resident
    assert candidates(lotus.community, name="张叁丰", phone="19911112222", leave_out=lotus.resident.pk) == []


def test_restricted_people_are_found_too(lotus: cast.Place) -> None:
    Person.objects.filter(pk=lotus.resident.pk).update(restricted_at=NOW)
    assert candidates(lotus.community, document_number=lotus.resident.document_number)[0].person.restricted_at


def test_nothing_typed_finds_nobody(lotus: cast.Place) -> None:
    person(lotus, name="", phone="", document_number="")
    assert found(lotus) == []
    assert found(lotus, name=" ", phone="-", document_number="  ") == []


def test_the_number_of_queries_does_not_grow(lotus: cast.Place, django_assert_max_num_queries) -> None:
    typed = {
        "document_number": lotus.resident.document_number, "name": "张三丰", "birth_date": BORN, "phone": "19900001234",
        "house": lotus.house,
    }  # fmt: skip
    with CaptureQueriesContext(connection) as few:
        candidates(lotus.community, **typed)
    for _ in range(6):
        twice(lotus)
    merge(lotus.resident, twice(lotus), user=None, now=NOW)
    with CaptureQueriesContext(connection) as many:
        assert len(candidates(lotus.community, **typed)) == 5
    assert len(many) == len(few) == 6


def test_every_search_uses_a_blind_index(lotus: cast.Place) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
    plans = [
        Person.with_merged.filter(community=lotus.community, **{f"{name}_index__matches": "x1"}).order_by().explain()
        for name in ("document_number", "name", "phone")
    ]
    assert ["INDEX" in plan.upper() for plan in plans] == [True] * 3


@pytest.mark.parametrize("empty", ["", "   ", "-"])
def test_nothing_is_not_the_same_as_nothing(empty: str) -> None:
    blank = Facts(empty, empty, None, empty)
    assert grounds.shared(blank, blank, same_house=True) == ()
    assert set(grounds.agreement(blank, blank).values()) == {None}


def test_the_home_of_a_former_resident_is_no_ground(lotus: cast.Place) -> None:
    Residency.objects.update(moved_out=date(2026, 1, 1))
    assert found(lotus, name="张三丰", house=lotus.house) == []
