"""What leaves an entry: looks, lists, searches, changes with before and after, refused attempts, deliveries."""

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client

from accounts.looking import masked_query
from audit.models import Entry
from residents.models import Person
from tests import cast


def newest(action: str) -> Entry:
    return Entry.objects.filter(action=action).latest("pk")


def test_a_list_and_a_search_are_deeds(lotus: cast.Place, as_user) -> None:
    browser = as_user(lotus.staff["manager"])
    browser.get("/admin/residents/person/?sex__exact=1")
    listed = newest("list")
    assert (listed.target_model, listed.community_id) == ("residents.person", lotus.community.pk)
    assert listed.detail == {"filters": ["sex__exact"]}
    assert (listed.role, len(listed.session), len(listed.mac)) == ("物业经理", 16, 64)
    browser.get("/admin/residents/person/", {"q": "王秀英 13812345678"})
    assert newest("search").detail["query"] == "王*英 138****5678"
    browser.get("/api/people/")
    browser.get(f"/api/people/{lotus.resident.pk}/")
    assert Entry.objects.filter(action="list").count() == 2
    assert newest("view").target_id == str(lotus.resident.pk)


def test_what_is_searched_for_is_masked() -> None:
    assert masked_query("120101199003071234") == "120101********1234"
    assert "123456" not in masked_query("a 123456 b c d e f")
    assert len(masked_query("长" * 500)) <= 40


def test_before_and_after_are_kept_masked(lotus: cast.Place) -> None:
    person = Person.objects.get(pk=lotus.resident.pk)
    before = person.phone
    person.phone, person.ethnicity, person.person_type = "19900007777", "11", "2"
    person.save()
    changes = newest("change").detail["changes"]
    assert changes["phone"] == [before[:3] + "****" + before[-4:], "199****7777"]
    assert changes["person_type"][1] == "2"
    assert "11" not in changes["ethnicity"]
    assert "phone_index" not in changes
    assert before not in str(changes)


def test_a_record_out_of_reach_is_a_refused_attempt(lotus: cast.Place, maple: cast.Place, as_user) -> None:
    browser = as_user(lotus.staff["manager"])
    assert browser.get(f"/api/people/{maple.resident.pk}/").status_code == 404
    entry = newest("refused")
    assert (entry.outcome, entry.actor_id) == ("refused", lotus.staff["manager"].pk)
    assert entry.detail["asked"] == {"pk": str(maple.resident.pk)}
    assert browser.get("/no/such/page/").status_code == 404
    assert newest("refused").pk == entry.pk


def test_nobody_floods_the_log_with_refusals(lotus: cast.Place) -> None:
    cache.clear()
    for _ in range(70):
        assert Client().get("/api/people/").status_code == 401
    assert Entry.objects.filter(action="refused").count() == 60


@pytest.mark.parametrize("deed", ["save", "delete"])
def test_no_entry_no_deed(deed: str, lotus: cast.Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*args: object, **kwargs: object) -> None:
        raise OSError("disk full")

    person = Person.objects.get(pk=lotus.resident.pk)
    monkeypatch.setattr("audit.log._next_id", fails)
    person.remark = "x"
    with pytest.raises(OSError, match="disk full"), transaction.atomic():
        getattr(person, deed)()
    assert Person.objects.filter(pk=lotus.resident.pk).exclude(remark="x").exists()
