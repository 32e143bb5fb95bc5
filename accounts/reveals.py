"""Showing one personal value in clear for a short time: permission, reason, quota, an audit entry; then the value.

DESIGN §2.6. The entry is committed before the value is read, so that nothing is seen that is not in the log.
"""

import re
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
        field = model._meta.get_field(name)
        visible = model._default_manager.visible_to(user)
        row = visible.get(pk=pk)
    except (LookupError, ValueError, ValidationError, AttributeError, FieldDoesNotExist, models.ObjectDoesNotExist):
        raise Http404 from None
    secret = not isinstance(field, EncryptedField) or field.purpose in keyring.CREDENTIALS
    if secret or not verb_holds(user, VERB, row.community_id):
        raise Http404
    return row, field


def used_today(user: Any, now: datetime) -> int:
    """How many values the user has revealed since midnight."""
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return Entry.objects.filter(actor_id=user.pk, action=ACTION, at__gte=midnight).count()


def exhausted_today(now: datetime) -> int:
    """How many users came to the end of their quota today: the security administrator's warning."""
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return Entry.objects.filter(action=EXCEEDED, at__gte=midnight).values("actor_id").distinct().count()


def reveal(user: Any, label: str, pk: str, name: str, *, reason: str, note: str, now: datetime) -> str:
    """The clear value. Raises Http404, ValidationError (the reason) or QuotaError; only a value returned counts."""
    row, field = find(user, label, pk, name)
    if refused := getattr(row, "reveal_refused", ""):
        raise ValidationError(refused)
    why = reason_text(user, reason, note)
    facts = {"target": row, "community_id": row.community_id, "user": user, "detail": {"field": name}}
    with transaction.atomic(durable=True):
        User.objects.select_for_update().get(pk=user.pk)  # one reveal of a user at a time: the count is exact
        exceeded = used_today(user, now) >= settings.REVEAL_DAILY_QUOTA
        if exceeded:
            log.write(EXCEEDED, outcome=Entry.Outcome.REFUSED, reason=why, **facts)
        else:
            log.write(ACTION, reason=why, **facts)
    if exceeded:
        raise QuotaError
    return str(getattr(row, field.name))
