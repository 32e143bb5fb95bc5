"""Loading what happened: passages, archives of strangers and unknown vehicles, meter readings; in bulk, logged as one import."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import models, transaction

from analysis.models import StrangerArchive, VehicleArchive
from audit import log
from community.models import Community, House, MeterReading
from demo.drawings import portrait
from demo.generator import Crossing, Drive, Place
from devices.models import Device, PersonPassage, VehiclePassage
from residents.models import Person, Vehicle

BATCH = 200


def load(
    community: Community,
    place: Place,
    *,
    devices: Mapping[str, Device],
    people: Mapping[str, Person],
    vehicles: Mapping[str, Vehicle],
    houses: Mapping[str, House],
) -> dict[str, int]:
    """Keys: device code, document number, plate, address code. How many of each."""
    rows: dict[str, list[models.Model]] = {
        "person_passages": [_crossing(community, one, devices, people) for one in place.crossings],
        "vehicle_passages": [_drive(community, one, devices, vehicles) for one in place.drives],
        "strangers": [_stranger(community, one) for one in place.strangers],
        "unknown_vehicles": [
            VehicleArchive(
                community=community, plate=one.plate, plate_colour=one.plate_colour, first_passage_at=one.first
            )
            for one in place.suspects
        ],
        "readings": [
            MeterReading(
                house=houses[one.home.address_code], month=one.month, electricity=one.electricity, gas=one.gas,
                water=one.water,
            )
            for one in place.readings
        ],
    }  # fmt: skip
    counts = {name: len(found) for name, found in rows.items()}
    with transaction.atomic():
        for found in rows.values():
            if found:
                type(found[0])._default_manager.bulk_create(found, batch_size=BATCH)
        log.write("import", target=community, community_id=community.pk, detail=counts)
    return counts


def _crossing(
    community: Community, crossing: Crossing, devices: Mapping[str, Device], people: Mapping[str, Person]
) -> PersonPassage:
    known: dict[str, Any] = {"archive_no": crossing.archive}
    if crossing.human:
        known = {"person": people[crossing.human.number], "occupant_type": "9"}
    passage = PersonPassage(
        community=community, device=devices[crossing.machine.code], direction="1" if crossing.entering else "2",
        at=crossing.at, at_gate=crossing.machine.type != "4", **known,
    )  # fmt: skip
    if crossing.portrait is not None:
        passage.photo = portrait(crossing.portrait, crossing.human.sex if crossing.human else "1")
    return passage


def _drive(
    community: Community, drive: Drive, devices: Mapping[str, Device], vehicles: Mapping[str, Vehicle]
) -> VehiclePassage:
    return VehiclePassage(
        community=community, device=devices[drive.machine.code], direction="1" if drive.entering else "2", at=drive.at,
        plate=drive.plate, plate_colour=drive.plate_colour, vehicle=vehicles[drive.plate] if drive.car else None,
        parking_type="2" if drive.car else "1",
    )  # fmt: skip


def _stranger(community: Community, stranger: Any) -> StrangerArchive:
    archive = StrangerArchive(id=uuid.UUID(stranger.archive), community=community, first_passage_at=stranger.first)
    for name, seed in zip(("photo1", "photo2", "photo3"), stranger.portraits, strict=False):
        setattr(archive, name, portrait(seed, "1"))
    return archive
