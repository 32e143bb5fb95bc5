"""What is printed from the browser, on the portal that `make run` starts."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.conftest import RunningPortal
from tests.journeys.test_main_job import SIZES, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.xdist_group("portal")]


def words(pdf: Path) -> list[str]:
    """The text of each page; where poppler is not installed, nothing can be said."""
    if shutil.which("pdftotext") is None:
        return []
    done = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True)
    return done.stdout.split("\f")[:-1]


def lived_in(page: Any, portal: RunningPortal) -> None:
    """Open the household of the first house of the first building somebody lives in."""
    page.goto(f"{portal.url}/houses/")
    page.click("a.tile >> nth=0")
    page.click(".house:not(.off) >> nth=0")
    page.wait_for_url(re.compile(r"/houses/[0-9a-f-]{36}/"))


def test_a_check_sheet_prints_upright_on_a4_with_its_pages_counted(
    portal: RunningPortal, chromium: Any, screenshots: Path
) -> None:
    page = chromium.new_page(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    sign_in(page, portal, "manager1")
    lived_in(page, portal)
    page.click("text=入户核对表")
    page.evaluate("window.print = () => { window.printed = true }")
    page.click("[data-print]")
    assert page.evaluate("window.printed")
    page.screenshot(path=screenshots / "sheet.png", full_page=True)
    masked = screenshots / "sheet.pdf"
    page.pdf(path=masked, prefer_css_page_size=True)
    box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", masked.read_bytes())
    assert (round(float(box[1])), round(float(box[2]))) == (595, 842)
    printed = words(masked)
    for number, text in enumerate(printed, 1):
        assert f"{number} / {len(printed)}" in re.sub(r"(?<=\d) ?/ ?(?=\d)", " / ", text)
        assert "已脱敏" in text
        assert "退出" not in text
    page.click("summary")
    page.select_option("[name=reason]", "visit")
    page.click("text=显示明文")
    page.wait_for_selector(".notice.warn")
    page.pdf(path=screenshots / "sheet-clear.pdf", prefer_css_page_size=True)
    assert page.locator(".sheet td:has-text('*')").count() == 0
    page.close()


def test_a_building_prints_a_sheet_a_house(portal: RunningPortal, chromium: Any, screenshots: Path) -> None:
    page = chromium.new_page(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    sign_in(page, portal, "collector1")
    page.goto(f"{portal.url}/houses/")
    page.click("a.tile >> nth=0")
    page.click("text=整栋入户核对表")
    houses = page.locator("article.sheet").count()
    run = screenshots / "sheets.pdf"
    page.pdf(path=run, prefer_css_page_size=True)
    printed = words(run)
    assert not printed or sum("一、登记的住户" in text for text in printed) == houses
    assert not printed or all("登记的住户" not in text.partition("采集员签名")[2] for text in printed)
    page.close()


@pytest.mark.parametrize("size", SIZES)
def test_the_sheet_fits_every_screen(size: str, portal: RunningPortal, chromium: Any, screenshots: Path) -> None:
    width, height = SIZES[size]
    page = chromium.new_page(viewport={"width": width, "height": height}, locale="zh-CN")
    sign_in(page, portal, "manager1")
    lived_in(page, portal)
    page.click("text=入户核对表")
    page.screenshot(path=screenshots / f"{size}-sheet.png")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.close()
