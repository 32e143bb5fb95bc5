"""The reading pane as a collector uses it: by button, by F2, with words for everything that goes wrong."""

import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.html import json_script
from playwright.sync_api import expect

from residents.readers import READER_SOURCES
from residents.readers.words import WORDS
from tests.journeys.conftest import CHROMIUM, FLAGS
from tests.readers import bridging, cards, vendors
from tests.readers.emulator import Emulator

pytestmark = pytest.mark.browser
SIZES = [(1440, 900), (820, 1180), (390, 844)]
BODY = """<!doctype html><html lang="zh-hans"><head><title>采集台</title><meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/static/app.css"><script type="module" src="/static/test-desk.js"></script></head>
<body><main><h1>采集台</h1><form class="desk"><section class="card"><h2>证件</h2>{pane}
<div class="field"><label for="other">姓名</label><input id="other"></div></section></form>{words}</main></body></html>"""
# A desk of three parts: what the pane may count on.
DESK = """import { mount } from "/static/desk/reader.js";
const listeners = [];
window.cards = [];
window.posted = 0;
document.querySelector("form").addEventListener("submit", (event) => { event.preventDefault(); window.posted += 1; });
window.draft = () => listeners.forEach((listen) => listen());
mount({ element: document.querySelector("form"), on: (name, listen) => { if (name === "draft") listeners.push(listen); },
        card: (card) => window.cards.push({ ...card, photo: card.photo?.size ?? null }) });
document.body.dataset.ready = "yes";
"""


class Desk(vendors.Page):
    """The page with the real pane in it."""

    def answer(self, door: Any) -> None:
        if door.path != "/static/test-desk.js":
            super().answer(door)
            return
        door.send_response(200)
        door.send_header("Content-Type", "text/javascript")
        door.end_headers()
        door.wfile.write(DESK.encode())


def serve(*more: str) -> Desk:
    words = json_script({key: str(text) for key, text in WORDS.items()}, "desk-words")
    own = [re.sub(r"/ws$", "", address) for address in more]
    pane = render_to_string("desk/_reader.html")
    pane = pane.replace('"sources": [', '"sources": [' + "".join(f"{json.dumps(one)}, " for one in own))
    policy = f"default-src 'self'; connect-src 'self' {' '.join([*READER_SOURCES, *own])}"
    return Desk(settings.BASE_DIR / "static", BODY.format(pane=pane, words=words), policy)


@pytest.fixture
def service() -> Iterator[vendors.Xzx]:
    made = vendors.Xzx()
    yield made
    made.close()


@pytest.fixture
def opened(chromium: object) -> Iterator[Callable]:
    """A page for a size and the addresses the portal lets through."""
    made: list[Any] = []

    def at(*addresses: str, size: tuple[int, int] = SIZES[0], browser: Any = None) -> Any:
        desk = serve(*addresses)
        context = (browser or chromium).new_context(viewport={"width": size[0], "height": size[1]})
        page = context.new_page()
        page.problems = []
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        page.on("console", lambda said: page.problems.append(said.text) if "no words for" in said.text else None)
        page.goto(desk.url)
        page.wait_for_selector("body[data-ready]")
        page.desk = desk
        made.append((context, desk))
        return page

    yield at
    for context, desk in made:
        context.close()
        desk.close()


def choose(page: Any, kind: str, address: str, token: str = "") -> None:
    page.get_by_role("button", name="换读卡器").click()
    page.get_by_label("种类").select_option(kind)
    page.get_by_label("服务地址").fill(address)
    if token:
        page.get_by_label("配对码").fill(token)


def test_a_workstation_without_a_reader_is_led_to_the_choice(opened: Callable) -> None:
    page = opened()
    expect(page.locator("#reader-says")).to_contain_text("还没有选择读卡器,也可以直接手工填写")
    page.keyboard.press("F2")
    expect(page.locator("#reader-says")).to_contain_text("请按“换读卡器”")
    expect(page.get_by_label("种类")).to_be_focused()
    expect(page.get_by_label("配对码")).to_be_visible()
    page.get_by_label("种类").select_option("xzx")
    expect(page.get_by_label("服务地址")).to_have_value("http://localhost:8989")
    expect(page.get_by_label("配对码")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.get_by_label("种类")).to_be_hidden()
    assert page.problems == []


def test_choose_test_save_and_read_with_f2(opened: Callable, service: vendors.Xzx) -> None:
    page = opened(service.url)
    choose(page, "xzx", service.url)
    page.get_by_role("button", name="测试连接").click()
    expect(page.locator("#reader-says")).to_contain_text("成功")
    expect(page.locator("#reader-says")).to_contain_text("连接正常")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("#reader-says")).to_contain_text("新中新")
    page.get_by_label("姓名").focus()
    page.keyboard.press("F2")
    expect(page.locator("#reader-says")).to_contain_text("请放卡")
    service.put(cards.WANG)
    expect(page.locator("#reader-says")).to_contain_text("已读卡:居民身份证")
    (card,) = page.evaluate("window.cards")
    assert (card["name"], card["number"], card["reader"]) == ("王秀英", "110101199003071241", "xzx")
    assert card["photo"] == len(service.picture)
    page.reload()
    page.wait_for_selector("body[data-ready]")
    expect(page.locator("#reader-says")).to_contain_text("放好证件后按 F2")
    assert page.problems == []


def test_our_bridge_with_its_pairing_code(opened: Callable, reader: Emulator, tmp_path: Path) -> None:
    page = opened()
    with bridging.running(tmp_path, reader.port, origins=(page.desk.url,)) as bridge:
        page = opened(bridge.url)
        # this page has another origin than the one the bridge was started for
        choose(page, "bridge", bridge.url, bridge.token)
        page.get_by_role("button", name="测试连接").click()
        expect(page.locator("#reader-says")).to_contain_text(f"--origin {page.desk.url}")
    with bridging.running(tmp_path, reader.port, origins=(page.desk.url,), ready=True) as bridge:
        page.desk.policy = page.desk.policy.replace("connect-src", f"connect-src {bridge.url}")
        page.desk.body = page.desk.body.replace('"sources": [', f'"sources": ["{bridge.url}", ')
        page.reload()
        page.wait_for_selector("body[data-ready]")
        choose(page, "bridge", bridge.url, "WRONG-WRONG")
        page.get_by_label("配对码").press("Enter")
        expect(page.locator("#reader-says")).to_contain_text("配对码不对")
        page.get_by_label("配对码").fill(bridge.token.lower())
        page.get_by_role("button", name="测试连接").click()
        expect(page.locator("#reader-says")).to_contain_text("连接正常")
        page.get_by_role("button", name="保存").click()
        reader.put(cards.OLD_LI)
        page.get_by_role("button", name="读卡 F2").click()
        expect(page.locator("#reader-says")).to_contain_text("请核对")
        expect(page.locator("#reader-notices")).to_contain_text("现场拍照")
        assert page.evaluate("window.cards[0].address") == cards.OLD_LI.newest_address
        assert page.evaluate("window.posted") == 0, "Enter in the settings does not submit the desk"
    assert page.problems == []


def test_stopping_and_another_draft(opened: Callable, service: vendors.Xzx) -> None:
    page = opened(service.url)
    choose(page, "xzx", service.url)
    page.get_by_role("button", name="保存").click()
    page.get_by_role("button", name="读卡 F2").click()
    page.get_by_role("button", name="停止读卡").click()
    expect(page.locator("#reader-says")).to_contain_text("已停止读卡")
    page.keyboard.press("F2")
    expect(page.locator("#reader-says")).to_contain_text("请放卡")
    page.evaluate("window.draft()")
    expect(page.locator("#reader-says")).to_contain_text("放好证件后按 F2")
    service.put(cards.WANG)
    time.sleep(1)
    assert page.evaluate("window.cards") == [], "a card is not for the draft opened after it was asked for"


def test_every_failure_has_words_and_says_what_to_do(opened: Callable, service: vendors.Xzx) -> None:
    page = opened(service.url, "http://127.0.0.1:9")
    choose(page, "xzx", service.url)
    page.get_by_role("button", name="保存").click()
    said = {
        ("0x80", ""): "请拿起再放", ("0x1", "读卡器正忙"): "请等上一次读卡结束", ("0x1", "打开端口失败"): "请插好读卡器", ("0x41", ""): "平放",
        ("0x31", ""): "重放", ("0x66", ""): "联系厂家", ("0x40", ""): "不认识这种卡",
    }  # fmt: skip
    for (retcode, words), expected in said.items():
        service.says = vendors.Xzx.failure(retcode, words)
        page.get_by_role("button", name="读卡 F2").click()
        expect(page.locator("#reader-says")).to_contain_text(expected, timeout=25_000)
        expect(page.locator("#reader-badge")).to_contain_text("未读到")
    service.says = b"<html>"
    page.keyboard.press("F2")
    expect(page.locator("#reader-says")).to_contain_text("没有填入任何内容")
    choose(page, "xzx", "http://127.0.0.1:9")
    page.get_by_role("button", name="测试连接").click()
    expect(page.locator("#reader-says")).to_contain_text("连不上读卡服务")
    page.get_by_label("服务地址").fill("http://127.0.0.1:12345")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("#reader-says")).to_contain_text("门户允许的端口")
    assert page.evaluate("window.cards") == []
    assert page.problems == []


def test_every_code_has_words() -> None:
    codes = (settings.BASE_DIR / "static/desk/readers/errors.js").read_text(encoding="utf-8")
    listed = set(re.findall(r'"([a-z-]+)"', codes.partition("[")[2].partition("]")[0]))
    assert {f"reader.error.{code}" for code in listed} == {key for key in WORDS if key.startswith("reader.error.")}
    scripts = [
        *Path(settings.BASE_DIR, "static/desk/readers").glob("*.js"),
        settings.BASE_DIR / "static/desk/reader.js",
    ]
    text = "".join(path.read_text(encoding="utf-8") for path in scripts)
    assert set(re.findall(r'ReaderError\("([a-z-]+)"\)', text)) <= listed
    assert set(re.findall(r'say\("(reader[\w.-]+)"', text)) <= set(WORDS)


@pytest.mark.parametrize("decision", ["denied", "granted"])
def test_a_browser_that_keeps_the_page_from_this_computer(
    service: vendors.Xzx, opened: Callable, decision: str
) -> None:
    """The portal is made a public address, as it is for a real workstation; the browser then wants a permission."""
    page = opened(service.url)
    port = page.desk.server.server_address[1]
    browser = page.context.browser.browser_type.launch(
        executable_path=CHROMIUM, args=[*FLAGS, f"--ip-address-space-overrides=127.0.0.1:{port}=public"]
    )
    try:
        context = browser.new_context()
        if decision == "granted":
            context.grant_permissions(["local-network-access"])
        public = context.new_page()
        public.goto(page.desk.url)
        public.wait_for_selector("body[data-ready]")
        choose(public, "xzx", service.url)
        public.get_by_role("button", name="测试连接").click()
        expected = "连接正常" if decision == "granted" else "本地网络访问"
        expect(public.locator("#reader-says")).to_contain_text(expected)
    finally:
        browser.close()


@pytest.mark.parametrize("size", SIZES)
def test_the_pane_fits_its_screen(
    opened: Callable, service: vendors.Xzx, screenshots: Path, size: tuple[int, int]
) -> None:
    page = opened(service.url, size=size)
    choose(page, "bridge", "http://127.0.0.1:19197")
    page.get_by_label("种类").select_option("bridge")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for button in page.get_by_role("button").all():
        if button.is_visible():
            assert button.bounding_box()["height"] >= 44
    for field in page.locator("#reader input:visible, #reader select:visible").all():
        assert field.bounding_box()["height"] >= 44
        assert field.evaluate("(input) => input.labels.length") == 1
    page.screenshot(path=screenshots / f"reader-{size[0]}.png", full_page=True)
