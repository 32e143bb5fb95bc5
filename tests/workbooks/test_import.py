"""A workbook goes in whole or not at all; trying says what importing would say."""

import io
import json
import zipfile

import openpyxl
import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from audit.models import Entry
from community.models import Building, Community, House, Import, Organisation, Post
from community.workbooks import reading, running, undoing, writing
from devices.models import Device
from residents.likeness.merging import merge
from residents.models import Person, Residency, Vehicle
from tests import cast
from tests.workbooks.books import HOME, HOUSE, PERSON, book, number, register
from uploads.models import Due


@pytest.fixture
def empty(db: None) -> Community:
    return Community.objects.create(name="枣园", registration_code="DATE", address="天津市")


def importing(community: Community, data: bytes, *, for_real: bool = True) -> Import:
    user = cast.user(f"u{Import.objects.count()}")
    Post.objects.create(user=user, role="manager", community=community)
    run = Import(community=community, file_name="x.xlsx", made_by=user, for_real=for_real)
    run.keep(data)
    run.save()
    running.carry_out(run, timezone.now)
    return run


def whole() -> dict:
    return {
        "房屋": [
            HOUSE,
            [1, 2, "301", "A1", "赵大海", number(1), "13900001111", "01"],
            [1, "", "101", "", "", "", "", ""],
        ],
        "人员": [PERSON, ["王秀英", number(5), "13812345678", "天津市"], ["李四", number(6), "", ""]],
        "人房关系": [
            HOME,
            [number(5), "1-2-301", "业主", "", ""],
            [number(6), "1号楼101", "1", "2026-01-01", "2027/1/1"],
        ],
        "车辆": [["车牌", "车主", "车主电话"], ["津a·12345", "王秀英", "13812345678"]],
        "设备": [["设备编码", "设备名称", "设备类型", "建设时间"], ["CAM-1", "东门相机", "2", "2025-05-01"]],
        "单位": [["单位名称", "类型", "电话"], ["安居物业", "物业公司", "022-12345678"]],
    }


def kinds(community: Community) -> list[int]:
    return [
        House.objects.filter(community=community).count(), Person.objects.filter(community=community).count(),
        Residency.objects.filter(house__community=community).count(), Vehicle.objects.filter(community=community).count(),
        Device.objects.filter(community=community).count(), Organisation.objects.filter(community=community).count(),
        Building.objects.filter(community=community).count(),
    ]  # fmt: skip


def test_all_sheets_come_in_with_history_and_become_due(empty: Community) -> None:
    run = importing(empty, book(**whole()))
    assert (run.state, run.errors, run.problem) == (Import.State.DONE, {}, "")
    assert kinds(empty) == [2, 2, 2, 1, 1, 1, 1]
    wang = Person.objects.get(document_number_index__matches=number(5))
    assert (wang.name, wang.phone, str(wang.residencies.get().house)) == ("王秀英", "13812345678", "1-2-301")
    assert (wang.sex, wang.birth_date.year) == ((number(5)[16] in "13579" and "1") or "2", int(number(5)[6:10]))
    assert wang.history.count() == 1
    assert House.objects.get(room="301").floor == 3
    assert Vehicle.objects.get().plate == "津A12345"
    assert Due.objects.filter(report="person", subject_id=wang.pk.hex).exists()
    lease = Residency.objects.get(person__document_number_index__matches=number(6))
    assert f"{timezone.localtime(lease.lease_end):%Y-%m-%d %H:%M}" == "2027-01-01 00:00"
    entry = Entry.objects.get(action="import_register")
    assert entry.detail["人员"]["created"] == 2
    assert bytes(Import.objects.get().content) == b""


def test_trying_changes_nothing(empty: Community) -> None:
    run = importing(empty, book(**whole()), for_real=False)
    assert run.state == Import.State.TRIED
    assert kinds(empty) == [0] * 7
    assert run.counts["人员"]["created"] == 2


def test_a_second_import_updates_by_natural_key_and_leaves_the_rest(empty: Community) -> None:
    importing(empty, book(**whole()))
    again = whole()
    again["人员"][1][2] = "13899998888"
    again["人员"][2][3] = ""
    run = importing(empty, book(**again))
    assert run.state == Import.State.DONE, run.errors
    assert run.counts["人员"] == {"rows": 2, "created": 0, "updated": 1, "unchanged": 1, "wrong": 0}
    assert run.counts["房屋"]["unchanged"] == 2
    wang = Person.objects.get(document_number_index__matches=number(5))
    assert wang.phone == "13899998888"
    assert Person.objects.filter(phone_index__matches="13899998888").exists()
    assert wang.history.count() == 2


def test_every_error_of_every_row_is_told_at_once_and_nothing_saved(empty: Community) -> None:
    wrong = whole()
    wrong["房屋"].append(["x", 1, "", "A1", "", "123", "abc", "99"])
    wrong["房屋"].append([2, 1, "201", "A1", "", "", "", ""])
    wrong["人员"].append(["", "120101199003071230", "", ""])
    wrong["人员"].append(["王二", number(5), "", ""])
    wrong["人房关系"].append([number(77), "9-9-901", "房客", "2026-02-01", "2026-01-01"])
    wrong["人房关系"].append([number(77), "1-2-301", "2", "", ""])
    wrong["车辆"].append(["ABC", "", ""])
    run = importing(empty, book(**wrong))
    assert run.state == Import.State.WRONG
    assert kinds(empty) == [0] * 7
    errors = run.errors
    assert set(errors["房屋"]["4"]) >= {"楼号", "房号", "租赁状态"}
    assert errors["房屋"]["5"] == {"地址编码": "已用于另一套房屋"}
    assert "不能为空" in errors["人员"]["4"]["姓名"]
    assert "与第 2 行重复" in str(errors["人员"]["5"])
    assert errors["人房关系"]["4"] == {"住户类型": "不在可选范围内"}
    assert "没有登记这个人" in errors["人房关系"]["5"]["证件号码"]
    assert errors["车辆"]["3"]
    assert number(77) not in str(Entry.objects.values_list("detail", flat=True))


def test_the_users_own_rows_come_back_marked_and_can_be_sent_again(empty: Community) -> None:
    wrong = whole()
    wrong["人员"][1][1] = "12345"
    data = book(**wrong)
    run = importing(empty, data)
    plan = running.examine(data, empty)
    back = writing.marked(plan.tables, plan.errors)
    sheet = openpyxl.load_workbook(io.BytesIO(back))["人员"]
    assert sheet["A1"].value == "问题"
    assert "证件号码" in sheet["A2"].value
    assert sheet["C2"].fill.fgColor.rgb == "FFFFC7CE"
    assert (sheet["B2"].value, sheet["C2"].value) == ("王秀英", "12345")
    assert {title: set(lines) for title, lines in running.examine(back, empty).errors.items()} == {
        title: {int(line) for line in lines} for title, lines in run.errors.items()
    }


def test_an_offices_own_headings_are_understood_or_asked_about(empty: Community) -> None:
    data = book(
        人员=[
            ["某小区住户登记表"],
            ["住户姓名", "身份证号", "手机", "户口所在地址", "爱好"],
            ["王秀英", number(5), "13812345678", "天津", "棋"],
        ]
    )
    run = importing(empty, data, for_real=False)
    assert run.state == Import.State.TRIED
    assert [heading for heading, _guess in run.unknown["人员"]] == ["户口所在地址", "爱好"]
    plan = running.examine(data, empty, {"人员": {"户口所在地址": "户籍地详址"}})
    assert plan.rows["人员"][0].record.registered_address == "天津"
    assert plan.tables[0][1].unknown[0][0] == "爱好"


def test_an_import_is_undone_as_a_whole(empty: Community) -> None:
    importing(empty, book(**whole()))
    again = whole()
    again["人员"][1][2] = "13899998888"
    again["人员"].append(["孙七", number(9), "", ""])
    run = importing(empty, book(**again))
    undoing.undo(run, timezone.now())
    assert Person.objects.get(document_number_index__matches=number(5)).phone == "13812345678"
    assert not Person.objects.filter(document_number_index__matches=number(9)).exists()
    assert not Person.history.filter(name_index=Person(name="孙七").name_index).exists()
    assert kinds(empty) == [2, 2, 2, 1, 1, 1, 1]
    first = Import.objects.filter(state=Import.State.DONE).get()
    with pytest.raises(ValidationError, match="又被修改过"):
        undoing.undo(first, timezone.now())
    with pytest.raises(ValidationError, match="只有已导入的"):
        undoing.undo(run, timezone.now())


def test_what_others_hold_on_to_is_not_undone(empty: Community) -> None:
    run = importing(empty, book(**whole()))
    someone = Person.objects.get(document_number_index__matches=number(5))
    house = House.objects.create(building=Building.objects.get(community=empty), room="999")
    Residency.objects.create(person=someone, house=house, occupant_type="2")
    with pytest.raises(ValidationError, match="其他记录用到"):
        undoing.undo(run, timezone.now())
    assert kinds(empty)[1] == 2


# --- what is no workbook, or a trap ------------------------------------------------------------------------------------
def bomb() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 60_000_000)
    return target.getvalue()


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "不是有效的"), (b"PK\x03\x04nonsense", "不是有效的"), (b"name,number\n1,2\n", "不是有效的"),
        (b"x" * (reading.MAX_BYTES + 1), "文件过大"), (book(别的=[["a"]]), "没有找到"),
        (book(人员=[[f"c{n}" for n in range(101)]]), "超过 100 列"),
    ],
)  # fmt: skip
def test_what_is_no_workbook_is_refused(data: bytes, told: str, empty: Community) -> None:
    run = importing(empty, data)
    assert (run.state, told in run.problem) == (Import.State.FAILED, True)


def test_a_bomb_is_refused_before_it_is_unpacked(empty: Community) -> None:
    assert len(bomb()) < 100_000
    assert "展开后过大" in importing(empty, bomb()).problem


def test_too_many_rows_are_refused(empty: Community, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_ROWS", 5)
    assert "超过 5 行" in importing(empty, book(人员=[PERSON, *[["王", number(n), "", ""] for n in range(20)]])).problem


def test_a_formula_is_text_on_the_way_in_and_out(empty: Community) -> None:
    data = book(
        人员=[
            [*PERSON, "备注"],
            ["王秀英", number(5), "13812345678", "", "'=cmd|' /C calc'!A0"],
            ["坏", "=1+1", "", "", ""],
        ]
    )
    plan = running.examine(data, empty)
    back = openpyxl.load_workbook(io.BytesIO(writing.marked(plan.tables, plan.errors)))["人员"]
    assert all(cell.data_type != "f" for row in back for cell in row)


def test_nothing_invisible_of_a_heading_is_kept(empty: Community) -> None:
    run = importing(
        empty, book(人员=[[*PERSON, "爱\x00好\u202e"], ["王秀英", number(5), "13812345678", "", "棋"]]), for_real=False
    )
    assert (run.state, run.unknown["人员"][0][0]) == (Import.State.TRIED, "爱好")


def test_what_somebody_else_changed_meanwhile_stays(empty: Community) -> None:
    importing(empty, book(**whole()))
    again = whole()
    again["人员"][1][2], again["人员"][2][0] = "13899998888", "李四四"
    plan = running.examine(book(**again), empty)
    li = Person.objects.get(document_number_index__matches=number(6))
    li.phone = "13977776666"
    li.save()
    run = Import.objects.create(community=empty, file_name="x.xlsx", made_by=cast.user("second"), state="running")
    running.save(plan, run, timezone.now)
    li.refresh_from_db()
    assert (li.name, li.phone, run.state) == ("李四四", "13977776666", Import.State.DONE)


def test_the_outcome_is_saved_with_the_register_or_not_at_all(
    empty: Community, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that dies after the register is in leaves a row that says so: nothing is written afterwards."""
    run = importing(empty, book(**whole()), for_real=False)
    Import.objects.filter(pk=run.pk).update(state="waiting", for_real=True)
    run.refresh_from_db()

    def dies(*args: object, **kwargs: object) -> None:
        raise SystemExit

    monkeypatch.setattr(Import, "save", dies)
    running.carry_out(run, timezone.now)
    assert Import.objects.get(pk=run.pk).state == Import.State.DONE
    assert kinds(empty)[1] == 2


def test_a_failure_in_the_middle_leaves_nothing(empty: Community, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object, **kwargs: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("community.workbooks.running._update", full)
    with pytest.raises(OSError, match="disk full"):
        importing(empty, book(**whole()))
    run = Import.objects.get()
    assert (run.state, "什么也没有改动" in run.problem) == (Import.State.FAILED, True)
    assert kinds(empty) == [0] * 7


# --- the template and the command ---------------------------------------------------------------------------------------
def test_the_template_has_the_standards_headings_and_drop_downs(empty: Community, tmp_path) -> None:
    call_command("import_register", "--template", str(tmp_path / "t.xlsx"))
    made = openpyxl.load_workbook(tmp_path / "t.xlsx")
    assert set(made.sheetnames) == {"说明", "代码", "房屋", "人员", "人房关系", "车辆", "设备", "单位"}
    assert [cell.value for cell in made["人房关系"][1]][:4] == ["证件号码*", "证件类型", "房屋*", "住户类型"]
    rules = {str(rule.sqref): rule.formula1 for rule in made["人房关系"].data_validations.dataValidation}
    column = next(source for place, source in rules.items() if place.startswith("D2"))
    letter = column.split("$")[1]
    assert [cell.value for cell in made["代码"][letter]][1] == "0 未识别"
    assert importing(empty, (tmp_path / "t.xlsx").read_bytes()).state == Import.State.DONE


def test_the_command_tries_and_imports(empty: Community, tmp_path, capsys) -> None:
    (tmp_path / "x.xlsx").write_bytes(book(**whole()))
    cast.user("root")
    call_command("import_register", str(tmp_path / "x.xlsx"), "--community", "DATE", "--dry-run", "--json")
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["saved"] is False
    call_command("import_register", str(tmp_path / "x.xlsx"), "--community", "DATE", "--json")
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["saved"] is True
    assert kinds(empty)[1] == 2


CELLS = st.one_of(st.none(), st.text(max_size=12), st.integers(-5, 10**6), st.floats(allow_nan=False, allow_infinity=False), st.booleans(),
                  st.sampled_from([number(3), "2", "业主", "1-2-301", "2026-01-01", "13812345678"]))  # fmt: skip


@given(lines=st.lists(st.lists(CELLS, min_size=5, max_size=5), min_size=1, max_size=6))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_trying_and_importing_say_the_same(lines: list, empty: Community) -> None:
    clean = [["" if cell is None else cell for cell in line] for line in lines]
    data = book(人员=[[*PERSON, "出生日期"], *clean], 人房关系=[HOME, *clean])
    tried, real = (importing(empty, data, for_real=way) for way in (False, True))
    assert tried.errors == real.errors
    assert tried.counts == real.counts
    assert (real.state == Import.State.DONE) == (tried.state == Import.State.TRIED)
    if real.state == Import.State.DONE:
        undoing.undo(real, timezone.now())


def test_a_large_register_is_read_whole(empty: Community) -> None:
    run = importing(empty, book(**register(900)))
    assert (run.state, run.counts["人房关系"]["created"]) == (Import.State.DONE, 900)
    assert CalamineWorkbook.from_filelike(io.BytesIO(book(**register(3)))).sheet_names == ["房屋", "人员", "人房关系"]


def test_the_number_of_a_merged_record_leads_to_the_person_he_is_now(empty: Community) -> None:
    importing(empty, book(**whole()))
    kept, gone = (Person.objects.get(document_number_index__matches=number(n)) for n in (5, 6))
    merge(kept, gone, user=None, now=timezone.now())
    again = {
        "人员": [PERSON, ["王秀英", number(6), "13800001111", "天津市"]],
        "人房关系": [HOME, [number(6), "1-2-301", "业主", "", ""], [number(6), "1号楼101", "业主", "", ""]],
    }
    run = importing(empty, book(**again))
    assert (run.state, run.errors, run.problem) == (Import.State.DONE, {}, "")
    now = Person.objects.get()
    assert (now.pk, now.phone, now.document_number) == (kept.pk, "13800001111", number(5))
    assert Person.with_merged.get(pk=gone.pk).document_number == number(6)
    assert sorted(str(home.house) for home in now.residencies.all()) == ["1-101", "1-2-301"]
