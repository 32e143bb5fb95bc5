"""Loading a generated register through the models: in bulk, with history, a few hundred rows a transaction."""

from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from simple_history.utils import bulk_create_with_history

from audit import log
from community.models import Building, Community, Gate, House, Lane, Organisation, Unit
from demo import happenings
from demo.drawings import contract_page, portrait
from demo.generator import ONLINE, Car, Dwelling, Home, Machine, Place
from devices.models import Device
from residents.models import Consent, Notice, OptionalField, Person, Residency, Vehicle
from residents.rights.consenting import needs_guardian
from residents.rights.models import Kind

BATCH = 500
GUARDIAN = "监护人"


def load(places: tuple[Place, ...], *, now: datetime) -> dict[str, int]:
    """Load all of it; how many of each. A community whose code is taken is refused by the database, and nothing of it stays."""
    counts: dict[str, int] = {}
    with log.acting_as("演示数据"):
        for place in places:
            for name, count in _place(place, now).items():
                counts[name] = counts.get(name, 0) + count
    return counts


def _create(rows: list[Any], model: type[models.Model]) -> None:
    for start in range(0, len(rows), BATCH):
        with transaction.atomic():
            bulk_create_with_history(rows[start : start + BATCH], model, batch_size=BATCH)


def _place(place: Place, now: datetime) -> dict[str, int]:
    with transaction.atomic():
        community = Community.objects.create(
            name=place.name, registration_code=place.code, kind=place.kind, mode=place.mode, level=place.level,
            tier=place.tier, address=place.address,
        )  # fmt: skip
        units = _buildings(community, place)
        Organisation.objects.create(community=community, name=f"{place.name}物业服务中心", kind="property")
        gates = {name: Gate.objects.create(community=community, name=name) for name in ("东门", "西门")}
        OptionalField.objects.create(community=community, field="education", basis="演示:本人单独同意")
        Lane.objects.bulk_create(Lane(gate=gate, number=n, direction=str(n)) for gate in gates.values() for n in (1, 2))
        log.write("import", target=community, community_id=community.pk, detail={"houses": len(place.homes)})
    houses = [_house(community, units, home) for home in place.homes]
    _create(houses, House)
    pairs = [(house, dwelling) for house, home in zip(houses, place.homes, strict=True) for dwelling in home.dwellings]
    people = [_person(community, dwelling) for _, dwelling in pairs]
    _create(people, Person)
    _create([_residency(p, house, d) for p, (house, d) in zip(people, pairs, strict=True)], Residency)
    _agree(people, now)
    vehicles = [_vehicle(community, car) for car in place.cars]
    _create(vehicles, Vehicle)
    devices = _install(community, gates, place.machines)
    numbered = {dwelling.human.number: person for person, (_, dwelling) in zip(people, pairs, strict=True)}
    happened = happenings.load(
        community, place, devices=devices, people=numbered, vehicles={car.plate: car for car in vehicles},
        houses=dict(zip((home.address_code for home in place.homes), houses, strict=True)),
    )  # fmt: skip
    return {
        "communities": 1, "buildings": len(place.buildings), "houses": len(houses), "people": len(people),
        "vehicles": len(place.cars), "devices": len(place.machines), **happened,
    }  # fmt: skip


def _buildings(community: Community, place: Place) -> dict[tuple[int, int], Unit]:
    units = {}
    for number, count, floors, _rooms in place.buildings:
        building = Building.objects.create(community=community, number=number, floors=floors)
        for unit in range(1, count + 1):
            units[number, unit] = Unit.objects.create(building=building, number=unit)
    return units


def _house(community: Community, units: dict[tuple[int, int], Unit], home: Home) -> House:
    unit = units[home.building, home.unit]
    return House(
        community=community, building=unit.building, unit=unit, floor=home.floor, room=home.room,
        address_code=home.address_code, address_name=home.address, owner_name=home.owner.name,
        owner_number=home.owner.number, owner_phone=home.owner.phone, owner_address=home.owner.registered_address,
        certificate_number=home.certificate, rooms=home.rooms, area=home.area, group_rental=home.group_rental,
        lease_status=home.lease_status,
    )  # fmt: skip


def _person(community: Community, dwelling: Dwelling) -> Person:
    human = dwelling.human
    person = Person(
        community=community, name=human.name, document_number=human.number, phone=human.phone, birth_date=human.birth,
        sex=human.sex, person_type=human.person_type, education=human.education, workplace=human.workplace,
        registered_address=human.registered_address, lives_alone_elder=human.lives_alone_elder, remark=human.remark,
        document_validity=human.validity,
    )  # fmt: skip
    if human.portrait is not None:
        person.photo = portrait(human.portrait, human.sex)
    return person


def _residency(person: Person, house: House, dwelling: Dwelling) -> Residency:
    residency = Residency(
        person=person, house=house, occupant_type=dwelling.occupant_type, lease_start=dwelling.lease_start,
        lease_end=dwelling.lease_end,
    )  # fmt: skip
    if dwelling.contract is not None:
        residency.lease_contract = contract_page(dwelling.contract)
    return residency


def _agree(people: list[Person], now: datetime) -> None:
    """Everybody was shown the notice; who has a portrait agreed to it, children by a guardian."""
    notices = {kind: Notice.objects.current(kind, None) for kind in (Kind.REGISTER, Kind.FACE)}
    today = timezone.localdate(now)
    made = [
        Consent(
            community_id=person.community_id, person=person, subject=person.pk, notice=notice, given_at=now,
            guardian=GUARDIAN if kind == Kind.FACE and needs_guardian(person.birth_date, today) else "",
        )
        for person in people
        for kind, notice in notices.items()
        if kind == Kind.REGISTER or person.photo
    ]  # fmt: skip
    for start in range(0, len(made), BATCH):
        with transaction.atomic():
            Consent.objects.bulk_create(made[start : start + BATCH], batch_size=BATCH)


def _vehicle(community: Community, car: Car) -> Vehicle:
    return Vehicle(
        community=community, plate=car.plate, plate_colour=car.plate_colour, brand=car.brand, type=car.type,
        colour=car.colour, owner_name=car.owner.name, owner_number=car.owner.number, owner_phone=car.owner.phone,
        remark=car.remark,
    )  # fmt: skip


def _install(community: Community, gates: dict[str, Gate], machines: tuple[Machine, ...]) -> dict[str, Device]:
    """Put the devices up on line, as they are when handed over; then some fail, so that there are statuses to report."""
    devices = [_device(community, gates, machine) for machine in machines]
    _create(devices, Device)
    by_status: dict[str, list[str]] = {}
    for device, machine in zip(devices, machines, strict=True):
        if machine.online != ONLINE:
            by_status.setdefault(machine.online, []).append(device.code)
    for status, codes in by_status.items():
        Device.objects.filter(community=community, code__in=codes).update(online_status=status)
    return {device.code: device for device in devices}


def _device(community: Community, gates: dict[str, Gate], machine: Machine) -> Device:
    gate = next((gate for name, gate in gates.items() if machine.description.endswith(name)), None)
    return Device(
        community=community, gate=gate, code=machine.code, name=machine.name, type=machine.type, maker=machine.maker,
        online_status=ONLINE, use_status=machine.use, built_at=machine.built_at, mac=machine.mac, ip=machine.ip,
        port=int(machine.port), longitude=machine.longitude, latitude=machine.latitude, networked=machine.networked,
        description=machine.description,
    )  # fmt: skip
