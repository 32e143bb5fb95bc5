"""The sandbox's switches, pressed in a real browser."""

import json
from pathlib import Path

import urllib3
from playwright.sync_api import expect

from tests.uploads.sandboxed import sandbox


def facts(url: str) -> dict:
    return urllib3.request("GET", f"{url}/sandbox/control").json()


def test_faults_and_limits_are_switched_on_the_page(chromium: object, screenshots: Path, tmp_path: Path) -> None:
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    with sandbox(tmp_path) as upper:
        page.goto(f"{upper.url}/control")
        page.get_by_label("随机故障比例").fill("10")
        page.get_by_label("IP 被拒").check()
        with page.expect_navigation():
            page.locator("#faults button").click()
        assert facts(upper.url)["faults"]["rate"] == 0.1
        assert "ip" in facts(upper.url)["faults"]["kinds"]
        with page.expect_navigation():
            page.get_by_role("button", name="令牌过期").click()
        assert facts(upper.url)["faults"]["next"] == ["expired-token"]
        limit = page.locator("#limit")
        limit.get_by_label("接口").select_option("B.2.2")
        limit.get_by_label("时段").fill("08:00-20:00")
        with page.expect_navigation():
            limit.get_by_role("button").click()
        assert facts(upper.url)["limits"]["B.2.2"]["hours"] == "08:00-20:00"
        page.locator("#allow input").fill("somewhere")
        page.locator("#allow button").click()
        expect(page.locator("#said")).not_to_be_empty()
        page.screenshot(path=screenshots / "sandbox-control.png", full_page=True)
        with page.expect_navigation():
            page.get_by_role("button", name="全部恢复正常").click()
        told = facts(upper.url)
        assert json.dumps([told["faults"]["rate"], told["limits"], told["allow"]]) == "[0.0, {}, []]"
