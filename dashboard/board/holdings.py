"""What a community holds of each item of table 1. One function an item; the numbers are those of the standard (8.2)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from analysis.models import StrangerArchive, VehicleArchive
from audit.models import Head
from community.models import Building, Community, Gate, House, Lane, MeterReading, Organisation, Unit
from devices.models import Device, PersonPassage, VehiclePassage
from residents.models import Person, Residency, Vehicle, Worker

VISITOR, ACCESS_CONTROL, TENANT = "4", "4", "1"


@dataclass(frozen=True)
class Gap:
    """Something missing: what, in how many records, the admin list where it is put right (with its query)."""

    title: Promise
    count: int
    where: str = ""


@dataclass(frozen=True)
class Holding:
    """`held` records, of which `whole` have no gap; when the newest came in; the reports that deliver them."""

    held: int
    whole: int
    fresh: datetime | None = None
    gaps: tuple[Gap, ...] = ()
    reports: tuple[str, ...] = ()


Source = Callable[[Community], Holding]
SOURCES: dict[str, Source] = {}


def item(*numbers: str) -> Callable[[Source], Source]:
    """The function tells what is held of these items."""

    def note(source: Source) -> Source:
        SOURCES.update(dict.fromkeys(numbers, source))
        return source

    return note


def _counted(
    rows: QuerySet, wanted: dict[str, tuple[Promise, Q, str]], *, fresh: str = "", reports: tuple[str, ...] = ()
) -> Holding:
    """All rows and the gaps among them, in one query: {name: (title, condition of the gap, list)}."""
    any_gap = Q()
    for _title, condition, _where in wanted.values():
        any_gap |= condition
    asked: dict[str, Any] = {
        f"gap_{name}": Count("pk", filter=condition) for name, (_t, condition, _w) in wanted.items()
    }
    asked |= {"_all": Count("pk")} | ({"_lacking": Count("pk", filter=any_gap)} if wanted else {})
    found = rows.order_by().aggregate(**asked, **({"_fresh": Max(fresh)} if fresh else {}))
    gaps = tuple(
        Gap(title, found[f"gap_{name}"], where) for name, (title, _c, where) in wanted.items() if found[f"gap_{name}"]
    )
    return Holding(found["_all"], found["_all"] - found.get("_lacking", 0), found.get("_fresh"), gaps, reports)


@item("01")
def devices(place: Community) -> Holding:
    where = "admin:devices_device_changelist"
    return _counted(
        Device.objects.filter(community=place),
        {
            "kind": (_("设备没有类型"), Q(type=""), where),
            "spot": (_("设备没有经纬度"), Q(longitude=None) | Q(latitude=None), where),
        },
        reports=("device",),
    )


@item("02")
def device_states(place: Community) -> Holding:
    silent = (_("设备不在线"), ~Q(online_status="1"), "admin:devices_device_changelist")
    return _counted(Device.objects.filter(community=place), {"silent": silent}, reports=("device_status",))


@item("03", "04")
def system(place: Community) -> Holding:
    head = Head.objects.order_by("-size").first()
    return Holding(1, 1, head.made_at if head else None)


@item("05")
def community(place: Community) -> Holding:
    bare = (_("小区没有地址"), Q(address=""), "admin:community_community_changelist")
    return _counted(Community.objects.filter(pk=place.pk), {"address": bare})


@item("06")
def buildings(place: Community) -> Holding:
    return _counted(Building.objects.filter(community=place), {})


@item("07")
def units(place: Community) -> Holding:
    return _counted(Unit.objects.filter(building__community=place), {})


@item("08")
def houses(place: Community) -> Holding:
    where = "admin:community_house_changelist"
    return _counted(
        House.objects.filter(community=place),
        {
            "code": (_("房屋没有地址编码"), Q(address_code=""), where),
            "owner": (_("房屋没有房主证件号码"), Q(owner_number_index=None) | Q(owner_number_index=""), where),
        },
        reports=("house",),
    )


@item("09")
def people(place: Community) -> Holding:
    where = "admin:residents_person_changelist"
    return _counted(
        Person.objects.filter(community=place),
        {
            "photo": (_("人员没有照片"), Q(photo=""), where),
            "phone": (_("人员没有电话"), Q(phone_index=None) | Q(phone_index=""), where),
        },
        fresh="created_at",
        reports=("person",),
    )


@item("10")
def relations(place: Community) -> Holding:
    homes = Residency.objects.filter(house__community=place, moved_out=None)
    held = _counted(
        homes,
        {
            "lease": (
                _("租客没有租约"), Q(occupant_type=TENANT) & (Q(lease_end=None) | Q(lease_contract="")),
                "admin:residents_residency_changelist",
            )
        },
        fresh="created_at", reports=("residency",),
    )  # fmt: skip
    home = Residency.objects.filter(house=OuterRef("pk"), moved_out=None)
    empty = House.objects.filter(~Exists(home), community=place).count()
    gaps = (*held.gaps, *([Gap(_("房屋无人登记"), empty, "admin:community_house_changelist")] if empty else []))
    return Holding(held.held, held.whole, held.fresh, gaps, held.reports)


@item("11")
def organisations(place: Community) -> Holding:
    bare = (_("单位没有电话"), Q(phone=""), "admin:community_organisation_changelist")
    return _counted(Organisation.objects.filter(community=place), {"phone": bare})


@item("12")
def workers(place: Community) -> Holding:
    return _counted(Worker.objects.filter(organisation__community=place, ended=None), {})


@item("13")
def suspected(place: Community) -> Holding:
    rows = StrangerArchive.objects.filter(community=place, suspected_resident=True)
    return _counted(rows, {}, fresh="created_at", reports=("stranger",))


@item("14", "15")
def strangers(place: Community) -> Holding:
    return _counted(
        StrangerArchive.objects.filter(community=place), {}, fresh="created_at", reports=("person_passage",)
    )


@item("16")
def gates(place: Community) -> Holding:
    return _counted(Gate.objects.filter(community=place), {})


@item("17")
def suspected_vehicles(place: Community) -> Holding:
    rows = VehicleArchive.objects.filter(community=place, suspected_resident=True)
    return _counted(rows, {}, fresh="created_at", reports=("suspect_vehicle",))


@item("18")
def vehicle_archives(place: Community) -> Holding:
    return _counted(VehicleArchive.objects.filter(community=place), {}, fresh="created_at")


@item("19")
def lanes(place: Community) -> Holding:
    return _counted(Lane.objects.filter(gate__community=place), {})


@item("20")
def vehicles(place: Community) -> Holding:
    bare = (
        _("车辆没有车主证件号码"),
        Q(owner_number_index=None) | Q(owner_number_index=""),
        "admin:residents_vehicle_changelist",
    )
    return _counted(Vehicle.objects.filter(community=place), {"owner": bare}, reports=("vehicle",))


@item("21")
def access_points(place: Community) -> Holding:
    return _counted(Device.objects.filter(community=place, type=ACCESS_CONTROL), {}, reports=("device",))


@item("22")
def captures(place: Community) -> Holding:
    rows = PersonPassage.objects.filter(community=place).exclude(photo="")
    return _counted(rows, {}, fresh="at", reports=("person_passage",))


@item("23")
def passages(place: Community) -> Holding:
    return _counted(PersonPassage.objects.filter(community=place), {}, fresh="at", reports=("person_passage",))


@item("24")
def visitors(place: Community) -> Holding:
    rows = PersonPassage.objects.filter(community=place, occupant_type=VISITOR)
    return _counted(rows, {}, fresh="at", reports=("person_passage",))


@item("25")
def vehicle_captures(place: Community) -> Holding:
    bare = (_("过车记录没有照片"), Q(photo=""), "admin:devices_vehiclepassage_changelist")
    rows = VehiclePassage.objects.filter(community=place)
    return _counted(rows, {"photo": bare}, fresh="at", reports=("vehicle_passage",))


@item("30")
def water(place: Community) -> Holding:
    return _counted(MeterReading.objects.filter(house__community=place, water__gt=0), {}, reports=("meter",))


@item("31")
def electricity(place: Community) -> Holding:
    return _counted(MeterReading.objects.filter(house__community=place, electricity__gt=0), {}, reports=("meter",))


@item("32")
def gas(place: Community) -> Holding:
    return _counted(MeterReading.objects.filter(house__community=place, gas__gt=0), {}, reports=("meter",))
