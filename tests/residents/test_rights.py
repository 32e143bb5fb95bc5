"""Requests about one's own data: taken down with a deadline, met as far as the law allows, answered with its ground."""

import io
import json
import zipfile
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts import purging
from audit.models import Entry
from demo.drawings import portrait
from devices.models import Device, PersonPassage
from residents.models import Case, Consent, Person, Vehicle
from residents.rights import consenting, requests
from residents.rights.consenting import ConsentInput
from residents.rights.models import Kind
from tests import cast
from uploads.models import Due
from uploads.reports import Context, Incomplete, get

NOW = timezone.now()
TODAY = timezone.localdate(NOW)


def ask(place: cast.Place, wish: str) -> Case:
    return requests.open_case(
        place.resident, wish, asker="self", how="in_person", note="", user=place.staff["manager"], now=NOW
    )


def meet(place: cast.Place, wish: str) -> dict:
    return requests.meet(ask(place, wish), user=place.staff["manager"], now=NOW)


def leave(place: cast.Place, days: int) -> None:
    place.residency.moved_out = TODAY - timedelta(days=days)
    place.residency.save()


def test_the_deadline_is_fifteen_working_days() -> None:
    assert requests.working_days_later(date(2026, 11, 25), 15) == date(2026, 12, 16)


def test_a_request_is_taken_down_found_and_counted(lotus: cast.Place, as_user) -> None:
    client = as_user(lotus.staff["manager"])
    found = client.post("/rights/", {"wanted": "张三丰"})
    assert reverse("residents:rights_person", args=[lotus.resident.pk]) in found.content.decode()
    assert "张三丰" not in found.content.decode()
    sent = {"wish": "export", "asker": "self", "how": "in_person", "note": "想看看"}
    url = reverse("residents:rights_take", args=[lotus.resident.pk])
    assert client.post(url, sent).status_code == 302
    case = Case.objects.get()
    assert case.due_on == requests.working_days_later(TODAY, 15)
    assert client.post(url, sent).status_code == 422
    assert "查阅、复制" in client.get("/rights/").content.decode()
    assert "待办权利请求" in client.get("/").content.decode()


def test_the_dossier_holds_everything_and_is_logged_before_it_leaves(lotus: cast.Place, as_user) -> None:
    consenting.give(lotus.resident, Kind.FACE, ConsentInput(), user=lotus.staff["manager"], now=NOW)
    Vehicle.objects.create(community=lotus.community, plate="津A00001", owner=lotus.resident, brand="")
    camera = Device.objects.create(community=lotus.community, code="D-1", name="东门相机")
    PersonPassage.objects.create(
        community=lotus.community, device=camera, at=NOW, person=lotus.resident, photo=portrait(4, "1")
    )
    lotus.house.owner_number = lotus.resident.document_number
    lotus.house.save()
    client = as_user(lotus.staff["manager"])
    client.get(reverse("residents:rights_person", args=[lotus.resident.pk]))
    case = ask(lotus, "export")
    answer = client.post(reverse("residents:rights_export", args=[case.pk]))
    assert answer["Content-Type"] == "application/zip"
    assert "no-store" in answer["Cache-Control"]
    assert Entry.objects.filter(action="rights_export", target_id=str(lotus.resident.pk)).exists()
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    facts = json.loads(archive.read("data.json"))
    sections = {section["title"]: section["rows"] for section in facts["sections"]}
    assert sections["人员"][0]["姓名"] == "张三丰"
    assert sections["人员"][0]["证件号码"] == lotus.resident.document_number
    assert {"居住关系", "车辆", "房屋", "告知与同意", "权利请求", "历史版本", "过人记录", "被查看的记录"} <= set(
        sections
    )
    page = archive.read("我的信息.html").decode()
    assert "张三丰" in page
    assert "津A00001" in page
    pictures = [name for name in archive.namelist() if name.startswith("pictures/")]
    assert len(pictures) == 2
    assert lotus.resident.photo.read_clear() in [archive.read(name) for name in pictures]
    assert sections["过人记录"][0]["设备"] == "东门相机"
    assert client.post(reverse("residents:rights_meet", args=[case.pk])).status_code == 302
    assert client.post(reverse("residents:rights_export", args=[case.pk])).status_code == 404


def test_who_lives_here_is_not_deleted_but_what_rests_on_consent_goes(lotus: cast.Place) -> None:
    consenting.give(lotus.resident, Kind.FACE, ConsentInput(), user=None, now=NOW)
    outcome = meet(lotus, "delete")
    assert outcome == {"ground": "duty", "emptied": ["photo"]}
    case = Case.objects.get()
    assert (case.state, case.ground) == ("refused", "duty")
    person = Person.objects.get(pk=lotus.resident.pk)
    assert not person.photo
    assert person.restricted_at is None
    assert Consent.objects.get().ending == "withdrawn"


def test_who_left_lately_is_restricted_and_goes_by_himself_when_the_time_has_come(lotus: cast.Place) -> None:
    leave(lotus, 10)
    outcome = meet(lotus, "delete")
    assert (outcome["ground"], outcome["from_day"]) == ("period", (TODAY + timedelta(days=170)).isoformat())
    person = Person.objects.get(pk=lotus.resident.pk)
    assert person.restricted_at
    purging.purge(NOW + timedelta(days=169))
    assert Person.objects.filter(pk=person.pk).exists()
    purging.purge(NOW + timedelta(days=170))
    assert not Person.objects.filter(pk=person.pk).exists()
    assert Case.objects.get().subject == lotus.resident.pk


def test_who_left_long_ago_is_erased(lotus: cast.Place) -> None:
    leave(lotus, 181)
    key = lotus.resident.pk
    outcome = meet(lotus, "delete")
    assert outcome["removed"]["residents.Person"] == 1
    assert not Person.objects.filter(pk=key).exists()
    case = Case.objects.get()
    assert (case.state, case.person, case.subject) == ("done", None, key)
    assert Entry.objects.filter(action="erase", target_id=str(key)).exists()


def test_restricted_data_are_only_stored_until_lifted(lotus: cast.Place, as_user) -> None:
    person, client = lotus.resident, as_user(lotus.staff["manager"])
    car = Vehicle.objects.create(community=lotus.community, plate="津A00009", owner=person, owner_name=person.name)
    meet(lotus, "restrict")
    said = client.post(
        "/accounts/reveal/", {"model": "residents.person", "pk": str(person.pk), "field": "phone", "reason": "call"}
    )
    assert (said.status_code, "限制处理" in said.json()["error"]) == (400, True)
    of_car = {"model": "residents.vehicle", "pk": str(car.pk), "field": "owner_name", "reason": "call"}
    assert client.post("/accounts/reveal/", of_car).status_code == 400
    assert client.get(f"/pictures/person/{person.pk}/photo/").status_code == 404
    changed = client.post(f"/admin/residents/person/{person.pk}/change/", {"remark": "x"})
    assert changed.status_code == 403
    patched = client.patch(f"/api/people/{person.pk}/", {"remark": "x"}, content_type="application/json")
    assert patched.status_code == 400
    context = Context(NOW, lotus.community.pk, lambda report, key: (True, "1"))
    for name, pk in (("person", person.pk), ("residency", lotus.residency.pk), ("vehicle", car.pk)):
        report = get(name)
        with pytest.raises(Incomplete):
            report.record(report.queryset().get(pk=pk), context)
    held = Due.objects.filter(report="residency", subject_id=lotus.residency.pk.hex)
    held.update(state="held")
    assert "已限制处理" in client.get(reverse("residents:rights_person", args=[person.pk])).content.decode()
    assert client.post(reverse("residents:rights_lift", args=[person.pk])).status_code == 302
    assert held.get().state == "due"
    report = get("person")
    assert report.record(report.queryset().get(pk=person.pk), context)["name"] == "张三丰"


def test_a_refusal_needs_a_ground_and_ends_the_request(lotus: cast.Place, as_user) -> None:
    case, client = ask(lotus, "correct"), as_user(lotus.staff["manager"])
    url = reverse("residents:rights_refuse", args=[case.pk])
    assert client.post(url, {"ground": "because"}).status_code == 422
    assert client.post(url, {"ground": "identity"}).status_code == 302
    case.refresh_from_db()
    assert (case.state, case.ground, case.closed_by) == ("refused", "identity", lotus.staff["manager"])
    assert client.post(url, {"ground": "identity"}).status_code == 422
    page = client.get(reverse("residents:rights_case", args=[case.pk])).content.decode()
    assert "不能确认申请人身份" in page


def test_nobody_else_finds_these_pages(lotus: cast.Place, maple: cast.Place, stranger, as_user) -> None:
    case = ask(lotus, "export")
    pages = [
        "/rights/", reverse("residents:rights_person", args=[lotus.resident.pk]),
        reverse("residents:rights_case", args=[case.pk]),
    ]  # fmt: skip
    deeds = [
        reverse(f"residents:rights_{name}", args=[pk])
        for name, pk in (
            ("take", lotus.resident.pk), ("give", lotus.resident.pk), ("withdraw", lotus.resident.pk),
            ("lift", lotus.resident.pk), ("meet", case.pk), ("refuse", case.pk), ("export", case.pk),
        )
    ]  # fmt: skip
    for user in (lotus.staff["collector"], lotus.staff["police"], lotus.staff["guard"], stranger):
        assert {as_user(user).get(url).status_code for url in pages} == {404}
        assert {as_user(user).post(url).status_code for url in deeds} == {404}
    neighbour = as_user(maple.staff["manager"])
    assert {neighbour.get(url).status_code for url in pages[1:]} == {404}
    assert {neighbour.post(url).status_code for url in deeds} == {404}
    assert str(lotus.resident.pk) not in neighbour.post("/rights/", {"wanted": "张三丰"}).content.decode()
    case.refresh_from_db()
    assert case.state == "open"
