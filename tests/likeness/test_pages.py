"""The pane's question and the pages: who may, who may not, what is shown, what is in the log."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import Entry
from residents.likeness.merging import merge
from residents.likeness.words import WORDS
from residents.models import Likeness, Merge, Person
from tests import cast
from tests.desk.sealing import post
from tests.likeness.people import NOW, twice

LOOK = "/collect/likeness/"


def typed(place: cast.Place, **fields: str) -> dict[str, str]:
    return {"house": str(place.empty_house.pk), "document_type": "111", **fields}


def compare(one: Person, two: Person) -> str:
    return reverse("residents:compare", args=[one.pk, two.pk])


def test_the_pane_is_told_masked_who_is_alike_and_why(lotus: cast.Place, as_user) -> None:
    fields = typed(lotus, name="张三丰", birth_date="1980-01-01", phone="19900001234")
    answer = post(as_user(lotus.staff["collector"]), LOOK, fields)
    assert answer.status_code == 200
    told = answer.json()["candidates"]
    assert [(one["id"], one["name"], one["phone"], one["must"]) for one in told] == [
        (str(lotus.resident.pk), "张*丰", "199****1234", "decide")
    ]
    assert [one["words"] for one in told[0]["grounds"]] == ["姓名、出生日期相同", "姓名、电话相同"]
    assert told[0]["houses"] == [str(lotus.house)]
    assert told[0]["agrees"] == {
        "document_number": None,
        "name": True,
        "birth_date": True,
        "phone": True,
        "house": False,
    }
    for secret in ("张三丰", lotus.resident.document_number, "19900001234"):
        assert secret not in answer.content.decode()


def test_finding_somebody_is_in_the_log_masked_and_finding_nobody_is_not(lotus: cast.Place, as_user) -> None:
    client = as_user(lotus.staff["collector"])
    post(client, LOOK, typed(lotus, name="欧阳无人", phone="18800000000"))
    assert not Entry.objects.filter(action="search").exists()
    post(client, LOOK, typed(lotus, name="张三丰", phone="19900001234"))
    entry = Entry.objects.get(action="search")
    assert (entry.target_model, entry.community_id) == ("residents.person", lotus.community.pk)
    assert entry.detail["query"] == "张*丰 199****1234"


def test_somebody_of_another_community_is_not_told_by_a_foreign_house(
    lotus: cast.Place, maple: cast.Place, as_user
) -> None:
    fields = typed(maple, document_number=maple.resident.document_number)
    assert post(as_user(lotus.staff["collector"]), LOOK, fields).json() == {"candidates": []}
    fields["house"] = str(lotus.house.pk)
    assert post(as_user(lotus.staff["collector"]), LOOK, fields).json() == {"candidates": []}


@pytest.mark.parametrize("house", ["", "x", None, 5])
def test_without_a_house_nobody_is_looked_for(house, lotus: cast.Place, as_user) -> None:
    fields = {"house": house, "document_number": lotus.resident.document_number, "birth_date": "1980-99-99"}
    assert post(as_user(lotus.staff["collector"]), LOOK, fields).json() == {"candidates": []}


def test_who_completes_a_registered_person_is_not_told_of_himself(lotus: cast.Place, as_user) -> None:
    fields = typed(lotus, document_number=lotus.resident.document_number, leave_out=str(lotus.resident.pk))
    assert post(as_user(lotus.staff["collector"]), LOOK, fields).json() == {"candidates": []}


def test_a_stranger_and_those_who_do_not_keep_people_find_no_page(
    lotus: cast.Place, maple: cast.Place, stranger, as_user
) -> None:
    again = twice(lotus)
    deed = merge(lotus.resident, again, user=None, now=NOW)
    third = twice(lotus)
    pages = [
        reverse("residents:duplicates"), reverse("residents:person_duplicates", args=[third.pk]),
        compare(lotus.resident, third), reverse("residents:merges"),
    ]  # fmt: skip
    deeds = [
        compare(lotus.resident, third), reverse("residents:differ", args=[lotus.resident.pk, third.pk]),
        reverse("residents:unmerge", args=[deed.pk]),
    ]  # fmt: skip
    for user in (stranger, lotus.staff["guard"], lotus.staff["police"]):
        client = as_user(user)
        assert [client.get(page).status_code for page in pages] == [404] * 4
        assert [client.post(page).status_code for page in deeds] == [404] * 3
        assert post(client, LOOK, typed(lotus, name="张三丰")).status_code == 404
    foreign = as_user(maple.staff["manager"])
    assert [foreign.get(page).status_code for page in pages[1:3]] == [404] * 2
    assert [foreign.post(page).status_code for page in deeds] == [404] * 3
    assert foreign.get(f"{pages[0]}?community={lotus.community.pk}").status_code == 404
    assert "张*丰" not in foreign.get(pages[3]).content.decode()
    mixed = as_user(lotus.staff["manager"])
    assert mixed.get(compare(lotus.resident, maple.resident)).status_code == 404
    assert mixed.post(compare(lotus.resident, maple.resident)).status_code == 404
    assert Merge.objects.get() == deed
    assert Merge.objects.get().undone_at is None
    assert not Likeness.objects.filter(choice="other").exists()


@pytest.mark.parametrize("role", ["manager", "collector"])
def test_from_the_work_list_to_one_record_and_back_to_two(role: str, lotus: cast.Place, as_user) -> None:
    again, client = twice(lotus, phone="19911112222"), as_user(lotus.staff[role])
    listed = client.get("/people/duplicates/").content.decode()
    assert compare(lotus.resident, again) in listed or compare(again, lotus.resident) in listed
    assert "姓名、出生日期相同" in listed
    side = client.get(compare(lotus.resident, again)).content.decode()
    assert "199****1234" in side
    assert "199****2222" in side
    for secret in ("19900001234", "19911112222", "张三丰", lotus.resident.document_number):
        assert secret not in side
    assert Entry.objects.filter(action="view", detail__why="compare").count() == 2
    done = client.post(compare(lotus.resident, again), {"take-phone": "gone", "take-name": "kept"}, follow=True)
    assert "已合并" in done.content.decode()
    assert Person.objects.get(pk=lotus.resident.pk).phone == "19911112222"
    assert "没有待判断的疑似重复" in client.get("/people/duplicates/").content.decode()
    deed = Merge.objects.get()
    assert deed.done_by == lotus.staff[role]
    undo = reverse("residents:unmerge", args=[deed.pk])
    assert undo in client.get("/people/merges/").content.decode()
    refused = client.post(undo, {"reason": "other", "note": ""}, follow=True).content.decode()
    assert "请写明理由" in refused
    parted = client.post(undo, {"reason": "other", "note": "两兄弟"}, follow=True).content.decode()
    assert "两份档案都已恢复" in parted
    assert Person.objects.get(pk=lotus.resident.pk).phone == "19900001234"
    assert "已撤销" in client.get("/people/merges/").content.decode()


def test_that_they_are_two_needs_a_reason_and_takes_them_off_the_list(lotus: cast.Place, as_user) -> None:
    again, client = twice(lotus), as_user(lotus.staff["collector"])
    differ = reverse("residents:differ", args=[lotus.resident.pk, again.pk])
    assert client.post(differ, {"reason": ""}).status_code == 422
    assert not Likeness.objects.exists()
    assert client.post(differ, {"reason": "twin"}, follow=True).status_code == 200
    assert "没有待判断的疑似重复" in client.get("/people/duplicates/").content.decode()
    of_person = client.get(reverse("residents:person_duplicates", args=[again.pk])).content.decode()
    assert "已判断:不是同一人" in of_person


def test_what_stands_against_a_merge_is_said_before_and_after_asking(lotus: cast.Place, as_user) -> None:
    again, client = twice(lotus), as_user(lotus.staff["manager"])
    Person.objects.filter(pk=again.pk).update(restricted_at=NOW)
    page = client.get(compare(lotus.resident, again)).content.decode()
    assert "限制处理" in page
    assert "是同一人,合并" not in page
    refused = client.post(compare(lotus.resident, again))
    assert refused.status_code == 422
    assert "解除限制后再合并" in refused.content.decode()
    assert not Merge.objects.exists()


def test_the_kept_record_shows_the_way_the_merged_one_went(lotus: cast.Place, as_user) -> None:
    again = twice(lotus)
    merge(lotus.resident, again, user=None, now=NOW)
    page = as_user(lotus.staff["manager"]).get(f"/admin/residents/person/{lotus.resident.pk}/change/").content.decode()
    assert "已并入的档案" in page
    assert "已上报" not in page  # neither of the two was delivered
    assert again.document_number_masked() in page
    assert again.document_number not in page
    link = f"/admin/residents/person/{lotus.resident.pk}/duplicates/"
    assert link.rstrip("/") in page
    assert as_user(lotus.staff["manager"]).get(link).status_code == 302


def test_a_number_of_a_merged_record_typed_into_a_form_is_refused_with_what_to_do(lotus: cast.Place, as_user) -> None:
    again = twice(lotus)
    merge(lotus.resident, again, user=None, now=NOW)
    body = {"community": lotus.community.pk, "name": "李四", "document_type": "414", "phone": "19900005678",
            "document_number": again.document_number}  # fmt: skip
    answer = as_user(lotus.staff["manager"]).post("/api/people/", body, content_type="application/json")
    assert answer.status_code == 400
    assert "已并入另一人" in answer.content.decode()


def test_lists_take_the_same_number_of_queries_however_long_they_are(lotus: cast.Place, as_user) -> None:
    client = as_user(lotus.staff["manager"])
    counts = {}
    for round_ in range(2):
        for number in range(1 + 3 * round_):
            moment = NOW + timedelta(minutes=10 * round_ + number)
            merge(lotus.resident, twice(lotus), user=lotus.staff["manager"], now=moment)
            twice(lotus, name=f"王{round_}{number}")
            twice(lotus, name=f"王{round_}{number}")
        for page in ("/people/merges/", "/people/duplicates/"):
            client.get(page)
            with CaptureQueriesContext(connection) as asked:
                assert client.get(page).status_code == 200
            counts.setdefault(page, []).append(len(asked))
    assert all(first == second for first, second in counts.values())


def test_the_pane_and_its_script_use_words_that_exist() -> None:
    script = Path(settings.BASE_DIR, "static/desk/likeness.js").read_text(encoding="utf-8")
    used = set(re.findall(r'"(likeness\.\w+)"', script))
    assert used == {key for key in WORDS if not re.match(r"likeness\.(reason|fact)_", key)}
    assert not re.search(r"[一-鿿]", script)
