"""Equipment in the admin."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.scoped_admin import ScopedHistoryAdmin
from devices.models import Device
from uploads.badges import DeliveredAdmin


@admin.register(Device)
class DeviceAdmin(DeliveredAdmin, ScopedHistoryAdmin):
    """设备."""

    delivery_report = "device"
    view_verb = "view_devices"
    add_verb = change_verb = delete_verb = "edit_devices"
    list_display = ("name", "code", "type", "online_status", "use_status", "community", "maker", "ip")
    list_filter = ("community", "type", "online_status", "use_status")
    search_fields = ("name", "code", "ip")
    fieldsets = (
        (None, {"fields": ("community", ("code", "name"), ("type", "local_kind"), ("gate", "building"))}),
        (_("状态"), {"fields": (("online_status", "use_status"), ("built_at", "networked"))}),
        (_("网络"), {"fields": (("ip", "port", "mac"), ("username", "password"))}),
        (_("其他"), {"fields": ("maker", ("longitude", "latitude"), "description", "remark")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("community")
