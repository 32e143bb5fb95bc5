"""People, who lives where, and vehicles as sheets of the register's workbook."""

from datetime import date, datetime, time
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from community.importing import houses_of, read_label
from community.workbooks.columns import Column
from community.workbooks.sheets import Context, Row, Sheet, chunks, sheet
from guomi import normalise
from residents.models import CITIZEN, Person, Residency, Vehicle

NUMBER_NAMES = ("身份证号", "身份证号码", "身份证", "公民身份号码", "证件号")


def _person_key(row: Row) -> tuple[str, str]:
    return row.values.get("document_type") or CITIZEN, normalise.document(row.values["document_number"])


def find_people(context: Context, numbers: list[str]) -> None:
    """Put the registered people of these numbers into the context; a merged record's number leads to the person he is now."""
    for some in chunks(numbers):
        found = Person.with_merged.filter(community=context.community, document_number_index__matches_any=some)
        for person in found.select_related("merged_into"):
            key = person.document_type, normalise.document(str(person.document_number))
            context.people.setdefault(key, person.merged_into or person)


@sheet
class PersonSheet(Sheet):
    """人员."""

    title, order, model, verb = "人员", 20, Person, "edit_people"
    columns = (
        Column("姓名", "name", True, aliases=("住户姓名", "居民姓名"), most=50),
        Column("证件类型", "document_type", False, "code", "identity_document", width=18),
        Column("证件号码", "document_number", True, aliases=NUMBER_NAMES, most=50, width=22),
        Column("联系电话", "phone", aliases=("电话", "手机", "手机号", "手机号码"), most=20),
        Column("性别", "sex", False, "code", "sex", width=8),
        Column("出生日期", "birth_date", False, "day", aliases=("生日",)),
        Column("人员类型", "person_type", False, "code", "person_type"),
        Column("曾用名", "former_name", most=50),
        Column("英文名", "english_name", most=100),
        Column("户籍地详址", "registered_address", aliases=("户籍地址", "户籍地"), width=30),
        Column("工作单位", "workplace", most=100, width=20),
        Column("签发机关", "document_issuer", most=100, width=20),
        Column("证件有效期限", "document_validity", aliases=("有效期限",), most=50, width=22),
        Column("是否独居老人", "lives_alone_elder", False, "flag", aliases=("独居老人",), width=10),
        Column("民族", "ethnicity", False, "code", "ethnic_group"),
        Column("文化程度", "education", False, "code", "education", aliases=("学历",)),
        Column("婚姻状况", "marital_status", False, "code", "marital_status"),
        Column("职业", "occupation", most=50),
        Column("职业类别", "occupation_category", False, "code", "occupation"),
        Column("兵役状况", "military_service", False, "code", "military_service"),
        Column("政治面貌", "political_status", False, "code", "political_status"),
        Column("备注", "remark", width=20),
    )

    def key(self, row: Row) -> tuple[str, str]:
        return _person_key(row)

    def known(self, rows: list[Row], context: Context) -> dict[Any, Any]:
        find_people(context, [row.values["document_number"] for row in rows])
        return dict(context.people)

    def fill(self, row: Row, context: Context) -> None:
        """Whoever was found by the number of a record merged into his own keeps his own number."""
        given = {name: row.values.get(name) for name in ("document_type", "document_number")}
        if not row.created and normalise.document(given["document_number"]) != normalise.document(
            str(row.record.document_number)
        ):
            row.values |= dict.fromkeys(given)
        super().fill(row, context)
        row.values |= given

    def place(self, row: Row, context: Context) -> None:
        context.people[self.key(row)] = row.record


def _midnight(day: date | None) -> datetime | None:
    return timezone.make_aware(datetime.combine(day, time())) if day else None


@sheet
class ResidencySheet(Sheet):
    """人房关系. A lease's photographed contract cannot come by workbook: it is added at the desk, and delivery waits for it."""

    title, order, model, verb = "人房关系", 30, Residency, "edit_people"
    excused = frozenset({"lease_contract"})
    columns = (
        Column("证件号码", "document_number", True, aliases=NUMBER_NAMES, most=50, width=22),
        Column("证件类型", "document_type", False, "code", "identity_document", width=18),
        Column("房屋", "house", True, aliases=("房号", "住址", "房间"), most=40, width=14),
        Column("住户类型", "occupant_type", False, "code", "occupant_type"),
        Column("租客家属", "tenant_family", False, "flag", width=10),
        Column("租赁开始时间", "lease_start", False, "day", aliases=("租赁开始", "起租日期")),
        Column("租赁结束时间", "lease_end", False, "day", aliases=("租赁结束", "到期日期")),
        Column("入住日期", "moved_in", False, "day", aliases=("入住时间",)),
        Column("迁出日期", "moved_out", False, "day", aliases=("迁出时间",)),
    )

    def read(self, number: int, cells: dict[str, Any]) -> Row:
        row = super().read(number, cells)
        if text := row.values.get("house"):
            row.values["house"] = read_label(text)
            if row.values["house"] is None:
                row.errors["房屋"] = _("应写作 楼号-单元号-房号,如 3-2-501")
        for name in ("lease_start", "lease_end"):
            row.values[name] = _midnight(row.values.get(name))
        return row

    def takes(self, column: Column) -> bool:
        return column.field not in ("document_number", "document_type", "house")

    def records(self, community: Any) -> Any:
        rows = Residency.objects.filter(house__community=community, moved_out=None)
        return rows.select_related("person", "house__building", "house__unit").order_by("pk")

    def value(self, record: Residency, column: Column) -> Any:
        if column.field == "document_number":
            return record.person.document_number_masked()
        if column.field == "document_type":
            return record.person.document_type
        return record.house.label if column.field == "house" else super().value(record, column)

    def key(self, row: Row) -> Any:
        return (*_person_key(row), row.values["house"])

    def known(self, rows: list[Row], context: Context) -> dict[Any, Any]:
        houses_of(context)
        there = {number for _kind, number in context.people}
        wanted = {row.values["document_number"] for row in rows}
        find_people(context, [number for number in wanted if normalise.document(number) not in there])
        homes = Residency.objects.filter(house__community=context.community, moved_out=None)
        labels = {house.pk: label for label, house in context.houses.items() if not house._state.adding}
        names: dict[Any, list[tuple[str, str]]] = {}  # a person whose records were merged has several numbers
        for key, person in context.people.items():
            if not person._state.adding:
                names.setdefault(person.pk, []).append(key)
        found = {}
        for some in chunks(names):
            for home in homes.filter(Q(person_id__in=some)):
                if home.house_id in labels:
                    keys, label = names[home.person_id], labels[home.house_id]
                    home.person, home.house = context.people[keys[0]], context.houses[label]
                    found |= {(*key, label): home for key in keys}
        return found

    def make(self, row: Row, context: Context) -> Residency:
        person, house = context.people.get(_person_key(row)), context.houses.get(row.values["house"])
        if person is None:
            row.errors["证件号码"] = _("没有登记这个人,也不在“人员”工作表里(或那一行有错)")
        if house is None:
            row.errors["房屋"] = _("没有这套房屋,也不在“房屋”工作表里(或那一行有错)")
        return Residency(person=person, house=house) if person is not None and house is not None else Residency()


@sheet
class VehicleSheet(Sheet):
    """车辆."""

    title, order, model, verb = "车辆", 40, Vehicle, "edit_vehicles"
    columns = (
        Column("车牌号码", "plate", True, aliases=("车牌", "车牌号", "号牌"), most=15),
        Column("车牌颜色", "plate_colour", False, "code", "plate_colour"),
        Column("车辆品牌", "brand", False, "code", "vehicle_brand", aliases=("品牌",)),
        Column("车辆类型", "type", False, "code", "vehicle_type", aliases=("车型",)),
        Column("车辆颜色", "colour", False, "code", "vehicle_colour", aliases=("车身颜色", "颜色")),
        Column("车主姓名", "owner_name", aliases=("车主",), most=50),
        Column("车主证件号码", "owner_number", aliases=("车主身份证号",), most=50, width=22),
        Column("车主联系电话", "owner_phone", aliases=("车主电话", "车主手机"), most=20),
        Column("备注", "remark", width=20),
    )

    def key(self, row: Row) -> tuple[str, str]:
        default = Vehicle._meta.get_field("plate_colour").get_default()
        return normalise.plate(row.values["plate"]), row.values.get("plate_colour") or default

    def known(self, rows: list[Row], context: Context) -> dict[Any, Any]:
        found = Vehicle.objects.filter(community=context.community)
        return {(normalise.plate(one.plate), one.plate_colour): one for one in found}
