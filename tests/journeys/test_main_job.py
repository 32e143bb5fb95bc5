"""The main job in a real browser, on the portal that `make run` starts."""

import time
from pathlib import Path
from typing import Any

import pytest

from demo.firststart import PASSWORD
from tests.cast import valid_id
from tests.journeys.conftest import RunningPortal

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.xdist_group("portal")]
SIZES = {"desk": (1440, 900), "tablet": (820, 1180), "phone": (390, 844)}


def sign_in(page: Any, portal: RunningPortal, name: str) -> None:
    page.goto(f"{portal.url}/accounts/login/")
    page.fill("[name=username]", name)
    page.fill("[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url(f"{portal.url}/")


def until(page: Any, truth: str, seconds: float = 30) -> None:
    """Wait for a condition of the page. The page's own policy forbids it to evaluate text, so the asking is done from here."""
    deadline = time.monotonic() + seconds
    while not page.evaluate(truth):
        assert time.monotonic() < deadline, f"never came true: {truth}"
        time.sleep(0.2)


def test_a_collector_collects_a_person_and_sees_him_arrive_upstairs(
    portal: RunningPortal, chromium: Any, screenshots: Path
) -> None:
    page = chromium.new_page(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    foreign: list[str] = []
    page.on(
        "request",
        lambda request: (
            foreign.append(request.url)
            if "127.0.0.1" not in request.url and not request.url.startswith(("blob:", "data:"))
            else None
        ),
    )
    portal.wait_until_delivered()
    sign_in(page, portal, "collector1")
    page.screenshot(path=screenshots / "1-front.png")
    page.click("text=开始采集")
    page.wait_for_url("**/collect/")
    page.wait_for_load_state("load")
    page.keyboard.type("1-1-101")
    page.wait_for_selector("#house-list li")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=幸福里1号楼1单元101")
    number = page.locator("#id_document_number")
    number.fill(valid_id("19920202")[:17] + "Q")
    page.wait_for_selector("#number-says.bad:has-text('第 18 位')")
    number.fill(valid_id("19920202"))
    page.wait_for_selector("#number-says.good:has-text('1992-02-02')")
    page.keyboard.press("Enter")
    page.keyboard.type("欧阳采集")
    page.keyboard.press("Enter")
    page.keyboard.type("13812345678")
    page.keyboard.press("F4")
    until(page, "document.getElementById('camera').videoWidth > 0")
    page.keyboard.press("F4")
    page.wait_for_selector("#preview:visible")
    page.check("[name=face_consent]")
    page.screenshot(path=screenshots / "2-collect.png", full_page=True)
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#saved")
    until(page, "(document.querySelector('#saved').textContent.match(/已上报/g) || []).length === 2")
    page.screenshot(path=screenshots / "3-saved.png", full_page=True)
    assert "欧阳采集" not in page.content()
    assert foreign == []
    page.goto(f"{portal.upper_url}/?interface=B.2.2")
    page.screenshot(path=screenshots / "4-upstairs.png")
    page.wait_for_selector("text=欧阳采集")
    page.screenshot(path=screenshots / "4-upstairs.png")
    page.close()


@pytest.mark.parametrize("size", SIZES)
def test_the_pages_fit_every_screen(size: str, portal: RunningPortal, chromium: Any, screenshots: Path) -> None:
    width, height = SIZES[size]
    page = chromium.new_page(viewport={"width": width, "height": height}, locale="zh-CN")
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    sign_in(page, portal, "manager1")
    for name, address in {
        "front": "/", "collect": "/collect/", "uploads": "/uploads/", "rights": "/rights/", "board": "/board/", "mine": "/collect/mine/", "people": "/admin/residents/person/",
        "houses": "/admin/community/house/", "devices": "/admin/devices/device/",
    }.items():  # fmt: skip
        page.goto(portal.url + address)
        page.screenshot(path=screenshots / f"{size}-{name}.png")
        if not address.startswith("/admin/"):
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (
                f"{name} scrolls sideways"
            )
    page.goto(portal.url + "/admin/residents/person/")
    page.click("#result_list tbody tr:first-child a")
    page.wait_for_selector(".delivery-panel")
    assert page.locator(".file-field .file-button").first.text_content() == "选择文件"
    page.screenshot(path=screenshots / f"{size}-person.png")
    assert errors == []
    page.close()


def test_the_manager_reveals_a_phone_number_and_it_hides_itself(
    portal: RunningPortal, chromium: Any, screenshots: Path
) -> None:
    page = chromium.new_page(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    page.clock.install()
    sign_in(page, portal, "manager1")
    page.goto(portal.url + "/admin/residents/person/")
    page.click("#result_list tbody tr:first-child a")
    page.focus("[data-sealed$=':phone'] + .reveal-eye")
    page.keyboard.press("Enter")
    page.wait_for_selector(".reveal-dialog select")
    page.screenshot(path=screenshots / "5-reveal-asked.png")
    page.click(".reveal-go")
    page.wait_for_selector(".revealed")
    assert len(page.text_content(".revealed") or "") == 11
    page.screenshot(path=screenshots / "5-reveal-shown.png")
    page.clock.fast_forward(61_000)
    page.wait_for_selector(".revealed", state="detached")
    page.close()


def test_whatever_is_killed_everything_due_arrives(portal: RunningPortal) -> None:
    """kill -9 of worker and web in the middle of a push: after they are back, nothing is lost."""
    script = (
        "from residents.models import Person\n"
        "people = list(Person.objects.all())\n"
        "for person in people: person.remark = 'again'\n"
        "Person.objects.bulk_update(people, ['remark'], batch_size=100)\n"
        "print(len(people))"
    )
    count = int(portal.manage("shell", "--verbosity", "0", "-c", script).strip().splitlines()[-1])
    assert count > 50
    for victim in ("worker", "gunicorn", "worker"):
        time.sleep(0.7)
        portal.kill(victim)
    status = portal.wait_until_delivered()
    assert (status["due"], status["held"]) == (0, 0)
    rows, after = [], 0
    while True:
        answer = portal.http.request(
            "GET", f"{portal.upper_url}/sandbox/records?interface=B.2.2&limit=500&after={after}"
        )
        found = answer.json()["records"]
        if not found:
            break
        rows += found
        after = found[-1]["sequence"]
    assert sum(row["record"].get("bz") == "again" for row in rows) == count
    portal.wait_until_up()


@pytest.mark.parametrize("size", SIZES)
def test_a_person_asks_to_be_deleted(size: str, portal: RunningPortal, chromium: Any, screenshots: Path) -> None:
    width, height = SIZES[size]
    page = chromium.new_page(viewport={"width": width, "height": height}, locale="zh-CN")
    sign_in(page, portal, "manager1")
    page.goto(portal.url + "/rights/")
    page.fill("#id_wanted", "张")
    page.click("main form button")
    page.click(".people a >> nth=0")
    page.select_option("#id_wish", "delete")
    page.click("form[action$='/cases/'] button")
    page.wait_for_selector("text=现在能做的")
    page.screenshot(path=screenshots / f"{size}-rights-case.png", full_page=True)
    page.click("text=删除可删的并答复")
    page.wait_for_selector("text=已答复不予办理")
    page.click("h1 a")
    page.wait_for_selector("text=个人信息登记告知书")
    page.screenshot(path=screenshots / f"{size}-rights-sheet.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.close()


def test_the_system_administrator_sees_how_long_what_is_kept(
    portal: RunningPortal, chromium: Any, screenshots: Path
) -> None:
    for size, (width, height) in SIZES.items():
        page = chromium.new_page(viewport={"width": width, "height": height}, locale="zh-CN")
        sign_in(page, portal, "sysadmin1")
        page.goto(portal.url + "/accounts/periods/")
        page.screenshot(path=screenshots / f"{size}-periods.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        page.close()
