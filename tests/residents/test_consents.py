"""Consent: separate for a face, by a guardian below 14, in the ledger, withdrawn with one press; leaving ends it."""

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from accounts import purging
from audit.models import Entry
from demo.drawings import portrait
from residents import departure
from residents.models import Consent, Notice, Person
from residents.rights import consenting
from residents.rights.consenting import ConsentInput
from residents.rights.models import Kind
from tests import cast
from tests.desk.sealing import post, submit
from tests.desk.test_collect import form

NOW = timezone.now()
CHILD = cast.valid_id(f"{timezone.localdate(NOW).year - 9}0101", 77)


def agree(place: cast.Place, kind: str = Kind.FACE) -> Consent:
    return consenting.give(place.resident, kind, ConsentInput(), user=place.staff["manager"], now=NOW)


def test_a_portrait_without_separate_consent_is_not_kept(lotus: cast.Place, as_user) -> None:
    answer = submit(as_user(lotus.staff["collector"]), form(lotus), {"photo": portrait(5, "1")})
    assert answer.status_code == 422
    assert "单独同意" in str(answer.json()["errors"]["face_consent"])
    assert not lotus.empty_house.residencies.exists()


def test_collecting_writes_both_lines_of_the_ledger(lotus: cast.Place, as_user) -> None:
    sent = form(lotus, face_consent=True)
    assert submit(as_user(lotus.staff["collector"]), sent, {"photo": portrait(5, "1")}).status_code == 201
    person = lotus.empty_house.residencies.get().person
    lines = Consent.objects.filter(person=person).select_related("notice", "recorded_by")
    assert {line.notice.kind for line in lines} == {"register", "face"}
    for line in lines:
        assert (line.recorded_by, line.how, line.notice.version) == (lotus.staff["collector"], "in_person", 1)
        assert line.notice.purpose
        assert line.notice.means


def test_without_a_photo_the_notice_alone_is_recorded(lotus: cast.Place, as_user) -> None:
    assert submit(as_user(lotus.staff["collector"]), form(lotus)).status_code == 201
    assert [line.notice.kind for line in Consent.objects.select_related("notice")] == ["register"]


def test_a_child_needs_a_guardian(lotus: cast.Place, as_user) -> None:
    client = as_user(lotus.staff["collector"])
    sent, photo = form(lotus, document_number=CHILD, face_consent=True), {"photo": portrait(5, "1")}
    answer = submit(client, sent, photo)
    assert answer.status_code == 422
    assert "监护人" in str(answer.json()["errors"]["guardian"])
    assert submit(client, sent | {"guardian": "李大龙"}, photo).status_code == 201
    assert Consent.objects.exclude(guardian="").get().guardian == "李大龙"
    asked = {"house": str(lotus.empty_house.pk), "document_type": "111", "document_number": CHILD}
    assert post(client, "/collect/check/", asked).json()["guarded"] is True


@pytest.mark.parametrize(("days", "guarded"), [(-1, True), (0, False)])
def test_fourteen_begins_on_the_birthday(days: int, guarded: bool) -> None:
    born = timezone.localdate(NOW).replace(month=5, day=10, year=2010)
    day = born.replace(year=2024) if days == 0 else born.replace(year=2024, day=9)
    assert consenting.needs_guardian(born, day) is guarded


def test_withdrawing_takes_the_portrait_at_once(lotus: cast.Place, as_user) -> None:
    agree(lotus)
    url = reverse("residents:rights_withdraw", args=[lotus.resident.pk])
    assert as_user(lotus.staff["manager"]).post(url, {"kind": "face"}).status_code == 302
    assert not Person.objects.get(pk=lotus.resident.pk).photo
    line = Consent.objects.get()
    assert (line.ending, line.ended_by) == ("withdrawn", lotus.staff["manager"])
    assert Entry.objects.filter(action="change", target_id=str(line.pk)).exists()


def test_withdrawing_what_is_sensitive_empties_those_fields(lotus: cast.Place) -> None:
    person = lotus.resident
    person.ethnicity, person.workplace = "01", "某单位"
    person.save()
    agree(lotus, Kind.SENSITIVE)
    emptied = consenting.withdraw(person, Kind.SENSITIVE, user=lotus.staff["manager"], now=NOW)
    assert sorted(emptied) == ["ethnicity", "workplace"]
    person = Person.objects.get(pk=person.pk)
    assert (person.ethnicity, person.workplace) == ("", "")
    assert person.photo


def test_moving_out_ends_the_use_of_the_face(lotus: cast.Place) -> None:
    agree(lotus)
    assert departure.move_out(lotus.residency, timezone.localdate(NOW), user=lotus.staff["manager"], now=NOW)
    assert not Person.objects.get(pk=lotus.resident.pk).photo
    assert Consent.objects.get().ending == "left"
    assert Entry.objects.filter(action="move_out", target_id=str(lotus.residency.pk)).exists()
    with pytest.raises(ValidationError):
        departure.move_out(lotus.residency, timezone.localdate(NOW), user=None, now=NOW)


def test_the_admin_action_moves_people_out(lotus: cast.Place, as_user) -> None:
    agree(lotus)
    answer = as_user(lotus.staff["manager"]).post(
        "/admin/residents/residency/",
        {"action": "move_out", "_selected_action": [str(lotus.residency.pk)]},
        follow=True,
    )
    assert "已登记迁出 1 条" in answer.content.decode()
    assert not Person.objects.get(pk=lotus.resident.pk).photo


def test_a_portrait_put_back_behind_a_withdrawal_goes_the_next_night(lotus: cast.Place) -> None:
    agree(lotus)
    consenting.withdraw(lotus.resident, Kind.FACE, user=None, now=NOW)
    lotus.resident.photo = portrait(2, "1")
    lotus.resident.save()
    assert purging.purge(NOW).removed["faces"] == {"residents.Person.photo": 1}
    assert not Person.objects.get(pk=lotus.resident.pk).photo


def test_consenting_anew_ends_the_old_line(lotus: cast.Place) -> None:
    first, second = agree(lotus), agree(lotus)
    first.refresh_from_db()
    assert (first.ending, second.ending) == ("renewed", "")
    assert Consent.objects.active(Kind.FACE).get() == second


def test_a_new_wording_is_a_new_version_and_the_old_stays(lotus: cast.Place, as_user) -> None:
    agree(lotus)
    facts = {
        "community": lotus.community.pk, "kind": "face", "title": "人像告知", "purpose": "核对", "means": "拍照",
        "text": "新的说法",
    }  # fmt: skip
    client = as_user(lotus.staff["manager"])
    assert client.post("/admin/residents/notice/add/", facts).status_code == 302
    own = Notice.objects.current(Kind.FACE, lotus.community.pk)
    assert (own.version, own.community) == (1, lotus.community)
    assert Notice.objects.current(Kind.FACE, None).community is None
    assert client.post("/admin/residents/notice/add/", facts | {"community": ""}).status_code == 403
    assert client.post(f"/admin/residents/notice/{own.pk}/change/", facts | {"text": "改"}).status_code == 403
    assert "新的说法" in client.get("/collect/pack/").json()["places"][0]["notices"]["face"]["text"]


def test_a_photo_in_the_admin_needs_consent_too(lotus: cast.Place, as_user) -> None:
    client, url = as_user(lotus.staff["manager"]), f"/admin/residents/person/{lotus.resident.pk}/change/"
    page = client.get(url)
    sent = {
        "community": lotus.community.pk, "document_type": "111", "sex": "1", "person_type": "1",
        "photo": SimpleUploadedFile("a.jpg", portrait(9, "1"), "image/jpeg"),
        "residencies-TOTAL_FORMS": "0", "residencies-INITIAL_FORMS": "0",
    }  # fmt: skip
    assert page.status_code == 200
    answer = client.post(url, sent)
    assert answer.status_code == 200
    assert "单独同意" in str(answer.context["adminform"].form.errors)
    sent |= {"photo": SimpleUploadedFile("a.jpg", portrait(9, "1"), "image/jpeg"), "face_consent": "on"}
    assert client.post(url, sent).status_code == 302
    assert Consent.objects.active(Kind.FACE).get().recorded_by == lotus.staff["manager"]


def test_people_with_a_portrait_but_no_consent_can_be_listed(lotus: cast.Place, as_user) -> None:
    client = as_user(lotus.staff["manager"])
    assert "张*丰" in client.get("/admin/residents/person/?face=missing").content.decode()
    agree(lotus)
    assert "张*丰" not in client.get("/admin/residents/person/?face=missing").content.decode()
    assert "张*丰" in client.get("/admin/residents/person/?face=given").content.decode()


def test_a_child_put_in_by_the_admin_needs_a_guardian_whose_number_alone_tells_the_age(
    lotus: cast.Place, as_user
) -> None:
    sent = {
        "community": lotus.community.pk, "name": "李小小", "phone": "13812345678", "document_type": "111",
        "document_number": CHILD, "person_type": "1", "face_consent": "on",
        "photo": SimpleUploadedFile("a.jpg", portrait(9, "1"), "image/jpeg"),
        "residencies-TOTAL_FORMS": "0", "residencies-INITIAL_FORMS": "0",
    }  # fmt: skip
    client, url = as_user(lotus.staff["manager"]), "/admin/residents/person/add/"
    answer = client.post(url, sent)
    assert answer.status_code == 200
    assert "监护人" in str(answer.context["adminform"].form.errors["guardian"])
    assert not Person.objects.search("李小小").exists()
    sent |= {"guardian": "李大龙", "photo": SimpleUploadedFile("a.jpg", portrait(9, "1"), "image/jpeg")}
    assert client.post(url, sent).status_code == 302
    assert Consent.objects.active(Kind.FACE).get().guardian == "李大龙"
