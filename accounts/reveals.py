"""Showing personal values in clear, one for a short time or several on a sheet: permission, reason, quota, an audit
entry; then the value.

DESIGN §2.6. The entry is committed before a value is read, so that nothing is seen that is not in the log.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models, transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import verb_holds, verbs_of
from accounts.models import User
from audit import log
from audit.models import Entry
from guomi import keyring
from guomi.fields import EncryptedField

VERB, ACTION, EXCEEDED = "reveal", "reveal", "reveal_quota"
SECONDS = 60
REASONS = {
    "visit": _("上门核实"),
    "call": _("电话联系"),
    "correct": _("纠错更正"),
    "service": _("办理业务"),
    "emergency": _("应急处置"),
    "other": _("其他(请说明)"),
}
MAX_NOTE = 200
LONG_NUMBER = re.compile(r"(?:\d[\s-]*){11}")  # a phone number or more: the log keeps what is written for ever
CASE_NUMBER = re.compile(r"(?=(?:.*\d){4})[\w\u4e00-\u9fff〔〕\[\]()()\-]{6,60}")


class QuotaError(Exception):
    """The user has revealed as much as he may today."""


def may_reveal(user: Any) -> bool:
    """Does the user hold the verb anywhere? Decides whether a page offers the eye."""
    return VERB in verbs_of(user)


def needs_case_number(user: Any) -> bool:
    """Police review and do not collect: they state the case they look for (DESIGN §5)."""
    return "view_audit" in verbs_of(user)


def reason_text(user: Any, reason: str, note: str) -> str:
    """The reason as it is logged; ValidationError says what is missing."""
    note = " ".join(note.split())
    if reason not in REASONS:
        raise ValidationError(_("请选择查看的理由。"))
    if len(note) > MAX_NOTE:
        raise ValidationError(_("说明过长,最多 200 字。"))
    if LONG_NUMBER.search(note):
        raise ValidationError(_("理由会永久记入审计日志,请勿填写电话、证件号码等个人信息。"))
    if needs_case_number(user) and not CASE_NUMBER.fullmatch(note):
        raise ValidationError(_("请填写案件编号,如 津公(和)受案字〔2026〕1234号。"))
    if reason == "other" and len(note) < 4:
        raise ValidationError(_("请写明理由,至少 4 个字。"))
    return f"{REASONS[reason]} {note}".strip()


def find(user: Any, label: str, pk: str, name: str) -> tuple[models.Model, EncryptedField]:
    """The row and field, if the user sees the row and may reveal there; Http404 for everything else alike."""
    try:
        model = apps.get_model(label)
        visible = model._default_manager.visible_to(user)
        row = visible.get(pk=pk)
    except (LookupError, ValueError, ValidationError, AttributeError, models.ObjectDoesNotExist):
        raise Http404 from None
    return row, _field(user, row, name)


def _field(user: Any, row: models.Model, name: str) -> EncryptedField:
    """A field of the row that is meant for eyes, if the user may reveal there; Http404."""
    try:
        field = row._meta.get_field(name)
    except FieldDoesNotExist:
        raise Http404 from None
    secret = not isinstance(field, EncryptedField) or field.purpose in keyring.CREDENTIALS
    if secret or not verb_holds(user, VERB, row.community_id):
        raise Http404
    return field


def _midnight(now: datetime) -> datetime:
    return timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)


def used_today(user: Any, now: datetime) -> int:
    """How many values the user has revealed since midnight."""
    entries = Entry.objects.filter(actor_id=user.pk, action=ACTION, at__gte=_midnight(now))
    return sum(len(detail.get("fields") or "1") for detail in entries.values_list("detail", flat=True))


def left_today(user: Any, now: datetime) -> int:
    """How many values he may still reveal today."""
    return max(0, settings.REVEAL_DAILY_QUOTA - used_today(user, now))


def exhausted_today(now: datetime) -> int:
    """How many users came to the end of their quota today: the security administrator's warning."""
    return Entry.objects.filter(action=EXCEEDED, at__gte=_midnight(now)).values("actor_id").distinct().count()


def reveal(user: Any, label: str, pk: str, name: str, *, reason: str, note: str, now: datetime) -> str:
    """The clear value. Raises Http404, ValidationError (the reason) or QuotaError; only a value returned counts."""
    row, field = find(user, label, pk, name)
    _permit(user, [(row, {"field": name})], 1, reason_text(user, reason, note), now)
    return str(getattr(row, field.name))


Wanted = Sequence[tuple[models.Model, Sequence[str]]]


def reveal_several(user: Any, wanted: Wanted, *, reason: str, note: str, now: datetime) -> list[dict[str, str]]:
    """For each (row the user sees, names of fields) its clear values by name: all of them, or an error and none.

    One entry a row, and every value counts. Raises what `reveal` raises; a row whose data are restricted refuses all.
    """
    for row, names in wanted:
        for name in names:
            _field(user, row, name)
    entries = [(row, {"fields": list(names)}) for row, names in wanted if names]
    _permit(user, entries, sum(len(names) for _row, names in wanted), reason_text(user, reason, note), now)
    return [{name: str(getattr(row, name)) for name in names} for row, names in wanted]


def holds(row: models.Model, name: str) -> bool:
    """Whether there is a value to reveal; nothing is opened."""
    return bool(row.__dict__.get(name))


def _permit(
    user: Any, entries: Sequence[tuple[models.Model, dict[str, Any]]], count: int, why: str, now: datetime
) -> None:
    """Write the entries of `count` values in a transaction of their own, or that the quota of the day is used up."""
    for row, _detail in entries:
        if refused := getattr(row, "reveal_refused", ""):
            raise ValidationError(refused)
    with transaction.atomic(durable=True):
        User.objects.select_for_update().get(pk=user.pk)  # one reveal of a user at a time: the count is exact
        exceeded = used_today(user, now) + count > settings.REVEAL_DAILY_QUOTA
        outcome = {"action": EXCEEDED, "outcome": Entry.Outcome.REFUSED} if exceeded else {"action": ACTION}
        for row, detail in entries[:1] if exceeded else entries:
            log.write(**outcome, target=row, community_id=row.community_id, user=user, reason=why, detail=detail)
    if exceeded:
        raise QuotaError
