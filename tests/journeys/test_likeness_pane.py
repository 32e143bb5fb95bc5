"""The pane in a real browser, on the real desk: found while typing, decided by hand and by keyboard, quiet off line."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cast import valid_id
from tests.journeys.conftest import RunningPortal
from tests.journeys.test_main_job import SIZES, sign_in, until

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.xdist_group("portal")]
NAME, PHONE, BORN = "欧阳重复", "19955556666", "19920202"
REGISTER = f"""
from community.models import Community, House
from residents.models import Person, Residency
place = Community.objects.get(posts__user__username="collector1")
person = Person(community=place, name="{NAME}", document_number="{valid_id(BORN, 913)}", phone="{PHONE}")
person.full_clean(); person.save()
Residency.objects.create(person=person, house=House.objects.filter(community=place).order_by("pk").first())
print(person.pk)
"""


@pytest.fixture(scope="module")
def registered(portal: RunningPortal) -> str:
    """The key of somebody who is registered already."""
    return portal.manage("shell", "-c", REGISTER).strip().splitlines()[-1]


@pytest.fixture
def desk(portal: RunningPortal, chromium: Any, registered: str) -> Iterator[Any]:
    """The desk of a collector who has picked another house."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN", service_workers="block")
    page = context.new_page()
    page.wrong = []
    page.on("pageerror", lambda error: page.wrong.append(str(error)))
    page.on("console", lambda told: page.wrong.append(told.text) if "no words" in told.text else None)
    sign_in(page, portal, "collector1")
    page.goto(f"{portal.url}/collect/")
    until(page, "document.documentElement.dataset.desk === 'ready'")
    page.fill("#house-search", "1-1-102")
    page.wait_for_selector("#house-list li")
    page.keyboard.press("Enter")
    yield page
    assert page.wrong == []
    context.close()


def test_somebody_alike_is_found_while_typing_and_decided_with_the_keyboard(
    desk: Any,
    registered: str,
    screenshots: Path,
) -> None:
    desk.fill("#id_document_number", valid_id(BORN, 915))
    desk.fill("#id_name", NAME)
    desk.fill("#id_phone", PHONE)
    card = desk.locator(f"#likeness-{registered}")
    card.wait_for()
    told = card.inner_text()
    assert "姓名、出生日期相同" in told
    assert "≠ 证件号码 不同" in told
    assert "✓ 姓名 相同" in told
    assert "提交前须判断" in told
    assert (NAME in told, PHONE in told) == (False, False)
    for size, (width, height) in SIZES.items():
        desk.set_viewport_size({"width": width, "height": height})
        card.scroll_into_view_if_needed()
        assert desk.evaluate("document.documentElement.scrollWidth <= innerWidth"), size
        for button in card.locator("button").all():
            assert button.bounding_box()["height"] >= 44
        desk.screenshot(path=screenshots / f"likeness-{size}.png")
    desk.set_viewport_size({"width": 1440, "height": 900})
    card.get_by_role("button", name="不是同一人,因为…").focus()
    desk.keyboard.press("Enter")
    assert desk.evaluate("document.activeElement.tagName") == "SELECT"
    assert card.get_by_role("button", name="确定").is_disabled()
    desk.keyboard.press("Escape")
    assert desk.evaluate("document.activeElement.tagName") == "BUTTON"
    card.get_by_role("button", name="不是同一人,因为…").press("Enter")
    card.get_by_label("理由").select_option("other")
    card.get_by_label("说明").fill("两")
    assert card.get_by_role("button", name="确定").is_disabled()
    card.get_by_label("说明").fill("两姐妹")
    card.get_by_label("说明").press("Enter")
    card.get_by_text("已判断:不是同一人(两姐妹)").wait_for()
    desk.screenshot(path=screenshots / "likeness-decided.png")
    desk.wait_for_timeout(400)
    desk.reload()
    until(desk, "document.documentElement.dataset.desk === 'ready'")
    desk.locator(f"#likeness-{registered}").get_by_text("已判断:不是同一人(两姐妹)").wait_for()


def test_the_same_number_can_only_be_the_same_person_and_the_choice_can_be_taken_back(
    desk: Any,
    registered: str,
    screenshots: Path,
) -> None:
    desk.fill("#id_document_number", valid_id(BORN, 913))
    card = desk.locator(f"#likeness-{registered}")
    card.wait_for()
    assert "只能是同一人" in card.inner_text()
    assert card.get_by_role("button", name="不是同一人,因为…").count() == 0
    card.get_by_role("button", name="同一人").click()
    card.get_by_text("已选为同一人").wait_for()
    desk.screenshot(path=screenshots / "likeness-same.png")
    card.get_by_role("button", name="撤回判断").click()
    card.get_by_text("只能是同一人").wait_for()
    desk.fill("#id_document_number", valid_id("19930303", 917))
    desk.locator("#likeness").wait_for(state="hidden")


def test_off_line_it_says_so_and_looks_when_the_line_is_back(desk: Any, registered: str) -> None:
    desk.context.set_offline(True)
    desk.fill("#id_name", NAME)
    desk.fill("#id_phone", PHONE)
    desk.get_by_text("离线:提交后再查重").wait_for()
    desk.context.set_offline(False)
    desk.locator(f"#likeness-{registered}").wait_for(timeout=15000)
