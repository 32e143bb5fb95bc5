"""From a number on the front page to the lease that is extended, and through the grid by keyboard, in a real browser."""

from pathlib import Path
from typing import Any

import pytest

from tests.journeys.conftest import RunningPortal
from tests.journeys.test_main_job import SIZES, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.xdist_group("portal")]
SMALL = """() => [...document.querySelectorAll("main a.button, main button, main summary, main .house, main .tile, main .tabs a")]
  .filter((one) => one.offsetParent && (one.getBoundingClientRect().height < 43.5 || one.getBoundingClientRect().width < 43.5))
  .map((one) => one.outerHTML.slice(0, 120))"""


def first_grid(page: Any, portal: RunningPortal) -> str:
    page.goto(f"{portal.url}/houses/")
    return portal.url + page.locator(".tiles a").first.get_attribute("href")


def test_a_lease_that_is_over_is_extended_from_the_work_list(portal: RunningPortal, chromium: Any) -> None:
    page = chromium.new_page(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    sign_in(page, portal, "collector1")
    page.click("a.tile:has-text('租约到期')")
    page.wait_for_url("**/collect/work/leases/")
    rows = page.locator(".worklist tbody tr").count()
    page.locator(".worklist a.button").first.click()
    page.wait_for_url("**/houses/*/#lease-*")
    assert page.locator("tr:target .badge.bad").count() == 1
    page.locator("tr:target + .deeds summary").first.click()
    page.locator("tr:target + .deeds button:has-text('续租 24 个月')").click()
    page.wait_for_selector(".notice:has-text('租约已更新')")
    page.goto(f"{portal.url}/collect/work/leases/")
    assert page.locator(".worklist tbody tr").count() < rows


def test_one_key_goes_on_to_the_next_person_of_the_household(portal: RunningPortal, chromium: Any) -> None:
    page = chromium.new_page(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    sign_in(page, portal, "collector1")
    page.goto(first_grid(page, portal))
    page.locator(".house").first.click()
    page.wait_for_url("**/houses/*-*/")
    house = page.url.rstrip("/").rsplit("/", 1)[1]
    page.keyboard.press("n")
    page.wait_for_url(f"**/collect/?house={house}")


def test_the_grid_is_walked_with_arrows_and_its_legend_hides_houses(portal: RunningPortal, chromium: Any) -> None:
    page = chromium.new_page(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    sign_in(page, portal, "collector1")
    page.goto(first_grid(page, portal))
    page.locator(".house").first.focus()
    label = "document.activeElement.title.split(' ')[0]"
    walked = [page.evaluate(label)]
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp"):
        page.keyboard.press(key)
        walked.append(page.evaluate(label))
    assert len(set(walked[:4])) == 4
    assert walked[4] == walked[0]
    toggle = page.locator(".legend [data-state=owner]")
    owned = page.locator(".house[data-state=owner]").count()
    for dimmed in (owned, 0):
        toggle.click()
        assert page.locator(".house.dimmed").count() == dimmed
    assert owned > 0
    page.goto(page.url.split("?")[0] + "?go=collect")
    page.locator(".house").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/collect/?house=*")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_fit_every_screen_and_every_finger(
    size: str, scheme: str, portal: RunningPortal, chromium: Any, screenshots: Path
) -> None:
    width, height = SIZES[size]
    page = chromium.new_page(viewport={"width": width, "height": height}, locale="zh-CN", color_scheme=scheme)
    sign_in(page, portal, "manager1")
    grid = first_grid(page, portal)
    page.goto(grid)
    house = portal.url + page.locator(".house").first.get_attribute("href")
    for name, address in (
        ("front", f"{portal.url}/"), ("work", f"{portal.url}/collect/work/"), ("grid", f"{grid}?by=completeness"),
        ("list", f"{portal.url}/collect/work/no-photo/"), ("household", house),
    ):  # fmt: skip
        page.goto(address)
        page.wait_for_load_state("load")
        page.screenshot(path=screenshots / f"worklists-{name}-{size}-{scheme}.png", full_page=name != "list")
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide == 0, (name, size)
        assert page.evaluate(SMALL) == [], (name, size)
