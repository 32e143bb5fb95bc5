"""Who sees a personal value in clear, why, how often; and that nobody sees it by another way."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import FieldError
from django.db import connections
from django.test import Client
from django.urls import reverse

from audit.models import Entry
from community.models import Post
from devices.models import Device
from tests import cast

REVEAL = "/accounts/reveal/"


def ask(place: cast.Place, **changes: str) -> dict[str, str]:
    return {"model": "residents.person", "pk": str(place.resident.pk), "field": "phone", "reason": "call"} | changes


def test_a_manager_states_a_reason_and_sees_one_value(lotus: cast.Place, as_user) -> None:
    answer = as_user(lotus.staff["manager"]).post(REVEAL, ask(lotus))
    assert answer.json() == {"value": "19900001234", "seconds": 60}
    assert "no-store" in answer["Cache-Control"]
    entry = Entry.objects.get(action="reveal")
    assert (entry.target_id, entry.reason, entry.detail) == (str(lotus.resident.pk), "电话联系", {"field": "phone"})
    assert "19900001234" not in str(entry.__dict__)


@pytest.mark.parametrize("role", ["guard", "operator"])
def test_guards_and_operators_never_see_one(role: str, lotus: cast.Place, as_user) -> None:
    assert as_user(lotus.staff[role]).post(REVEAL, ask(lotus)).status_code == 404
    house = ask(lotus, model="community.house", pk=str(lotus.house.pk), field="owner_phone")
    assert as_user(lotus.staff[role]).post(REVEAL, house).status_code == 404
    assert not Entry.objects.filter(action="reveal").exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"pk": "6f7d3c3e-0000-4000-8000-000000000000"}, {"pk": "x"}, {"field": "photo"}, {"field": "none"},
        {"model": "uploads.upperplatform", "field": "password"}, {"model": "accounts.user", "field": "password"},
        {"model": "devices.device", "field": "password"}, {"model": "nothing"}, {"model": ""},
    ],
)  # fmt: skip
def test_what_is_not_there_or_not_meant_for_eyes_is_not_found(changes: dict, lotus: cast.Place, as_user) -> None:
    assert as_user(lotus.staff["manager"]).post(REVEAL, ask(lotus, **changes)).status_code == 404


def test_a_resident_of_maple_is_as_absent_as_nobody(lotus: cast.Place, maple: cast.Place, as_user) -> None:
    assert as_user(lotus.staff["manager"]).post(REVEAL, ask(maple)).status_code == 404


def test_without_a_reason_nothing_is_shown(lotus: cast.Place, as_user) -> None:
    browser = as_user(lotus.staff["manager"])
    assert browser.post(REVEAL, ask(lotus, reason="")).status_code == 400
    assert browser.post(REVEAL, ask(lotus, reason="other", note="看看")).status_code == 400
    assert browser.post(REVEAL, ask(lotus, reason="other", note="核对独居老人名单")).status_code == 200
    assert Client().post(REVEAL, ask(lotus)).status_code == 302


def test_police_state_a_case_number(lotus: cast.Place, as_user) -> None:
    police = as_user(lotus.staff["police"])
    refused = police.post(REVEAL, ask(lotus, note="办案需要"))
    assert (refused.status_code, "案件编号" in refused.json()["error"]) == (400, True)
    assert police.post(REVEAL, ask(lotus, note="津公(和)受案字〔2026〕1234号")).status_code == 200
    assert "〔2026〕1234号" in Entry.objects.get(action="reveal").reason


@pytest.mark.parametrize("note", ["电话是19900001234", "受案 1201 0119 9003 0712 39"])
def test_no_number_of_a_person_gets_into_the_log_with_the_reason(note: str, lotus: cast.Place, as_user) -> None:
    for role in ("police", "manager"):
        refused = as_user(lotus.staff[role]).post(REVEAL, ask(lotus, note=note))
        assert (refused.status_code, "个人信息" in refused.json()["error"]) == (400, True)
    assert not Entry.objects.filter(action="reveal").exists()


def test_a_device_s_password_is_for_nobody_s_eyes(lotus: cast.Place, as_user) -> None:
    device = Device.objects.create(community=lotus.community, code="CAM-9", name="东门", type="2", password="secret-9")
    asked = {"model": "devices.device", "pk": str(device.pk), "field": "password"}
    browser = as_user(lotus.staff["manager"])
    assert browser.post(REVEAL, ask(lotus, **asked)).status_code == 404
    page = browser.get(reverse("admin:devices_device_change", args=[device.pk])).content.decode()
    assert "data-sealed=" not in page
    assert "secret-9" not in page


def test_the_mask_sent_back_does_not_replace_the_value(lotus: cast.Place, as_user) -> None:
    browser, url = as_user(lotus.staff["manager"]), f"/api/people/{lotus.resident.pk}/"
    shown = browser.get(url).json()
    assert shown["name"] == "张*丰"
    for sent in ({"name": shown["name"]}, {"phone": ""}, shown | {"remark": "二楼"}):
        answer = browser.patch(url, sent, content_type="application/json")
        assert answer.status_code == 200, answer.json()
    stored = type(lotus.resident).objects.get(pk=lotus.resident.pk)
    assert (stored.name, stored.phone, stored.remark) == ("张三丰", "19900001234", "二楼")
    assert stored.document_number == lotus.resident.document_number
    assert browser.put(url, shown, content_type="application/json").status_code == 200
    browser.patch(url, {"phone": "13900001111"}, content_type="application/json")
    assert type(lotus.resident).objects.get(pk=lotus.resident.pk).phone == "13900001111"


def test_sorting_by_ciphertext_is_refused(lotus: cast.Place) -> None:
    with pytest.raises(FieldError, match="name"):
        type(lotus.resident).objects.order_by("-name")
    with pytest.raises(FieldError, match="owner_phone"):
        type(lotus.house).objects.order_by("owner_phone")


def test_the_quota_of_the_day_blocks_and_is_logged(lotus: cast.Place, as_user, settings) -> None:
    settings.REVEAL_DAILY_QUOTA = 2
    browser = as_user(lotus.staff["manager"])
    assert [browser.post(REVEAL, ask(lotus)).status_code for _ in range(3)] == [200, 200, 429]
    assert Entry.objects.get(action="reveal_quota").outcome == "refused"
    assert as_user(lotus.staff["collector"]).post(REVEAL, ask(lotus)).status_code == 200
    guardian = cast.user("secadmin")
    Post.objects.create(user=guardian, role="security_admin", community=None)
    tiles = {str(tile.title): tile.count for tile in as_user(guardian).get("/").context["tiles"]}
    assert tiles["今天用完查看次数的人"] == 1


VIEWS = ["admin:residents_person_change", "admin:residents_person_history", "admin:residents_person_delete"]


@pytest.mark.parametrize("role", ["manager", "collector", "police"])
@pytest.mark.parametrize("url", VIEWS)
def test_no_page_holds_a_clear_value(url: str, role: str, lotus: cast.Place, as_user) -> None:
    lotus.resident.phone = "19911112222"
    lotus.resident.former_name = "张君宝"
    lotus.resident.save()
    clear = {
        "张三丰",
        "张君宝",
        "19900001234",
        "19911112222",
        lotus.resident.document_number,
        "1980-01-01",
        "1980年1月1日",
    }
    answer = as_user(lotus.staff[role]).get(reverse(url, args=[lotus.resident.pk]))
    page = answer.content.decode()
    assert not {value for value in clear if value in page}
    if answer.status_code == 200:
        assert "张*丰" in page
    else:
        assert (answer.status_code, url) == (403, "admin:residents_person_delete")


def test_an_old_version_is_masked_too(lotus: cast.Place, as_user) -> None:
    lotus.resident.phone = "19911112222"
    lotus.resident.save()
    for role in ("manager", "police"):
        browser = as_user(lotus.staff[role])
        listed = browser.get(reverse("admin:residents_person_history", args=[lotus.resident.pk])).content.decode()
        assert "199****1234" in listed
        for version in lotus.resident.history.all():
            url = reverse("admin:residents_person_simple_history", args=[lotus.resident.pk, version.pk])
            page = browser.get(url).content.decode()
            assert "19900001234" not in page
            assert "19911112222" not in page


@pytest.mark.parametrize(("role", "eyes"), [("manager", True), ("police", True), ("guard", False)])
def test_the_eye_is_offered_to_who_may_use_it(role: str, eyes: bool, lotus: cast.Place, as_user) -> None:
    url = reverse("admin:community_house_change", args=[lotus.house.pk])
    page = as_user(lotus.staff[role]).get(url).content.decode()
    assert bool(re.search(r'data-sealed="community.house:[0-9a-f-]+:owner_phone"', page)) is eyes
    assert "199****9999" in page
    assert "19900009999" not in page


def test_two_at_once_do_not_pass_the_quota(committed, lotus: cast.Place, settings, as_user) -> None:
    settings.REVEAL_DAILY_QUOTA = 3

    def once(_number: int) -> int:
        try:
            return as_user(lotus.staff["manager"]).post(REVEAL, ask(lotus)).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(once, range(8)))
    assert answers == [200] * 3 + [429] * 5
