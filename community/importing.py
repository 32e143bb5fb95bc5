"""Houses and organisations as sheets of the register's workbook."""

import re
from typing import Any

from django.utils.translation import gettext as _

from community.models import Building, House, Organisation, Unit
from community.workbooks.columns import Column
from community.workbooks.sheets import Context, Row, Sheet, sheet

LABEL = re.compile(r"(\d{1,4})-(?:(\d{1,3})-)?([0-9A-Za-z]{1,10})")


def label_of(building: int, unit: int | None, room: str) -> str:
    """ "3-2-501", without a unit "3-501"."""
    return "-".join(str(part) for part in (building, unit, room) if part)


def read_label(text: str) -> str | None:
    """A label as somebody wrote it, in its one spelling: "3-2-501", "3号楼2单元501"; None for anything else."""
    plain = re.sub(r"号楼|栋|幢|单元|号|室|#|_|/|—|–", "-", text.replace(" ", "")).strip("-")
    found = LABEL.fullmatch(re.sub(r"-+", "-", plain))
    if found is None:
        return None
    unit = int(found[2]) if found[2] else None
    return label_of(int(found[1]), unit, found[3])


def houses_of(context: Context) -> dict[str, House]:
    """All houses of the community by their label, asked once for each workbook."""
    if not context.houses:
        rows = House.objects.filter(community=context.community).select_related("building", "unit")
        context.houses.update({house.label: house for house in rows})
    return context.houses


def _once(context: Context, model: type, rows: Any) -> list[Any]:
    """The rows of a model, asked for once a workbook; what is missing is added to them."""
    if model not in context.extra:
        context.extra[model] = list(rows)
    return context.extra[model]


@sheet
class HouseSheet(Sheet):
    """房屋; buildings and units that are missing are made."""

    title, order, model, verb = "房屋", 10, House, "edit_place"
    columns = (
        Column("楼号", "building", True, "whole", aliases=("楼栋", "楼栋号", "栋号", "幢号"), width=8),
        Column("单元号", "unit", False, "whole", aliases=("单元",), width=8),
        Column("房号", "room", True, aliases=("房间号", "室号", "门牌号"), most=10, width=8),
        Column("楼层", "floor", False, "whole", aliases=("层", "所在层"), width=8),
        Column("地址编码", "address_code", aliases=("标准地址编码",), most=64, width=22),
        Column("地址名称", "address_name", aliases=("地址", "详细地址"), width=30),
        Column("房主姓名", "owner_name", aliases=("业主", "业主姓名", "产权人"), most=50),
        Column(
            "房主公民身份号码",
            "owner_number",
            aliases=("业主身份证号", "业主身份证", "房主身份证号"),
            most=18,
            width=22,
        ),
        Column("房主联系电话", "owner_phone", aliases=("业主电话", "房主电话", "业主手机"), most=20),
        Column("房主联系地址", "owner_address", width=24),
        Column("房屋产权号", "certificate_number", aliases=("产权证号", "不动产权证号"), most=100, width=20),
        Column("房屋间数", "rooms", False, "whole", aliases=("间数",), width=10),
        Column("房屋面积", "area", False, "decimal", aliases=("面积", "建筑面积"), width=10),
        Column("房屋类型", "category", False, "code", "house_category"),
        Column("房屋性质", "nature", False, "code", "house_property_nature"),
        Column("房屋用途", "use", False, "code", "house_use"),
        Column("是否群租居住", "group_rental", False, "flag", width=10),
        Column("租赁状态", "lease_status", False, "code", "lease_status"),
        Column("备注", "remark", width=20),
    )

    def takes(self, column: Column) -> bool:
        return column.field not in ("building", "unit")

    def records(self, community: Any) -> Any:
        found = House.objects.filter(community=community).select_related("building", "unit")
        return found.order_by("building__number", "unit__number", "floor", "room", "pk")

    def value(self, record: House, column: Column) -> Any:
        if self.takes(column):
            return super().value(record, column)
        related = getattr(record, column.field)
        return related.number if related else None

    def key(self, row: Row) -> str:
        return label_of(row.values["building"], row.values["unit"], row.values["room"])

    def known(self, rows: list[Row], context: Context) -> dict[str, House]:
        return dict(houses_of(context))

    def make(self, row: Row, context: Context) -> House:
        house = House(community=context.community)
        house.building = self._building(row, context)
        house.unit = self._unit(row, house.building, context)
        for name in ("building", "unit"):
            if (made := getattr(house, name)) is not None:
                self._sound(row, name, made)
        return house

    def _sound(self, row: Row, name: str, made: Any) -> None:
        field, title = made._meta.get_field("number"), {"building": "楼号", "unit": "单元号"}[name]
        try:
            field.run_validators(made.number)
        except Exception as error:
            row.errors[title] = "；".join(getattr(error, "messages", [str(error)]))

    def _building(self, row: Row, context: Context) -> Building:
        made = _once(context, Building, Building.objects.filter(community=context.community))
        number = row.values["building"]
        for building in made:
            if building.number == number:
                return building
        made.append(Building(community=context.community, number=number))
        return made[-1]

    def _unit(self, row: Row, building: Building, context: Context) -> Unit | None:
        number = row.values["unit"]
        if number is None:
            return None
        made = _once(context, Unit, Unit.objects.filter(building__community=context.community))
        for unit in made:
            same = unit.building is building or (building.pk and unit.building_id == building.pk)
            if unit.number == number and same:
                return unit
        made.append(Unit(building=building, number=number))
        return made[-1]

    def fill(self, row: Row, context: Context) -> None:
        super().fill(row, context)
        if row.created and row.values["floor"] is None:
            digits = re.match(r"\d+", row.values["room"])
            row.record.floor = (
                int(digits[0][:-2]) if digits and len(digits[0]) > 2 and int(digits[0][:-2]) <= 200 else 1
            )

    def place(self, row: Row, context: Context) -> None:
        context.houses[self.key(row)] = row.record

    def prepare(self, rows: list[Row], context: Context) -> None:
        super().prepare(rows, context)
        self._codes_once(rows, context)

    def _codes_once(self, rows: list[Row], context: Context) -> None:
        """An address code belongs to one house, in the workbook and in the register."""
        owners: dict[str, House] = {}
        for house in context.houses.values():  # those of the register come first
            owners.setdefault(house.address_code, house)
        for row in rows:
            code = row.values.get("address_code")
            if row.record is not None and code and owners.get(code) is not row.record:
                row.errors.setdefault("地址编码", _("已用于另一套房屋"))


@sheet
class OrganisationSheet(Sheet):
    """单位."""

    title, order, model, verb = "单位", 60, Organisation, "edit_place"
    columns = (
        Column("名称", "name", True, aliases=("单位名称",), most=100, width=30),
        Column("类型", "kind", False, "code", labels=tuple(Organisation.Kind.choices), aliases=("单位类型",)),
        Column("值班电话", "phone", aliases=("电话", "联系电话"), most=20),
    )

    def key(self, row: Row) -> str:
        return row.values["name"]

    def known(self, rows: list[Row], context: Context) -> dict[str, Organisation]:
        return {one.name: one for one in Organisation.objects.filter(community=context.community)}
