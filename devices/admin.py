"""Equipment in the admin."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.scoped_admin import ScopedHistoryAdmin, ScopedModelAdmin
from devices.models import Device, PersonPassage, VehiclePassage
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


class PassageAdmin(DeliveredAdmin, ScopedModelAdmin):
    """Happenings: put in by devices, by hand where a device cannot; never changed."""

    change_verb = None
    list_filter = ("community", "direction", "device")
    date_hierarchy = "at"
    list_select_related = ("community", "device")


@admin.register(PersonPassage)
class PersonPassageAdmin(PassageAdmin):
    """过人记录."""

    delivery_report = "person_passage"
    view_verb, add_verb = "view_people", "edit_people"
    list_display = ("at", "direction", "device", "person", "occupant_type", "open_method", "open_status", "community")
    autocomplete_fields = ("device", "person")
    fields = (
        "community", ("device", "at_gate"), ("direction", "at"), ("person", "archive_no"), ("open_method", "open_status"),
        "occupant_type", ("photo", "panorama"),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("community", "device", "person")


@admin.register(VehiclePassage)
class VehiclePassageAdmin(PassageAdmin):
    """过车记录."""

    delivery_report = "vehicle_passage"
    view_verb, add_verb = "view_vehicles", "edit_vehicles"
    list_display = ("at", "direction", "plate", "plate_colour", "device", "vehicle", "passed", "community")
    search_fields = ("plate",)
    autocomplete_fields = ("device", "vehicle")
    fields = (
        "community", ("device", "lane"), ("direction", "at"), ("plate", "plate_colour"), ("brand", "type", "colour"),
        ("vehicle", "parking_type"), "passed", "photo",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("community", "device", "vehicle")
