"""Portraits that come in a ZIP, named by document number: whose they are, whether they may be kept, and on which consent.

A portrait needs separate consent (PIPL 29): one that holds in the ledger, or one on paper that the importer declares,
which is then written into the ledger with where the paper is. Below 14 the guardian consents (PIPL 31), face to face.
"""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from simple_history.utils import bulk_update_with_history

from community.models import Community, Import
from community.workbooks.photos import Subject, photographed
from community.workbooks.sheets import CHUNK, chunks
from guomi import normalise, pictures
from residents.models import Consent, Notice, Person
from residents.rights import consenting
from residents.rights.models import How, Kind


@photographed
class Portraits(Subject):
    """Of people."""

    verb = "edit_people"

    def find(self, community: Community, numbers: list[str]) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = {}
        for person in Person.objects.filter(community=community, document_number_index__matches_any=numbers):
            found.setdefault(normalise.document(str(person.document_number)), []).append(person)
        return found

    def has_photo(self, record: Person) -> bool:
        return bool(record.photo)

    def refusals(self, records: list[Any], *, written: bool, now: datetime) -> dict[Any, str]:
        today, agreed, gone = timezone.localdate(now), set(), set()
        for some in chunks([person.pk for person in records]):
            agreed |= _agreed(some)
            gone |= set(Person.objects.departed(today).filter(pk__in=some).values_list("pk", flat=True))
        told = {person.pk: _refusal(person, person.pk in agreed, person.pk in gone, written, now) for person in records}
        return {pk: why for pk, why in told.items() if why}

    def store(self, record: Person, data: bytes) -> str:
        record.photo = pictures.CleanPicture(data, name="picture")
        record.photo.save("", record.photo.file, save=False)
        name = record.photo.name
        record.photo = ""
        return name

    def save(self, names: dict[Any, str], run: Import, now: datetime) -> list[Any]:
        made: list[Any] = []
        notice = Notice.objects.current(Kind.FACE, run.community_id)
        for some in chunks(names):
            people = list(Person.objects.select_for_update().filter(pk__in=some, photo="", restricted_at=None))
            agreed = _agreed(some)
            asked = [person for person in people if person.pk not in agreed]
            if len(people) != len(some) or (asked and not run.papers):
                raise ValidationError(_("导入期间有人改动了这些人的照片或同意,什么也没有导入,请重新试运行。"))
            for person in people:
                person.photo = names[person.pk]
            bulk_update_with_history(people, Person, ["photo"], batch_size=CHUNK)
            lines = [_consent(person, notice, run, now) for person in asked]
            made += [consent.pk for consent in Consent.objects.bulk_create(lines, batch_size=CHUNK)]
        return made

    def take_back(self, names: dict[Any, str], consents: list[Any], run: Import, now: datetime) -> None:
        replaced = 0
        for some in chunks(names):
            people = list(Person.objects.select_for_update().filter(pk__in=some).exclude(photo=""))
            own = [person for person in people if person.photo.name == names[str(person.pk)]]
            replaced += len(people) - len(own)
            for person in own:
                person.photo = ""
            bulk_update_with_history(own, Person, ["photo"], batch_size=CHUNK)
            transaction.on_commit(lambda gone=[names[str(person.pk)] for person in own]: _remove(gone), robust=True)
        if replaced:
            raise ValidationError(_("有 %d 人的照片导入后又换过,不能整体撤销。") % replaced)
        for some in chunks(consents):
            lines = Consent.objects.filter(pk__in=some, ended_at=None)
            lines.update(ended_at=now, ending=Consent.Ending.UNDONE, ended_by=run.made_by)


def _agreed(people: list[Any]) -> set[Any]:
    """Those of the people whose separate consent to a portrait holds."""
    return set(Consent.objects.active(Kind.FACE).filter(person__in=people).values_list("person_id", flat=True))


def _refusal(person: Person, agreed: bool, gone: bool, written: bool, now: datetime) -> str:
    if person.restricted_at:
        return _("此人的信息已限制处理")
    if gone:
        return _("此人已迁出,不再保存人像")
    if agreed:
        return ""
    if consenting.needs_guardian(person.birth_date, timezone.localdate(now)):
        return _("未满 14 周岁,须由监护人当面同意,请在采集台办理")
    return "" if written else _("没有人像的单独同意;已有书面同意的,请勾选声明并写明存放处")


def _consent(person: Person, notice: Notice, run: Import, now: datetime) -> Consent:
    return Consent(
        community_id=person.community_id, person=person, subject=person.pk, notice=notice, how=How.WRITTEN,
        papers=run.papers, given_at=now, recorded_by=run.made_by,
    )  # fmt: skip


def _remove(names: list[str]) -> None:
    storage = Person._meta.get_field("photo").storage
    for name in names:
        storage.delete(name)
