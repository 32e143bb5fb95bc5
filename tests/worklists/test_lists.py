"""Work lists: what is missing in lotus is listed for lotus, most urgent first, each with the form that puts it right."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from analysis.models import StrangerArchive
from community.models import Post
from demo.drawings import contract_page, portrait
from residents.models import Person, Residency
from residents.rights import consenting
from residents.rights.consenting import ConsentInput
from residents.rights.models import Kind
from residents.worklists import registry
from tests import cast
from uploads.models import Due

NOW = timezone.now()
TODAY = timezone.localdate(NOW)


def told(user: User, code: str, page: int = 1) -> list[registry.Row]:
    fresh = User.objects.get(pk=user.pk)  # what he may do is asked once a request
    found = registry.get(fresh, code)
    assert found is not None
    rows, _more = found.rows(fresh, NOW, page)
    assert found.count(fresh, NOW) >= len(rows)
    return rows


def newcomer(place: cast.Place, sequence: int = 1, **facts: Any) -> Person:
    """Somebody who lives in the house, without photo or telephone unless told."""
    number = cast.valid_id("19910101", 100 + sequence)
    person = Person.objects.create(community=place.community, name="李小凤", document_number=number, **facts)
    Residency.objects.create(person=person, house=place.house, occupant_type="3")
    return person


def lease(person: Person, days: int) -> Residency:
    """The person's home, as a tenant whose lease ends in so many days."""
    home = person.residencies.get()
    home.occupant_type, home.lease_contract = "1", contract_page(1)
    home.lease_start, home.lease_end = NOW - timedelta(days=400), NOW + timedelta(days=days)
    home.save()
    return home


@pytest.fixture
def collector(lotus: cast.Place, maple: cast.Place) -> User:
    return lotus.staff["collector"]


def test_a_house_without_people_opens_the_desk_at_the_house(lotus: cast.Place, collector: User) -> None:
    (row,) = told(collector, "empty-houses")
    assert (row.house, row.place, row.to) == ("3-2-502", "幸福里", f"/collect/?house={lotus.empty_house.pk}")
    Residency.objects.filter(pk=lotus.residency.pk).update(moved_out=TODAY)
    assert [row.house for row in told(collector, "empty-houses")] == ["3-2-501", "3-2-502"]


def test_a_home_that_stayed_with_a_merged_record_does_not_fill_a_house(lotus: cast.Place, collector: User) -> None:
    li = newcomer(lotus)
    Residency.objects.filter(person=li).update(house=lotus.empty_house)
    assert told(collector, "empty-houses") == []
    Person.objects.filter(pk=li.pk).update(merged_into=lotus.resident)
    assert [row.house for row in told(collector, "empty-houses")] == ["3-2-502"]
    assert told(collector, "no-phone") == []


def test_a_missing_photo_opens_the_desk_at_the_photo(lotus: cast.Place, maple: cast.Place, collector: User) -> None:
    newcomer(maple)
    li = newcomer(lotus)
    (row,) = told(collector, "no-photo")
    assert (row.who, row.house, row.missing) == ("李*凤", "3-2-501", "人像照片")
    assert row.to == f"/collect/?person={li.pk}&field=photo"


def test_who_took_the_consent_back_is_not_asked_for_a_photo_again(lotus: cast.Place, collector: User) -> None:
    li = newcomer(lotus)
    consenting.give(li, Kind.FACE, ConsentInput(), user=collector, now=NOW)
    assert len(told(collector, "no-photo")) == 1, "agreed, but not yet taken"
    consenting.withdraw(li, Kind.FACE, user=collector, now=NOW)
    assert told(collector, "no-photo") == []
    consenting.give(li, Kind.FACE, ConsentInput(), user=collector, now=NOW)
    assert len(told(collector, "no-photo")) == 1, "agreed once more"


def test_an_erased_persons_withdrawal_hides_nobody_else(lotus: cast.Place, collector: User) -> None:
    gone, li = newcomer(lotus, 1), newcomer(lotus, 2)
    consenting.give(gone, Kind.FACE, ConsentInput(), user=collector, now=NOW)
    consenting.withdraw(gone, Kind.FACE, user=collector, now=NOW)
    gone.delete()
    assert [row.to for row in told(collector, "no-photo")] == [f"/collect/?person={li.pk}&field=photo"]


def test_who_moved_out_or_is_restricted_is_on_no_list(lotus: cast.Place, collector: User) -> None:
    li = newcomer(lotus, document_validity="2001.01.01-2021.01.01")
    lease(li, -3)
    codes = ("no-photo", "no-phone", "documents", "leases")
    assert [len(told(collector, code)) for code in codes] == [1, 1, 1, 1]
    Person.objects.filter(pk=li.pk).update(restricted_at=NOW)
    assert [len(told(collector, code)) for code in codes] == [0, 0, 0, 0]
    Person.objects.filter(pk=li.pk).update(restricted_at=None)
    Residency.objects.filter(person=li).update(moved_out=TODAY)
    assert [len(told(collector, code)) for code in codes] == [0, 0, 0, 0]


def test_a_missing_telephone_opens_the_desk_at_the_telephone(lotus: cast.Place, collector: User) -> None:
    li = newcomer(lotus)
    assert [row.to for row in told(collector, "no-phone")] == [f"/collect/?person={li.pk}&field=phone"]
    li.phone = "13812345678"
    li.save()
    assert told(collector, "no-phone") == []


def test_leases_that_are_over_stand_before_those_that_soon_are(lotus: cast.Place, collector: User) -> None:
    homes = {days: lease(newcomer(lotus, days + 50), days) for days in (5, -12, 29, 45)}
    rows = told(collector, "leases")
    assert [(row.urgency, row.tone) for row in rows] == [
        ("已到期 12 天", "bad"), ("还有 5 天", "warn"), ("还有 29 天", "warn"),
    ]  # fmt: skip
    assert rows[0].to == f"/houses/{lotus.house.pk}/#lease-{homes[-12].pk}"


def test_documents_that_ran_out_stand_before_those_that_soon_do(lotus: cast.Place, collector: User) -> None:
    people = {}
    for days in (3, -40, 31):
        until = f"2001.01.01-{TODAY + timedelta(days=days):%Y.%m.%d}"
        people[days] = newcomer(lotus, days + 50, document_validity=until)
    newcomer(lotus, 200, document_validity="2001.01.01-长期")
    rows = told(collector, "documents")
    assert [(row.urgency, row.tone) for row in rows] == [("已到期 40 天", "bad"), ("还有 3 天", "warn")]
    assert f"有效期至 {TODAY - timedelta(days=40)}" in rows[0].missing
    assert rows[0].to == f"/collect/?person={people[-40].pk}&field=document_validity"


def test_an_unknown_person_taken_for_a_resident_is_to_be_verified(
    lotus: cast.Place, maple: cast.Place, collector: User
) -> None:
    made = {
        place.community.name: StrangerArchive.objects.create(
            community=place.community, first_passage_at=NOW - timedelta(days=9), photo1=portrait(4, "1")
        )
        for place in (lotus, maple)
    }
    (row,) = told(collector, "strangers")
    assert (row.place, row.urgency) == ("幸福里", "9 天前首次出现")
    assert row.to == f"/admin/analysis/strangerarchive/{made['幸福里'].pk}/change/"
    StrangerArchive.objects.update(suspected_resident=False)
    assert told(collector, "strangers") == []


def test_what_the_upper_platform_sent_back_says_why_and_opens_the_field(
    lotus: cast.Place, maple: cast.Place, collector: User
) -> None:
    li = newcomer(lotus)
    home = lease(li, 100)
    home.lease_contract = ""
    home.save()
    Due.objects.filter(report="person", subject_id=li.pk.hex).update(state="held", reason="联系电话为空")
    Due.objects.filter(report="residency", subject_id=home.pk.hex).update(state="held", reason="租赁合同照片为空")
    Due.objects.filter(report="person", subject_id=maple.resident.pk.hex).update(state="held", reason="退回")
    Due.objects.filter(report="person", subject_id=lotus.resident.pk.hex).update(
        state="held", reason="此人的信息已限制处理,不上报"
    )
    rows = {row.missing: row for row in told(collector, "undelivered")}
    assert set(rows) == {"联系电话为空", "租赁合同照片为空"}
    assert rows["联系电话为空"].to == f"/collect/?person={li.pk}&field=phone"
    assert rows["租赁合同照片为空"].to == f"/collect/?person={li.pk}&house={lotus.house.pk}&field=lease_contract"
    assert {row.who for row in rows.values()} == {"李*凤"}


def test_a_collector_of_all_communities_sees_both(lotus: cast.Place, maple: cast.Place) -> None:
    everywhere = cast.user("everywhere")
    Post.objects.create(user=everywhere, role="collector", community=None)
    newcomer(lotus), newcomer(maple)
    assert {row.place for row in told(everywhere, "no-photo")} == {"幸福里", "枫林苑"}
    assert len(told(everywhere, "empty-houses")) == 2


def test_a_verb_missing_in_one_place_hides_that_place_only(lotus: cast.Place, maple: cast.Place) -> None:
    """Police see people everywhere, and collect nowhere but where they are collectors too."""
    officer = cast.user("officer")
    Post.objects.create(user=officer, role="police", community=maple.community)
    Post.objects.create(user=officer, role="collector", community=lotus.community)
    newcomer(lotus), newcomer(maple)
    assert {row.place for row in told(officer, "no-photo")} == {"幸福里"}


def test_nobody_else_has_any_list(lotus: cast.Place, stranger: User) -> None:
    for user in (stranger, *(lotus.staff[role] for role in ("guard", "operator", "police"))):
        assert registry.every(user) == []
    assert not registry._lists["no-photo"].of(stranger, NOW).exists()


def test_a_list_ends_and_a_number_says_when_it_was_not_counted_to_the_end(
    lotus: cast.Place, collector: User, monkeypatch
) -> None:
    for sequence in range(6):
        newcomer(lotus, sequence)
    monkeypatch.setattr(registry, "PAGE", 2)
    monkeypatch.setattr(registry, "MOST", 5)
    pages = [told(collector, "no-phone", page) for page in range(1, 5)]
    assert [len(page) for page in pages] == [2, 2, 1, 0]
    assert len({row.to for page in pages for row in page}) == 5
    found = registry.get(collector, "no-phone")
    assert registry.shown(found.count(collector, NOW)) == "4+"


def test_a_code_is_declared_once_and_a_list_without_verbs_never() -> None:
    for facts in ({"code": "no-photo", "verbs": ("collect",)}, {"code": "open-to-all", "verbs": ()}):
        with pytest.raises(ValueError, match=facts["code"]):
            registry.register(type("Other", (registry.WorkList,), facts))
