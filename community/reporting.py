"""What goes up of a house (B.3.2) and what it used (B.10); what can be told of the place itself (table 1, 03 to 11, 16, 19)."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from community.models import Building, Community, Gate, House, Lane, MeterReading, Organisation, Unit
from uploads.offers import Offer, offer
from uploads.reports import Context, Incomplete, Report, register

NEEDED = (
    ("address_code", "地址编码为空,请先补齐标准地址编码"),
    ("owner_name", "房主姓名为空"),
    ("owner_number", "房主公民身份号码为空"),
    ("owner_phone", "房主联系电话为空"),
)


@register
class HouseReport(Report):
    """房屋信息数据同步."""

    name = "house"
    interface = "B.3.2"
    model = House
    title = _("房屋")
    upper_id = "house_id"
    pulled = "B.3.1"
    touched_by = ("building", "unit", "community")

    def queryset(self) -> models.QuerySet:
        return House.objects.with_label()

    def match(self, community_id: int, records: Sequence[Mapping[str, Any]]) -> list[Any]:
        """By the platform's id, else by the address code."""
        by_id = super().match(community_id, records)
        codes = [str(record.get("address_code", "")) for record in records]
        houses = House.objects.filter(community=community_id, address_code__in=[code for code in codes if code])
        by_code = dict(houses.values_list("address_code", "pk"))
        return [found or by_code.get(code) for found, code in zip(by_id, codes, strict=True)]

    def record(self, house: House, context: Context) -> dict[str, Any]:
        if gaps := [(name, reason) for name, reason in NEEDED if not getattr(house, name)]:
            raise Incomplete(gaps)
        return {
            "address_code": house.address_code,
            "owner_id_number": house.owner_number,
            "owner_contact_address": house.owner_address,
            "owner_name": house.owner_name,
            "property_certificate_no": house.certificate_number,
            "owner_phone": house.owner_phone,
            "address_name": house.address_text,
            "address_short_name": house.label,
            "property_certificate_photo_base64": house.certificate.read_clear() if house.certificate else None,
            "room_count": house.rooms,
            "floor_area": house.area,
            "house_type_code": house.category,
            "house_nature_code": house.nature,
            "house_use_code": house.use,
            "is_group_rental": house.group_rental,
            "lease_status_code": house.lease_status,
            "remark": house.remark,
        }


@register
class MeterReport(Report):
    """社区房屋水电煤数据. The platform knows the house by its address alone."""

    name = "meter"
    interface = "B.10"
    model = MeterReading
    title = _("水电煤用量")
    community = "house__community"
    after = ("house",)

    def queryset(self) -> models.QuerySet:
        return MeterReading.objects.select_related("house__community", "house__building", "house__unit")

    def record(self, reading: MeterReading, context: Context) -> dict[str, Any]:
        return {
            "house_address": reading.house.address_text,
            "electricity_usage": reading.electricity,
            "gas_usage": reading.gas,
            "water_usage": reading.water,
            "usage_month": reading.month,
        }


class PlaceOffer(Offer):
    """What the offers of a community as a whole share: one record a community."""

    model = Community
    community = "id"


@offer
class SystemOffer(PlaceOffer):
    """系统基本信息."""

    name = "system"
    item = "03"
    title = _("系统基本信息")
    keys = {"system": _("系统名称"), "language": _("语言"), "level": _("系统等级"), "mode": _("管理模式")}

    def values(self, place: Community) -> dict[str, Any]:
        return {"system": "Anju", "language": settings.LANGUAGE_CODE, "level": place.level, "mode": place.mode}


@offer
class CommunityOffer(PlaceOffer):
    """小区信息."""

    name = "community"
    item = "05"
    title = _("小区信息")
    keys = {
        "community_name": _("小区名称"), "address": _("地址"), "kind": _("类型"), "mode": _("管理模式"),
        "level": _("系统等级"), "tier": _("上传等级"),
    }  # fmt: skip

    def values(self, place: Community) -> dict[str, Any]:
        return {"community_name": place.name} | {
            name: getattr(place, name) for name in ("address", "kind", "mode", "level", "tier")
        }


@offer
class BuildingOffer(Offer):
    """楼栋信息."""

    name = "building"
    item = "06"
    model = Building
    title = _("楼栋信息")
    keys = {"building_no": _("楼栋号"), "name": _("名称"), "floors": _("楼层数")}

    def values(self, building: Building) -> dict[str, Any]:
        return {"building_no": building.number, "name": building.name, "floors": building.floors}


@offer
class UnitOffer(Offer):
    """单元信息."""

    name = "unit"
    item = "07"
    model = Unit
    title = _("单元信息")
    community = "building__community"
    touched_by = ("building",)
    keys = {"building_no": _("楼栋号"), "unit_no": _("单元号")}

    def queryset(self) -> models.QuerySet:
        return Unit.objects.select_related("building")

    def values(self, unit: Unit) -> dict[str, Any]:
        return {"building_no": unit.building.number, "unit_no": unit.number}


@offer
class OrganisationOffer(Offer):
    """小区实有单位信息."""

    name = "organisation"
    item = "11"
    model = Organisation
    title = _("小区实有单位信息")
    keys = {"name": _("名称"), "kind": _("类型"), "phone": _("值班电话")}

    def values(self, organisation: Organisation) -> dict[str, Any]:
        return {"name": organisation.name, "kind": organisation.kind, "phone": organisation.phone}


@offer
class GateOffer(Offer):
    """小区车辆出入口信息."""

    name = "gate"
    item = "16"
    model = Gate
    title = _("小区车辆出入口信息")
    keys = {"name": _("名称"), "kind": _("类型")}

    def values(self, gate: Gate) -> dict[str, Any]:
        return {"name": gate.name, "kind": gate.kind}


@offer
class LaneOffer(Offer):
    """小区出入口车道信息."""

    name = "lane"
    item = "19"
    model = Lane
    title = _("小区出入口车道信息")
    community = "gate__community"
    touched_by = ("gate",)
    keys = {"gate": _("出入口"), "lane_code": _("车道号"), "passage_direction_code": _("方向")}

    def queryset(self) -> models.QuerySet:
        return Lane.objects.select_related("gate")

    def values(self, lane: Lane) -> dict[str, Any]:
        return {"gate": lane.gate.name, "lane_code": lane.number, "passage_direction_code": lane.direction}
