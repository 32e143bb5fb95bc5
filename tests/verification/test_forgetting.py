"""What is of a face goes at once with the consent, with moving out, with the person; and with time when nobody submits."""

import io
import json
import uuid
import zipfile
from datetime import timedelta

import pytest
from django.core import checks as system_checks
from django.urls import reverse
from django.utils import timezone

from accounts import purging
from audit.models import Entry
from residents import departure, erasure
from residents.likeness import merging
from residents.models import FaceCheck, Person
from residents.rights import consenting, dossier
from residents.rights.models import Kind
from residents.verification import checking, forgetting
from tests import cast
from tests.faces import people
from tests.verification.test_checks import attach_passed
from tests.verification.test_review import below

NOW = timezone.now()
EMPTY = ("", "", "", "", "", "")


def of_the_face(check: FaceCheck) -> tuple[str, ...]:
    fresh = FaceCheck.objects.get(pk=check.pk)
    return tuple(
        str(getattr(fresh, name) or "")
        for name in ("live_template", "card_template", "photo", "card_portrait", "photo_mark", "card_mark")
    )


def test_withdrawing_empties_templates_and_pictures_at_once_and_keeps_the_result(lotus: cast.Place, as_user) -> None:
    check = below(lotus)
    assert of_the_face(check)[0]
    url = reverse("residents:rights_withdraw", args=[lotus.resident.pk])
    answer = as_user(lotus.staff["manager"]).post(url, {"kind": "face"}, follow=True)
    assert "人证核验的人脸特征" in answer.content.decode()
    assert of_the_face(check) == EMPTY
    kept = FaceCheck.objects.get()
    assert (kept.outcome, kept.review, kept.threshold) == ("below", "open", 0.4)
    page = as_user(lotus.staff["manager"]).get(f"/collect/checks/{check.pk}/").content.decode()
    assert "当面核对" in page


def test_withdrawing_something_else_leaves_the_face(lotus: cast.Place) -> None:
    check = attach_passed(lotus)
    consenting.withdraw(lotus.resident, Kind.SENSITIVE, user=None, now=NOW)
    assert of_the_face(check)[0]


def test_moving_out_empties_them(lotus: cast.Place, maple: cast.Place) -> None:
    check, other = attach_passed(lotus), attach_passed(maple)
    departure.move_out(lotus.residency, timezone.localdate(NOW), user=lotus.staff["manager"], now=NOW)
    assert of_the_face(check) == EMPTY
    assert of_the_face(other)[0]


def test_the_night_finds_what_a_way_around_left_behind(lotus: cast.Place) -> None:
    check = attach_passed(lotus)
    lotus.residency.moved_out = timezone.localdate(NOW)
    lotus.residency.save()
    lotus.resident.photo = ""
    lotus.resident.save()
    assert purging.purge(NOW).removed["faces"] == {"residents.FaceCheck.live_template": 1}
    assert of_the_face(check) == EMPTY
    assert purging.purge(NOW).removed["faces"] == {}


def test_an_erased_person_takes_the_checks_along(lotus: cast.Place, maple: cast.Place) -> None:
    below(lotus)
    other = attach_passed(maple)
    assert erasure.erase(lotus.resident, NOW)["residents.FaceCheck"] == 1
    assert list(FaceCheck.objects.all()) == [other]


def test_checks_of_drafts_never_submitted_go_after_a_week(lotus: cast.Place) -> None:
    collector = lotus.staff["collector"]
    checking.check(lotus.community, uuid.uuid4(), people.webcam(1), people.card(1), collector, NOW)
    linked = attach_passed(lotus)
    assert purging.purge(NOW + timedelta(days=6)).removed["abandoned_checks"] == {}
    assert purging.purge(NOW + timedelta(days=8)).removed["abandoned_checks"] == {"residents.FaceCheck": 1}
    assert list(FaceCheck.objects.all()) == [linked]
    assert Entry.objects.filter(action="purge", detail__rule="abandoned_checks").count() == 1


def test_pictures_nobody_reviewed_go_and_the_review_stays_open(lotus: cast.Place) -> None:
    check = below(lotus)
    assert purging.purge(NOW + timedelta(days=29)).removed["review_pictures"] == {}
    assert purging.purge(NOW + timedelta(days=31)).removed["review_pictures"] == {"residents.FaceCheck.photo": 1}
    fresh = FaceCheck.objects.get(pk=check.pk)
    assert (bool(fresh.photo), bool(fresh.card_portrait), fresh.review) == (False, False, "open")


def test_who_asks_for_his_data_gets_the_result_and_no_numbers(lotus: cast.Place) -> None:
    check = attach_passed(lotus)
    archive = zipfile.ZipFile(io.BytesIO(dossier.dossier(lotus.resident, now=NOW)))
    told = json.loads(archive.read("data.json"))
    row = next(section["rows"][0] for section in told["sections"] if section["title"] == "人证核验记录")
    assert row["结果"] == "人证相符"
    assert "已存" in row["现场人脸特征"]
    assert check.live_template[:12] not in json.dumps(told)
    assert str(check.client_key) not in json.dumps(told)


def test_how_many_faces_are_held_is_counted_and_warned_of(
    lotus: cast.Place, maple: cast.Place, administrators, as_user, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert forgetting.faces_held() == 2  # the two residents' portraits
    attach_passed(lotus)
    assert forgetting.faces_held() == 2
    key = uuid.uuid4()
    for _ in range(2):
        checking.check(lotus.community, key, people.webcam(1), people.card(1), lotus.staff["collector"], NOW)
    assert forgetting.faces_held() == 3
    home = as_user(administrators["system_admin"]).get("/")
    tile = next(one for one in home.context["tiles"] if "人脸" in str(one.title))
    assert (tile.count, tile.lit) == (3, "")
    ids = [one.id for one in system_checks.run_checks(databases=["default"])]
    assert "residents.W001" not in ids
    monkeypatch.setattr(forgetting, "WARNED", 3)
    home = as_user(administrators["system_admin"]).get("/")
    assert next(one for one in home.context["tiles"] if "人脸" in str(one.title)).lit == "bad"
    assert "residents.W001" in [one.id for one in system_checks.run_checks(databases=["default"])]


def test_what_was_merged_into_somebody_is_forgotten_with_him(lotus: cast.Place) -> None:
    check = attach_passed(lotus)
    facts = {"name": "张三丰", "phone": "19900001234", "document_number": cast.valid_id("19800101", 77)}
    kept = Person.objects.create(community=lotus.community, **facts)
    merging.merge(kept, lotus.resident, user=lotus.staff["manager"], now=NOW)
    assert FaceCheck.objects.get().person == kept
    consenting.withdraw(kept, Kind.FACE, user=None, now=NOW)
    assert of_the_face(check) == EMPTY
