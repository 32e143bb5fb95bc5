"""How long passages are kept: access events 180 days (7.5.8), tracks a year (7.11.7 a)."""

from collections.abc import Iterable
from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.keeping import Rule, register
from devices.models import PersonPassage, VehiclePassage


@register
class Passages(Rule):
    code = "passages"
    title = _("过人、过车记录")
    basis = _("自通行之日起;出入口事件须保存 180 天(标准 7.5.8),轨迹须保存一年(标准 7.11.7)")
    days = 400
    clauses = ("7.5.8", "7.11.7 a)")

    def expired(self, cutoff: datetime) -> Iterable[models.QuerySet]:
        return [model.objects.filter(at__lt=cutoff) for model in (PersonPassage, VehiclePassage)]
