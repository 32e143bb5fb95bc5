"""An interface that is loaded as data is delivered like the printed ones: no line of code knows it."""

import json
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from audit.models import Entry
from community.models import Organisation
from residents.models import Worker
from tests.uploads.conftest import make_person
from tests.uploads.sandboxed import sandbox
from uploads import delivery, installing, loaded, offers
from uploads.models import Due, LoadedInterface, Receipt

EXAMPLE = Path(settings.BASE_DIR, "docs/examples/organisation.json")


@pytest.fixture(autouse=True)
def _nothing_loaded_before():
    loaded.forget()
    yield
    loaded.forget()


def load(offer: str = "organisation", **values: object) -> LoadedInterface:
    told = {**json.loads(EXAMPLE.read_text()), **values}
    row = LoadedInterface.objects.create(
        clause=told["clause"], title=told["title_zh"], offer=offer, descriptor=json.dumps(told)
    )
    loaded.put_to_work()
    return row


def test_it_is_delivered_sealed_and_kept_up_to_date(lane, tmp_path) -> None:
    early = Organisation.objects.create(community=lane.community, name="安居物业", phone="022-12345678")
    load()
    late = Organisation.objects.create(community=lane.community, name="幸福里居委会", kind="committee")
    with sandbox(tmp_path, "--descriptor", str(EXAMPLE)) as upper:
        upper.know(lane.community)
        delivery.deliver_until_empty()
        records = upper.records("X.1")
        assert {one["record"]["dwmc"]: one["record"].get("lxdh") for one in records} == {
            "安居物业": "022-12345678",
            "幸福里居委会": None,
        }
        Organisation.objects.filter(pk=early.pk).update(phone="022-87654321")
        delivery.deliver_until_empty()
        assert {one["record"].get("lxdh") for one in upper.records("X.1")} == {"022-87654321", None}
    row = Due.objects.get(report="x_organisation", subject_id=str(late.pk))
    assert row.arrived
    assert row.upper_id == next(one["id"] for one in records if one["record"]["dwmc"] == "幸福里居委会")
    assert Receipt.objects.filter(report="x_organisation", outcome="delivered").count() == 3


def test_switched_off_it_makes_nothing_due(lane) -> None:
    row = load()
    assert any("x_organisation" in name for name in installing.present(connection))
    row.enabled = False
    row.save()
    loaded.put_to_work()
    assert not any("x_organisation" in name for name in installing.present(connection))
    Organisation.objects.create(community=lane.community, name="安居物业")
    assert not Due.objects.filter(report="x_organisation").exists()


def test_a_person_kept_from_processing_is_not_told(lane, tmp_path) -> None:
    firm = Organisation.objects.create(community=lane.community, name="安居物业")
    person = make_person(lane.community, restricted_at="2026-01-01T00:00Z")
    Worker.objects.create(person=person, organisation=firm, title="保安")
    request = [
        {"wire": "xm", "en": "name", "name_zh": "姓名", "required": True, "encrypted": True},
        {"wire": "ptzcm", "en": "registration_code", "name_zh": "注册码", "required": True},
    ]
    load("worker", request=request, key=["name"])
    with sandbox(tmp_path) as upper:
        upper.know(lane.community)
        delivery.deliver_until_empty()
    row = Due.objects.get(report="x_worker")
    assert (row.state, row.reason) == ("held", "此人的信息已限制处理,不上报")


@pytest.mark.parametrize("offer", [one.name for one in offers.every()])
def test_every_offer_compiles_into_triggers(offer: str, lane) -> None:
    key = next(iter(offers.get(offer).keys))
    request = [
        {"wire": "z", "en": key, "name_zh": "值", "encrypted": key in offers.get(offer).personal},
        {"wire": "ptzcm", "en": "registration_code", "name_zh": "注册码", "required": True},
    ]
    load(offer, request=request, key=[])
    assert installing.install_problems(connection) == []
    assert any(f"anju_due_x_{offer}_" in name for name in installing.present(connection))
    list(offers.get(offer).rows(lane.community))


PAGE = "/admin/uploads/loadedinterface/"


def form(**values: object) -> dict:
    return {"offer": "organisation", "descriptor": "", "enabled": "on", "_save": "1", **values}


def test_it_is_loaded_from_the_admin_checked_and_audited(administrators, as_user) -> None:
    browser = as_user(administrators["system_admin"])
    wrong = json.loads(EXAMPLE.read_text()) | {"clause": "B.1.1", "path": "no"}
    page = browser.post(f"{PAGE}add/", form(descriptor=json.dumps(wrong)))
    assert "clause:与附录 B 的接口重复" in page.content.decode()
    assert not LoadedInterface.objects.exists()
    file = SimpleUploadedFile("x.json", EXAMPLE.read_bytes())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.db.transaction.on_commit", lambda act, **_: act())
        assert browser.post(f"{PAGE}add/", form(file=file)).status_code == 302
    row = LoadedInterface.objects.get()
    assert (row.clause, row.title) == ("X.1", "小区实有单位信息上报")
    assert Entry.objects.get(action="load_interface").detail["interface"] == "X.1"
    page = browser.get(f"{PAGE}{row.pk}/change/").content.decode()
    assert "dwmc" in page
    assert "加密" in page
    assert browser.post(f"{PAGE}{row.pk}/delete/", {"post": "yes"}).status_code == 302
    assert Entry.objects.filter(action="unload_interface").count() == 1


def test_a_name_in_clear_is_refused(administrators, as_user) -> None:
    told = json.loads(EXAMPLE.read_text())
    page = as_user(administrators["system_admin"]).post(
        f"{PAGE}add/", form(offer="worker", descriptor=json.dumps(told))
    )
    text = page.content.decode()
    assert "name:是个人信息,只能加密上报" in text
    assert "kind:必填" in text


def test_others_cannot_load(administrators, as_user) -> None:
    browser = as_user(administrators["audit_admin"])
    assert browser.get(f"{PAGE}add/").status_code in (403, 404)
    assert browser.post(f"{PAGE}add/", form(descriptor=EXAMPLE.read_text())).status_code in (403, 404)
    assert not LoadedInterface.objects.exists()
