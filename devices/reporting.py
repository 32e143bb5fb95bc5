"""What goes up of a device: B.6.1, its status B.6.3, its end B.6.2 (only the types of C.16, quirk G-29); of passages: B.2.3, B.5.3."""

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from community.models import Community
from devices.models import Device, PersonPassage, VehiclePassage
from devices.passages import ENTERING
from residents.models import Person
from uploads.offers import Offer, offer
from uploads.reports import Context, Incomplete, Report, register

ACCESS_CONTROL = "4"  # C.16
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


class PassageReport(Report):
    """What the two kinds of passages share: told once, after its device; told again only if an answer was lost."""

    on = ("insert",)
    after = ("device",)

    def needs(self, passage: Any) -> Iterable[tuple[str, Any]]:
        return [("device", passage.device_id)]

    def common(self, passage: Any) -> dict[str, Any]:
        """Device, direction and the time of the way it was."""
        moment = "entered_at" if passage.direction == ENTERING else "left_at"
        return {
            "device_code": passage.device.code,
            "device_name": passage.device.name,
            "passage_direction_code": passage.direction,
            moment: passage.at,
            "capture_photo_base64": passage.photo.read_clear() if passage.photo else None,
        }


@register
class PersonPassageReport(PassageReport):
    """过人记录. Somebody registered goes by the platform's id of him, somebody unknown by the archive's number."""

    name = "person_passage"
    interface = "B.2.3"
    model = PersonPassage
    title = _("过人记录")
    after = ("device", "person")

    def queryset(self) -> models.QuerySet:
        return PersonPassage.objects.select_related("device", "person")

    def needs(self, passage: PersonPassage) -> Iterable[tuple[str, Any]]:
        person = [("person", passage.person_id)] if passage.person_id else []
        return [*super().needs(passage), *person]

    def record(self, passage: PersonPassage, context: Context) -> dict[str, Any]:
        person = passage.person
        if person is not None and person.restricted_at:
            raise Incomplete([("person_id", "此人的信息已限制处理,不上报")])
        who = {"archive_no": passage.archive_no} if person is None else self._known(person, context)
        return {
            **self.common(passage),
            **who,
            "resident_type_code": passage.occupant_type,
            "door_open_method_code": passage.open_method,
            "door_open_status_code": passage.open_status,
            "access_point_location": "1" if passage.at_gate else "2",
            "capture_panorama_base64": passage.panorama.read_clear() if passage.panorama else None,
            "is_local_resident": person is not None,
        }

    @staticmethod
    def _known(person: Person, context: Context) -> dict[str, Any]:
        return {
            "person_id": context.require("person", person.pk),
            "name": person.name,
            "sex_code": person.sex,
            "document_type_code": person.document_type,
            "document_number": person.document_number,
            "contact_phone": person.phone,
        }


@register
class VehiclePassageReport(PassageReport):
    """过车记录. The owner of a registered vehicle goes along."""

    name = "vehicle_passage"
    interface = "B.5.3"
    model = VehiclePassage
    title = _("过车记录")

    def queryset(self) -> models.QuerySet:
        return VehiclePassage.objects.select_related("device", "vehicle", "lane")

    def record(self, passage: VehiclePassage, context: Context) -> dict[str, Any]:
        vehicle, lane = passage.vehicle, passage.lane
        return {
            **self.common(passage),
            "plate_number": passage.plate,
            "plate_color_code": passage.plate_colour,
            "vehicle_brand_code": passage.brand,
            "vehicle_type_code": passage.type,
            "vehicle_color_code": passage.colour,
            "parking_type_code": passage.parking_type,
            "owner_name": vehicle.owner_name if vehicle else "",
            "owner_document_number": vehicle.owner_number if vehicle else "",
            "owner_contact_phone": vehicle.owner_phone if vehicle else "",
            "lane_code": str(lane.number) if lane else "",
            "passage_result": passage.passed,
            "is_local_vehicle": vehicle is not None,
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


@offer
class StateOffer(Offer):
    """系统状态信息: how many devices a community has, how many of them are on line."""

    name = "system_state"
    item = "04"
    model = Community
    community = "id"
    touched_by = ("devices",)
    title = _("系统状态信息")
    keys = {"devices": _("设备数"), "online": _("在线设备数")}

    def queryset(self) -> models.QuerySet:
        devices = Count("devices")
        return Community.objects.annotate(held=devices, running=Count("devices", filter=Q(devices__online_status="1")))

    def values(self, place: Community) -> dict[str, Any]:
        return {"devices": place.held, "online": place.running}


@offer
class AccessPointOffer(Offer):
    """小区门禁点信息."""

    name = "access_point"
    item = "21"
    model = Device
    title = _("小区门禁点信息")
    verb = "view_devices"
    keys = {"device_code": _("设备编码"), "name": _("名称"), "place": _("位置")}

    def queryset(self) -> models.QuerySet:
        return Device.objects.filter(type=ACCESS_CONTROL)

    def values(self, device: Device) -> dict[str, Any]:
        return {"device_code": device.code, "name": device.name, "place": device.description}
