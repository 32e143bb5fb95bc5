"""What goes up of a house: B.3.2, and what it used of water, electricity and gas: B.10."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from community.models import House, MeterReading
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
