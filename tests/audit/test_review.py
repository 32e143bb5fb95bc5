"""The review pages: what police read, and that looking at the log is logged."""

import io
import zipfile
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit import bench, log, trail
from audit.models import Entry, Folder
from audit.review import unusual
from audit.standalone import anju_audit
from residents.models import Person
from tests import cast
from tests.audit import tampering


@pytest.fixture
def police(lotus: cast.Place, as_user) -> Client:
    return as_user(lotus.staff["police"])


def text(answer) -> str:
    assert answer.status_code == 200
    return answer.content.decode()


def looked(place: cast.Place, role: str, action: str = "view", **facts: object) -> Entry:
    facts = {"community_id": place.community.pk, "target": place.resident, "user": place.staff[role], **facts}
    return log.write(action, **facts)


def test_a_row_reads_as_a_sentence(lotus: cast.Place, police: Client) -> None:
    looked(lotus, "collector", "reveal", reason="上门核实", detail={"field": "document_number"})
    page = text(police.get("/audit/"))
    assert "collector-lotus(居委会采集员) 查看明文 人员 (证件号码),理由:上门核实" in page
    assert "张*丰" in page
    assert "张三丰" not in page
    assert Entry.objects.filter(action="view_log").exists()


def test_filters_are_chips_that_can_be_taken_off(lotus: cast.Place, police: Client) -> None:
    wanted = looked(lotus, "collector", "reveal", reason="上门核实甲")
    other = looked(lotus, "manager", "view")
    today = timezone.localdate().isoformat()
    for query in (
        {"actor": "collector-lotus"}, {"role": "居委会采集员"}, {"action": "reveal"}, {"reason": "核实甲"},
        {"kind": "residents.person", "action": "reveal"}, {"object": str(lotus.resident.pk), "action": "reveal"},
        {"start": today, "end": today, "action": "reveal"}, {"community": str(lotus.community.pk), "action": "reveal"},
    ):  # fmt: skip
        page = text(police.get("/audit/", query))
        assert f"/audit/entries/{wanted.pk}/" in page, query
        assert f"/audit/entries/{other.pk}/" not in page, query
        assert page.count('class="chip"') == len(query)
    assert f"/audit/entries/{wanted.pk}/" not in text(police.get("/audit/", {"end": "2020-01-01"}))
    assert "已忽略" in text(police.get("/audit/", {"start": "someday", "community": "x"}))


def test_another_communitys_log_is_out_of_sight(lotus: cast.Place, maple: cast.Place, police: Client) -> None:
    strange = looked(maple, "collector")
    assert f"/audit/entries/{strange.pk}/" not in text(police.get("/audit/"))
    for address in (
        f"/audit/entries/{strange.pk}/", f"/audit/entries/{strange.pk}/proof/", f"/audit/objects/residents.person/{maple.resident.pk}/",
        "/audit/entries/99999999999999999999/",
    ):  # fmt: skip
        assert police.get(address).status_code == 404, address


def test_a_session_is_told_as_a_story(lotus: cast.Place, police: Client) -> None:
    browser = Client()
    browser.post("/accounts/login/", {"username": "manager-lotus", "password": cast.PASSWORD})
    browser.get("/admin/residents/person/", {"q": "张三丰"})
    browser.get(f"/admin/residents/person/{lotus.resident.pk}/change/")
    mark = Entry.objects.filter(action="search").latest("pk").session
    page = text(police.get(f"/audit/sessions/{mark}/"))
    assert page.index("搜索") < page.index("查看档案")
    assert "manager-lotus" in page
    assert police.get("/audit/sessions/0000000000000000/").status_code == 404


def test_who_looked_at_a_resident_and_what_was_changed(lotus: cast.Place, police: Client) -> None:
    for role, times in (("collector", 3), ("manager", 1)):
        for _ in range(times):
            looked(lotus, role)
    looked(lotus, "collector", "reveal", detail={"field": "phone"})
    person = Person.objects.get(pk=lotus.resident.pk)
    person.phone = "19900007777"
    person.save()
    page = text(police.get(f"/audit/objects/residents.person/{lotus.resident.pk}/"))
    assert page.index("collector-lotus") < page.index("manager-lotus")
    assert "199****7777" in page
    assert "19900007777" not in page


def test_an_entry_proves_itself_or_says_that_it_was_altered(lotus: cast.Place, police: Client) -> None:
    entry = looked(lotus, "collector", reason="上门核实")
    assert "还没有封存" in text(police.get(f"/audit/entries/{entry.pk}/"))
    trail.seal_all(timezone.now())
    assert "没有被改动" in text(police.get(f"/audit/entries/{entry.pk}/"))
    answer = police.get(f"/audit/entries/{entry.pk}/proof/")
    facts = anju_audit.verify(io.BytesIO(answer.content))
    assert (facts["ok"], facts["entries"]) == (True, 1)
    tampering.triggers_off()
    tampering.run("UPDATE audit_entry SET reason = 'x' WHERE id = %s", entry.pk)
    assert "与封存时不一致" in text(police.get(f"/audit/entries/{entry.pk}/"))


def test_a_folder_holds_what_its_maker_may_see_and_leaves_with_proofs(
    lotus: cast.Place, maple: cast.Place, police: Client, as_user
) -> None:
    mine, strange = looked(lotus, "collector", reason="上门核实"), looked(maple, "collector")
    trail.seal_all(timezone.now())
    assert police.post("/audit/folders/", {"name": "", "reason": ""}).status_code == 422
    police.post("/audit/folders/", {"name": "查询", "reason": "津公(和)受案字〔2026〕1234号"})
    folder = Folder.objects.get()
    address = f"/audit/folders/{folder.pk}/"
    police.post(address, {"entry": [mine.pk, strange.pk, "x"]})
    assert list(folder.items.values_list("entry_id", flat=True)) == [mine.pk]
    police.post(address, {"deed": "notes", "notes": "第一次询问"})
    answer = police.post(f"{address}export/")
    assert anju_audit.verify(io.BytesIO(answer.content))["entries"] == 1
    page = zipfile.ZipFile(io.BytesIO(answer.content)).read("index.html").decode()
    assert ("第一次询问" in page, "1234号" in page) == (True, True)
    assert Entry.objects.filter(action="export_log", target_id=str(folder.pk)).count() == 1
    assert as_user(maple.staff["police"]).get(address).status_code == 404
    police.post(address, {"deed": "take_out", "entry": [mine.pk]})
    assert not folder.items.exists()


def test_what_is_filtered_is_exported_whole(lotus: cast.Place, police: Client) -> None:
    for _ in range(3):
        looked(lotus, "collector", "reveal", reason="上门核实")
    trail.seal_all(timezone.now())
    answer = police.post("/audit/export/", {"action": "reveal"})
    assert anju_audit.verify(io.BytesIO(answer.content))["entries"] == 3


def at(entry: Entry, moment) -> None:
    tampering.run(
        "UPDATE audit_entry SET at = %s WHERE id = %s", connection.ops.adapt_datetimefield_value(moment), entry.pk
    )


def test_unusual_behaviour_names_the_rule(lotus: cast.Place, police: Client) -> None:
    for _ in range(unusual.MANY_REVEALS):
        looked(lotus, "manager", "reveal", reason="上门核实")
    for role in ("collector", "guard", "operator", "police"):
        looked(lotus, role)
    for _ in range(unusual.MANY_REFUSALS):
        looked(lotus, "guard", "refused", outcome="refused", target=None)
    for _ in range(unusual.MANY_FAILURES):
        looked(lotus, "guard", "sign_in", outcome="refused", target=("accounts.user", "guard1"), user=None)
    looked(lotus, "manager", "rights_export")
    tampering.triggers_off()
    night = timezone.localtime().replace(hour=3, minute=10) - timedelta(days=1)
    at(looked(lotus, "collector", "view_picture"), night)
    found = {
        rule.code: findings for rule, findings in unusual.flagged(lotus.staff["police"], timezone.now()) if findings
    }
    assert {"many_reveals", "much_looked_at", "at_night", "exports", "refusals", "guessing"} <= set(found)
    assert found["many_reveals"][0].count == unusual.MANY_REVEALS
    assert found["much_looked_at"][0].count >= 5
    assert any("03:10" in one.said for one in found["at_night"])
    page = text(police.get("/audit/unusual/"))
    assert "同一人一天查看明文 30 次以上" in page


def test_the_state_of_the_log_in_plain_words(lotus: cast.Place, police: Client, settings) -> None:
    trail.seal_all(timezone.now())
    page = text(police.get("/audit/state/"))
    assert ("已封存" in page, "还没有校验过" in page) == (True, True)
    assert police.post("/audit/state/verify/").status_code == 302
    log.write("verify_log", outcome="failed", detail={"entries": 5, "position": 3, "problem": "记录已被删除"})
    page = text(police.get("/audit/state/"))
    assert "日志被改动:第 3 条附近,记录已被删除" in page
    assert 'class="light bad"' in page
    assert "日志被改动" in text(police.get("/"))


def test_pages_ask_a_fixed_number_of_questions(lotus: cast.Place, police: Client) -> None:
    def asked(count: int) -> int:
        for _ in range(count):
            looked(lotus, "collector")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            text(police.get("/audit/"))
        return len(queries)

    asked(60)
    assert asked(1) == asked(30)


def test_every_filter_finds_its_page_in_a_full_log(lotus: cast.Place) -> None:
    """How quick it is, `bench audit` measures."""
    bench.fill(2500)
    cases = bench.page_cases(lotus.staff["police"])
    assert len(cases) > 10
    assert all(case["value"] > 0 for case in cases)
