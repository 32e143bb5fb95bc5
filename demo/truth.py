"""What was generated, as the upper platform should come to hold it: written before any model saw it.

Built from the generator's values and the field names of the standard alone, never through the models, the reports or
the message encoder, so that a mistake in any of those shows as a difference.
"""

import base64
import json
from collections.abc import Iterator
from datetime import datetime
from typing import IO, Any

from demo.drawings import contract_page, portrait
from demo.generator import ONLINE, Car, Crossing, Drive, Dwelling, Home, Machine, Place, Reading, Stranger, Suspect
from standard import codes, interfaces

Record = dict[str, Any]


def _picture(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _moment(value: datetime) -> str:
    return f"{value:%Y-%m-%d %H:%M:%S}"


def _coded(record: Record, stem: str, alias: str, code: str, *, name: str | None = None) -> None:
    record[f"{stem}_code"] = code
    record[name or f"{stem}_name"] = codes.name(alias, code)


def person(place: Place, home: Home, dwelling: Dwelling) -> Record:
    """B.2.2 of one resident."""
    human = dwelling.human
    record: Record = {
        "name": human.name,
        "document_number": human.number,
        "phone": human.phone,
        "birth_date": f"{human.birth:%Y-%m-%d}",
        "household_register_address": human.registered_address,
        "residence_address_code": home.address_code,
        "residence_address": home.address,
        "remark": human.remark,
        "workplace": human.workplace,
        "document_validity": human.validity,
        "is_elderly_living_alone": "0" if human.lives_alone_elder else "1",
        "registration_code": place.code,
    }
    _coded(record, "document_type", "identity_document", "111")
    _coded(record, "person_type", "person_type", human.person_type)
    _coded(record, "sex", "sex", human.sex)
    _coded(record, "education", "education", human.education)
    _coded(record, "resident_type", "occupant_type", dwelling.occupant_type)
    if human.portrait is not None:
        record["photo_base64"] = _picture(portrait(human.portrait, human.sex))
    return record


def house(place: Place, home: Home) -> Record:
    """B.3.2 of one house."""
    record: Record = {
        "address_code": home.address_code,
        "owner_id_number": home.owner.number,
        "owner_contact_address": home.owner.registered_address,
        "owner_name": home.owner.name,
        "property_certificate_no": home.certificate,
        "owner_phone": home.owner.phone,
        "address_name": home.address,
        "address_short_name": f"{home.building}-{home.unit}-{home.room}",
        "room_count": str(home.rooms),
        "floor_area": f"{home.area:.2f}",
        "is_group_rental": "0" if home.group_rental else "1",
        "registration_code": place.code,
    }
    _coded(record, "house_type", "house_category", "10")
    _coded(record, "house_nature", "house_property_nature", "2")
    _coded(record, "house_use", "house_use", "11")
    _coded(record, "lease_status", "lease_status", home.lease_status)
    return record


def relation(place: Place, home: Home, dwelling: Dwelling) -> Record:
    """B.4.2 of one residency. The person's platform id is not known yet: the number stands for it in the comparison."""
    record: Record = {
        "document_number": dwelling.human.number,
        "address_code": home.address_code,
        "registration_code": place.code,
    }
    _coded(record, "resident_type", "occupant_type", dwelling.occupant_type)
    if dwelling.lease_start and dwelling.lease_end and dwelling.contract is not None:
        record["lease_start"] = _moment(dwelling.lease_start)
        record["lease_end"] = _moment(dwelling.lease_end)
        record["lease_contract_photo_base64"] = _picture(contract_page(dwelling.contract))
    return record


def vehicle(place: Place, car: Car) -> Record:
    """B.5.2 of one vehicle."""
    return {
        "plate_number": car.plate,
        "plate_color_code": car.plate_colour,
        "vehicle_brand_code": car.brand,
        "vehicle_type_code": car.type,
        "vehicle_color_code": car.colour,
        "owner_name": car.owner.name,
        "owner_document_number": car.owner.number,
        "owner_phone": car.owner.phone,
        "remark": car.remark,
        "registration_code": place.code,
    }


def device(place: Place, machine: Machine) -> Record:
    """B.6.1 of one device."""
    record: Record = {
        "device_code": machine.code,
        "device_name": machine.name,
        "manufacturer": machine.maker,
        "built_at": _moment(machine.built_at),
        "mac_address": machine.mac,
        "ip_address": machine.ip,
        "port": machine.port,
        "longitude": f"{machine.longitude:.6f}",
        "latitude": f"{machine.latitude:.6f}",
        "is_networked_with_police": "1" if machine.networked else "0",
        "description": machine.description,
        "registration_code": place.code,
    }
    _coded(record, "device_type", "device_type", machine.type)
    _coded(record, "online_status", "online_status", machine.online)
    _coded(record, "usage_status", "use_status", machine.use)
    return record


def status(place: Place, machine: Machine) -> Record:
    """B.6.3 of a device that failed after it was put up."""
    record: Record = {"device_code": machine.code, "registration_code": place.code}
    _coded(record, "online_status", "online_status", machine.online)
    _coded(record, "usage_status", "use_status", machine.use)
    return record


def _way(record: Record, way: Crossing | Drive) -> Record:
    record |= {
        "device_code": way.machine.code,
        "device_name": way.machine.name,
        "entered_at" if way.entering else "left_at": _moment(way.at),
    }
    record["passage_direction_code"] = "1" if way.entering else "2"
    return record


def crossing(place: Place, way: Crossing) -> Record:
    """B.2.3 of one way in or out. The platform's id of a resident is not known yet: the number stands for it."""
    record: Record = {
        "access_point_location": "2" if way.machine.type == "4" else "1",
        "is_local_resident": "1" if way.human else "0",
        "door_open_status_code": "1",
        "registration_code": place.code,
    }
    _coded(record, "resident_type", "occupant_type", "9" if way.human else "5")
    _coded(record, "door_open_method", "door_open_method", "10")
    if way.human:
        record |= {
            "name": way.human.name,
            "document_number": way.human.number,
            "contact_phone": way.human.phone,
        }
        _coded(record, "sex", "sex", way.human.sex)
        _coded(record, "document_type", "identity_document", "111")
    else:
        record["archive_no"] = way.archive
    if way.portrait is not None:
        record["capture_photo_base64"] = _picture(portrait(way.portrait, way.human.sex if way.human else "1"))
    return _way(record, way)


def drive(place: Place, way: Drive) -> Record:
    """B.5.3 of one vehicle's way in or out."""
    record: Record = {
        "plate_number": way.plate,
        "passage_result": "1",
        "is_local_vehicle": "1" if way.car else "0",
        "registration_code": place.code,
    }
    _coded(record, "plate_color", "plate_colour", way.plate_colour)
    _coded(record, "parking_type", "parking_type", "2" if way.car else "1")
    record["passage_direction_name"] = codes.name("passage_direction", "1" if way.entering else "2")
    if way.car:
        record |= {
            "owner_name": way.car.owner.name,
            "owner_document_number": way.car.owner.number,
            "owner_contact_phone": way.car.owner.phone,
        }
    return _way(record, way)


def stranger(place: Place, archive: Stranger) -> Record:
    """B.8: pictures, and the tracks by device and time (their ids are the portal's own)."""
    ways = sorted((way for way in place.crossings if way.archive == archive.archive), key=lambda way: way.at)
    tracks = [
        {
            "device_code": way.machine.code,
            "device_name": way.machine.name,
            "device_location": way.machine.description,
            "entered_at" if way.entering else "left_at": _moment(way.at),
        }
        for way in reversed(ways)
    ]
    record: Record = {
        "archive_no": archive.archive,
        "first_passage_at": _moment(archive.first),
        "passage_count_30d": str(len(ways)),
        "recent_tracks": tracks,
        "registration_code": place.code,
    }
    for number, seed in enumerate(archive.portraits, 1):
        record[f"archive_photo_{number}_base64"] = _picture(portrait(seed, "1"))
    return record


def suspect(place: Place, vehicle: Suspect) -> Record:
    """B.9 of a vehicle nobody registered."""
    ways = [way for way in place.drives if way.plate == vehicle.plate]
    return {
        "plate_number": vehicle.plate,
        "first_passage_at": _moment(vehicle.first),
        "passage_count_30d": str(len(ways)),
        "registration_code": place.code,
    }


def reading(place: Place, used: Reading) -> Record:
    """B.10 of one house and month."""
    return {
        "house_address": used.home.address,
        "electricity_usage": f"{used.electricity:.2f}",
        "gas_usage": f"{used.gas:.2f}",
        "water_usage": f"{used.water:.2f}",
        "usage_month": f"{used.month:%Y-%m}",
        "registration_code": place.code,
    }


def happened(place: Place) -> Iterator[tuple[str, Record]]:
    """(interface, record) of everything that happened."""
    yield from (("B.2.3", crossing(place, way)) for way in place.crossings)
    yield from (("B.5.3", drive(place, way)) for way in place.drives)
    yield from (("B.8", stranger(place, one)) for one in place.strangers)
    yield from (("B.9", suspect(place, one)) for one in place.suspects)
    yield from (("B.10", reading(place, one)) for one in place.readings)


def records(places: tuple[Place, ...]) -> Iterator[tuple[str, str, Record]]:
    """(registration code, interface, English-keyed record) of everything generated."""
    for place in places:
        for home in place.homes:
            yield place.code, "B.3.2", house(place, home)
        for home in place.homes:
            for dwelling in home.dwellings:
                yield place.code, "B.2.2", person(place, home, dwelling)
                yield place.code, "B.4.2", relation(place, home, dwelling)
        for car in place.cars:
            yield place.code, "B.5.2", vehicle(place, car)
        for machine in place.machines:
            yield place.code, "B.6.1", device(place, machine)
            if machine.online != ONLINE:
                yield place.code, "B.6.3", status(place, machine)
        for interface, record in happened(place):
            yield place.code, interface, record


def on_the_wire(interface: str, record: Record) -> Record:
    """The record under its wire names, empty values left out."""
    fields = interfaces.get(interface).request
    names = {field.en: field.wire for field in fields} | {
        member.en: member.wire for field in fields for member in field.items
    }
    return {
        names[key]: [{names[k]: v for k, v in row.items()} for row in value] if isinstance(value, list) else value
        for key, value in record.items()
        if value != ""
    }


def write(places: tuple[Place, ...], file: IO[str]) -> int:
    """One JSON object a line; the number of lines."""
    count = 0
    for code, interface, record in records(places):
        line = {"community": code, "interface": interface, "record": on_the_wire(interface, record)}
        file.write(json.dumps(line, ensure_ascii=False) + "\n")
        count += 1
    return count
