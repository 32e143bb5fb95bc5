"""Delivery where people work: a column and a filter in an admin list, the way of the record at the head of its form."""

from typing import Any

from django.contrib.admin import SimpleListFilter
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet, UUIDField
from django.db.models.functions import Cast
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from accounts.access import holds_somewhere
from uploads import receipts
from uploads.models import Due
from uploads.querysets import ARRIVED, PENDING, VERB

CHOICES = {
    "held": (_("待处理"), Due.objects.held),
    "pending": (_("未上报"), lambda: Due.objects.filter(PENDING)),
    "arrived": (_("已上报"), lambda: Due.objects.filter(ARRIVED)),
}


class DeliveryFilter(SimpleListFilter):
    """Rows by how far their record came."""

    title = _("上报")
    parameter_name = "delivery"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        self.report = model_admin.delivery_report
        return [(value, label) for value, (label, _rows) in CHOICES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet | None:
        if self.value() not in CHOICES:
            return None
        rows = CHOICES[self.value()][1]().filter(report=self.report)
        return queryset.filter(pk__in=rows.values_list(Cast("subject_id", UUIDField())))


class DeliveryChangeList(ChangeList):
    """Fetches the progress of the page's rows with one query."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = list(self.result_list)
        found = receipts.for_subjects(self.model_admin.delivery_report, [row.pk for row in self.result_list])
        for row, progress in zip(self.result_list, found.values(), strict=True):
            row.delivery = progress


class DeliveredAdmin:
    """For a ModelAdmin whose rows are reported (UUID keys): who may see delivery gets column, filter and panel."""

    delivery_report: str
    change_form_before_template = "uploads/_panel.html"

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        usual = super().get_changelist(request, **kwargs)
        return type(usual.__name__, (DeliveryChangeList, usual), {}) if self._shows_delivery(request) else usual

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        usual = super().get_list_display(request)
        return [*usual, "delivery_shown"] if self._shows_delivery(request) else usual

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        usual = super().get_list_filter(request)
        return [*usual, DeliveryFilter] if self._shows_delivery(request) else usual

    @staticmethod
    def _shows_delivery(request: HttpRequest) -> bool:
        return holds_somewhere(request.user, VERB)

    @display(
        description=_("上报"),
        label={"arrived": "success", "sent": "info", "encrypted": "info", "local": "default", "held": "danger"},
    )
    def delivery_shown(self, row: Any) -> tuple[str, Any]:
        return row.delivery.stage, row.delivery.label
