"""What happens at the doors of an invented community, from a seed of its own: the register stays the same with or without it."""

import random
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from demo.generator import BEIJING, Crossing, Drive, Home, Place, Reading, Stranger, Suspect, generate

SHARE_OF_PEOPLE, SHARE_OF_CARS, STRANGERS, SUSPECTS, WAYS = 0.06, 0.15, 3, 2, 4
DAYS = 20  # all within the 30 days that B.8 and B.9 count


class Comings:
    """Makes ways in and out at the machines of one place."""

    def __init__(self, place: Place, seed: int, today: date) -> None:
        self.place, self.today = place, today
        self.chance = random.Random(f"{seed} {place.code}")  # noqa: S311 -- invented data must be repeatable
        self.doors = [machine for machine in place.machines if machine.type in "456"]
        self.lanes = [machine for machine in place.machines if machine.type in "13"]
        self.taken: set[datetime] = set()

    def moment(self) -> datetime:
        """A second of the last days that nothing else happened in."""
        while True:
            day = self.today - timedelta(days=self.chance.randint(1, DAYS))
            at = datetime.combine(day, time(6), BEIJING) + timedelta(seconds=self.chance.randrange(16 * 3600))
            if at not in self.taken:
                self.taken.add(at)
                return at

    def crossings(self) -> list[Crossing]:
        """Residents, once each."""
        people = [dwelling.human for home in self.place.homes for dwelling in home.dwellings]
        chosen = [human for human in people if self.chance.random() < SHARE_OF_PEOPLE]
        return [
            Crossing(
                self.chance.choice(self.doors), self.moment(), self.chance.random() < 0.5, human, "", human.portrait
            )
            for human in chosen
        ]

    def strangers(self) -> tuple[list[Stranger], list[Crossing]]:
        """Archives and the ways of their people."""
        found, ways = [], []
        for _ in range(STRANGERS):
            archive = f"{self.chance.getrandbits(128):032x}"
            portraits = tuple(self.chance.randrange(10_000) for _ in range(self.chance.randint(1, 3)))
            own = [
                Crossing(self.chance.choice(self.doors), self.moment(), number % 2 == 0, None, archive, portraits[0])
                for number in range(WAYS)
            ]
            found.append(Stranger(archive, min(way.at for way in own), portraits))
            ways += own
        return found, ways

    def drives(self) -> list[Drive]:
        """Registered vehicles, once each."""
        chosen = [car for car in self.place.cars if self.chance.random() < SHARE_OF_CARS]
        return [
            Drive(
                self.chance.choice(self.lanes),
                self.moment(),
                self.chance.random() < 0.5,
                car.plate,
                car.plate_colour,
                car,
            )
            for car in chosen
        ]

    def suspects(self) -> tuple[list[Suspect], list[Drive]]:
        """Vehicles nobody registered, and their ways."""
        known = {car.plate for car in self.place.cars}
        found, ways = [], []
        while len(found) < SUSPECTS:
            plate = f"冀R{self.chance.randrange(100_000):05d}"
            if plate in known:
                continue
            known.add(plate)
            own = [
                Drive(self.chance.choice(self.lanes), self.moment(), number % 2 == 0, plate, "2")
                for number in range(WAYS)
            ]
            found.append(Suspect(plate, "2", min(way.at for way in own)))
            ways += own
        return found, ways

    def reading(self, home: Home) -> Reading:
        """Last month's, nothing where nobody lives."""
        month = (self.today.replace(day=1) - timedelta(days=1)).replace(day=1)
        if not home.dwellings:
            return Reading(home, month, Decimal("0.00"), Decimal("0.00"), Decimal("0.00"))
        used = (self.chance.randrange(4000, 40_000), self.chance.randrange(300, 3000), self.chance.randrange(200, 2000))
        return Reading(home, month, *(Decimal(amount) / 100 for amount in used))


def enliven(place: Place, *, seed: int, today: date) -> Place:
    """The place with what happened in it lately."""
    comings = Comings(place, seed, today)
    strangers, theirs = comings.strangers()
    suspects, unknown = comings.suspects()
    return replace(
        place,
        crossings=(*comings.crossings(), *theirs),
        drives=(*comings.drives(), *unknown),
        strangers=tuple(strangers),
        suspects=tuple(suspects),
        readings=tuple(comings.reading(home) for home in place.homes[::4]),
    )


def lively(*, seed: int = 1, scale: float = 1.0, today: date) -> tuple[Place, ...]:
    """The whole register and what happened in it lately."""
    return tuple(enliven(place, seed=seed, today=today) for place in generate(seed=seed, scale=scale, today=today))
