"""Taking in forms: once whatever comes twice, in pieces, and never over what somebody else has stored meanwhile."""

import hashlib
import json
import threading
import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings, strategies

from demo.drawings import contract_page, portrait
from guomi import envelope
from residents.desk import parts
from residents.models import Likeness, Part, Person, Residency, Submission
from tests import cast
from tests.desk.sealing import post, sealed_form, submit
from tests.desk.test_collect import LEASE, form

SHOT = portrait(5, "1")


def seen(client: Client, person: Person) -> dict[str, Any]:
    """What the desk knows after opening somebody who is registered."""
    facts = client.get(f"/collect/person/{person.pk}/").json()
    return {name: facts[name] for name in ("person", "person_version", "residency_version")}


def completing(place: cast.Place, known: dict[str, Any], **facts: Any) -> dict[str, Any]:
    """A form that completes the resident."""
    said = {"client_key": str(uuid.uuid4()), "house": str(place.house.pk), "document_type": "", "occupant_type": ""}
    return said | known | facts


def test_what_is_missing_of_a_registered_person_is_completed(lotus: cast.Place, as_user) -> None:
    client = as_user(lotus.staff["collector"])
    sent = completing(lotus, seen(client, lotus.resident), phone="13900000001")
    assert submit(client, sent).status_code == 201
    lotus.resident.refresh_from_db()
    assert (lotus.resident.phone, lotus.resident.name) == ("13900000001", "张三丰")
    assert lotus.house.residencies.count() == 1


def test_nothing_is_stored_anew_when_nothing_is_said(lotus: cast.Place, as_user) -> None:
    client = as_user(lotus.staff["collector"])
    versions = lotus.resident.history.count(), lotus.residency.history.count()
    assert submit(client, completing(lotus, seen(client, lotus.resident))).status_code == 201
    assert (lotus.resident.history.count(), lotus.residency.history.count()) == versions


def test_a_change_made_meanwhile_is_shown_and_not_overwritten(lotus: cast.Place, as_user) -> None:
    client = as_user(lotus.staff["collector"])
    known = seen(client, lotus.resident)
    lotus.resident.phone = "13911112222"
    lotus.resident.save()
    sent = completing(lotus, known, phone="13900000001")
    answer = submit(client, sent)
    assert answer.status_code == 409
    conflict = answer.json()["conflict"]
    assert [row["field"] for row in conflict["rows"]] == ["phone"]
    assert conflict["rows"][0]["theirs"] == "139****2222"
    assert "13911112222" not in answer.content.decode()
    lotus.resident.refresh_from_db()
    assert lotus.resident.phone == "13911112222"
    chosen = sent | {name: conflict[name] for name in ("person", "person_version", "residency_version")}
    assert submit(client, chosen).status_code == 201
    lotus.resident.refresh_from_db()
    assert lotus.resident.phone == "13900000001"


def test_a_change_of_another_field_is_no_conflict(lotus: cast.Place, as_user) -> None:
    client = as_user(lotus.staff["collector"])
    known = seen(client, lotus.resident)
    lotus.resident.remark = "另一人改的"
    lotus.resident.save()
    assert submit(client, completing(lotus, known, phone="13900000001")).status_code == 201
    lotus.resident.refresh_from_db()
    assert (lotus.resident.phone, lotus.resident.remark) == ("13900000001", "另一人改的")


def test_a_registered_number_is_shown_side_by_side_and_can_be_the_same_person(lotus: cast.Place, as_user) -> None:
    client = as_user(lotus.staff["collector"])
    sent = form(lotus, document_number=lotus.resident.document_number, name="张山丰", phone=lotus.resident.phone)
    answer = submit(client, sent)
    conflict = answer.json()["conflict"]
    assert (answer.status_code, conflict["why"], conflict["name"]) == (409, "registered", "张*丰")
    assert [row["field"] for row in conflict["rows"]] == ["name"]
    bound = sent | {name: conflict[name] for name in ("person", "person_version", "residency_version")}
    assert submit(client, bound | {"name": ""}).status_code == 201
    assert Person.objects.filter(community=lotus.community).count() == 1
    assert lotus.empty_house.residencies.get().person.name == "张三丰"


def test_a_version_nobody_has_seen_counts_as_none(lotus: cast.Place, maple: cast.Place, as_user) -> None:
    client = as_user(lotus.staff["collector"])
    for version in ("", "x", str(uuid.uuid4()), str(maple.resident.history.first().pk)):
        known = {"person": str(lotus.resident.pk), "person_version": version, "residency_version": version}
        assert submit(client, completing(lotus, known, phone="13900000001")).status_code == 409


def test_a_form_changed_after_a_lost_answer_changes_what_it_made(lotus: cast.Place, as_user) -> None:
    client, sent = as_user(lotus.staff["collector"]), form(lotus)
    assert submit(client, sent).status_code == 201
    assert submit(client, sent | {"phone": "13900000009"}).status_code == 201
    person = lotus.empty_house.residencies.get().person
    assert (person.phone, Person.objects.filter(community=lotus.community).count()) == ("13900000009", 2)
    moved = submit(client, sent | {"house": str(lotus.house.pk)})
    assert moved.status_code == 422
    assert "3-2-502" in str(moved.json()["errors"]["house"])


def test_a_tenant_s_lease_is_completed_in_place(lotus: cast.Place, as_user) -> None:
    client = as_user(lotus.staff["collector"])
    known = seen(client, lotus.resident)
    assert submit(client, completing(lotus, known, **LEASE), {"lease_contract": contract_page(1)}).status_code == 201
    home = lotus.house.residencies.get()
    assert (home.occupant_type, home.lease_end.year, bool(home.lease_contract)) == ("1", 2027, True)


def test_a_colleague_s_draft_key_is_refused(lotus: cast.Place, as_user) -> None:
    sent = form(lotus)
    assert submit(as_user(lotus.staff["collector"]), sent).status_code == 201
    answer = submit(as_user(lotus.staff["manager"]), sent)
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["client_key"])


def test_a_form_whose_person_was_erased_does_not_bring_him_back(lotus: cast.Place, as_user) -> None:
    client, sent = as_user(lotus.staff["collector"]), form(lotus)
    assert submit(client, sent).status_code == 201
    lotus.empty_house.residencies.get().person.delete()
    assert submit(client, sent).json()["person"] == ""
    answer = submit(client, sent | {"phone": "13900000009"})
    assert "已被删除" in str(answer.json()["errors"]["document_number"])


@pytest.mark.parametrize("times", [4])
def test_the_same_form_at_the_same_moment_is_taken_once(times: int, committed: None, as_user) -> None:
    place = cast.place("LOTUS", "幸福里", 901)
    clients, sent = [as_user(place.staff["collector"]) for _ in range(times)], form(place)
    answers, ready = [], threading.Barrier(times)

    def send(client: Client) -> None:
        ready.wait()
        try:
            answers.append(submit(client, sent))
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert (Residency.objects.filter(house=place.empty_house).count(), Submission.objects.count()) == (1, 1)


# --- pictures in pieces -----------------------------------------------------------------------------------------------
def piece(
    key: str, data: bytes, index: int, chunk: bytes, name: str = "photo"
) -> tuple[dict[str, Any], dict[str, bytes]]:
    facts = {"client_key": key, "name": name, "digest": hashlib.sha256(data).hexdigest(), "index": index}
    return facts, {"chunk": chunk}


def test_a_picture_goes_on_where_the_line_broke(lotus: cast.Place, as_user) -> None:
    client, sent = as_user(lotus.staff["collector"]), form(lotus, face_consent=True)
    key, half = sent["client_key"], len(SHOT) // 2
    assert post(client, "/collect/parts/", *piece(key, SHOT, 1, SHOT[half:])).json()["have"] == {"photo": [1]}
    digests = {"photo": hashlib.sha256(SHOT).hexdigest()}
    early = post(client, "/collect/submit/", sent | {"pictures": digests})
    assert (early.status_code, list(early.json()["errors"])) == (422, ["photo"])
    assert post(client, "/collect/parts/have/", {"client_key": key, "pictures": digests}).json()["have"] == {
        "photo": [1]
    }
    assert post(client, "/collect/parts/", *piece(key, SHOT, 0, SHOT[:half])).json()["have"] == {"photo": [0, 1]}
    assert post(client, "/collect/submit/", sent | {"pictures": digests}).status_code == 201
    assert lotus.empty_house.residencies.get().person.photo
    assert not Part.objects.exists()


def test_pieces_of_a_retaken_picture_do_not_mix(lotus: cast.Place, as_user) -> None:
    client, key, other = as_user(lotus.staff["collector"]), str(uuid.uuid4()), portrait(6, "2")
    post(client, "/collect/parts/", *piece(key, SHOT, 0, SHOT[:1000]))
    assert post(client, "/collect/parts/", *piece(key, other, 1, other[1000:])).json()["have"] == {"photo": [1]}
    assert Part.objects.count() == 1


def test_nobody_goes_on_with_a_colleague_s_picture(lotus: cast.Place, as_user) -> None:
    key = str(uuid.uuid4())
    post(as_user(lotus.staff["collector"]), "/collect/parts/", *piece(key, SHOT, 0, SHOT))
    asked = {"client_key": key, "pictures": {"photo": hashlib.sha256(SHOT).hexdigest()}}
    assert post(as_user(lotus.staff["manager"]), "/collect/parts/have/", asked).json()["have"] == {"photo": []}


@pytest.mark.parametrize(
    "facts",
    [{"index": 48}, {"index": -1}, {"index": "0"}, {"index": True, "name": "x"}, {"name": "other"}, {"digest": "x"}, {"client_key": "x"}],
)  # fmt: skip
def test_a_piece_that_is_none_is_refused(facts: dict, lotus: cast.Place, as_user) -> None:
    told, pictures = piece(str(uuid.uuid4()), SHOT, 0, SHOT)
    assert post(as_user(lotus.staff["collector"]), "/collect/parts/", told | facts, pictures).status_code == 422
    assert not Part.objects.exists()


def test_nobody_fills_the_disk_with_pieces(lotus: cast.Place, as_user) -> None:
    client, facts = as_user(lotus.staff["collector"]), {"role": "photo", "whole_index": "0" * 64, "index": 0}
    Part.objects.bulk_create(
        Part(
            user=lotus.staff["collector"], client_key=uuid.uuid4(), content="eA==", received_at=timezone.now(), **facts
        )
        for _ in range(parts.MOST_KEPT - 1)
    )
    answers = [post(client, "/collect/parts/", *piece(str(uuid.uuid4()), SHOT, 0, SHOT)) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 422]
    too_large = piece(str(uuid.uuid4()), SHOT, 0, b"x" * (256 * 1024 + 1))
    assert post(client, "/collect/parts/", *too_large).status_code == 422


# --- the envelope at the door ------------------------------------------------------------------------------------------
def test_what_is_not_sealed_or_sealed_for_elsewhere_is_refused(lotus: cast.Place, as_user) -> None:
    client, sent = as_user(lotus.staff["collector"]), form(lotus)
    assert client.post("/collect/submit/", sent).status_code == 400
    assert client.post("/collect/submit/", sealed_form("/collect/check/", sent)).status_code == 400
    assert client.post("/collect/submit/", data=json.dumps(sent), content_type="application/json").status_code == 400
    deep: Any = "x"
    for _ in range(10):
        deep = [deep]
    assert post(client, "/collect/submit/", {"pictures": deep}).status_code == 400
    assert post(client, "/collect/submit/", {"name": "x" * 70_000}).status_code == 413
    assert not lotus.empty_house.residencies.exists()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(strategies.binary(max_size=400), strategies.text(max_size=300))
def test_whatever_comes_in_the_envelope_s_place_is_answered(lotus: cast.Place, as_user, data: bytes, key: str) -> None:
    client = as_user(lotus.staff["collector"])
    sealed = sealed_form("/collect/submit/", {})
    sealer = envelope.Sealer("/collect/submit/", envelope.public_key())
    sealed["key"], sealed["fields"] = sealer.key, cast_file(sealer.part("fields", data))
    assert client.post("/collect/submit/", sealed).status_code in (400, 422)
    assert client.post("/collect/submit/", {"key": key, "fields": cast_file(data)}).status_code == 400


def cast_file(data: bytes) -> Any:
    return SimpleUploadedFile("fields", data)


# --- how far they have come ----------------------------------------------------------------------------------------------
def test_the_queue_is_told_how_far_its_own_forms_have_come(lotus: cast.Place, as_user) -> None:
    client, sent = as_user(lotus.staff["collector"]), form(lotus)
    submit(client, sent)
    keys = [sent["client_key"], str(uuid.uuid4()), "x", 7]
    told = post(client, "/collect/progress/", {"keys": keys}).json()["progress"]
    assert list(told) == [sent["client_key"]]
    assert told[sent["client_key"]]["person"]["stage"] == "local"
    assert post(as_user(lotus.staff["manager"]), "/collect/progress/", {"keys": keys}).json()["progress"] == {}


# --- search before create ------------------------------------------------------------------------------------------------
def test_somebody_alike_has_to_be_judged_before_a_new_one_is_registered(lotus: cast.Place, as_user) -> None:
    client = as_user(lotus.staff["collector"])
    sent = form(lotus, name="张三丰", document_number=cast.valid_id("19800101", 55), phone=lotus.resident.phone)
    answer = submit(client, sent)
    assert answer.status_code == 422
    assert [one["id"] for one in answer.json()["candidates"]] == [str(lotus.resident.pk)]
    assert "张三丰" not in answer.content.decode()
    assert not lotus.empty_house.residencies.exists()
    judged = {"other": str(lotus.resident.pk), "choice": "other", "reason": "namesake", "note": ""}
    assert submit(client, sent | {"likeness": [judged]}).status_code == 201
    kept = Likeness.objects.get()
    assert (kept.other, kept.person, kept.reason) == (
        lotus.resident, lotus.empty_house.residencies.get().person, "namesake"
    )  # fmt: skip


def test_the_same_person_chosen_is_kept_as_a_decision(lotus: cast.Place, as_user) -> None:
    client = as_user(lotus.staff["collector"])
    judged = {"other": str(lotus.resident.pk), "choice": "same", "reason": "", "note": ""}
    sent = completing(lotus, seen(client, lotus.resident), house=str(lotus.empty_house.pk), likeness=[judged])
    assert submit(client, sent).status_code == 201
    assert Likeness.objects.get().choice == "same"
    for wrong in ("x", [1], [{"other": "x"}], [judged | {"choice": "maybe"}], [judged] * 21):
        assert submit(client, sent | {"likeness": wrong}).status_code == 422
