"""The page of importing: tried first, put right, imported, undone; never into another community."""

import io

import openpyxl
import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from audit.models import Entry
from community import tasks
from community.models import Import
from residents.models import Person
from tests import cast
from tests.workbooks.books import HOME, PERSON, book, number


@pytest.fixture
def browser(lotus: cast.Place, as_user, monkeypatch: pytest.MonkeyPatch) -> Client:
    """The worker does its task at once."""
    monkeypatch.setattr("django.db.transaction.on_commit", lambda act, **_: act())
    monkeypatch.setattr(tasks.carry_out, "apply_async", lambda arguments, **_: tasks.carry_out(*arguments))
    return as_user(lotus.staff["manager"])


def upload(browser: Client, place: cast.Place, **sheets: list) -> Import:
    file = SimpleUploadedFile("名册.xlsx", book(**sheets))
    browser.post("/import/", {"community": place.community.pk, "file": file})
    return Import.objects.first()


def people(*numbers: str) -> list:
    return [PERSON, *[["王秀英", one, "13812345678", ""] for one in numbers]]


def test_a_workbook_is_tried_imported_and_undone(lotus: cast.Place, browser: Client) -> None:
    run = upload(browser, lotus, 人员=people(number(5)), 人房关系=[HOME, [number(5), "3-2-502", "2", "", ""]])
    assert (run.state, run.file_name) == ("tried", "名册.xlsx")
    assert not Person.objects.filter(document_number_index__matches=number(5)).exists()
    address = f"/import/{run.pk}/"
    assert "正式导入" in browser.get(address).content.decode()
    browser.post(address, {"deed": "import"})
    assert Person.objects.get(document_number_index__matches=number(5)).residencies.count() == 1
    assert "整体撤销" in browser.get(address).content.decode()
    browser.post(f"{address}undo/")
    assert not Person.objects.filter(document_number_index__matches=number(5)).exists()
    assert [entry.action for entry in Entry.objects.filter(target_model="community.import").order_by("id")] == [
        "import_register",
        "undo_import",
    ]


def test_a_button_pressed_twice_imports_once(
    lotus: cast.Place, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = upload(browser, lotus, 人员=people(number(5)))
    asked: list = []
    monkeypatch.setattr(tasks.carry_out, "apply_async", lambda arguments, **_: asked.append(arguments))
    for _ in range(2):
        browser.post(f"/import/{run.pk}/", {"deed": "import"})
    assert len(asked) == 1


def test_problems_are_shown_and_come_back_in_the_workbook(lotus: cast.Place, browser: Client) -> None:
    run = upload(browser, lotus, 人员=people("123", number(6)))
    page = browser.get(f"/import/{run.pk}/").content.decode()
    assert ("下载标出问题的工作簿" in page, "正式导入" in page, number(6) in page) == (True, False, False)
    browser.post(f"/import/{run.pk}/", {"deed": "import"})
    assert not Person.objects.filter(document_number_index__matches=number(6)).exists()
    sheet = openpyxl.load_workbook(io.BytesIO(browser.get(f"/import/{run.pk}/problems.xlsx").content))["人员"]
    assert sheet["A2"].value
    assert not sheet["A3"].value


def test_unknown_headings_are_asked_about(lotus: cast.Place, browser: Client) -> None:
    lines = [["姓名", "证件号码", "住户手机号"], ["王秀英", number(7), "13812345678"]]
    run = upload(browser, lotus, 人员=lines)
    assert "住户手机号" in browser.get(f"/import/{run.pk}/").content.decode()
    browser.post(f"/import/{run.pk}/", {"deed": "map", "map:人员:住户手机号": "联系电话"})
    browser.post(f"/import/{run.pk}/", {"deed": "import"})
    assert Person.objects.get(document_number_index__matches=number(7)).phone == "13812345678"


def test_nobody_imports_elsewhere_or_beyond_his_post(
    lotus: cast.Place, maple: cast.Place, browser: Client, as_user
) -> None:
    file = SimpleUploadedFile("x.xlsx", book(人员=people(number(8))))
    assert browser.post("/import/", {"community": maple.community.pk, "file": file}).status_code == 422
    run = upload(browser, lotus, 人员=people(number(8)))
    assert as_user(maple.staff["manager"]).get(f"/import/{run.pk}/").status_code == 404
    assert as_user(maple.staff["manager"]).post(f"/import/{run.pk}/undo/").status_code == 404
    assert as_user(lotus.staff["guard"]).get("/import/").status_code == 404
    collector = as_user(lotus.staff["collector"])
    mine = upload(collector, lotus, 设备=[["设备编码", "设备名称"], ["D1", "相机"]])
    assert (mine.state, "设备" in mine.problem) == ("failed", True)


def test_the_register_leaves_masked_marked_and_logged(
    lotus: cast.Place, maple: cast.Place, browser: Client, as_user
) -> None:
    person = Person.objects.get(pk=lotus.resident.pk)
    person.remark = "=HYPERLINK(1)"
    person.save()
    answer = browser.post("/import/export.xlsx", {"community": lotus.community.pk})
    made = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert "manager-lotus" in made["人员"]["A1"].value
    assert "manager-lotus" in made["人员"].oddHeader.center.text
    heads = [cell.value for cell in made["人员"][2]]
    row = dict(zip(heads, [cell.value for cell in made["人员"][3]], strict=True))
    assert (row["姓名"], row["联系电话"]) == ("张*丰", "199****1234")
    assert row["证件号码"] == person.document_number_masked()
    assert (row["备注"], made["人员"].cell(3, heads.index("备注") + 1).data_type) == ("=HYPERLINK(1)", "s")
    assert made["房屋"]["A3"].value == "3"
    assert made["人房关系"]["C3"].value == "3-2-501"
    for secret in (str(person.document_number), "19900001234", "张三丰", "19900009999"):
        assert secret not in str([[cell.value for cell in line] for page in made for line in page])
    assert Entry.objects.get(action="export_register").detail["人员"] == 1
    assert browser.post("/import/export.xlsx", {"community": maple.community.pk}).status_code == 404
    police = as_user(lotus.staff["police"]).post("/import/export.xlsx", {"community": lotus.community.pk})
    assert police.status_code == 200
    assert (
        as_user(lotus.staff["guard"]).post("/import/export.xlsx", {"community": lotus.community.pk}).status_code == 404
    )


def test_the_template_is_there_to_download(browser: Client) -> None:
    answer = browser.get("/import/template.xlsx")
    assert openpyxl.load_workbook(io.BytesIO(answer.content))["人员"]["A1"].value == "姓名*"


def test_a_killed_import_says_so_and_keeps_nothing(lotus: cast.Place) -> None:
    run = Import.objects.create(
        community=lotus.community, file_name="x", made_by=lotus.staff["manager"], state="running"
    )
    Import.objects.update(made_at=timezone.now() - tasks.DEAD * 2)
    cache.clear()
    assert tasks.recover() == 1
    run.refresh_from_db()
    assert (run.state, "什么也没有改动" in run.problem) == ("failed", True)


def test_the_workbook_is_sealed_while_it_waits(lotus: cast.Place) -> None:
    run = Import(community=lotus.community, file_name="x.xlsx", made_by=lotus.staff["manager"])
    run.keep(b"secret 13812345678")
    run.save()
    kept = Import.objects.get()
    assert b"13812345678" not in bytes(kept.content)
    assert kept.read() == b"secret 13812345678"
