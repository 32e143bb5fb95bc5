"""How long the portal keeps its own traces of people: versions of records, sign-ins, sessions."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts import keeping
from accounts.keeping import LOG_DAYS, PROOF_DAYS, Rule, register
from accounts.signin.models import SignIn
from audit import burial
from audit.models import Entry, Leaf


@register
class Versions(Rule):
    """Every history table; a record's own deletion takes its versions along (residents.erasure)."""

    code = "versions"
    title = _("记录的历史版本")
    basis = _("自修改之日起;谁改了什么永久记在审计日志里,旧的内容不必永久保留")
    days = 730
    lawful = LOG_DAYS

    def expired(self, cutoff: datetime) -> Iterable[models.QuerySet]:
        for model in apps.get_models(include_auto_created=True):
            if hasattr(model, "history_date") and hasattr(model, "history_type"):
                yield model.objects.filter(history_date__lt=cutoff)
        yield LogEntry.objects.filter(action_time__lt=cutoff)

    def remove(self, rows: Sequence[Any], now: datetime) -> dict[str, int]:
        """Versions have nobody who listens: one statement a batch."""
        model = type(rows[0])
        return model._base_manager.filter(pk__in=[row.pk for row in rows]).delete()[1]


@register
class SignIns(Rule):
    """What the lockout remembers; the log has its own entries, which stay."""

    code = "sign_ins"
    title = _("登录尝试")
    basis = _("自登录之日起;网络安全法要求网络日志至少保存六个月")
    days = 180
    lawful = LOG_DAYS

    def expired(self, cutoff: datetime) -> Iterable[models.QuerySet]:
        attempts = (AccessAttempt, AccessFailureLog, AccessLog)
        return [
            *(model.objects.filter(attempt_time__lt=cutoff) for model in attempts),
            SignIn.objects.filter(seen_at__lt=cutoff),
        ]


@register
class Sessions(Rule):
    """Sessions nobody can use any more."""

    code = "sessions"
    title = _("过期会话")
    basis = _("自会话过期之日起")
    days = 1
    most = 30

    def expired(self, cutoff: datetime) -> Iterable[models.QuerySet]:
        return [Session.objects.filter(expire_date__lt=cutoff)]


@register
class AuditLog(Rule):
    """The log itself: whole ranges from its beginning, under a tombstone that the log announces (audit.burial)."""

    code = "audit_log"
    title = _("审计日志")
    basis = _("自操作之日起;个人信息保护法要求处理记录至少保存三年;删除后封存树仍可校验")
    days = 3650
    lawful = PROOF_DAYS

    def expired(self, cutoff: datetime) -> Iterable[models.QuerySet]:
        first, last = burial.waiting(cutoff)
        buried = Leaf.objects.filter(index__gte=first, index__lte=last).values("entry_id")
        return [Entry.objects.filter(pk__in=buried)]

    def remove(self, rows: Sequence[Any], now: datetime) -> dict[str, int]:
        """A range from the beginning, whichever of its rows were asked for."""
        cutoff = keeping.cutoff(keeping.periods()[self.code], now)
        return {Entry._meta.label: burial.bury(cutoff)}
