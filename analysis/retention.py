"""How long archives of unknown people and vehicles are kept: as long as their tracks."""

from collections.abc import Iterable
from datetime import datetime

from django.db import models
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from accounts.keeping import Rule, register
from analysis.models import StrangerArchive, VehicleArchive
from devices.models import VehiclePassage


@register
class Archives(Rule):
    """An archive goes when nobody came under it for so long."""

    code = "archives"
    title = _("未登记人员和车辆的档案")
    basis = _("自最后一次出入之日起")
    days = 400
    clauses = ("7.11.7 a)",)

    def expired(self, cutoff: datetime) -> Iterable[models.QuerySet]:
        drove = VehiclePassage.objects.filter(community=OuterRef("community"), plate=OuterRef("plate"), at__gte=cutoff)
        people = StrangerArchive.objects.filter(created_at__lt=cutoff).unseen_since(cutoff)
        return [people, VehicleArchive.objects.filter(created_at__lt=cutoff).exclude(Exists(drove))]
