"""The post office in the admin."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.scoped_admin import ScopedModelAdmin
from audit import log
from uploads.models import Due, Receipt, UpperPlatform


@admin.register(UpperPlatform)
class UpperPlatformAdmin(ScopedModelAdmin):
    """Where each community's records go. The password is shown as a mask and kept when left empty."""

    view_verb, change_verb = "configure_upper", "configure_upper"
    list_display = ("registration_code", "base_url", "username", "enabled", "updated_at")
    list_filter = ("enabled",)
    search_fields = ("registration_code", "base_url")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return UpperPlatform.objects.visible_to(request.user)


@admin.register(Due)
class DueAdmin(ScopedModelAdmin):
    """What is on its way, and what waits for a person."""

    view_verb = "view_delivery"
    list_display = ("report", "subject_id", "state", "problem", "reason", "attempts", "due_since", "delivered_at")
    list_filter = ("report", "state", "problem")
    search_fields = ("subject_id",)
    ordering = ("-due_since",)
    actions = ["release"]

    @admin.action(description=_("重新上报所选记录"))
    def release(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        rows = queryset.filter(state=Due.State.HELD)
        count = rows.update(state=Due.State.DUE, attempts=0, next_at=None, problem="", reason="")
        log.write_now("release_held", detail={"rows": count})
        self.message_user(request, _("已放行 %(count)d 条,将立即重新上报。") % {"count": count})


@admin.register(Receipt)
class ReceiptAdmin(ScopedModelAdmin):
    """What each sending came to."""

    view_verb = "view_delivery"
    list_display = ("at", "report", "subject_id", "outcome", "upper_id", "message", "ms")
    list_filter = ("report", "outcome")
    search_fields = ("subject_id", "upper_id")
    ordering = ("-id",)
