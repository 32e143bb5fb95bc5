"""待核实的疑似居住人员: unknown people who keep coming, to be registered or to be told apart."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analysis.models import StrangerArchive
from residents.worklists.registry import Row, WorkList, register


@register
class Strangers(WorkList):
    """Archives taken for residents nobody registered, the longest known first."""

    weight = 30
    code, title, order = "strangers", gettext_lazy("待核实的疑似居住人员"), 70
    model, verbs = StrangerArchive, ("collect", "view_people", "edit_people")
    deed = gettext_lazy("去核实")

    def found(self, now: datetime) -> QuerySet:
        suspected = StrangerArchive.objects.filter(suspected_resident=True).select_related("community")
        return suspected.order_by("first_passage_at", "id")

    def told(self, rows: Sequence[StrangerArchive], now: datetime) -> list[Row]:
        return [
            Row(
                _("档案 %s") % archive, "", archive.community.name, _("登记此人,或改为不在本小区居住"),
                _("%d 天前首次出现") % (timezone.localdate(now) - timezone.localdate(archive.first_passage_at)).days,
                "warn", reverse("admin:analysis_strangerarchive_change", args=[archive.pk]),
            )
            for archive in rows
        ]  # fmt: skip
