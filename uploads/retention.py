"""How long it is known what went up, when, and what came of it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.keeping import LOG_DAYS, Rule, register
from uploads.models import Due, Receipt


@register
class Receipts(Rule):
    """The last state of a record stands in its due row, which stays as long as the record."""

    code = "receipts"
    title = _("上报回执")
    basis = _("自上报之日起;记录最近一次上报的结果不受影响")
    days = 1095
    lawful = LOG_DAYS

    def expired(self, cutoff: datetime) -> Iterable[models.QuerySet]:
        gone = Due.objects.filter(state=Due.State.GONE, due_since__lt=cutoff)
        return [Receipt.objects.filter(at__lt=cutoff), gone]

    def remove(self, rows: Sequence[Any], now: datetime) -> dict[str, int]:
        if isinstance(rows[0], Receipt):
            return {Receipt._meta.label: Receipt.objects.expire([row.pk for row in rows])}
        return super().remove(rows, now)
