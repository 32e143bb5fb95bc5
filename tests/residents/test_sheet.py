"""入户核对表: what is registered of a house, on paper to be signed; in clear only for a reason, and every value counts."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit import log
from audit.models import Entry
from community.generation import generate
from residents.households import sheet
from residents.models import Notice, Person, Residency, Vehicle
from residents.rights import consenting
from residents.rights.consenting import ConsentInput
from residents.rights.models import How, Kind
from tests import cast

CHILD = cast.valid_id(f"{timezone.localdate().year - 9}0101", 77)
SECRETS = ("张三丰", "19900001234", "赵房主", "19900009999")


@pytest.fixture
def manager(lotus: cast.Place, as_user) -> Client:
    return as_user(lotus.staff["manager"])


def address(place: cast.Place) -> str:
    return f"/houses/{place.house.pk}/sheet/"


def child_of(place: cast.Place) -> Person:
    child = Person(community=place.community, name="张小宝", document_number=CHILD, phone="19900001235")
    child.clean()
    child.save()
    Residency.objects.create(person=child, house=place.house, occupant_type="3")
    return child


def test_a_sheet_shows_everybody_masked_with_the_notices_as_they_are_shown(lotus: cast.Place, manager: Client) -> None:
    Vehicle.objects.create(community=lotus.community, plate="津A12345", owner=lotus.resident)
    consenting.give(
        lotus.resident, Kind.FACE, ConsentInput(How.WRITTEN), user=lotus.staff["manager"], now=timezone.now()
    )
    Notice(community=lotus.community, kind=Kind.REGISTER, title="幸福里登记告知", text="本小区的说法", version=7).save()
    answer = manager.get(address(lotus))
    page = answer.content.decode()
    for shown in ("张*丰", "199****1234", "赵*主", "津A12345", "幸福里登记告知", "第 7 版", "本小区的说法", "人像信息告知",
                  "已有记录", "采集员签名", "manager-lotus", "data-print"):  # fmt: skip
        assert shown in page, shown
    assert not [secret for secret in (*SECRETS, str(lotus.resident.document_number)) if secret in page]
    assert "<script>" not in page
    assert "no-store" in answer["Cache-Control"]
    entry = Entry.objects.get(action="print_sheet")
    assert (entry.target_id, entry.detail) == (str(lotus.house.pk), {})


def test_a_child_is_signed_for_by_a_guardian_who_says_his_relation(lotus: cast.Place, manager: Client) -> None:
    assert "与儿童的关系" not in manager.get(address(lotus)).content.decode()
    child_of(lotus)
    page = manager.get(address(lotus)).content.decode()
    assert page.count("与儿童的关系") == 1
    assert "监护人同意" in page


def test_in_clear_for_a_reason_every_value_is_logged_and_counted(lotus: cast.Place, manager: Client) -> None:
    child_of(lotus)
    answer = manager.post(address(lotus), {"reason": "visit", "note": "三季度核对"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert all(secret in page for secret in (*SECRETS, str(lotus.resident.document_number), "张小宝", CHILD))
    assert "no-store" in answer["Cache-Control"]
    entries = list(Entry.objects.filter(action="reveal").order_by("id"))
    assert [entry.detail["fields"] for entry in entries] == [
        ["owner_name", "owner_phone"], ["name", "document_number", "phone"], ["name", "document_number", "phone"],
    ]  # fmt: skip
    assert {entry.reason for entry in entries} == {"上门核实 三季度核对"}
    assert not [secret for secret in SECRETS if secret in str([entry.__dict__ for entry in Entry.objects.all()])]
    left = manager.get("/accounts/reveal/reasons/").json()["left"]
    assert left == 200 - 8


def test_it_is_in_the_log_before_anything_is_read(lotus: cast.Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: object, **_facts: object) -> None:
        raise OSError("the log cannot be written")

    monkeypatch.setattr(log, "write", broken)
    home = Residency.objects.select_related("person").get()
    asked = {"reason": "visit", "note": "", "now": timezone.now()}
    with pytest.raises(OSError, match="log"):
        sheet.reveal(lotus.staff["manager"], lotus.house, [home], **asked)
    assert home.person.__dict__["name"].kept is None  # still sealed: nobody has read it


def test_a_quota_that_does_not_suffice_refuses_all_of_it_in_words(lotus: cast.Place, manager: Client, settings) -> None:
    settings.REVEAL_DAILY_QUOTA = 4
    answer = manager.post(address(lotus), {"reason": "visit"})
    page = answer.content.decode()
    assert answer.status_code == 429
    assert "要显示 5 项明文,您今天只剩 4 次" in page
    assert not [secret for secret in SECRETS if secret in page]
    assert [entry.action for entry in Entry.objects.filter(action__startswith="reveal")] == ["reveal_quota"]
    settings.REVEAL_DAILY_QUOTA = 5
    assert manager.post(address(lotus), {"reason": "visit"}).status_code == 200
    assert manager.post(address(lotus), {"reason": "visit"}).status_code == 429


def test_without_a_reason_it_stays_masked(lotus: cast.Place, manager: Client) -> None:
    for sent in ({}, {"reason": "other", "note": "看"}, {"reason": "visit", "note": "电话19900001234"}):
        answer = manager.post(address(lotus), sent)
        assert (answer.status_code, "张三丰" in answer.content.decode()) == (422, False)
    assert not Entry.objects.filter(action="reveal").exists()


def test_a_restricted_person_stays_masked_and_is_not_counted(lotus: cast.Place, manager: Client) -> None:
    Person.objects.filter(pk=lotus.resident.pk).update(restricted_at=timezone.now())
    page = manager.post(address(lotus), {"reason": "visit"}).content.decode()
    assert ("张三丰" in page, "张*丰" in page, "已限制处理" in page, "赵房主" in page) == (False, True, True, True)
    assert [entry.target_model for entry in Entry.objects.filter(action="reveal")] == ["community.house"]


def test_strangers_guards_and_maple_find_no_sheet(
    lotus: cast.Place, maple: cast.Place, stranger: object, as_user
) -> None:
    for user in (stranger, lotus.staff["guard"], maple.staff["manager"]):
        browser = as_user(user)
        assert browser.get(address(lotus)).status_code == 404
        assert browser.post(address(lotus), {"reason": "visit"}).status_code == 404
        assert browser.get(f"/houses/buildings/{lotus.building.pk}/sheets/").status_code == 404
    assert Client().get(address(lotus)).status_code == 302
    assert not Entry.objects.filter(action__in=["reveal", "print_sheet"]).exists()


def test_a_building_s_sheets_are_one_masked_run_in_as_few_questions(lotus: cast.Place, manager: Client) -> None:
    run = f"/houses/buildings/{lotus.building.pk}/sheets/"

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert manager.get(run).status_code == 200
        return len(queries)

    few = asked()
    generate(lotus.building, units=3, floors=20, rooms=4)
    assert asked() == few <= 24
    page = manager.get(run).content.decode()
    assert page.count('<article class="sheet"') == sheet.MOST_HOUSES
    assert (">第 2 部分<" in page, "显示明文" in page, "张*丰" in page) == (True, False, True)
    assert manager.get(f"{run}?part=2").content.decode().count('<article class="sheet"') == 40
    assert manager.post(run, {"reason": "visit"}).status_code == 405
    assert Entry.objects.filter(action="print_sheet").latest("id").detail == {"count": 40}
