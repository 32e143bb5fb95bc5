"""Devices as a sheet of the register's workbook."""

from datetime import datetime, time
from typing import Any

from django.utils import timezone

from community.workbooks.columns import Column
from community.workbooks.sheets import Context, Row, Sheet, sheet
from devices.models import Device


@sheet
class DeviceSheet(Sheet):
    """设备."""

    title, order, model, verb = "设备", 50, Device, "edit_devices"
    columns = (
        Column("设备编码", "code", True, aliases=("编码", "设备编号"), most=64, width=20),
        Column("设备名称", "name", True, aliases=("名称",), most=100, width=24),
        Column("设备类型", "type", False, "code", "device_type", aliases=("类型",)),
        Column("设备厂商", "maker", aliases=("厂商", "品牌"), most=100),
        Column("在线状态", "online_status", False, "code", "online_status"),
        Column("使用状态", "use_status", False, "code", "use_status_ga"),
        Column("建设时间", "built_at", False, "day", aliases=("安装时间", "安装日期")),
        Column("设备MAC", "mac", aliases=("MAC",), most=17),
        Column("设备IP", "ip", aliases=("IP",), most=39),
        Column("设备端口", "port", False, "whole", aliases=("端口",), width=8),
        Column("设备经度", "longitude", False, "decimal", aliases=("经度",)),
        Column("设备纬度", "latitude", False, "decimal", aliases=("纬度",)),
        Column("是否与公安联网", "networked", False, "flag", width=10),
        Column("设备描述", "description", aliases=("描述", "安装位置", "位置"), width=24),
        Column("备注", "remark", width=20),
    )

    def read(self, number: int, cells: dict[str, Any]) -> Row:
        row = super().read(number, cells)
        if day := row.values.get("built_at"):
            row.values["built_at"] = timezone.make_aware(datetime.combine(day, time()))
        return row

    def key(self, row: Row) -> str:
        return row.values["code"]

    def known(self, rows: list[Row], context: Context) -> dict[str, Device]:
        return {one.code: one for one in Device.objects.filter(community=context.community)}
