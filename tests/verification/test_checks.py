"""The person-ID check at the desk: what passes, what is recorded, what needs a reason, and that nobody is refused for it."""

import uuid
from pathlib import Path
from typing import Any

import pytest
from django.core import checks as system_checks
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit.models import Entry
from faces import comparison, engine, sight
from residents.models import FaceCheck, Person
from residents.rights import consenting
from residents.rights.consenting import ConsentInput
from residents.rights.models import Kind
from residents.verification import checking, views
from tests import cast
from tests.desk.sealing import post
from tests.faces import people

NOW = timezone.now()
LOOK, CHECK = "/collect/faces/look/", "/collect/faces/check/"


@pytest.fixture(autouse=True)
def _fresh_pace() -> None:
    views.looks.clear()
    views.checks.clear()


@pytest.fixture
def agreed(lotus: cast.Place) -> cast.Place:
    """The resident of lotus consents to the face."""
    consenting.give(lotus.resident, Kind.FACE, ConsentInput(), user=lotus.staff["collector"], now=NOW)
    return lotus


def made(place: cast.Place, live: int = 1, card: int = 1, key: uuid.UUID | None = None) -> FaceCheck:
    return checking.check(
        place.community, key or uuid.uuid4(), people.webcam(live), people.card(card), place.staff["collector"], NOW
    )


def attach(place: cast.Place, key: uuid.UUID, photo: bytes | None, card: bytes | None, **facts: Any) -> FaceCheck:
    with transaction.atomic():
        return checking.attach(
            place.resident, key, photo=photo, card=card, user=place.staff["collector"], now=NOW, **facts
        )


def asked(place: cast.Place, **facts: Any) -> dict[str, Any]:
    return {"client_key": str(uuid.uuid4()), "house": str(place.house.pk), "face_consent": True} | facts


def test_a_match_is_recorded_with_score_threshold_version_and_sealed_templates(lotus: cast.Place) -> None:
    check = FaceCheck.objects.get(pk=made(lotus).pk)
    assert (check.outcome, check.why_not, check.threshold) == ("passed", "", 0.4)
    assert check.score > 0.4
    assert check.model_version == engine.version()
    assert 0 < check.took_ms < 10_000  # the bench of faces tells how long it really takes
    live, card = comparison.unpacked(check.live_template), comparison.unpacked(check.card_template)
    assert comparison.score(live, card) == pytest.approx(check.score)
    stored = FaceCheck.objects.filter(pk=check.pk).values_list("live_template", "photo", "card_portrait").get()
    assert check.live_template not in stored[0].token
    assert stored[1:] == ("", "")
    entry = Entry.objects.get(action="check_face")
    assert (entry.target_id, entry.detail["result"]) == (str(check.pk), "passed")
    assert check.live_template[:8] not in str(list(Entry.objects.values_list("detail", flat=True)))


def test_another_persons_card_is_below_and_refuses_nothing_by_itself(agreed: cast.Place) -> None:
    key = uuid.uuid4()
    assert made(agreed, live=1, card=2, key=key).outcome == "below"
    with pytest.raises(ValidationError) as told:
        attach(agreed, key, people.webcam(1), people.card(2))
    assert set(told.value.message_dict) == {"check_reason"}
    check = attach(agreed, key, people.webcam(1), people.card(2), reason="old_card")
    check.refresh_from_db()
    assert (check.person, check.review, check.reason) == (agreed.resident, "open", "old_card")
    assert check.photo.read_clear()[:2] == check.card_portrait.read_clear()[:2] == b"\xff\xd8"
    assert FaceCheck.objects.count() == 1


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"reason": "other"}, "check_note"),
        ({"reason": "other", "note": "  "}, "check_note"),
        ({"reason": "because"}, "check_reason"),
        ({"reason": "light", "note": "长" * 201}, "check_note"),
        ({"reason": "light", "note": "\x07"}, "check_note"),
        ({"reason": checking.REFUSED}, "check_reason"),
    ],
)
def test_a_reason_that_says_nothing_is_refused_at_its_field(facts: dict, field: str, agreed: cast.Place) -> None:
    with pytest.raises(ValidationError) as told:
        attach(agreed, uuid.uuid4(), people.webcam(1), people.card(2), **facts)
    assert set(told.value.message_dict) == {field}
    assert not FaceCheck.objects.exists()


def test_the_check_of_the_draft_is_taken_when_it_was_of_these_pictures(agreed: cast.Place) -> None:
    key = uuid.uuid4()
    first, second = made(agreed, key=key), made(agreed, key=key)
    first.refresh_from_db()
    assert (first.live_template, first.photo_mark) == ("", "")  # the newer one takes its place
    check = attach(agreed, key, people.webcam(1), people.card(1))
    assert check.pk == second.pk
    assert (check.review, check.photo_mark, bool(check.live_template)) == ("none", "", True)


@pytest.mark.parametrize("change", ["photo", "card", "key", "user"])
def test_a_check_of_other_pictures_or_of_somebody_elses_draft_does_not_count(
    change: str, agreed: cast.Place, maple: cast.Place
) -> None:
    key = uuid.uuid4()
    user = agreed.staff["manager"] if change == "user" else agreed.staff["collector"]
    old = checking.check(agreed.community, key, people.webcam(1), people.card(1), user, NOW)
    photo = people.webcam(1, 4) if change == "photo" else people.webcam(1)
    card = people.card(1, 5) if change == "card" else people.card(1)
    check = attach(agreed, uuid.uuid4() if change == "key" else key, photo, card)
    assert check.pk != old.pk
    assert (check.outcome, check.person) == ("passed", agreed.resident)
    old.refresh_from_db()
    assert old.person is None


def test_a_check_made_in_another_community_does_not_count(agreed: cast.Place, maple: cast.Place) -> None:
    key, collector = uuid.uuid4(), agreed.staff["collector"]
    old = checking.check(maple.community, key, people.webcam(1), people.card(1), collector, NOW)
    assert attach(agreed, key, people.webcam(1), people.card(1)).pk != old.pk


def test_ready_makes_it_once_before_the_transaction(agreed: cast.Place) -> None:
    key, collector = uuid.uuid4(), agreed.staff["collector"]
    facts = (agreed.community, key, people.webcam(1), people.card(1), collector, NOW)
    first = checking.ready(*facts)
    assert checking.ready(*facts) == first
    assert attach(agreed, key, people.webcam(1), people.card(1)) == first
    assert checking.ready(agreed.community, key, people.webcam(1), None, collector, NOW) is None


@pytest.mark.parametrize(
    ("photo", "card", "reason", "why"),
    [
        (None, None, "", "no_photo"),
        (None, 1, "", "no_photo"),
        (None, 1, checking.REFUSED, "refused_by_person"),
        (1, None, "", "no_card_picture"),
    ],
)
def test_what_cannot_be_compared_is_recorded_as_not_done_and_submitted(
    photo: int | None, card: int | None, reason: str, why: str, agreed: cast.Place
) -> None:
    live, portrait = photo and people.webcam(photo), card and people.card(card)
    check = attach(agreed, uuid.uuid4(), live, portrait, reason=reason)
    assert (check.outcome, check.why_not, check.review, check.score) == ("not_done", why, "none", None)
    assert Entry.objects.get(action="check_face").detail == {"result": "not_done", "why": why}


def test_without_consent_nothing_is_compared_and_what_was_is_forgotten(lotus: cast.Place) -> None:
    key = uuid.uuid4()
    before = made(lotus, key=key)
    check = attach(lotus, key, people.webcam(1), people.card(1))
    assert (check.why_not, check.live_template) == ("no_consent", "")
    before.refresh_from_db()
    assert (before.live_template, before.card_template, before.photo_mark) == ("", "", "")


def test_no_face_or_a_poor_picture_needs_a_reason_like_a_low_score(agreed: cast.Place) -> None:
    for photo, why in (
        (people.wall(), "no_face"),
        (people.webcam(1, blur=14), "quality"),
        (b"no picture", "unreadable"),
    ):
        with pytest.raises(ValidationError):
            attach(agreed, uuid.uuid4(), photo, people.card(1))
        check = attach(agreed, uuid.uuid4(), photo, people.card(1), reason="covered")
        assert (check.why_not, check.review) == (why, "open")


def test_the_same_form_sent_again_waits_for_one_review_only(agreed: cast.Place) -> None:
    key = uuid.uuid4()
    first = attach(agreed, key, people.webcam(1), people.card(2), reason="light")
    second = attach(agreed, key, people.webcam(1, 3), people.card(2), reason="light")
    assert list(FaceCheck.objects.waiting()) == [second]
    first.refresh_from_db()
    assert (first.review, first.live_template, bool(first.photo)) == ("none", "", False)


def test_a_person_checked_before_needs_no_second_check_for_another_home(agreed: cast.Place) -> None:
    first = attach(agreed, uuid.uuid4(), people.webcam(1), people.card(1))
    assert attach(agreed, uuid.uuid4(), None, None) == first
    assert FaceCheck.objects.count() == 1


def test_without_models_the_page_says_so_and_the_check_is_not_done(
    agreed: cast.Place, as_user, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACE_MODELS_DIR", str(tmp_path))
    client = as_user(agreed.staff["collector"])
    assert post(client, LOOK, {}, {"frame": people.webcam(1)}).json()["available"] is False
    told = post(client, CHECK, asked(agreed), {"photo": people.webcam(1), "card_portrait": people.card(1)}).json()
    assert (told["outcome"], told["why_not"], told["needs_reason"]) == ("not_done", "no_models", False)
    check = attach(agreed, uuid.uuid4(), people.webcam(1), people.card(1))
    assert (check.why_not, check.review) == ("no_models", "none")
    assert "anju.W004" in {one.id for one in system_checks.run_checks()}


@pytest.mark.parametrize("value", [0.1, 0.95, float("nan")])
def test_a_threshold_beyond_reason_is_a_system_check_error(value: float, settings: Any) -> None:
    settings.FACE_THRESHOLD = value
    assert "anju.E013" in {one.id for one in system_checks.run_checks()}


def test_the_threshold_is_the_sites_own(lotus: cast.Place, settings: Any) -> None:
    settings.FACE_THRESHOLD = 0.79
    check = made(lotus, live=5, card=5)
    assert (check.outcome, check.threshold) == ("passed" if check.score >= 0.79 else "below", 0.79)


# --- the pane's two questions --------------------------------------------------------------------------------------------
def test_a_frame_is_judged_and_nothing_is_kept(lotus: cast.Place, as_user) -> None:
    client = as_user(lotus.staff["collector"])
    before = Entry.objects.count()
    told = post(client, LOOK, {"camera_width": 1280}, {"frame": people.webcam(4)}).json()
    assert told["available"]
    assert told["hints"] == []
    assert 0.3 < told["face"]["left"] + told["face"]["width"] / 2 < 0.7
    empty = post(client, LOOK, {}, {"frame": people.wall()}).json()
    assert (empty["face"], empty["hints"][0]["severity"]) == (None, "refuse")
    assert "人脸" in empty["hints"][0]["words"]
    assert (FaceCheck.objects.count(), Entry.objects.count()) == (0, before)


@pytest.mark.parametrize("frame", [None, b"", b"GIF89a", bytes(600_000)])
def test_a_frame_that_is_none_is_refused_in_words(frame: bytes | None, lotus: cast.Place, as_user) -> None:
    answer = post(
        as_user(lotus.staff["collector"]), LOOK, {"camera_width": "wide"}, {} if frame is None else {"frame": frame}
    )
    assert answer.status_code in {413, 422}
    assert answer.json()["message"]


def test_who_looks_too_often_waits(lotus: cast.Place, as_user) -> None:
    client = as_user(lotus.staff["collector"])
    answers = [post(client, LOOK, {}, {"frame": b"x"}).status_code for _ in range(views.looks.most + 1)]
    assert answers[-2:] == [422, 429]
    assert post(as_user(lotus.staff["manager"]), LOOK, {}, {"frame": b"x"}).status_code == 422


def test_when_every_engine_is_lent_the_answer_is_wait(
    lotus: cast.Place, as_user, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, busy = as_user(lotus.staff["collector"]), [engine.lent() for _ in range(engine.MOST_ENGINES)]
    monkeypatch.setattr(checking, "WAIT_SECONDS", 0.05)
    for one in busy:
        one.__enter__()
    try:
        answer = post(client, CHECK, asked(lotus), {"photo": people.webcam(1), "card_portrait": people.card(1)})
    finally:
        for one in busy:
            one.__exit__(None, None, None)
    assert (answer.status_code, "请稍候" in answer.json()["message"]) == (429, True)
    assert not FaceCheck.objects.exists()


def test_the_pane_is_told_the_result_in_words(lotus: cast.Place, as_user) -> None:
    client = as_user(lotus.staff["collector"])
    told = post(client, CHECK, asked(lotus), {"photo": people.webcam(6), "card_portrait": people.card(6)}).json()
    assert (told["outcome"], told["words"], told["needs_reason"]) == ("passed", "人证相符", False)
    assert told["score"] >= told["threshold"] == 0.4
    assert FaceCheck.objects.get().checked_by == lotus.staff["collector"]
    other = post(client, CHECK, asked(lotus), {"photo": people.webcam(6), "card_portrait": people.card(7)}).json()
    assert (other["outcome"], other["needs_reason"]) == ("below", True)


@pytest.mark.parametrize(
    "facts", [{"face_consent": False}, {"face_consent": "yes"}, {"client_key": "x"}, {"house": "x"}, {"house": None}]
)
def test_what_is_missing_is_said_and_nothing_is_compared(facts: dict, lotus: cast.Place, as_user) -> None:
    answer = post(
        as_user(lotus.staff["collector"]), CHECK, asked(lotus, **facts),
        {"photo": people.webcam(1), "card_portrait": people.card(1)},
    )  # fmt: skip
    assert answer.status_code == 422
    assert answer.json()["message"]
    assert not FaceCheck.objects.exists()


def test_a_house_of_another_community_is_no_place_to_check(
    lotus: cast.Place, maple: cast.Place, as_user, stranger
) -> None:
    pictures = {"photo": people.webcam(1), "card_portrait": people.card(1)}
    foreign = asked(lotus, house=str(maple.house.pk))
    assert post(as_user(lotus.staff["collector"]), CHECK, foreign, pictures).status_code == 422
    for user in (stranger, lotus.staff["guard"], lotus.staff["police"]):
        assert post(as_user(user), CHECK, asked(lotus), pictures).status_code == 404
        assert post(as_user(user), LOOK, {}, {"frame": b"x"}).status_code == 404
    assert not FaceCheck.objects.exists()


def test_nobody_reads_a_template(lotus: cast.Place, as_user) -> None:
    check = attach_passed(lotus)
    given = {
        "model": "residents.facecheck", "pk": str(check.pk), "field": "live_template", "reason": "visit", "note": "上门",
    }  # fmt: skip
    assert as_user(lotus.staff["manager"]).post("/accounts/reveal/", given).status_code == 404
    page = as_user(lotus.staff["manager"]).get(f"/admin/residents/facecheck/{check.pk}/change/").content.decode()
    assert "人证相符" in page
    assert check.live_template[:12] not in page


def attach_passed(place: cast.Place, user: User | None = None) -> FaceCheck:
    """A check of the resident that passed."""
    if not consenting.holds(place.resident, Kind.FACE):
        consenting.give(place.resident, Kind.FACE, ConsentInput(), user=place.staff["collector"], now=NOW)
    return attach(place, uuid.uuid4(), people.webcam(1), people.card(1))


def test_the_score_is_what_the_networks_say(lotus: cast.Place) -> None:
    assert made(lotus, 3, 3).score == pytest.approx(sight.compare(people.webcam(3), people.card(3)).score)
    assert Person.objects.count() == 1
