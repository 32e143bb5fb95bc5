"""Two records of one person become one, and can be parted again.

The other record is not deleted: it is hidden (Person.merged_into), keeps its number and its way upstairs, and what hung on
it hangs on the kept one. Parting them gives everything back; what was changed since on the kept record stays changed.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from audit import log
from guomi.pictures import CleanPicture
from residents.likeness import comparing, deciding, related, upstairs
from residents.likeness.comparing import PHOTO, value
from residents.likeness.models import Choice, Merge
from residents.models import Person

NUMBER = ("document_type", "document_number")
HOMES = "residents.residency.person"


def merge(kept: Person, gone: Person, *, take: Iterable[str] = (), user: Any, now: datetime) -> Merge:
    """Put `gone` into `kept`, which takes over what `take` names (comparing.choices). ValidationError says what is against it.

    Of two people who merge the same pair at once one is told that it has been done.
    """
    with transaction.atomic():
        kept, gone = _locked(kept.pk, gone.pk)
        if problems := comparing.refusals(kept, gone):
            raise ValidationError(problems)
        fields = [name for name in comparing.fields_of(take) if value(kept, name) != value(gone, name)]
        if problems := comparing.not_allowed(kept, gone, fields):
            raise ValidationError(problems)
        deed = Merge(
            community_id=kept.community_id, kept=kept, gone=gone, subject=gone.pk, done_by=user, done_at=now,
            upper_ids=upstairs.upper_ids(kept=kept.pk, gone=gone.pk),
        )  # fmt: skip
        codes = deciding.between(kept, gone)
        deed.moved, deed.stayed = related.move(gone, kept)
        if fields:
            _take_over(kept, gone, fields, deed)
        gone.merged_into = kept
        gone.save(update_fields=["merged_into"])
        deed.save(force_insert=True)
        upstairs.end(gone.pk, deed.stayed.get(HOMES, []))
        upstairs.again(kept.pk, now)
        deciding.keep(kept, gone, Choice.SAME, codes=codes, user=user, now=now)
        _tell("merge_people", deed, user)
    return deed


def unmerge(deed: Merge, *, reason: str, note: str = "", user: Any, now: datetime) -> Merge:
    """Part the two again, and keep why they are not the same person. ValidationError says what cannot be undone, and why."""
    with transaction.atomic():
        deed = Merge.objects.select_for_update(of=("self",)).get(pk=deed.pk)
        kept, gone = _parted(deed)
        try:
            with transaction.atomic():
                overwritten = _give_back(kept, gone, deed)
                gone.merged_into = None
                gone.save(update_fields=["merged_into"])
                related.move_back(deed.moved, kept, gone)
        except IntegrityError:
            told = _("合并后登记的内容与被合并的档案冲突(同一证件号码或同一住处),请先更正后再撤销。")
            raise ValidationError(told) from None
        upstairs.name_again(kept.pk, deed.upper_ids.get("kept", ""), instead_of=deed.upper_ids.get("gone", ""))
        upstairs.revive(gone.pk, deed.stayed.get(HOMES, []), now, overwritten=overwritten)
        upstairs.again(kept.pk, now)
        deed.undone_by, deed.undone_at = user, now
        deed.former, deed.taken, deed.former_photo = None, None, ""
        deed.save()
        deciding.differ(kept, gone, reason=reason, note=note, user=user, now=now)
        _tell("unmerge_people", deed, user)
    return deed


def problems_of(deed: Merge) -> list[Any]:
    """Why a merge cannot be undone, in words; nothing stands against it when it is empty."""
    kept, gone = deed.kept, deed.gone
    if deed.undone_at:
        return [_("这次合并已经撤销。")]
    if gone is None:
        return [_("被合并的档案已按保存期限或本人要求删除,不能撤销。")]
    if kept.merged_into_id or gone.merged_into_id != kept.pk:
        return [_("保留的档案后来又并入了另一人:请先撤销那次合并。")]
    if kept.restricted_at or gone.restricted_at:
        return [_("此人的信息已限制处理,不能撤销合并;解除限制后再撤销。")]
    later = Merge.objects.standing().filter(kept=kept, done_at__gt=deed.done_at).exclude(gone=None)
    return [_("之后还有别的档案并入同一人:请先撤销后来的合并。")] if later.exists() else []


def _locked(*keys: uuid.UUID) -> list[Person]:
    """The people, nobody else's for the length of the transaction; always in the same order, so that nobody waits in a ring."""
    rows = {
        row.pk: row for row in Person.with_merged.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk")
    }
    if len(rows) < len(set(keys)):
        raise ValidationError(_("档案已不存在。"))
    return [rows[key] for key in keys]


def _parted(deed: Merge) -> list[Person]:
    if problems := problems_of(deed):
        raise ValidationError(problems)
    deed.kept, deed.gone = _locked(deed.kept_id, deed.gone_id)
    if problems := problems_of(deed):
        raise ValidationError(problems)
    return [deed.kept, deed.gone]


def _take_over(kept: Person, gone: Person, fields: list[str], deed: Merge) -> None:
    """The kept record says what the other one says; what it said before is kept, sealed, with the deed."""
    texts = [name for name in fields if name != PHOTO]
    deed.fields = fields
    deed.former, deed.taken = ({name: value(who, name) for name in texts} for who in (kept, gone))
    if PHOTO in fields and kept.photo:
        deed.former_photo = _copy(kept.photo.read_clear())
    former = {name: getattr(kept, name) for name in NUMBER}
    new = {name: getattr(gone, name) for name in texts}
    if PHOTO in fields:
        new[PHOTO] = _copy(gone.photo.read_clear()) if gone.photo else ""
    if set(NUMBER) & set(fields):
        _let_go(gone)
    for name, held in new.items():
        setattr(kept, name, held)
    _check(kept, fields)
    kept.save()
    if set(NUMBER) & set(fields):  # each number stands once, and both still lead to the person
        _give_number(gone, former)


def _let_go(gone: Person) -> None:
    """The kept record takes the number in between, and no two may hold it even then."""
    gone.document_number = ""
    gone.save(update_fields=["document_number"])


def _give_number(gone: Person, number: dict[str, str]) -> None:
    for name, held in number.items():
        setattr(gone, name, held)
    gone.save(update_fields=list(number))


def _give_back(kept: Person, gone: Person, deed: Merge) -> bool:
    """The kept record says again what it said before, but where somebody changed it since. Whether numbers changed hands."""
    former, taken = deed.former or {}, deed.taken or {}
    back = {name for name in former if value(kept, name) == taken[name]}
    number = set(NUMBER) & set(former)
    if not number <= back:  # a number corrected since stays, with its kind
        back -= number
    if number:
        _let_go(gone)
    for name in back:
        setattr(kept, name, Person._meta.get_field(name).to_python(former[name]))
    if PHOTO in deed.fields and value(kept, PHOTO) == value(gone, PHOTO):
        kept.photo = _copy(deed.former_photo.read_clear()) if deed.former_photo else ""
    if deed.fields:
        kept.save()
    if number:
        _give_number(gone, {name: taken.get(name, getattr(gone, name)) for name in NUMBER})
    return bool(number)


def _copy(data: bytes) -> CleanPicture:
    return CleanPicture(data, name="picture")


def _check(person: Person, fields: list[str]) -> None:
    """The person's own rules, about what was taken over; what was wrong before stays the office's to put right."""
    try:
        person.clean()
    except ValidationError as error:
        told = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
        if problems := [text for name, texts in told.items() if name in fields for text in texts]:
            raise ValidationError(problems) from None


def _tell(action: str, deed: Merge, user: Any) -> None:
    counts = {name: len(keys) for name, keys in deed.moved.items()}
    detail = {"person": str(deed.subject), "fields": deed.fields, "rows": sum(counts.values())}
    log.write(action, target=deed.kept, community_id=deed.community_id, user=user, detail=detail)
