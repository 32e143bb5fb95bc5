"""Photos in a ZIP: all of them or none, only with consent, and no number of anybody anywhere in clear."""

import io
import json
import logging
import struct
import zipfile
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from audit.models import Entry
from community import tasks
from community.models import Import, ImportedRow
from community.workbooks import archives, photos, undoing
from guomi import spool
from residents import departure
from residents.models import Consent, Person, Residency
from residents.rights import consenting
from residents.rights.consenting import ConsentInput
from residents.rights.models import Kind
from tests import cast
from tests.workbooks.zips import packed, picture
from uploads.models import Due

CHILD = cast.valid_id(f"{timezone.localdate().year - 9}0101", 77)
PAPERS = "物业档案柜 3 号盒"


@pytest.fixture(autouse=True)
def _own_storage(settings, tmp_path: Path) -> None:
    """What other tests left in the storage is not looked at here."""
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def browser(lotus: cast.Place, as_user, monkeypatch: pytest.MonkeyPatch) -> Client:
    """The worker does its task at once."""
    monkeypatch.setattr("django.db.transaction.on_commit", lambda act, **_: act())
    monkeypatch.setattr(tasks.carry_out, "apply_async", lambda arguments, **_: tasks.carry_out(*arguments))
    return as_user(lotus.staff["manager"])


def somebody(place: cast.Place, number: str, **facts: object) -> Person:
    person = Person(community=place.community, name="李小龙", document_number=number, **facts)
    person.clean()
    person.save()
    Residency.objects.create(person=person, house=place.house, occupant_type="3")
    return person


@pytest.fixture
def li(lotus: cast.Place) -> Person:
    return somebody(lotus, cast.valid_id("19900307", 11))


@pytest.fixture
def wang(lotus: cast.Place) -> Person:
    return somebody(lotus, cast.valid_id("19850505", 12))


def upload(browser: Client, place: cast.Place, files: dict[str, bytes] | bytes, **sent: str) -> Import:
    data = files if isinstance(files, bytes) else packed(files)
    file = SimpleUploadedFile("photos.zip", data, "application/zip")
    answer = browser.post("/import/photos/", {"community": place.community.pk, "photos": file, **sent})
    assert answer.status_code == 302, answer.content.decode()
    return Import.objects.get(pk=answer["Location"].split("/")[2])


DECLARED = {"written": "1", "papers": PAPERS}


def problems(run: Import) -> list[str]:
    return [said for lines in (run.errors or {}).values() for told in lines.values() for said in told.values()]


def test_photos_are_tried_imported_and_undone_as_a_whole(
    lotus: cast.Place, browser: Client, li: Person, wang: Person
) -> None:
    files = {f"一号楼/{li.document_number.lower()}.JPG": picture(1), f"{wang.document_number}.png": picture(2, "PNG")}
    run = upload(browser, lotus, files, **DECLARED)
    assert (run.state, run.counts["照片"]["created"]) == ("tried", 2), problems(run)
    assert not Person.objects.filter(pk__in=[li.pk, wang.pk]).exclude(photo="").exists()
    Due.objects.update(delivered_revision=99, revision=99)
    browser.post(f"/import/{run.pk}/", {"deed": "import"})
    run.refresh_from_db()
    assert (run.state, run.spooled, spool.kept()) == ("done", 0, [])
    li.refresh_from_db()
    assert li.photo.read_clear()[:2] == b"\xff\xd8"
    assert Due.objects.get(report="person", subject_id=li.pk.hex).revision > 99
    assert li.history.count() == 2
    line = Consent.objects.get(person=li)
    assert (line.notice.kind, line.how, line.papers, line.recorded_by) == (
        "face", "written", PAPERS, lotus.staff["manager"],
    )  # fmt: skip
    entry = Entry.objects.get(action="import_photos")
    assert (entry.reason, entry.detail["consents"], entry.actor_id) == (PAPERS, 2, lotus.staff["manager"].pk)
    name = li.photo.name
    browser.post(f"/import/{run.pk}/undo/")
    run.refresh_from_db()
    assert run.state == "undone"
    assert not Person.objects.filter(pk__in=[li.pk, wang.pk]).exclude(photo="").exists()
    assert not default_storage.exists(name)
    assert set(Consent.objects.values_list("ending", flat=True)) == {"undone"}
    assert not ImportedRow.objects.exists()


def test_all_problems_of_all_files_come_at_once_and_nothing_is_kept(
    lotus: cast.Place, maple: cast.Place, browser: Client, li: Person
) -> None:
    child = somebody(lotus, CHILD)
    gone = somebody(lotus, cast.valid_id("19750505", 13))
    departure.move_out(gone.residencies.get(), timezone.localdate(), user=None, now=timezone.now())
    closed = somebody(lotus, cast.valid_id("19650505", 14))
    Person.objects.filter(pk=closed.pk).update(restricted_at=timezone.now())
    files = {
        f"{li.document_number}.jpg": picture(), f"{maple.resident.document_number}.jpg": picture(),
        f"{child.document_number}.jpg": picture(), f"{gone.document_number}.jpg": picture(),
        f"{closed.document_number}.jpg": picture(), "张小三.jpg": picture(), "inner.zip": packed({"a": b"a"}),
        "notes.txt": b"x", f"a/{cast.valid_id('19910101', 5)}.bmp": b"BM no picture", ".jpg": b"",
        f"../{cast.valid_id('19910101', 6)}.jpg": picture(), f"/{cast.valid_id('19910101', 7)}.jpg": picture(),
        "__MACOSX/._x.jpg": b"litter", "Thumbs.db": b"litter", "folder/": b"",
    }  # fmt: skip
    broken = somebody(lotus, cast.valid_id("19550505", 15))
    files[f"{broken.document_number}.jpg"] = b"no picture at all"
    before = set(_stored())
    run = upload(browser, lotus, files, **DECLARED)
    assert run.state == "wrong"
    told = "\n".join(problems(run))
    for said in ("没有登记这个证件号码", "未满 14 周岁", "已迁出", "限制处理", "压缩包里不能再有压缩包", "只接受",
                 "路径不安全", "不是图片"):  # fmt: skip
        assert said in told, said
    assert run.counts["照片"] == {"rows": 13, "created": 1, "updated": 0, "unchanged": 0, "wrong": 12}
    browser.post(f"/import/{run.pk}/", {"deed": "import"})
    assert not Person.objects.filter(pk=li.pk).exclude(photo="").exists()
    assert set(_stored()) == before
    assert not Consent.objects.filter(notice__kind="face").exists()


def _stored(folder: str = "sealed") -> list[str]:
    folders, files = default_storage.listdir(folder) if default_storage.exists(folder) else ([], [])
    return files + [name for one in folders for name in _stored(f"{folder}/{one}")]


def test_trying_and_importing_find_the_same_problems(lotus: cast.Place, li: Person, wang: Person) -> None:
    data = packed({f"{li.document_number}.jpg": picture(), f"{wang.document_number}.jpg": b"no", "x.txt": b""})
    asked = {"community": lotus.community, "written": True, "now": timezone.now()}
    before = set(_stored())
    tried, real = (photos.examine(io.BytesIO(data), keep=keep, **asked) for keep in (False, True))
    assert tried.errors == real.errors
    assert (real.stored, set(_stored())) == ({}, before)


def test_without_consent_on_record_or_declared_no_portrait_is_kept(
    lotus: cast.Place, browser: Client, li: Person, wang: Person
) -> None:
    consenting.give(li, Kind.FACE, ConsentInput(), user=lotus.staff["manager"], now=timezone.now())
    run = upload(browser, lotus, {f"{li.document_number}.jpg": picture(), f"{wang.document_number}.jpg": picture()})
    assert (run.state, len(problems(run)), "单独同意" in problems(run)[0]) == ("wrong", 1, True)
    run = upload(browser, lotus, {f"{li.document_number}.jpg": picture()})
    browser.post(f"/import/{run.pk}/", {"deed": "import"})
    assert Person.objects.get(pk=li.pk).photo
    assert Consent.objects.filter(person=li, notice__kind="face").count() == 1  # the one that held before


def test_a_declaration_says_where_the_papers_are(lotus: cast.Place, browser: Client, li: Person) -> None:
    for papers in ("", "柜", "张三 13812345678"):
        file = SimpleUploadedFile("p.zip", packed({f"{li.document_number}.jpg": picture()}))
        sent = {"community": lotus.community.pk, "photos": file, "written": "1", "papers": papers}
        assert browser.post("/import/photos/", sent).status_code == 422
    assert (Import.objects.count(), spool.kept()) == (0, [])


def test_a_photo_that_is_there_is_never_replaced(lotus: cast.Place, browser: Client) -> None:
    before = lotus.resident.photo.name
    run = upload(browser, lotus, {f"{lotus.resident.document_number}.jpg": picture()}, **DECLARED)
    assert run.counts["照片"] == {"rows": 1, "created": 0, "updated": 0, "unchanged": 1, "wrong": 0}
    browser.post(f"/import/{run.pk}/", {"deed": "import"})
    assert Person.objects.get(pk=lotus.resident.pk).photo.name == before
    assert not Consent.objects.exists()


def test_a_photo_changed_since_keeps_the_import_from_being_undone(
    lotus: cast.Place, browser: Client, li: Person, wang: Person
) -> None:
    files = {f"{one.document_number}.jpg": picture() for one in (li, wang)}
    run = upload(browser, lotus, files, **DECLARED)
    browser.post(f"/import/{run.pk}/", {"deed": "import"})
    li.refresh_from_db()
    consenting.withdraw(li, Kind.FACE, user=lotus.staff["manager"], now=timezone.now())
    person = Person.objects.get(pk=wang.pk)
    person.photo = picture(9)
    person.save()
    page = browser.post(f"/import/{run.pk}/undo/", follow=True).content.decode()
    assert "有 1 人的照片导入后又换过" in page
    run.refresh_from_db()
    assert run.state == "done"
    person.photo = ""
    person.save()
    undoing.undo(run, timezone.now())
    assert Consent.objects.get(person=li).ending == "withdrawn"  # his own word stands


def test_somebody_who_withdrew_meanwhile_stops_all_of_it(
    lotus: cast.Place, browser: Client, li: Person, wang: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager = lotus.staff["manager"]
    for one in (li, wang):
        consenting.give(one, Kind.FACE, ConsentInput(), user=manager, now=timezone.now())
    run = upload(browser, lotus, {f"{one.document_number}.jpg": picture() for one in (li, wang)})
    look = photos._look

    def withdrawing(*facts: object) -> None:
        look(*facts)
        consenting.withdraw(wang, Kind.FACE, user=manager, now=timezone.now())

    monkeypatch.setattr(photos, "_look", withdrawing)
    before = set(_stored())
    browser.post(f"/import/{run.pk}/", {"deed": "import"})
    run.refresh_from_db()
    assert (run.state, "什么也没有导入" in run.problem) == ("failed", True)
    assert not Person.objects.filter(pk__in=[li.pk, wang.pk]).exclude(photo="").exists()
    assert set(_stored()) == before


def test_no_number_stands_anywhere_in_clear(
    lotus: cast.Place, browser: Client, li: Person, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    strange = cast.valid_id("19910101", 88)
    asked: list = []
    monkeypatch.setattr(
        tasks.carry_out, "apply_async", lambda facts, **_: (asked.append(facts), tasks.carry_out(*facts))
    )
    spooled: list[bytes] = []
    real = spool.default_storage.save
    monkeypatch.setattr(
        spool.default_storage,
        "save",
        lambda name, file: (spooled.append(file.read()), file.seek(0), real(name, file))[2],
    )
    run = upload(browser, lotus, {f"{li.document_number}.jpg": picture(), f"{strange}.jpg": picture()}, **DECLARED)
    page = browser.get(f"/import/{run.pk}/").content.decode()
    assert archives.shown(f"{strange}.jpg") in page
    everywhere = (
        page, caplog.text, str(asked), str([entry.__dict__ for entry in Entry.objects.all()]),
        str(Import.objects.values_list()), str(ImportedRow.objects.values_list()),
        b"".join(spooled).decode("latin-1"), " ".join(_stored()),
    )  # fmt: skip
    for number in (strange, str(li.document_number)):
        assert not [place[:40] for place in everywhere if number in place]
    assert spooled


def _overwritten(data: bytes, place: int, value: bytes) -> bytes:
    return data[:place] + value + data[place + len(value) :]


def test_bombs_and_broken_archives_are_refused(lotus: cast.Place, browser: Client, li: Person) -> None:
    name = f"{li.document_number}.bmp"
    bomb = upload(browser, lotus, packed({name: bytes(11 * 2**20)}, zipfile.ZIP_DEFLATED), **DECLARED)
    assert "压缩比异常" in problems(bomb)[0]
    large = upload(browser, lotus, packed({name: bytes(13 * 2**20)}), **DECLARED)
    assert "超过 12 MB" in problems(large)[0]
    lying = bytearray(packed({name: picture(kind="BMP", side=900)}, zipfile.ZIP_DEFLATED))
    central = lying.rfind(b"PK\x01\x02")
    lying[central + 24 : central + 28] = struct.pack("<I", 100)  # says it is 100 bytes when unpacked
    assert upload(browser, lotus, bytes(lying), **DECLARED).state == "wrong"
    locked = bytearray(packed({name: picture()}))
    locked[locked.rfind(b"PK\x01\x02") + 8] |= 1
    assert "加了密码" in problems(upload(browser, lotus, bytes(locked), **DECLARED))[0]
    small = packed({name: picture()})
    for data in (
        b"no zip", b"", small[:-30], _overwritten(small, len(small) - 12, b"\xff\xff"), packed({}), packed({"a/": b""}),
        _overwritten(small, len(small) - 10, struct.pack("<I", 2**31)),
    ):  # fmt: skip
        if not data:
            continue
        run = upload(browser, lotus, data, **DECLARED)
        assert (run.state, bool(run.problem), run.spooled) == ("failed", True, 0)
    assert spool.kept() == sorted(one.pk.hex for one in Import.objects.exclude(spooled=0))


def test_too_many_or_too_large_is_said_before_anything_is_unpacked(
    lotus: cast.Place, li: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {"community": lotus.community, "written": True, "now": timezone.now()}
    data = packed({f"{cast.valid_id('19900101', n)}.jpg": b"x" for n in range(1, 8)})
    for limit, value, said in (
        ("MAX_ENTRIES", 6, "文件过多"),
        ("MAX_UNPACKED", 6, "展开后过大"),
        ("MAX_BYTES", 99, "过大"),
    ):
        with monkeypatch.context() as patched:
            patched.setattr(archives, limit, value)
            with pytest.raises(archives.ArchiveError, match=said):
                photos.examine(io.BytesIO(data), **asked)


def test_one_number_twice_is_refused_on_both_files(lotus: cast.Place, li: Person) -> None:
    number = str(li.document_number)
    data = packed({f"a/{number}.jpg": picture(), f"b/{number}.png": picture(kind="PNG"), f"{number} .jpeg": picture()})
    plan = photos.examine(io.BytesIO(data), lotus.community, written=True, now=timezone.now())
    assert [entry.problem for entry in plan.entries] == [
        "与第 2 个文件是同一个号码", "与第 1 个文件是同一个号码", "与第 1 个文件是同一个号码",
    ]  # fmt: skip


def test_a_small_x_at_the_end_is_a_capital_one(lotus: cast.Place) -> None:
    number = next(one for one in (cast.valid_id("19800606", n) for n in range(20, 60)) if one.endswith("X"))
    person = somebody(lotus, number)
    data = packed({f"{number.lower()}.jpeg": picture()})
    plan = photos.examine(io.BytesIO(data), lotus.community, written=True, now=timezone.now())
    assert (plan.errors, plan.records[1]) == ({}, person)


def test_nobody_imports_photos_elsewhere_or_without_a_post(
    lotus: cast.Place, maple: cast.Place, stranger: object, browser: Client, li: Person, as_user
) -> None:
    def sent(place: cast.Place) -> dict:
        return {"community": place.community.pk, "photos": SimpleUploadedFile("p.zip", packed({"1.jpg": picture()}))}

    assert browser.post("/import/photos/", sent(maple)).status_code == 422
    assert as_user(maple.staff["manager"]).post("/import/photos/", sent(lotus)).status_code == 422
    for user in (stranger, lotus.staff["guard"], lotus.staff["police"]):
        assert as_user(user).post("/import/photos/", sent(lotus)).status_code == 404
    assert Client().post("/import/photos/", sent(lotus)).status_code == 302
    assert (Import.objects.count(), spool.kept()) == (0, [])
    run = upload(browser, lotus, {f"{li.document_number}.jpg": picture()}, **DECLARED)
    assert as_user(maple.staff["manager"]).post(f"/import/{run.pk}/", {"deed": "import"}).status_code == 404


def test_what_is_sent_without_the_page_s_token_is_refused_and_forgotten(lotus: cast.Place, as_user) -> None:
    browser = as_user(lotus.staff["manager"])
    browser.handler.enforce_csrf_checks = True
    file = SimpleUploadedFile("p.zip", packed({"1.jpg": picture()}))
    answer = browser.post("/import/photos/", {"community": lotus.community.pk, "photos": file})
    assert (answer.status_code, Import.objects.count(), spool.kept()) == (403, 0, [])


def test_an_archive_nobody_waits_for_goes(lotus: cast.Place, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = spool.Writer("0" * 32)
    writer.write(b"left by an upload that broke off")
    writer.close()
    tasks.recover()
    assert spool.kept() == ["0" * 32]  # it may still be coming in
    later = timezone.now() + tasks.KEPT
    monkeypatch.setattr(tasks.timezone, "now", lambda: later)
    tasks.recover()
    assert spool.kept() == []


def test_a_spooled_file_reads_like_any_other_and_no_part_can_be_moved(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "PART_BYTES", 1000)
    data = bytes(n % 251 for n in range(4321))
    writer = spool.Writer("1" * 32)
    for start in range(0, len(data), 777):
        writer.write(data[start : start + 777])
    assert writer.close() == len(data)
    file = io.BufferedReader(spool.Reader("1" * 32, len(data)))
    assert file.read() == data
    file.seek(-10, io.SEEK_END)
    assert file.read() == data[-10:]
    file.seek(990)
    assert file.read(20) == data[990:1010]
    first, second = (Path(default_storage.path(f"spool/{'1' * 32}/{n:05}.bin")) for n in (0, 1))
    assert data[:50] not in first.read_bytes()
    first.write_bytes(second.read_bytes())
    with pytest.raises(ValueError, match="密文"):
        spool.Reader("1" * 32, len(data)).read(10)
    spool.remove("1" * 32)
    assert spool.kept() == []


def test_the_command_takes_photos_too(lotus: cast.Place, li: Person, tmp_path: Path, capsys) -> None:
    path = tmp_path / "photos.zip"
    path.write_bytes(packed({f"{li.document_number}.jpg": picture()}))
    asked = ["import_register", "--photos", str(path), "--community", "LOTUS", "--json"]
    with pytest.raises(CommandError, match="nothing was imported"):
        call_command(*asked)
    assert str(li.document_number) not in capsys.readouterr().out
    call_command(*asked, "--papers", PAPERS, "--dry-run")
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["saved"] is False
    assert not Person.objects.get(pk=li.pk).photo
    call_command(*asked, "--papers", PAPERS, "--user", "manager-lotus")
    assert Person.objects.get(pk=li.pk).photo
    assert Consent.objects.get().papers == PAPERS
    with pytest.raises(CommandError, match="name a FILE or"):
        call_command("import_register", "x.xlsx", "--photos", str(path), "--community", "LOTUS")


def test_a_second_press_while_one_runs_does_nothing(lotus: cast.Place, browser: Client, li: Person) -> None:
    run = upload(browser, lotus, {f"{li.document_number}.jpg": picture()}, **DECLARED)
    Import.objects.filter(pk=run.pk).update(state="running")
    browser.post(f"/import/{run.pk}/", {"deed": "import"})
    run.refresh_from_db()
    assert run.state == "running"
    assert "progress" in browser.get(f"/import/{run.pk}/").content.decode()
    cache.delete(f"import.{run.pk}")
