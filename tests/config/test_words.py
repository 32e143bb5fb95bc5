"""Chinese first, English by a switch: each whole. Who sees which links."""

import re
from html.parser import HTMLParser

import pytest
from django.test import Client

from accounts.models import User
from accounts.roles import ROLES
from community.models import Post
from config import lint
from standard import codes
from tests import cast

PAGES = (
    "/",
    "/collect/",
    "/collect/mine/",
    "/rights/",
    "/uploads/",
    "/admin/residents/person/",
    "/admin/community/house/",
    "/admin/devices/device/",
)
CODES = {
    "SM", "ID", "IP", "MAC", "API", "CSV", "GB", "JSON", "Ctrl", "Enter", "Anju", "B", "C", "F", "English", "LOTUS", "MAPLE",
    "esc", "en", "zh", "hans",  # a key; the names of languages in the switch
    "CVR", "XZX", "WEBAPI", "WebSocket", "ABCDE", "FGHJK",  # names of card readers; how a pairing code looks
}  # fmt: skip
# The names of codes are the standard's own words; they have no English.
CODE_NAMES = {
    word
    for names in codes.TABLES
    for row in codes.table(names[0]).rows
    for word in re.findall(r"[\u4e00-\u9fff]+", row.name)
}


class _Reader(HTMLParser):
    """Collects what a reader sees: no scripts, no icons named by a word."""

    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []
        self.hidden: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        classes = dict(attributes).get("class") or ""
        # A notice is data: it is shown to residents in the words it was published in.
        unseen = (
            tag in ("script", "style", "svg", "template") or "material-symbols" in classes or "notice-body" in classes
        )
        if unseen or (self.hidden and tag == self.hidden[-1]):
            self.hidden.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.hidden and tag == self.hidden[-1]:
            self.hidden.pop()

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.text.append(data)


def visible_text(page: str) -> str:
    """What a reader sees of a page."""
    reader = _Reader()
    reader.feed(page)
    return " ".join(reader.text)


@pytest.mark.parametrize("page", PAGES)
def test_in_chinese_no_english_is_left_over(page: str, lotus: cast.Place, as_user) -> None:
    answer = as_user(lotus.staff["manager"]).get(page)
    text = visible_text(answer.content.decode()).replace(lotus.staff["manager"].username, "")
    assert answer.status_code == 200
    assert set(re.findall(r"[A-Za-z]{2,}", text)) - CODES == set()


@pytest.mark.parametrize("page", PAGES)
def test_in_english_no_chinese_is_left_but_data(page: str, as_user, db: None) -> None:
    manager = cast.user("wang")
    Post.objects.create(user=manager, role="manager", community=None)
    browser = as_user(manager)
    browser.post("/i18n/setlang/", {"language": "en", "next": page})
    text = visible_text(browser.get(page).content.decode())
    assert set(re.findall(r"[\u4e00-\u9fff]+", text)) - CODE_NAMES == {"简体中文"}


def test_the_language_can_be_chosen_before_signing_in(client: Client, db: None) -> None:
    assert "登录" in client.get("/accounts/login/").content.decode()
    client.post("/i18n/setlang/", {"language": "en"})
    page = client.get("/accounts/login/").content.decode()
    assert "Sign in" in page
    assert set(re.findall(r"[\u4e00-\u9fff]+", visible_text(page))) == {"简体中文"}


SEEN = {
    "manager": "工作台 采集台 小区与房屋 人员 车辆 设备 上报中心",
    "collector": "工作台 采集台 小区与房屋 人员 车辆 上报中心",
    "guard": "工作台 小区与房屋 设备",
    "operator": "工作台 小区与房屋 设备",
    "police": "工作台 小区与房屋 人员 车辆 设备 上报中心 审计",
    "system_admin": "工作台 上报中心 系统",
    "security_admin": "工作台 系统",
    "audit_admin": "工作台 审计",
}


@pytest.mark.parametrize("role", ROLES)
def test_everybody_sees_his_own_links_and_each_of_them_opens(
    role: str, lotus: cast.Place, administrators: dict[str, User], as_user
) -> None:
    browser = as_user((lotus.staff | administrators)[role])
    front = browser.get("/")
    assert [str(entry["title"]) for entry in front.context["menu"]] == SEEN[role].split()
    for entry in front.context["menu"]:
        assert browser.get(entry["url"]).status_code == 200, entry
    side = browser.get("/admin/").context["sidebar_navigation"]
    links = [item["link"] for group in side for item in group["items"]]
    assert len(links) >= len(SEEN[role].split())
    assert {link: browser.get(link).status_code for link in links} == dict.fromkeys(links, 200)


def test_every_message_has_its_english() -> None:
    assert list(lint.untranslated()) == []
    assert list(lint.wrong_translations()) == []
