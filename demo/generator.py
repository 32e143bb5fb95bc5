"""An invented register that looks real, from a seed: the same seed and scale give the same register, value by value.

Pure: no model, no database, no clock. `today` is passed in, so ages and leases look current.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from demo import invented

BEIJING = ZoneInfo("Asia/Shanghai")
ONLINE = "1"  # table C.17
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True, slots=True)
class Human:
    """One invented person; codes as in the standard's tables, dates as dates."""

    name: str
    number: str
    sex: str
    birth: date
    phone: str
    person_type: str
    education: str
    workplace: str
    registered_address: str
    remark: str
    lives_alone_elder: bool
    portrait: int | None  # seed of the drawn portrait; None: no photo yet
    validity: str = ""  # of the identity card: "2017.05.03-2037.05.03"


@dataclass(frozen=True, slots=True)
class Dwelling:
    """A person in a house: occupant type of C.7, lease for tenants."""

    human: Human
    occupant_type: str
    lease_start: datetime | None = None
    lease_end: datetime | None = None
    contract: int | None = None  # seed of the drawn contract page


@dataclass(frozen=True, slots=True)
class Home:
    """One house with its owner and who lives in it."""

    building: int
    unit: int
    floor: int
    room: str
    address_code: str
    address: str
    certificate: str
    rooms: int
    area: Decimal
    group_rental: bool
    lease_status: str
    owner: Human
    dwellings: tuple[Dwelling, ...] = ()


@dataclass(frozen=True, slots=True)
class Car:
    """One vehicle and its owner."""

    plate: str
    plate_colour: str
    brand: str
    type: str
    colour: str
    owner: Human
    remark: str


@dataclass(frozen=True, slots=True)
class Machine:
    """One piece of equipment."""

    code: str
    name: str
    type: str
    maker: str
    online: str
    use: str
    built_at: datetime
    mac: str
    ip: str
    port: str
    longitude: Decimal
    latitude: Decimal
    networked: bool
    description: str


@dataclass(frozen=True, slots=True)
class Crossing:
    """Somebody came in or went out: a resident, or an unknown person with an archive."""

    machine: Machine
    at: datetime
    entering: bool
    human: Human | None = None
    archive: str = ""
    portrait: int | None = None  # seed of the captured picture


@dataclass(frozen=True, slots=True)
class Drive:
    """A vehicle came in or went out; `car` is None for one nobody registered."""

    machine: Machine
    at: datetime
    entering: bool
    plate: str
    plate_colour: str
    car: Car | None = None


@dataclass(frozen=True, slots=True)
class Stranger:
    """The archive of an unknown person: 32 digits, first seen, the drawn portraits."""

    archive: str
    first: datetime
    portraits: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Suspect:
    """A vehicle nobody registered that keeps coming."""

    plate: str
    plate_colour: str
    first: datetime


@dataclass(frozen=True, slots=True)
class Reading:
    """What a house used in a month."""

    home: Home
    month: date
    electricity: Decimal
    gas: Decimal
    water: Decimal


@dataclass(frozen=True, slots=True)
class Place:
    """One community and everything in it."""

    code: str
    name: str
    kind: str
    mode: str
    level: str
    tier: str
    address: str
    buildings: tuple[tuple[int, int, int, int], ...]
    homes: tuple[Home, ...] = field(default=(), repr=False)
    cars: tuple[Car, ...] = field(default=(), repr=False)
    machines: tuple[Machine, ...] = field(default=(), repr=False)
    crossings: tuple[Crossing, ...] = field(default=(), repr=False)
    drives: tuple[Drive, ...] = field(default=(), repr=False)
    strangers: tuple[Stranger, ...] = field(default=(), repr=False)
    suspects: tuple[Suspect, ...] = field(default=(), repr=False)
    readings: tuple[Reading, ...] = field(default=(), repr=False)


def check_digit(first17: str) -> str:
    """The 18th character of an identity number (GB 11643, MOD 11-2).

    >>> check_digit("11010119900307123")
    '3'
    """
    return "10X98765432"[sum(int(d) * w for d, w in zip(first17, WEIGHTS, strict=True)) % 11]


VALID_YEARS = ((16, 5), (26, 10), (46, 20))  # below that age a card holds so long; from 46 on for good
OVERDUE_DAYS = 120


def validity(number: str, birth: date, today: date) -> str:
    """The validity of an identity card, by its holder's age; a few have run out, a few soon will.

    It comes from the number, not from the stream of chance: what else is invented stays as it is.

    >>> validity("110101199003071233", date(1990, 3, 7), date(2026, 11, 24))
    '2007.12.16-2027.12.16'
    >>> validity("110101195003071231", date(1950, 3, 7), date(2026, 11, 24))
    '2018.06.21-长期'
    """
    age = (today - birth).days // 365
    years = next((years for below, years in VALID_YEARS if age < below), None)
    ago = 1 + int(number[6:17]) * 7919 % ((years or 10) * 365 + OVERDUE_DAYS)
    issued = max(today - timedelta(days=ago), birth + timedelta(days=1))
    day = issued if (issued.month, issued.day) != (2, 29) else issued.replace(day=28)
    return f"{day:%Y.%m.%d}-" + (f"{day.replace(year=day.year + years):%Y.%m.%d}" if years else "长期")


class Maker:
    """Makes people, homes, cars and machines from one stream of chance."""

    def __init__(self, seed: int, today: date) -> None:
        self.chance = random.Random(seed)  # noqa: S311 -- invented data must be repeatable
        self.today = today
        self.numbers: set[str] = set()
        self.plates: set[str] = set()
        self.phones = 0

    def identity_number(self, birth: date, sex: str) -> str:
        """A valid number nobody holds; the last sequence digit is odd for men."""
        while True:
            area = self.chance.choice(invented.AREAS)
            sequence = invented.SERVICE_SEQUENCE + self.chance.randrange(50) * 2 + (sex == "1")
            first17 = f"{area}{birth:%Y%m%d}{sequence:03d}"
            number = first17 + check_digit(first17)
            if number not in self.numbers:
                self.numbers.add(number)
                return number

    def phone(self) -> str:
        """The next invented telephone number."""
        self.phones += 1
        return f"199{self.phones:08d}"

    def name(self, sex: str, surname: str | None = None) -> str:
        """Surname and one or two given characters."""
        if surname is None:
            compound = self.chance.random() < 0.02
            surname = self.chance.choice(invented.COMPOUND_SURNAMES if compound else invented.SURNAMES)
        given = invented.GIVEN_MEN if sex == "1" else invented.GIVEN_WOMEN
        return surname + "".join(self.chance.choices(given, k=self.chance.choice((1, 2, 2))))

    def human(self, ages: tuple[int, int], *, surname: str | None = None, phone: str | None = None, **facts) -> Human:
        """A person of an age between the two; a child answers on the telephone given."""
        sex = self.chance.choice("12")
        birth = self.today - timedelta(days=self.chance.randint(ages[0] * 365 + 1, ages[1] * 365))
        adult = ages[0] >= 18
        human = Human(
            name=self.name(sex, surname),
            number=(number := self.identity_number(birth, sex)),
            sex=sex,
            birth=birth,
            phone=phone or self.phone(),
            person_type=self.chance.choice("1112"),
            education=self.chance.choice(invented.EDUCATION) if adult else "81",
            workplace=self.chance.choice(invented.EMPLOYERS) if adult else "",
            registered_address=f"天津市示范区{self.chance.choice('东南西北')}园街{self.chance.randint(1, 99)}号",
            remark=self.chance.choice(invented.REMARKS),
            lives_alone_elder=False,
            portrait=self.chance.randrange(10_000) if self.chance.random() < 0.35 else None,
            validity=validity(number, birth, self.today),
        )
        return replace(human, **facts)

    def at(self, day: date) -> datetime:
        """Midnight of the day in Beijing."""
        return datetime.combine(day, time(0, 0), BEIJING)

    def owners(self, owner: Human) -> Iterator[Dwelling]:
        """The owner and the family in the house; now and then an elder alone."""
        if self.chance.random() < 0.12:
            elder = replace(self.human((70, 92), surname=None), lives_alone_elder=True, workplace="", education="81")
            yield Dwelling(elder, "3")
            return
        yield Dwelling(owner, "2")
        for _ in range(self.chance.choice((1, 1, 2, 2, 3, 3))):
            child = self.chance.random() < 0.45
            surname = owner.name[0] if child else None
            member = self.human((1, 17) if child else (24, 75), surname=surname, phone=owner.phone if child else None)
            yield Dwelling(member, "3")

    def tenants(self) -> Iterator[Dwelling]:
        """One to four people on one lease."""
        start = self.today - timedelta(days=self.chance.randint(10, 400))
        end = start + timedelta(days=self.chance.choice((180, 365, 730)))
        contract = self.chance.randrange(10_000)
        for _ in range(self.chance.choice((1, 1, 2, 3, 4))):
            tenant = replace(self.human((19, 58)), person_type="2")
            yield Dwelling(tenant, "1", self.at(start), self.at(end), contract)

    def home(self, place: Place, spot: tuple[int, int, int, int], serial: int) -> Home:
        """One house of a building: lived in by its owner, let, or empty."""
        building, unit, floor, position = spot
        room = f"{floor}{position:02d}"
        use = self.chance.choices(("own", "let", "empty"), (66, 26, 8))[0]
        owner = self.human((26, 80))
        dwellings = {"own": lambda: tuple(self.owners(owner)), "let": lambda: tuple(self.tenants()), "empty": tuple}[
            use
        ]()
        return Home(
            building=building,
            unit=unit,
            floor=floor,
            room=room,
            address_code=f"120{place.code[-4:]}{building:03d}{unit:02d}{serial:06d}",
            address=f"{place.address}{place.name}{building}号楼{unit}单元{room}",
            certificate=f"津(2020)示范区不动产权第{serial:07d}号",
            rooms=self.chance.choice((1, 2, 2, 3, 3, 4)),
            area=Decimal(self.chance.randint(4200, 15800)) / 100,
            group_rental=use == "let" and len(dwellings) >= 4,
            lease_status="02" if use == "let" else "01",
            owner=owner,
            dwellings=dwellings,
        )

    def car(self, owner: Human) -> Car:
        """A car with a plate of its own: one in four runs on electricity."""
        electric = self.chance.random() < 0.25
        while True:
            digits = "".join(self.chance.choices("0123456789", k=5))
            plate = f"津{self.chance.choice('ABCDEFGHJKLMNQR')}" + (f"D{digits}" if electric else digits)
            if plate not in self.plates:
                break
        self.plates.add(plate)
        return Car(
            plate=plate,
            plate_colour="4" if electric else "2",
            brand=str(self.chance.randint(1, 28)),
            type="1",
            colour=self.chance.choice(invented.VEHICLE_COLOURS),
            owner=owner,
            remark=self.chance.choice(("", "", "地下车库", "访客常停")),
        )

    def machine(self, place: Place, serial: int, kind: str, spot: str) -> Machine:
        """One device at a spot of the community."""
        names = {"1": "车辆卡口", "2": "摄像机", "3": "道闸", "4": "门禁", "5": "人脸识别机", "6": "人脸抓拍机"}
        return Machine(
            code=f"1201000000{'132' if kind in '256' else '131'}{place.code[-1]}{serial:06d}",
            name=f"{spot}{names[kind]}",
            type=kind,
            maker=self.chance.choice(invented.CAMERA_MAKERS),
            online=self.chance.choices("123", (92, 6, 2))[0],
            use="10",
            built_at=self.at(date(2023, 3, 1) + timedelta(days=self.chance.randrange(500))),
            mac=":".join(f"{self.chance.randrange(256):02X}" for _ in range(6)),
            ip=f"10.{place.code[-1]}.{serial // 250}.{serial % 250 + 1}",
            port=self.chance.choice(("80", "8000", "37777")),
            longitude=Decimal("117.200000") + Decimal(self.chance.randrange(4000)) / 1_000_000,
            latitude=Decimal("39.100000") + Decimal(self.chance.randrange(4000)) / 1_000_000,
            networked=kind in "156",
            description=f"{place.name}{spot}",
        )


def spots(place: Place) -> Iterator[tuple[int, int, int, int]]:
    """(building, unit, floor, position) of every house."""
    for number, units, floors, positions in place.buildings:
        for unit in range(1, units + 1):
            for floor in range(1, floors + 1):
                for position in range(1, positions + 1):
                    yield number, unit, floor, position


def furnish(maker: Maker, place: Place) -> Place:
    """The place with its homes, cars and machines."""
    homes = tuple(maker.home(place, spot, serial) for serial, spot in enumerate(spots(place), 1))
    drivers = [d.human for home in homes for d in home.dwellings if d.human.birth.year <= maker.today.year - 20]
    cars = tuple(maker.car(human) for human in drivers if maker.chance.random() < 0.28)
    wanted = [
        ("1", "东门"),
        ("3", "东门"),
        ("6", "东门"),
        ("2", "东门"),
        ("1", "西门"),
        ("3", "西门"),
        ("6", "西门"),
        ("2", "西门"),
    ]
    wanted += [
        ("4", f"{number}号楼{unit}单元") for number, units, _, _ in place.buildings for unit in range(1, units + 1)
    ]
    wanted += [("2", f"{number}号楼北侧") for number, *_ in place.buildings] + [
        ("5", "物业服务中心"),
        ("2", "中心花园"),
    ]
    machines = tuple(maker.machine(place, serial, kind, spot) for serial, (kind, spot) in enumerate(wanted, 1))
    return replace(place, homes=homes, cars=cars, machines=machines)


def generate(*, seed: int = 1, scale: float = 1.0, today: date) -> tuple[Place, ...]:
    """The whole register: 2 communities, 13 buildings, 463 houses and over 1,000 people at scale 1.

    A scale below 1 keeps that share of each community's buildings (at least one), above 1 repeats them with new numbers.
    """
    if not 0 < scale <= 50:
        raise ValueError("scale must lie above 0 and at most 50")
    maker = Maker(seed, today)
    places = []
    for code, name, kind, mode, level, tier, address, buildings in invented.COMMUNITIES:
        wanted = max(1, round(len(buildings) * scale))
        rows = tuple((number + 1, *buildings[number % len(buildings)][1:]) for number in range(wanted))
        places.append(furnish(maker, Place(code, name, kind, mode, level, tier, address, rows)))
    return tuple(places)
