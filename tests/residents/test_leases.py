"""A lease is extended or changed on the page of the household: whole or not at all, once, and in the log."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from audit.models import Entry
from demo.drawings import contract_page
from residents.models import Person, Residency
from tests import cast
from uploads.models import Due

START, END = date(2026, 1, 31), date(2026, 8, 31)


def at(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def tenant(place: cast.Place, sequence: int = 1, **facts: Any) -> Residency:
    person = Person.objects.create(
        community=place.community, name="李小凤", phone="13812345678",
        document_number=cast.valid_id("19910101", sequence),
    )  # fmt: skip
    given = {"lease_start": at(START), "lease_end": at(END), "lease_contract": contract_page(1)}
    return Residency.objects.create(person=person, house=place.house, occupant_type="1", **(given | facts))


def days(home: Residency) -> tuple[date, date]:
    fresh = Residency.objects.get(pk=home.pk)
    return timezone.localdate(fresh.lease_start), timezone.localdate(fresh.lease_end)


def send(client: Client, home: Residency, **given: Any) -> Any:
    return client.post(f"/houses/lease/{home.pk}/", {"seen": END.isoformat()} | given)


@pytest.fixture
def collector(lotus: cast.Place, as_user) -> Client:
    return as_user(lotus.staff["collector"])


def test_a_lease_is_extended_from_where_it_ends_and_goes_upstairs_again(lotus: cast.Place, collector: Client) -> None:
    home = tenant(lotus)
    Due.objects.update(delivered_revision=9)
    answer = send(collector, home, months="6")
    assert (answer.status_code, answer.url) == (302, f"/houses/{lotus.house.pk}/")
    assert days(home) == (START, date(2027, 2, 28))
    assert Due.objects.filter(report="residency", subject_id=home.pk.hex).exclude(delivered_revision=9).count() == 0
    row = Due.objects.get(report="residency", subject_id=home.pk.hex)
    assert row.revision > 1
    assert Entry.objects.filter(action="change_lease", target_id=str(home.pk)).count() == 1
    assert home.history.count() == 2


def test_the_same_form_sent_twice_extends_once(lotus: cast.Place, collector: Client) -> None:
    home = tenant(lotus)
    assert [send(collector, home, months="12").status_code for _ in range(2)] == [302, 422]
    assert days(home) == (START, date(2027, 8, 31))


def test_other_days_are_taken_and_a_new_contract(lotus: cast.Place, collector: Client) -> None:
    home = tenant(lotus)
    page = SimpleUploadedFile("c.jpg", contract_page(2), "image/jpeg")
    assert send(collector, home, start="2026-02-01", end="2027-01-31", contract=page).status_code == 302
    assert days(home) == (date(2026, 2, 1), date(2027, 1, 31))
    assert Residency.objects.get(pk=home.pk).lease_contract.name != home.lease_contract.name


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"start": "2026-05-01", "end": "2026-04-01"}, "必须晚于"),
        ({"start": "2026-01-31", "end": "2046-02-01"}, "二十年"),
        ({"end": "9999-12-31"}, "年份不对"),
        ({"start": "0001-01-01"}, "年份不对"),
        ({"end": "明年"}, "2026-01-31 的形式"),
        ({"months": "7"}, "请选择续租的月数"),
        ({"seen": "x", "months": "12"}, "刚刚被修改"),
        ({"months": "12", "seen": "2026-08-30"}, "刚刚被修改"),
        ({"months": "12", "contract": SimpleUploadedFile("c.jpg", b"no picture", "image/jpeg")}, "图片"),
    ],
)
def test_what_is_wrong_stands_in_the_form_and_nothing_changes(
    given: dict, words: str, lotus: cast.Place, collector: Client
) -> None:
    home, other = tenant(lotus), tenant(lotus, 2)
    for file in given.values():
        if hasattr(file, "seek"):
            file.seek(0)
    answer = send(collector, home, together="on", **given)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert days(home) == days(other) == (START, END)
    assert not Entry.objects.filter(action="change_lease").exists()


def test_an_imported_lease_without_its_contract_asks_for_it(lotus: cast.Place, collector: Client) -> None:
    home = tenant(lotus, lease_contract="")
    answer = send(collector, home, months="12")
    assert answer.status_code == 422
    assert "租赁合同照片" in answer.content.decode()
    page = SimpleUploadedFile("c.jpg", contract_page(2), "image/jpeg")
    assert send(collector, home, months="12", contract=page).status_code == 302


def test_everybody_on_the_same_lease_goes_along_when_told(lotus: cast.Place, collector: Client) -> None:
    home, mate, other = tenant(lotus), tenant(lotus, 2), tenant(lotus, 3, lease_end=at(date(2026, 9, 30)))
    send(collector, home, months="12", together="on")
    assert days(home) == days(mate) == (START, date(2027, 8, 31))
    assert days(other) == (START, date(2026, 9, 30))
    assert Entry.objects.filter(action="change_lease").count() == 2


def test_one_who_cannot_be_changed_keeps_the_others_as_they_were(lotus: cast.Place, collector: Client) -> None:
    home, mate = tenant(lotus), tenant(lotus, 2, lease_contract="")
    assert send(collector, home, months="12", together="on").status_code == 422
    assert days(home) == days(mate) == (START, END)


def test_who_left_or_is_restricted_keeps_the_lease(lotus: cast.Place, collector: Client) -> None:
    home, gone = tenant(lotus), tenant(lotus, 2, moved_out=date(2026, 2, 1))
    Person.objects.filter(pk=home.person_id).update(restricted_at=timezone.now())
    assert [send(collector, one, months="12").status_code for one in (home, gone)] == [422, 422]
    assert days(home) == days(gone) == (START, END)


def test_nobody_of_maple_and_no_stranger_changes_a_lease_of_lotus(
    lotus: cast.Place, maple: cast.Place, stranger, as_user
) -> None:
    home = tenant(lotus)
    for user in (maple.staff["manager"], lotus.staff["police"], lotus.staff["guard"], stranger):
        assert send(as_user(user), home, months="12").status_code == 404
    assert days(home) == (START, END)


def test_the_page_says_how_the_lease_stands_and_offers_what_may_be_done(
    lotus: cast.Place, collector: Client, as_user
) -> None:
    soon = timezone.localdate() + timedelta(days=5)
    home, _mate = tenant(lotus, lease_end=at(soon)), tenant(lotus, 2, lease_end=at(soon))
    page = collector.get(f"/houses/{lotus.house.pk}/").content.decode()
    assert f'id="lease-{home.pk}"' in page
    for words in ("还有 5 天", "续租 12 个月", "同一租约的 2 人一起修改", 'data-key="n"', 'accesskey="n"'):
        assert words in page, words
    police = as_user(lotus.staff["police"]).get(f"/houses/{lotus.house.pk}/").content.decode()
    assert ("还有 5 天" in police, "续租" in police, "登记迁出" in police) == (True, False, False)


def test_a_household_of_many_is_asked_for_in_as_few_questions(
    lotus: cast.Place, collector: Client, django_assert_max_num_queries
) -> None:
    for sequence in range(1, 6):
        tenant(lotus, sequence)
    with django_assert_max_num_queries(22):
        assert collector.get(f"/houses/{lotus.house.pk}/").status_code == 200
