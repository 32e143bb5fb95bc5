"""A second person looks at both pictures; the collector never reviews his own; the pictures go with the word."""

import uuid

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils import timezone

from audit.models import Entry
from residents.models import FaceCheck
from residents.rights import consenting
from residents.rights.consenting import ConsentInput
from residents.rights.models import Kind
from residents.verification import checking, reviewing
from tests import cast
from tests.faces import people

NOW = timezone.now()


@pytest.fixture
def open_check(lotus: cast.Place) -> FaceCheck:
    """The collector of lotus submitted somebody whose card shows another face."""
    return below(lotus)


def below(place: cast.Place) -> FaceCheck:
    consenting.give(place.resident, Kind.FACE, ConsentInput(), user=place.staff["collector"], now=NOW)
    with transaction.atomic():
        return checking.attach(
            place.resident, uuid.uuid4(), photo=people.webcam(1), card=people.card(2), reason="other", note="戴着眼镜",
            user=place.staff["collector"], now=NOW,
        )  # fmt: skip


def test_a_second_person_sees_both_pictures_and_confirms(lotus: cast.Place, open_check: FaceCheck, as_user) -> None:
    manager = as_user(lotus.staff["manager"])
    listed = manager.get("/collect/checks/").content.decode()
    assert "张*丰" in listed
    assert "低于阈值" in listed
    page = manager.get(f"/collect/checks/{open_check.pk}/").content.decode()
    for name in ("photo", "card_portrait"):
        url = f"/pictures/facecheck/{open_check.pk}/{name}/"
        assert url in page
        assert manager.get(url).content[:2] == b"\xff\xd8"
    assert Entry.objects.filter(action="view_picture", target_id=str(open_check.pk)).count() == 2
    assert Entry.objects.filter(action="view", target_id=str(open_check.pk)).exists()
    assert "戴着眼镜" not in page
    answer = manager.post(f"/collect/checks/{open_check.pk}/", {"verdict": "confirmed"})
    assert (answer.status_code, answer.url) == (302, "/collect/checks/")
    check = FaceCheck.objects.get()
    assert (check.review, check.reviewed_by) == ("confirmed", lotus.staff["manager"])
    assert not check.photo
    assert not check.card_portrait
    assert check.live_template
    assert Entry.objects.get(action="review_face").detail == {"result": "confirmed"}
    assert "已复核" in manager.get(f"/collect/checks/{open_check.pk}/").content.decode()
    assert "没有待您复核" in manager.get("/collect/checks/").content.decode()


@pytest.mark.usefixtures("committed")
def test_the_files_go_with_the_word(lotus: cast.Place) -> None:
    check = below(lotus)
    names = [check.photo.name, check.card_portrait.name]
    assert all(default_storage.exists(name) for name in names)
    reviewing.settle(check, "confirmed", "", user=lotus.staff["manager"], now=NOW)
    assert not any(default_storage.exists(name) for name in names)


def test_the_collector_does_not_review_his_own(lotus: cast.Place, open_check: FaceCheck, as_user) -> None:
    collector, url = as_user(lotus.staff["collector"]), f"/collect/checks/{open_check.pk}/"
    assert collector.get(url).status_code == 404
    assert collector.post(url, {"verdict": "confirmed"}).status_code == 404
    page = collector.get("/collect/checks/").content.decode()
    assert "张*丰" not in page
    assert "您自己采集的 1 条" in page
    with pytest.raises(ValidationError):
        reviewing.settle(open_check, "confirmed", "", user=lotus.staff["collector"], now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        FaceCheck.objects.filter(pk=open_check.pk).update(reviewed_by=lotus.staff["collector"])
    open_check.refresh_from_db()
    assert open_check.review == "open"


def test_another_community_and_those_who_edit_nobody_find_no_such_page(
    lotus: cast.Place, maple: cast.Place, open_check: FaceCheck, as_user, stranger
) -> None:
    for user in (maple.staff["manager"], lotus.staff["guard"], lotus.staff["police"], stranger):
        client = as_user(user)
        assert client.get(f"/collect/checks/{open_check.pk}/").status_code == 404
        assert client.post(f"/collect/checks/{open_check.pk}/", {"verdict": "confirmed"}).status_code == 404
    assert as_user(maple.staff["manager"]).get(f"/pictures/facecheck/{open_check.pk}/photo/").status_code == 404
    assert "张*丰" not in as_user(maple.staff["manager"]).get("/collect/checks/").content.decode()
    open_check.refresh_from_db()
    assert open_check.review == "open"


def test_a_rejection_says_what_was_seen_and_takes_the_templates(
    lotus: cast.Place, open_check: FaceCheck, as_user
) -> None:
    manager, url = as_user(lotus.staff["manager"]), f"/collect/checks/{open_check.pk}/"
    for given in ({"verdict": "rejected"}, {"verdict": ""}, {"verdict": "rejected", "note": "长" * 201}):
        answer = manager.post(url, given)
        assert answer.status_code == 422
        assert 'role="alert"' in answer.content.decode()
    assert manager.post(url, {"verdict": "rejected", "note": "不是同一人"}).status_code == 302
    check = FaceCheck.objects.get()
    assert (check.review, check.review_note) == ("rejected", "不是同一人")
    assert (check.live_template, check.card_template) == ("", "")
    assert lotus.resident.residencies.exists()  # nobody is put out by a machine


def test_a_check_is_reviewed_once(lotus: cast.Place, open_check: FaceCheck) -> None:
    reviewing.settle(open_check, "confirmed", "", user=lotus.staff["manager"], now=NOW)
    with pytest.raises(ValidationError, match="已经有人复核过"):
        reviewing.settle(open_check, "rejected", "不是", user=lotus.staff["police"], now=NOW)


def test_the_list_asks_as_often_for_ten_as_for_one(
    lotus: cast.Place, open_check: FaceCheck, as_user, django_assert_max_num_queries
) -> None:
    manager = as_user(lotus.staff["manager"])
    manager.get("/collect/checks/")
    for number in range(10):
        FaceCheck.objects.create(
            community=lotus.community, person=lotus.resident, client_key=uuid.uuid4(), outcome="below", review="open",
            score=0.1 + number / 100, threshold=0.4, checked_at=NOW, checked_by=lotus.staff["collector"],
        )  # fmt: skip
    with django_assert_max_num_queries(22):
        assert manager.get("/collect/checks/").content.decode().count("face") >= 0
