"""Records of the items of table 1 that Appendix B has no interface for, in the form of docs/table1-export.md.

English keys as in standard.interfaces where it has the word; names of people are masked: who may have them in clear asks there.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from analysis.models import StrangerArchive, VehicleArchive
from community.models import Building, Community, Gate, Lane, Organisation, Unit
from devices.models import Device
from residents.models import Worker
from standard import wire

Rows = Iterator[dict[str, Any]]
MOST = 20_000


@dataclass(frozen=True)
class Export:
    """How the rows of one item are made, and what one must hold to have them."""

    rows: Callable[[Community], Rows]
    verb: str = "view_place"


def _head(place: Community, number: str) -> dict[str, Any]:
    return {"item": number, "registration_code": place.registration_code}


def system(place: Community) -> Rows:
    yield _head(place, "03") | {
        "system": "Anju",
        "language": settings.LANGUAGE_CODE,
        "level": place.level,
        "mode": place.mode,
    }


def state(place: Community) -> Rows:
    devices = Device.objects.filter(community=place)
    yield _head(place, "04") | {"devices": devices.count(), "online": devices.filter(online_status="1").count()}


def community(place: Community) -> Rows:
    yield _head(place, "05") | {
        "community_name": place.name, "address": place.address, "kind": place.kind, "mode": place.mode,
        "level": place.level, "tier": place.tier,
    }  # fmt: skip


def buildings(place: Community) -> Rows:
    for one in Building.objects.filter(community=place)[:MOST]:
        yield _head(place, "06") | {"building_no": one.number, "name": one.name, "floors": one.floors}


def units(place: Community) -> Rows:
    for one in Unit.objects.filter(building__community=place).select_related("building")[:MOST]:
        yield _head(place, "07") | {"building_no": one.building.number, "unit_no": one.number}


def organisations(place: Community) -> Rows:
    for one in Organisation.objects.filter(community=place)[:MOST]:
        yield _head(place, "11") | {"name": one.name, "kind": one.kind, "phone": one.phone}


def workers(place: Community) -> Rows:
    rows = Worker.objects.filter(organisation__community=place, ended=None).select_related("person", "organisation")
    for one in rows[:MOST]:
        yield _head(place, "12") | {
            "name": one.person.name_masked(), "organisation": one.organisation.name, "title": one.title,
            "started": one.started.isoformat() if one.started else "",
        }  # fmt: skip


def archives(place: Community) -> Rows:
    for one in StrangerArchive.objects.filter(community=place)[:MOST]:
        yield _head(place, "15") | {"archive_no": one.archive_no, "first_passage_at": wire.moment(one.first_passage_at)}


def gates(place: Community) -> Rows:
    for one in Gate.objects.filter(community=place)[:MOST]:
        yield _head(place, "16") | {"name": one.name, "kind": one.kind}


def vehicle_archives(place: Community) -> Rows:
    for one in VehicleArchive.objects.filter(community=place)[:MOST]:
        yield _head(place, "18") | {
            "plate_number": one.plate, "plate_color_code": one.plate_colour,
            "first_passage_at": wire.moment(one.first_passage_at),
        }  # fmt: skip


def lanes(place: Community) -> Rows:
    for one in Lane.objects.filter(gate__community=place).select_related("gate")[:MOST]:
        yield _head(place, "19") | {
            "gate": one.gate.name,
            "lane_code": one.number,
            "passage_direction_code": one.direction,
        }


def access_points(place: Community) -> Rows:
    for one in Device.objects.filter(community=place, type="4")[:MOST]:
        yield _head(place, "21") | {"device_code": one.code, "name": one.name, "place": one.description}


EXPORTS: dict[str, Export] = {
    "03": Export(system), "04": Export(state), "05": Export(community), "06": Export(buildings), "07": Export(units),
    "11": Export(organisations), "12": Export(workers, "view_people"), "15": Export(archives, "view_people"),
    "16": Export(gates), "18": Export(vehicle_archives, "view_vehicles"), "19": Export(lanes),
    "21": Export(access_points, "view_devices"),
}  # fmt: skip
