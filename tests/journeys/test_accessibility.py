"""What somebody needs who does not see well, or uses no mouse: axe-core on every kind of page in both colour schemes, the
keyboard on the pages that are used all day."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.journeys.conftest import RunningPortal
from tests.journeys.test_main_job import sign_in
from tests.journeys.test_paper import lived_in

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.xdist_group("portal")]
GRAVE = {"serious", "critical"}
SCHEMES = ("light", "dark")
PERSON = "/admin/residents/person/"
# Whose page, and where it is: an address, or one with the link (a CSS selector) that leads there from it.
PAGES: dict[str, tuple[str, ...]] = {
    "manager1": (
        "/", "/collect/", "/collect/mine/", "/collect/reader/", "/collect/checks/", "/people/duplicates/",
        "/people/merges/", "/collect/work/empty-houses/", "/houses/", "/houses/ a.tile", "/import/", "/rights/", "/board/", "/uploads/", "/accounts/me/",
        PERSON, f"{PERSON}add/", f"{PERSON} #result_list a[href*='/change/']", "/admin/community/house/",
        "/admin/community/house/ #result_list a[href*='/change/']", "/admin/residents/vehicle/",
        "/admin/residents/consent/", "/admin/devices/device/", "/admin/residents/notice/add/",
    ),
    "police1": (
        "/", "/audit/", "/audit/ .timeline a[href*='/objects/']", "/audit/ .timeline a[href*='/entries/']",
        "/audit/unusual/", "/audit/state/", "/audit/folders/", "/admin/audit/entry/",
    ),
    "sysadmin1": (
        "/", "/accounts/periods/", "/admin/uploads/upperplatform/",
        "/admin/uploads/upperplatform/ #result_list a[href*='/change/']",
    ),
    "secadmin1": ("/", "/admin/accounts/user/", "/admin/community/post/add/"),
}  # fmt: skip


@pytest.fixture
def page(chromium: Any) -> Iterator[Any]:
    opened = chromium.new_page(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    yield opened
    opened.close()


def faults(page: Any) -> list[tuple[str, str, str]]:
    """(rule, where, what it says) of each grave fault axe-core finds on the page."""
    found = Axe().run(page).response["violations"]
    return [
        (one["id"], str(node["target"]), (node["any"] or node["all"] or node["none"])[0]["message"])
        for one in found if one["impact"] in GRAVE for node in one["nodes"]
    ]  # fmt: skip


def address_of(page: Any, portal: RunningPortal, wanted: str) -> str:
    """The address a description of PAGES means; "" where this register has no such record."""
    start, _space, selector = wanted.partition(" ")
    if not selector:
        return start
    page.goto(portal.url + start)
    link = page.query_selector(selector)
    return link.get_attribute("href") if link else ""


def seen(page: Any, portal: RunningPortal, address: str) -> dict[str, Any]:
    """The grave faults of a page by colour scheme."""
    found = {}
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        answer = page.goto(portal.url + address)
        assert answer.status == 200, address
        page.wait_for_load_state("networkidle")
        if told := faults(page):
            found[scheme] = told
    return found


@pytest.mark.parametrize("who", PAGES)
def test_axe_finds_nothing_grave(who: str, portal: RunningPortal, page: Any) -> None:
    sign_in(page, portal, who)
    found, missing = {}, []
    for wanted in PAGES[who]:
        if not (address := address_of(page, portal, wanted)):
            missing.append(wanted)
        elif told := seen(page, portal, address):
            found[wanted] = told
    assert found == {}
    assert missing == []


def test_axe_finds_nothing_grave_where_one_signs_in(portal: RunningPortal, page: Any) -> None:
    assert seen(page, portal, "/accounts/login/") == {}


def test_axe_finds_nothing_grave_in_a_household_and_what_one_does_there(portal: RunningPortal, page: Any) -> None:
    sign_in(page, portal, "manager1")
    lived_in(page, portal)
    house = page.url.removeprefix(portal.url)
    person = page.get_attribute("main a[href*='/residents/person/']", "href").split("/")[4]
    found = {
        address: told
        for address in (house, f"{house}sheet/", f"/rights/people/{person}/", f"{PERSON}{person}/history/")
        if (told := seen(page, portal, address))
    }
    assert found == {}


OUTLINED = """() => {
  const here = document.activeElement, style = getComputedStyle(here), box = here.getBoundingClientRect();
  const marked = (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
  const mark = here.dataset.tabbed ??= String(document.querySelectorAll("[data-tabbed]").length + 1);
  return {mark, marked, shown: box.width > 0 && box.height > 0 && box.right > 0 && box.bottom > 0, body: here === document.body,
          said: here.outerHTML.slice(0, 120)};
}"""
REACHABLE = """() => [...document.querySelectorAll("a[href],button,input,select,textarea,summary")]
  .filter((one) => !one.disabled && one.type !== "hidden" && one.tabIndex >= 0 && one.checkVisibility()
                   && !(one.type === "radio") && (!one.closest("details:not([open])") || one.tagName === "SUMMARY"))
  .filter((one) => !one.dataset.tabbed).map((one) => one.outerHTML.slice(0, 120))"""
MOST_TABS = 400


def tabbed(page: Any) -> tuple[list[str], list[str]]:
    """Go through the page with Tab alone: (what could not be reached, where the focus could not be seen)."""
    unseen, marks, last = [], set(), ""
    page.evaluate("document.activeElement.blur()")
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        here = page.evaluate(OUTLINED)
        if here["body"] or (here["mark"] in marks and here["mark"] != last):
            break
        last = here["mark"]  # a date has three places of its own, and keeps the focus through them
        marks.add(last)
        if not (here["marked"] and here["shown"]):
            unseen.append(here["said"])
    return page.evaluate(REACHABLE), unseen


@pytest.mark.parametrize("scheme", SCHEMES)
def test_tab_reaches_every_action_and_the_focus_is_always_seen(scheme: str, portal: RunningPortal, page: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    sign_in(page, portal, "manager1")
    found = {}
    page.goto(f"{portal.url}/houses/")
    grid = page.get_attribute("a.tile", "href")
    lived_in(page, portal)
    for address in ("/", grid, page.url.removeprefix(portal.url), "/import/"):
        page.goto(portal.url + address)
        if (told := tabbed(page)) != ([], []):
            found[re.sub(r"[0-9a-f-]{36}", "…", address)] = told
    assert found == {}


def test_a_house_is_opened_and_its_sheet_printed_without_a_mouse(portal: RunningPortal, page: Any) -> None:
    sign_in(page, portal, "collector1")
    page.goto(f"{portal.url}/houses/")
    page.focus("a.tile >> nth=0")
    page.keyboard.press("Enter")
    page.wait_for_selector(".house")
    page.focus(".house:not(.off) >> nth=0")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/houses/[0-9a-f-]{36}/"))
    page.focus("text=入户核对表")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-print]")
    page.evaluate("window.print = () => { window.printed = true }")
    page.focus("[data-print]")
    page.keyboard.press("Enter")
    assert page.evaluate("window.printed")
