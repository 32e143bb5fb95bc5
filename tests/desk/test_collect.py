"""The collection page: collects, warns, refuses clearly, and never saves half."""

import io
import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from analysis.models import StrangerArchive
from audit.models import Entry
from demo.drawings import contract_page, portrait
from devices.models import Device, PersonPassage
from residents.models import Person, Residency
from tests import cast


def form(place: cast.Place, **facts: Any) -> dict[str, Any]:
    base = {
        "client_key": str(uuid.uuid4()), "house": str(place.empty_house.pk), "document_type": "111",
        "document_number": cast.valid_id("19920202"), "name": "李小龙", "phone": "13812345678", "occupant_type": "2",
    }  # fmt: skip
    return base | facts


def upload(data: bytes, name: str = "a.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, "image/jpeg")


def test_a_collector_registers_a_resident(lotus: cast.Place, as_user) -> None:
    client = as_user(lotus.staff["collector"])
    answer = client.post("/collect/", form(lotus, photo=upload(portrait(5, "1")), face_consent="on"))
    assert answer.status_code == 302
    residency = lotus.empty_house.residencies.get()
    assert residency.person.name == "李小龙"
    assert residency.person.birth_date.isoformat() == "1992-02-02"
    assert residency.person.photo.read_clear()[:2] == b"\xff\xd8"
    assert Entry.objects.filter(action="collect", target_id=str(residency.pk)).exists()
    page = client.get(answer.url).content.decode()
    assert "李*龙" in page
    assert "李小龙" not in page + answer.url


def test_the_same_form_sent_twice_makes_one_record(lotus: cast.Place, as_user) -> None:
    client, sent = as_user(lotus.staff["collector"]), form(lotus)
    assert client.post("/collect/", sent).status_code == client.post("/collect/", sent).status_code == 302
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
        ({"phone": "12345"}, "手机号码"),
        ({"house": str(uuid.uuid4())}, "没有这套房屋"),
        ({"occupant_type": "1", "lease_start": "2026-05-01", "lease_end": "2026-04-01"}, "必须晚于"),
        ({"occupant_type": "1"}, "租赁合同照片"),
        ({"photo": upload(b"no picture at all")}, "图片"),
    ],
)
def test_bad_input_is_told_at_the_field_and_nothing_is_saved(
    facts: dict, words: str, lotus: cast.Place, as_user
) -> None:
    for file in facts.values():
        if hasattr(file, "seek"):
            file.seek(0)
    before = (Person.objects.count(), Residency.objects.count())
    answer = as_user(lotus.staff["collector"]).post("/collect/", form(lotus, **facts))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert (Person.objects.count(), Residency.objects.count()) == before


def test_full_width_digits_are_understood(lotus: cast.Place, as_user) -> None:
    wide = cast.valid_id("19920202").translate({ord(str(n)): 0xFF10 + n for n in range(10)})
    answer = as_user(lotus.staff["collector"]).post("/collect/", form(lotus, document_number=wide))
    assert answer.status_code == 302
    assert lotus.empty_house.residencies.get().person.document_number == cast.valid_id("19920202")


def test_a_large_photo_is_made_small_enough(lotus: cast.Place, as_user) -> None:
    assert len(BIG.getvalue()) > 4_500_000
    answer = as_user(lotus.staff["collector"]).post(
        "/collect/", form(lotus, photo=upload(BIG.getvalue()), face_consent="on")
    )
    assert answer.status_code == 302
    assert len(lotus.empty_house.residencies.get().person.photo.read_clear()) * 4 / 3 <= 4_000_000


def test_a_tenant_with_a_lease_is_registered(lotus: cast.Place, as_user) -> None:
    lease = {
        "occupant_type": "1",
        "lease_start": "2026-04-01",
        "lease_end": "2027-03-31",
        "lease_contract": upload(contract_page(1)),
    }
    assert as_user(lotus.staff["collector"]).post("/collect/", form(lotus, **lease)).status_code == 302
    assert lotus.empty_house.residencies.get().lease_contract


def test_the_number_check_says_birth_sex_and_who_is_known_already(lotus: cast.Place, as_user) -> None:
    client = as_user(lotus.staff["collector"])
    asked = {"house": str(lotus.house.pk), "document_type": "111", "document_number": lotus.resident.document_number}
    told = client.post("/collect/check/", asked).json()
    assert told["ok"]
    assert "1980-01-01" in told["message"]
    assert told["duplicates"][0]["name"] == "张*丰"
    assert lotus.resident.document_number not in str(told["duplicates"])
    wrong = client.post("/collect/check/", asked | {"document_number": "1201001980010190AB"}).json()
    assert (wrong["ok"], wrong["position"]) == (False, 17)


def test_a_known_person_gets_a_second_home_without_a_second_record(lotus: cast.Place, as_user) -> None:
    sent = form(lotus, existing=str(lotus.resident.pk), document_number="", name="", phone="")
    assert as_user(lotus.staff["collector"]).post("/collect/", sent).status_code == 302
    assert lotus.empty_house.residencies.get().person == lotus.resident


def test_a_registered_number_is_refused(lotus: cast.Place, as_user) -> None:
    answer = as_user(lotus.staff["collector"]).post(
        "/collect/", form(lotus, document_number=lotus.resident.document_number)
    )
    assert answer.status_code == 422
    assert "已登记" in answer.content.decode()


def test_a_collector_of_lotus_finds_no_house_of_maple(lotus: cast.Place, maple: cast.Place, as_user) -> None:
    client = as_user(lotus.staff["collector"])
    found = client.get("/collect/houses/", {"q": "3-2-501"}).json()["houses"]
    assert [row["id"] for row in found] == [str(lotus.house.pk)]
    assert client.post("/collect/", form(maple)).status_code == 422
    stolen = form(lotus, existing=str(maple.resident.pk), document_number="", name="", phone="")
    assert client.post("/collect/", stolen).status_code == 422


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
    body = answer.content.decode()
    assert "http://" not in body
    assert "https://" not in body
    assert " style=" not in body


@pytest.mark.parametrize("role", ["manager", "collector", "guard", "operator", "police"])
def test_everybody_has_a_front_page(role: str, lotus: cast.Place, as_user, django_assert_max_num_queries) -> None:
    client = as_user(lotus.staff[role])
    with django_assert_max_num_queries(40):
        assert client.get("/").status_code == 200
