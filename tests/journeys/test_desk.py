"""The desk in a real browser: conflicts side by side, two collectors at one device, a full disk, keys alone."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Error as PlaywrightError

from tests.cast import valid_id
from tests.journeys.conftest import RunningPortal
from tests.journeys.test_main_job import SIZES, sign_in, until

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.xdist_group("portal")]
READY = "html[data-desk=ready]"
FITS = "document.documentElement.scrollWidth <= window.innerWidth"
CHANGE = """
from residents.models import Person
person = Person.objects.get(pk={pk!r})
person.phone = {phone!r}
person.save()
"""
SOMEBODY = """
import json
from residents.models import Residency
home = Residency.objects.filter(moved_out=None, house__community__registration_code__startswith="").select_related("person").first()
print(json.dumps([str(home.person_id), str(home.house_id)]))
"""
PHONE_OF = "from residents.models import Person; print(Person.objects.get(pk={pk!r}).phone)"


@pytest.fixture
def page(portal: RunningPortal, chromium: Any) -> Iterator[Any]:
    """A browser of its own, at desk size."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    made = context.new_page()
    yield made
    context.close()


def desk(page: Any, portal: RunningPortal, query: str = "") -> None:
    page.goto(f"{portal.url}/collect/{query}")
    page.wait_for_selector(READY, state="attached")


def choose(page: Any, room: str = "1-1-101") -> None:
    page.fill("#house-search", room)
    page.wait_for_selector("#house-list li")
    page.press("#house-search", "Enter")


def write(page: Any, birth: str, name: str) -> str:
    """A draft; its key once it is kept."""
    choose(page)
    page.fill("#id_document_number", valid_id(birth, 321))
    page.fill("#id_name", name)
    page.fill("#id_phone", "13812345678")
    until(page, "document.documentElement.dataset.kept === 'yes'")
    return page.evaluate("document.documentElement.dataset.draft")


def said(portal: RunningPortal, script: str) -> str:
    return portal.manage("shell", "--verbosity", "0", "-c", script).strip().splitlines()[-1]


def test_a_change_made_meanwhile_is_shown_side_by_side(portal: RunningPortal, page: Any, screenshots: Path) -> None:
    pk, house = json.loads(said(portal, SOMEBODY))
    sign_in(page, portal, "collector1")
    desk(page, portal, f"?person={pk}&house={house}&field=phone")
    until(page, "document.activeElement.id === 'id_phone'")
    assert "*" in page.get_attribute("#id_name", "placeholder")
    page.fill("#id_phone", "13900000001")
    portal.manage("shell", "--verbosity", "0", "-c", CHANGE.format(pk=pk, phone="13911112222"))
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#conflict:visible")
    assert "139****2222" in page.text_content("#conflict")
    assert "13900000001" in page.text_content("#conflict")
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        page.screenshot(path=screenshots / f"{size}-conflict.png")
        assert page.evaluate(FITS)
    assert said(portal, PHONE_OF.format(pk=pk)) == "13911112222"
    page.check("[name=conflict-phone][value=mine]")
    page.click("#conflict-take")
    page.wait_for_selector("#saved:visible")
    assert said(portal, PHONE_OF.format(pk=pk)) == "13900000001"


def test_a_colleague_at_the_same_device_sees_how_many_drafts_and_nothing_of_them(
    portal: RunningPortal, page: Any
) -> None:
    sign_in(page, portal, "collector1")
    desk(page, portal)
    key = write(page, "19810101", "水手一")
    page.context.clear_cookies()
    sign_in(page, portal, "manager1")
    desk(page, portal, f"?draft={key}")
    until(page, "document.getElementById('draft-others').textContent.includes('1 份草稿')")
    assert page.input_value("#id_name") == ""
    assert page.locator("#draft-list li").count() == 0
    rows = page.evaluate(
        """async () => {
          const open = indexedDB.open("anju-desk");
          const database = await new Promise((done) => { open.onsuccess = () => done(open.result); });
          const all = (name) => new Promise((done) => { const asked = database.transaction(name).objectStore(name).getAll(); asked.onsuccess = () => done(asked.result); });
          const [drafts, keys] = [await all("drafts"), await all("keys")];
          const raw = drafts.map((row) => new TextDecoder("latin1").decode(row.sealed)).join("");
          const stolen = await crypto.subtle.exportKey("raw", keys[0].key).then(() => "exported", (error) => error.name);
          return { count: drafts.length, clear: raw.includes("13812345678"), stolen };
        }"""
    )
    assert rows == {"count": 1, "clear": False, "stolen": "InvalidAccessError"}
    page.context.clear_cookies()
    sign_in(page, portal, "collector1")
    desk(page, portal, f"?draft={key}")
    assert page.input_value("#id_name") == "水手一"
    page.click("#draft-list li[aria-current] >> text=删除")
    page.click("#sure >> text=确定")
    page.wait_for_selector("#draft-list li", state="detached")


def test_when_the_disk_is_full_it_says_so_and_submitting_still_works(portal: RunningPortal, page: Any) -> None:
    sign_in(page, portal, "collector1")
    session = page.context.new_cdp_session(page)
    session.send("Storage.overrideQuotaForOrigin", {"origin": portal.url, "quotaSize": 1})
    desk(page, portal)
    page.wait_for_selector("#not-kept:visible")
    choose(page)
    page.fill("#id_document_number", valid_id("19820202", 322))
    page.fill("#id_name", "水手二")
    page.fill("#id_phone", "13812345678")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#saved:visible")
    assert page.is_visible("#not-kept")


def test_everything_by_keys_alone(portal: RunningPortal, page: Any) -> None:
    sign_in(page, portal, "collector1")
    desk(page, portal)
    page.keyboard.type("1-1-102")
    page.wait_for_selector("#house-list li")
    page.keyboard.press("Enter")
    page.keyboard.type(valid_id("19830303", 323))
    for text in ("水手三", "13812345678"):
        page.keyboard.press("Enter")
        page.keyboard.type(text)
    page.keyboard.press("Control+Shift+Enter")
    page.wait_for_selector("#saved:visible")
    until(page, "document.activeElement.id === 'id_document_number'")
    assert page.input_value("#house-search") == "1-1-102"


def test_what_waits_can_be_taken_back_and_what_is_wrong_comes_back(portal: RunningPortal, page: Any) -> None:
    sign_in(page, portal, "collector1")
    desk(page, portal)
    page.context.set_offline(True)
    key = write(page, "19840404", "水手四")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#draft-list [data-state=queued]")
    page.wait_for_selector("#offline:visible")
    page.click("#draft-list >> text=撤回修改")
    until(page, f"document.documentElement.dataset.draft === '{key}'")
    page.fill("#id_phone", "12345")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#draft-list [data-state=queued]")
    page.context.set_offline(False)
    page.wait_for_selector("[data-problem=phone]:visible")
    assert "手机号码" in page.text_content("[data-problem=phone]")
    page.fill("#id_phone", "13812345678")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#saved:visible")


def test_the_page_is_there_without_a_network_until_its_collector_signs_out(portal: RunningPortal, page: Any) -> None:
    sign_in(page, portal, "collector1")
    desk(page, portal)
    key = write(page, "19850505", "水手五")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.context.set_offline(True)
    desk(page, portal, f"?draft={key}")
    assert page.input_value("#id_name") == "水手五"
    choose(page, "1-1-102")
    page.context.set_offline(False)
    page.click("form.who button")
    page.wait_for_url("**/accounts/login/**")
    page.context.set_offline(True)
    with pytest.raises(PlaywrightError):
        page.goto(f"{portal.url}/collect/")
    page.context.set_offline(False)
    sign_in(page, portal, "collector1")
    desk(page, portal, f"?draft={key}")
    assert page.input_value("#id_name") == "水手五"
