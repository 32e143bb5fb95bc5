"""The collection page: collects, warns, refuses clearly, and never saves half."""

import io
import json
import re
import uuid
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image

from analysis.models import StrangerArchive
from audit.models import Entry
from demo.drawings import contract_page, portrait
from devices.models import Device, PersonPassage
from residents.models import Part, Person, Residency, Submission
from tests import cast
from tests.desk.sealing import post, submit


def form(place: cast.Place, **facts: Any) -> dict[str, Any]:
    """What the desk sends of a person who is new."""
    base = {
        "client_key": str(uuid.uuid4()), "house": str(place.empty_house.pk), "document_type": "111",
        "document_number": cast.valid_id("19920202"), "name": "李小龙", "phone": "13812345678", "occupant_type": "2",
    }  # fmt: skip
    return base | facts


def test_a_collector_registers_a_resident(lotus: cast.Place, as_user) -> None:
    client = as_user(lotus.staff["collector"])
    answer = submit(client, form(lotus, face_consent=True), {"photo": portrait(5, "1")})
    assert answer.status_code == 201
    residency = lotus.empty_house.residencies.get()
    assert residency.person.name == "李小龙"
    assert residency.person.birth_date.isoformat() == "1992-02-02"
    assert residency.person.photo.read_clear()[:2] == b"\xff\xd8"
    assert Entry.objects.filter(action="collect", target_id=str(residency.pk)).exists()
    told = answer.json()
    assert (told["name"], told["house"], told["residency"]) == ("李*龙", "3-2-502", str(residency.pk))
    assert "李小龙" not in answer.content.decode()
    assert not Part.objects.exists()


def test_what_a_card_says_is_kept(lotus: cast.Place, as_user) -> None:
    said = {
        "registered_address": "天津市和平区南京路1号", "document_issuer": "天津市公安局和平分局",
        "document_validity": "20200101-20400101", "sex": "2", "birth_date": "1992-02-02", "ethnicity": "01",
    }  # fmt: skip
    number = cast.valid_id("19920202", 902)
    assert submit(as_user(lotus.staff["collector"]), form(lotus, document_number=number, **said)).status_code == 201
    person = lotus.empty_house.residencies.get().person
    assert (person.registered_address, person.document_issuer) == ("天津市和平区南京路1号", "天津市公安局和平分局")
    assert (person.sex, person.ethnicity) == ("2", "")  # ethnicity is off until the community switches it on


def test_the_same_form_sent_twice_makes_one_record(lotus: cast.Place, as_user) -> None:
    client, sent = as_user(lotus.staff["collector"]), form(lotus)
    first, second = submit(client, sent), submit(client, sent)
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert lotus.empty_house.residencies.count() == 1


BIG = io.BytesIO()
Image.effect_noise((2600, 2600), 90).convert("RGB").save(BIG, "JPEG", quality=97)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"document_number": cast.valid_id("19920202")[:17] + "0"}, "校验码"),
        ({"document_number": "12010019921302901X"}, "日期"),
        ({"name": "王" * 200}, "50"),
        ({"name": "小明😀"}, "表情"),
        ({"name": ""}, "不能为空"),
        ({"name": {"$ne": 1}}, "不能为空"),
        ({"phone": "12345"}, "手机号码"),
        ({"house": str(uuid.uuid4())}, "没有这套房屋"),
        ({"house": ["x"]}, "请先选择房屋"),
        ({"occupant_type": "1", "lease_start": "2026-05-01", "lease_end": "2026-04-01"}, "必须晚于"),
        ({"occupant_type": "1"}, "租赁合同照片"),
        ({"pictures": {"photo": "0" * 64}}, "没有传完整"),
        ({"pictures": {"../etc": "0" * 64}}, "没有传完整"),
        ({"pictures": [1]}, "没有传完整"),
        ({"sex": "x"}, "x"),
    ],
)
def test_bad_input_is_told_at_the_field_and_nothing_is_saved(
    facts: dict, words: str, lotus: cast.Place, as_user
) -> None:
    before = (Person.objects.count(), Residency.objects.count(), Submission.objects.count())
    sent = form(lotus, **facts)
    answer = post(as_user(lotus.staff["collector"]), "/collect/submit/", {"pictures": {}} | sent)
    assert answer.status_code == 422
    assert re.search(words, json.dumps(answer.json(), ensure_ascii=False)), answer.json()
    assert (Person.objects.count(), Residency.objects.count(), Submission.objects.count()) == before


def test_what_is_no_picture_is_told_at_the_picture(lotus: cast.Place, as_user) -> None:
    client = as_user(lotus.staff["collector"])
    answer = submit(client, form(lotus, face_consent=True), {"photo": b"no picture at all"})
    assert answer.status_code == 422
    assert "图片" in str(answer.json()["errors"]["photo"])
    assert not lotus.empty_house.residencies.exists()


def test_the_residence_permit_of_hong_kong_has_a_number_with_rules(lotus: cast.Place, as_user) -> None:
    client = as_user(lotus.staff["collector"])
    facts = {"document_type": "154", "document_number": "810000199408230021", "name": "陈大文"}
    wrong = submit(client, form(lotus, **facts | {"document_number": "810000199408230022"}))
    assert "校验码" in str(wrong.json()["errors"]["document_number"])
    assert submit(client, form(lotus, **facts)).status_code == 201
    person = lotus.empty_house.residencies.get().person
    assert (person.birth_date.isoformat(), person.sex) == ("1994-08-23", "2")


def test_full_width_digits_are_understood(lotus: cast.Place, as_user) -> None:
    wide = cast.valid_id("19920202").translate({ord(str(n)): 0xFF10 + n for n in range(10)})
    assert submit(as_user(lotus.staff["collector"]), form(lotus, document_number=wide)).status_code == 201
    assert lotus.empty_house.residencies.get().person.document_number == cast.valid_id("19920202")


def test_a_large_photo_is_made_small_enough(lotus: cast.Place, as_user) -> None:
    assert len(BIG.getvalue()) > 4_500_000
    client = as_user(lotus.staff["collector"])
    assert submit(client, form(lotus, face_consent=True), {"photo": BIG.getvalue()}).status_code == 201
    assert len(lotus.empty_house.residencies.get().person.photo.read_clear()) * 4 / 3 <= 4_000_000


LEASE = {"occupant_type": "1", "lease_start": "2026-04-01", "lease_end": "2027-03-31"}


def test_a_tenant_with_a_lease_is_registered(lotus: cast.Place, as_user) -> None:
    client = as_user(lotus.staff["collector"])
    assert submit(client, form(lotus, **LEASE), {"lease_contract": contract_page(1)}).status_code == 201
    assert lotus.empty_house.residencies.get().lease_contract


def test_the_number_check_says_birth_and_sex_or_which_digit_is_wrong(lotus: cast.Place, as_user) -> None:
    client = as_user(lotus.staff["collector"])
    asked = {"document_type": "111", "document_number": lotus.resident.document_number}
    told = post(client, "/collect/check/", asked).json()
    assert told["ok"]
    assert "1980-01-01" in told["message"]
    wrong = post(client, "/collect/check/", asked | {"document_number": "1201001980010190AB"}).json()
    assert (wrong["ok"], wrong["position"]) == (False, 17)


def test_a_known_person_gets_a_second_home_without_a_second_record(lotus: cast.Place, as_user) -> None:
    sent = form(lotus, person=str(lotus.resident.pk), document_number="", name="", phone="")
    assert submit(as_user(lotus.staff["collector"]), sent).status_code == 201
    assert lotus.empty_house.residencies.get().person == lotus.resident


def test_a_collector_of_lotus_finds_nothing_of_maple(lotus: cast.Place, maple: cast.Place, as_user) -> None:
    client = as_user(lotus.staff["collector"])
    found = client.get("/collect/houses/", {"q": "3-2-501"}).json()["houses"]
    assert [row["id"] for row in found] == [str(lotus.house.pk)]
    packed = client.get("/collect/pack/houses/").json()["houses"]
    assert {row[0] for row in packed} == {str(lotus.house.pk), str(lotus.empty_house.pk)}
    assert [place["name"] for place in client.get("/collect/pack/").json()["places"]] == ["幸福里"]
    assert submit(client, form(maple)).status_code == 422
    stolen = form(lotus, person=str(maple.resident.pk), document_number="", name="", phone="")
    assert submit(client, stolen).status_code == 422
    assert client.get(f"/collect/household/{maple.house.pk}/").status_code == 404
    assert client.get(f"/collect/person/{maple.resident.pk}/").status_code == 404


def test_a_household_and_a_person_are_told_masked_and_audited(lotus: cast.Place, as_user) -> None:
    client = as_user(lotus.staff["collector"])
    household = client.get(f"/collect/household/{lotus.house.pk}/")
    person = client.get(f"/collect/person/{lotus.resident.pk}/")
    for answer in (household, person):
        assert answer["Cache-Control"].startswith("max-age=0")
        for secret in ("张三丰", lotus.resident.document_number, lotus.resident.phone):
            assert secret not in answer.content.decode()
    assert household.json()["people"][0]["name"] == "张*丰"
    assert person.json()["masked"]["name"] == "张*丰"
    targets = {str(lotus.house.pk), str(lotus.resident.pk)}
    assert {row.target_id for row in Entry.objects.filter(action="view", actor_id=client_user(client))} >= targets


def client_user(client: Client) -> int:
    return int(client.session["_auth_user_id"])


def test_the_page_does_not_exist_for_a_stranger(lotus: cast.Place, stranger, as_user, client) -> None:
    assert as_user(stranger).get("/collect/").status_code == 404
    assert as_user(stranger).get(f"/pictures/person/{lotus.resident.pk}/photo/").status_code == 404
    assert client.get("/collect/").status_code == 302


def test_a_look_at_a_picture_is_audited_and_not_kept(lotus: cast.Place, as_user) -> None:
    answer = as_user(lotus.staff["collector"]).get(f"/pictures/person/{lotus.resident.pk}/photo/")
    assert answer["Cache-Control"] == "no-store"
    assert Entry.objects.filter(action="view_picture", target_id=str(lotus.resident.pk)).exists()


def test_every_kind_of_picture_has_its_checked_page_and_its_link(lotus: cast.Place, maple: cast.Place, as_user) -> None:
    camera = Device.objects.create(community=lotus.community, code="D-1", name="东门相机")
    passage = PersonPassage.objects.create(
        community=lotus.community, device=camera, at=timezone.now(), archive_no="a" * 32, photo=portrait(4, "1")
    )
    archive = StrangerArchive.objects.create(
        community=lotus.community, first_passage_at=timezone.now(), photo1=portrait(4, "1")
    )
    client = as_user(lotus.staff["manager"])
    for model, row, field in (
        ("personpassage", passage, "photo"), ("strangerarchive", archive, "photo1"), ("person", lotus.resident, "photo"),
    ):  # fmt: skip
        url = f"/pictures/{model}/{row.pk}/{field}/"
        assert client.get(url).content[:2] == b"\xff\xd8", model
        assert as_user(maple.staff["manager"]).get(url).status_code == 404
        assert as_user(lotus.staff["guard"]).get(url).status_code == 404
        assert client.get(f"/pictures/{model}/{row.pk}/panorama/").status_code == 404
    assert client.get(f"/pictures/historicalperson/{lotus.resident.pk}/photo/").status_code == 404
    page = client.get(f"/admin/residents/person/{lotus.resident.pk}/change/").content.decode()
    assert f"/pictures/person/{lotus.resident.pk}/photo/" in page


@pytest.mark.parametrize("address", ["/", "/collect/", "/uploads/", "/accounts/login/"])
def test_own_pages_run_no_inline_script_and_load_nothing_from_elsewhere(
    address: str, lotus: cast.Place, as_user
) -> None:
    answer = as_user(lotus.staff["manager"]).get(address, follow=True)
    assert answer.status_code == 200
    assert "unsafe" not in answer["Content-Security-Policy"]
    body = re.sub(
        r"(http|ws)s?://(127\.0\.0\.1|localhost)[:\"/]", "", answer.content.decode()
    )  # card readers of this machine
    assert "http://" not in body
    assert "https://" not in body
    assert " style=" not in body


@pytest.mark.parametrize("role", ["manager", "collector", "guard", "operator", "police"])
def test_everybody_has_a_front_page(role: str, lotus: cast.Place, as_user, django_assert_max_num_queries) -> None:
    client = as_user(lotus.staff[role])
    with django_assert_max_num_queries(40):
        assert client.get("/").status_code == 200
