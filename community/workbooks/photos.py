"""Photos from a ZIP, each named by its person's document number: tried and imported on one path, all of them or none.

Whose photos they are an app above says with a `Subject` (registered in its `importing.py`). Pictures are cleaned one by
one and stored sealed; what makes them photos of people is one short transaction at the end. One that stands already is
never replaced: an archive of the office must not overwrite what was taken and checked at the desk.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, BinaryIO

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import access
from audit import log
from community.models import Community
from community.workbooks.archives import Archive, ArchiveError, Entry
from community.workbooks.models import Import, ImportedRow
from community.workbooks.sheets import chunks
from guomi import pictures

TITLE, ROWS = "照片", "photos"
Progress = Callable[[float], None]


class Subject:
    """What photos are of. All deeds are on many records at once."""

    verb: str

    def find(self, community: Community, numbers: list[str]) -> dict[str, list[Any]]:
        """Records by number as it was asked for."""
        raise NotImplementedError

    def has_photo(self, record: Any) -> bool:
        """Whether there is one already."""
        raise NotImplementedError

    def refusals(self, records: list[Any], *, written: bool, now: datetime) -> dict[Any, str]:
        """Why no photo of a record may be kept, by its key. `written`: consents on paper are declared."""
        raise NotImplementedError

    def store(self, record: Any, data: bytes) -> str:
        """Seal a clean picture into the storage, named for the record but not yet its photo; the stored name."""
        raise NotImplementedError

    def save(self, names: dict[Any, str], run: Import, now: datetime) -> list[Any]:
        """Make them the records' photos, with consents where they were declared: those consents' keys. ValidationError."""
        raise NotImplementedError

    def take_back(self, names: dict[Any, str], consents: list[Any], run: Import, now: datetime) -> None:
        """Take the photos away again; ValidationError where another stands in its place."""
        raise NotImplementedError


_subjects: list[Subject] = []


def photographed(declared: type[Subject]) -> type[Subject]:
    """Class decorator: photos from an archive are of this."""
    _subjects[:] = [declared()]
    return declared


def subject() -> Subject:
    """Whose photos they are."""
    return _subjects[0]


@dataclass
class Plan:
    """An archive read and checked. `stored`: names of sealed files by record, when it was for real."""

    entries: list[Entry]
    records: dict[int, Any] = field(default_factory=dict)  # by the entry's place
    there: set[int] = field(default_factory=set)  # places of entries whose record has a photo already
    stored: dict[Any, str] = field(default_factory=dict)

    @property
    def errors(self) -> dict[str, dict[int, dict[str, str]]]:
        """What is wrong: 照片 -> place -> masked file name -> sentence."""
        wrong = {one.place: {one.shown: one.problem} for one in self.entries if one.problem}
        return {TITLE: wrong} if wrong else {}

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """As a workbook's: a photo that is there already is unchanged."""
        wrong = sum(bool(one.problem) for one in self.entries)
        kept = sum(one.place in self.there and not one.problem for one in self.entries)
        return {
            TITLE: {
                "rows": len(self.entries), "created": len(self.entries) - wrong - kept, "updated": 0, "unchanged": kept,
                "wrong": wrong,
            }
        }  # fmt: skip


def examine(
    file: BinaryIO, community: Community, *, written: bool, now: datetime, keep: bool = False,
    progress: Progress = lambda share: None,
) -> Plan:  # fmt: skip
    """Look at every file of the archive; with `keep` the good ones are stored on the way. ArchiveError: no archive."""
    archive = Archive(file)
    plan = Plan(archive.entries)
    _whose(plan, community, written, now)
    waiting, keep = list(archive.pictures()), keep and not plan.errors
    try:
        for done, entry in enumerate(waiting, 1):
            _look(archive, entry, plan, keep)
            if entry.problem and keep:
                keep = False
                forget(plan)
            progress(0.95 * done / len(waiting))
    except BaseException:
        forget(plan)
        raise
    return plan


def _whose(plan: Plan, community: Community, written: bool, now: datetime) -> None:
    """Find the records, and what stands against a photo of each."""
    good = [entry for entry in plan.entries if not entry.problem]
    for some in chunks(good):
        found = subject().find(community, [entry.number for entry in some])
        for entry in some:
            records = found.get(entry.number, [])
            if len(records) == 1:
                plan.records[entry.place] = records[0]
            elif records:
                entry.problem = _("这个号码登记了不止一人,请在人员页面逐个添加")
            else:
                entry.problem = _("本小区没有登记这个证件号码")
    refused = subject().refusals(list(plan.records.values()), written=written, now=now)
    for entry in good:
        if (record := plan.records.get(entry.place)) is None:
            continue
        if subject().has_photo(record):
            plan.there.add(entry.place)
        elif record.pk in refused:
            entry.problem = refused[record.pk]


def _look(archive: Archive, entry: Entry, plan: Plan, keep: bool) -> None:
    """Decode one picture, and store it if it is to be kept."""
    try:
        clean = pictures.clean(archive.read(entry))
    except (ArchiveError, pictures.PictureError) as error:
        entry.problem = str(error)
        return
    if keep and entry.place not in plan.there:
        record = plan.records[entry.place]
        plan.stored[record.pk] = subject().store(record, clean)


def forget(plan: Plan) -> None:
    """Remove what was stored and did not become anybody's photo."""
    for name in plan.stored.values():
        default_storage.delete(name)
    plan.stored.clear()


def save(plan: Plan, run: Import, now: datetime) -> None:
    """Make the stored pictures photos: one transaction with its entry, what undoing needs, and the outcome. ValidationError."""
    try:
        with transaction.atomic():
            consents = subject().save(plan.stored, run, now)
            for some in chunks(plan.stored.items()):
                ImportedRow.objects.create(
                    run=run, model=ROWS, records=[str(pk) for pk, _name in some], created=False,
                    before={"names": {str(pk): name for pk, name in some}},
                )  # fmt: skip
            ImportedRow.objects.create(run=run, model=ROWS, records=[str(pk) for pk in consents], created=True)
            detail = {**plan.counts, "consents": len(consents)}
            log.write(
                "import_photos", target=run, community_id=run.community_id, reason=run.papers, detail=detail,
                user=run.made_by,
            )  # fmt: skip
            done_with = {"state": Import.State.DONE, "counts": plan.counts, "finished_at": now}
            Import.objects.filter(pk=run.pk).update(**done_with, problem="")
    except BaseException:
        forget(plan)
        raise
    for name, value in done_with.items():
        setattr(run, name, value)


def carry_out(run: Import, now: Callable[[], datetime], progress: Progress) -> None:
    """Try or import the archive a row holds; the outcome stands in the row."""
    if not access.verb_holds(run.made_by, subject().verb, run.community_id):
        raise ArchiveError(_("您的岗位不能导入:%s。") % TITLE)
    with run.archive() as file:
        plan = examine(file, run.community, written=bool(run.papers), now=now(), keep=run.for_real, progress=progress)
    run.counts, run.problem = plan.counts, ""
    run.errors = {title: {str(place): told for place, told in lines.items()} for title, lines in plan.errors.items()}
    run.state = Import.State.WRONG if plan.errors else Import.State.TRIED
    if run.for_real and not plan.errors:
        try:
            save(plan, run, now())
        except ValidationError as error:
            raise ArchiveError(" ".join(error.messages)) from None


def take_back(run: Import, now: datetime) -> None:
    """Undo, in the transaction of the caller."""
    names: dict[str, str] = {}
    for row in run.rows.filter(model=ROWS, created=False):
        names |= (row.before or {}).get("names", {})
    consents = [pk for row in run.rows.filter(model=ROWS, created=True) for pk in row.records]
    subject().take_back(names, consents, run, now)
