"""At the desk with a card reader and a camera: from the card on the reader to the record upstairs, and what may go wrong.

The reader is the emulator behind the workstation's real program; the camera shows people of the public ORL faces.
"""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from demo.firststart import PASSWORD
from tests.cast import valid_id
from tests.faces import people
from tests.journeys.conftest import CHROMIUM, FLAGS, RunningPortal, free_port
from tests.journeys.line import Line
from tests.journeys.test_main_job import SIZES, sign_in, until
from tests.readers import bridging, cards
from tests.readers.emulator import Emulator

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.xdist_group("portal")]
READY = "html[data-desk=ready]"
FITS = "document.documentElement.scrollWidth <= window.innerWidth"
HERE, STRANGER = 3, 9  # people of ORL: who sits before the camera, whose card it is not
DECODER = "import sys; sys.stdin.buffer.read(1024); sys.stdout.buffer.write(open({path!r}, 'rb').read())"
CHECKS = """
import json
from residents.models import FaceCheck
rows = FaceCheck.objects.filter(person__document_number_index__matches={number!r}).order_by("checked_at")
print(json.dumps([[row.outcome, row.review, bool(row.photo), row.took_ms] for row in rows]))
"""
COUNT = """
from residents.models import Person
print(Person.objects.filter(document_number_index__matches={number!r}).count())
"""


class Workplace:
    """A portal, a reader with the card of somebody, and a browser with a camera before somebody."""

    def __init__(
        self, portal: RunningPortal, line: Line, reader: Emulator, bridge: bridging.Bridge, folder: Path
    ) -> None:
        self.portal, self.line, self.reader, self.bridge, self.folder = portal, line, reader, bridge, folder

    def lay(self, number: str, name: str, person: int) -> None:
        """A card with that person's portrait on the reader."""
        (self.folder / "face.jpg").write_bytes(people.card(person))
        birth = number[6:14]
        said = cards.WANG.fields | {
            "name": name,
            "number": number,
            "birth": birth,
            "sex": "12"[1 - int(number[16]) % 2],
        }
        self.reader.put(replace(cards.WANG, fields=said))

    def said(self, script: str) -> Any:
        """What a script in the portal prints."""
        return json.loads(self.portal.manage("shell", "--verbosity", "0", "-c", script).strip().splitlines()[-1])


@contextmanager
def browser(playwright: Any, folder: Path, person: int) -> Iterator[Any]:
    """A Chromium whose camera shows this person."""
    film = people.film(folder / f"{person}.mjpeg", people.webcam(person))
    flags = [*FLAGS, f"--use-file-for-fake-video-capture={film}"]
    made = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
    yield made
    made.close()


@pytest.fixture(scope="module")
def workplace(playwright: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    folder, port = tmp_path_factory.mktemp("workplace"), free_port()
    decoder = folder / "decoder.py"
    decoder.write_text(DECODER.format(path=str(folder / "face.jpg")), encoding="utf-8")
    address = f"http://127.0.0.1:{port}"
    running = RunningPortal(tmp_path_factory.mktemp("portal"), ANJU_DEMO_SCALE="0.15", READER_ADDRESSES=address)
    reader = Emulator()
    program = ("--listen", str(port), "--decoder", f"{sys.executable} {decoder}")
    try:
        running.wait_until_up()
        with (
            cutting(running) as line,
            bridging.running(folder, reader.port, *program, origins=(running.url, line.url)) as bridge,
        ):
            yield Workplace(running, line, reader, bridge, folder)
    finally:
        running.stop()
        reader.close()


@contextmanager
def cutting(portal: RunningPortal) -> Iterator[Line]:
    line = Line(portal.url)
    yield line
    line.close()


@pytest.fixture(scope="module")
def page(workplace: Workplace, playwright: Any) -> Iterator[Any]:
    """The desk of a collector whose workstation has chosen our program as its reader."""
    with browser(playwright, workplace.folder, HERE) as made:
        context = made.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
        page = context.new_page()
        page.wrong = []
        page.on("pageerror", lambda error: page.wrong.append(str(error)))
        sign_in(page, workplace.portal, "collector1")
        desk(page, workplace.portal.url)
        pair(page, workplace)
        yield page
        assert page.wrong == []
        context.close()


def desk(page: Any, url: str, query: str = "") -> None:
    page.goto(f"{url}/collect/{query}")
    page.wait_for_selector(READY, state="attached")


def pair(page: Any, workplace: Workplace) -> None:
    """Choose the reader, as one does once at each workstation."""
    page.click("#reader-change")
    page.select_option("#reader-kind", "bridge")
    page.fill("#reader-address", workplace.bridge.url)
    page.fill("#reader-token", workplace.bridge.token)
    page.click("#reader-save")


def read(page: Any, room: str, name: str) -> None:
    """House, then F2: the form is filled from the card."""
    page.fill("#house-search", room)
    page.wait_for_selector("#house-list li")
    page.press("#house-search", "Enter")
    page.keyboard.press("F2")
    until(page, f"document.getElementById('id_name').value === '{name}'")


def shoot(page: Any) -> None:
    """Consent, camera, a good face in its box, shutter; the score."""
    page.check("#id_face_consent")
    page.keyboard.press("F4")
    until(page, "document.getElementById('camera').videoWidth > 0")
    until(page, "document.getElementById('face-hint').classList.contains('good')")
    page.keyboard.press("F4")
    until(page, "!document.getElementById('verdict-bar').hidden")


def test_card_photo_check_submit_delivered(workplace: Workplace, page: Any, screenshots: Path) -> None:
    number = valid_id("19780808", 331)
    workplace.lay(number, "秦一卡", HERE)
    desk(page, workplace.portal.url)
    read(page, "1-1-101", "秦一卡")
    assert page.input_value("#id_document_number") == number
    assert page.input_value("#id_registered_address").startswith("天津市示范区")
    page.fill("#id_phone", "13812340001")
    shoot(page)
    assert "人证相符" in page.text_content("#verdict-says")
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        page.screenshot(path=screenshots / f"{size}-checked.png", full_page=True)
        assert page.evaluate(FITS), size
    page.set_viewport_size({"width": 1440, "height": 900})
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#saved:visible")
    until(page, "(document.querySelector('#saved').textContent.match(/已上报/g) || []).length === 2", 60)
    ((outcome, review, kept, took_ms),) = workplace.said(CHECKS.format(number=number))
    assert (outcome, review, kept) == ("passed", "none", False)
    assert took_ms < 5000
    page.screenshot(path=screenshots / "desk-delivered.png", full_page=True)


def test_the_wrong_person_is_taken_again_then_reviewed_by_somebody_else(
    workplace: Workplace, page: Any, screenshots: Path
) -> None:
    number = valid_id("19690909", 332)
    workplace.lay(number, "秦二卡", STRANGER)
    desk(page, workplace.portal.url)
    read(page, "1-1-102", "秦二卡")
    page.fill("#id_phone", "13812340002")
    shoot(page)
    assert "低于阈值" in page.text_content("#verdict-says")
    page.screenshot(path=screenshots / "desk-below.png", full_page=True)
    page.click("#below-retake")
    until(page, "document.getElementById('face-hint').classList.contains('good')")
    page.keyboard.press("F4")
    until(page, "!document.getElementById('verdict-bar').hidden")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("[data-problem=check_reason]:visible")
    page.select_option("#id_check_reason", "old_card")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#saved:visible")
    assert workplace.said(CHECKS.format(number=number))[-1][:3] == ["below", "open", True]
    page.goto(f"{workplace.portal.url}/collect/checks/")
    assert page.locator("a[href*='/collect/checks/']", has_text="秦*卡").count() == 0  # not his own
    second(workplace, page.context.browser, number, screenshots)


def second(workplace: Workplace, browser: Any, number: str, screenshots: Path) -> None:
    """Somebody else looks at both pictures and confirms."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    page = context.new_page()
    sign_in(page, workplace.portal, "manager1")
    page.goto(f"{workplace.portal.url}/collect/checks/")
    page.screenshot(path=screenshots / "desk-checks.png", full_page=True)
    page.click("main a[href*='/collect/checks/']")
    page.wait_for_selector("text=证件照片")
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        page.screenshot(path=screenshots / f"{size}-review.png", full_page=True)
        assert page.evaluate(FITS), size
    page.click("button[value=confirmed]")
    page.wait_for_load_state("load")
    context.close()
    assert workplace.said(CHECKS.format(number=number))[-1][:3] == ["below", "confirmed", False]


def test_the_line_is_cut_midway_the_draft_is_kept_and_sent_once(workplace: Workplace, page: Any) -> None:
    number, line = valid_id("19780811", 333), workplace.line
    workplace.lay(number, "秦三卡", HERE)
    page.context.clear_cookies()
    page.goto(f"{line.url}/accounts/login/?next=/collect/")
    page.fill("[name=username]", "collector1")
    page.fill("[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_selector(READY, state="attached")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    pair(page, workplace)
    read(page, "1-1-101", "秦三卡")
    page.fill("#id_phone", "13812340003")
    shoot(page)
    line.state = "down"
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#draft-list [data-state=queued]")
    page.reload()
    page.wait_for_selector("#draft-list [data-state=queued]")
    line.state = "losing"
    page.evaluate("window.dispatchEvent(new Event('online'))")
    time.sleep(2)
    line.state = "up"
    page.wait_for_selector("#draft-list [data-state=queued]", state="detached", timeout=90_000)
    assert workplace.said(COUNT.format(number=number)) == 1
    assert workplace.said(CHECKS.format(number=number))[-1][0] == "passed"
    assert not any(number.encode() in body or "秦三卡".encode() in body for body in line.passed)


def test_the_session_ends_and_nothing_is_lost(workplace: Workplace, page: Any, screenshots: Path) -> None:
    number = valid_id("19780812", 334)
    workplace.lay(number, "秦四卡", HERE)
    page.context.clear_cookies()
    sign_in(page, workplace.portal, "collector1")
    desk(page, workplace.portal.url)
    read(page, "1-1-101", "秦四卡")
    page.fill("#id_phone", "13812340004")
    shoot(page)
    page.context.clear_cookies(name="sessionid")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#signed-out:visible")
    page.screenshot(path=screenshots / "desk-signed-out.png")
    page.click("#signed-out a")
    page.fill("[name=username]", "collector1")
    page.fill("[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_selector("#draft-list [data-state=delivered], #draft-list [data-state=arrived]")
    assert workplace.said(COUNT.format(number=number)) == 1
    assert workplace.said(CHECKS.format(number=number))[-1][0] == "passed"
