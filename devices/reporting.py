"""What goes up of a device: B.6.1, its status B.6.3, its end B.6.2. Only the types of C.16 (quirk G-29)."""

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from devices.models import Device
from uploads.reports import Context, Incomplete, Report, register

STATUSES = ("online_status", "use_status")
REPORTED = (
    "community", "code", "name", "type", "maker", "built_at", "mac", "ip", "port", "longitude", "latitude", "networked",
    "description", "remark",
)  # fmt: skip


def _status(device: Device) -> dict[str, str]:
    return {"online_status_code": device.online_status, "usage_status_code": device.use_status}


def _demand_type(device: Device) -> None:
    if not device.type:
        raise Incomplete([("device_type_code", "设备类型不在附录表 C.16 中,只在本机登记,不上报")])


@register
class DeviceReport(Report):
    """设备信息数据同步."""

    name = "device"
    interface = "B.6.1"
    model = Device
    title = _("设备")
    upper_id = "device_id"
    withdraw = "B.6.2"
    watch = REPORTED

    def key(self, device: Device) -> str:
        return device.code

    def record(self, device: Device, context: Context) -> dict[str, Any]:
        _demand_type(device)
        return _status(device) | {
            "device_code": device.code,
            "device_name": device.name,
            "device_type_code": device.type,
            "manufacturer": device.maker,
            "built_at": device.built_at,
            "mac_address": device.mac,
            "ip_address": device.ip,
            "port": device.port,
            "longitude": device.longitude,
            "latitude": device.latitude,
            "is_networked_with_police": device.networked,
            "description": device.description,
            "remark": device.remark,
        }


@register
class DeviceStatusReport(Report):
    """设备状态更新: when a status changes after the device is known upstairs."""

    name = "device_status"
    interface = "B.6.3"
    model = Device
    title = _("设备状态")
    watch = STATUSES
    on = ("update",)

    def queryset(self) -> models.QuerySet:
        return Device.objects.all()

    def needs(self, device: Device) -> Iterable[tuple[str, Any]]:
        return [("device", device.pk)]

    def record(self, device: Device, context: Context) -> dict[str, Any]:
        _demand_type(device)
        return _status(device) | {"device_code": device.code}
