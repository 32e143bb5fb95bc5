"""Bench: how long the pages take that are open all day, at 200,000 people beside the same pages at 2,000, in one run.

Each is asked for as a browser asks: through every middleware, with the entry of the log, rendered whole.
"""

import statistics
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.test import Client

from accounts.models import User
from accounts.signin import sessions
from community.models import Building, Community, House, Post, Unit
from demo.crowd import people, timed
from residents.models import Person, Residency

SMALL = 2000
UNITS, FLOORS, ROOMS, A_HOME = 4, 25, 2, 3  # 200 houses to a building, three people to a house
ASKED, WARMING = 40, 3


class Town:
    """One community that grows, and its manager's browser."""

    def __init__(self, most: int) -> None:
        self.community = Community.objects.create(name="压测小区", registration_code="BENCH", address="天津市")
        self.manager = User.objects.create_user("bench-manager", is_staff=True)
        Post.objects.create(user=self.manager, role="manager", community=self.community)
        self.count, self.buildings, self._everybody = 0, 0, people(most)
        self.browser = Client(SERVER_NAME="127.0.0.1")
        self.browser.force_login(self.manager, backend="django.contrib.auth.backends.ModelBackend")
        session = self.browser.session
        session[sessions.FACTOR] = "none"
        session.save()

    def grow(self, count: int) -> None:
        """Until so many people live here, building by building."""
        a_building = UNITS * FLOORS * ROOMS * A_HOME
        while self.count < count:
            rows = list(islice(self._everybody, min(a_building, count - self.count)))
            self.buildings += 1
            self._building(self.buildings, rows)
            self.count += len(rows)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")

    @transaction.atomic
    def _building(self, number: int, rows: list[dict[str, str]]) -> None:
        building = Building.objects.create(community=self.community, number=number, floors=FLOORS)
        units = [Unit.objects.create(building=building, number=unit) for unit in range(1, UNITS + 1)]
        houses = House.objects.bulk_create(
            House(community=self.community, building=building, unit=unit, floor=floor, room=f"{floor}{room:02}",
                  address_code=f"{number}-{unit.number}-{floor}-{room}")
            for unit in units for floor in range(1, FLOORS + 1) for room in range(1, ROOMS + 1)
        )  # fmt: skip
        made = Person.objects.bulk_create(Person(community=self.community, sex="1", **row) for row in rows)
        Residency.objects.bulk_create(Residency(person=one, house=houses[n // A_HOME]) for n, one in enumerate(made))

    def addresses(self) -> dict[str, Iterator[str]]:
        """The pages, each with addresses of ever other records."""
        persons = _around(Person.objects.order_by("id").values_list("pk", flat=True))
        houses = _around(House.objects.exclude(residencies=None).order_by("id").values_list("pk", flat=True))
        buildings = _around(Building.objects.order_by("id").values_list("pk", flat=True))
        return {
            "front page": _always("/"), "list of people": _always("/admin/residents/person/"),
            "a later page of the list": _always(f"/admin/residents/person/?p={min(40, self.count // 50)}"),
            "form of a person": (f"/admin/residents/person/{pk}/change/" for pk in persons),
            "buildings": _always("/houses/"), "house grid": (f"/houses/buildings/{pk}/" for pk in buildings),
            "household": (f"/houses/{pk}/" for pk in houses), "check sheet": (f"/houses/{pk}/sheet/" for pk in houses),
            "desk": _always("/collect/"), "imports": _always("/import/"), "rights": _always("/rights/"),
            "delivery": _always("/uploads/"), "board": _always("/board/"),
        }  # fmt: skip

    def measured(self) -> dict[str, list[float]]:
        """Milliseconds of each asking, by page."""
        return {title: self._asked(each) for title, each in self.addresses().items()}

    def _asked(self, each: Iterator[str]) -> list[float]:
        taken = [timed(self._ask, next(each)) for _ in range(WARMING + ASKED)]
        return taken[WARMING:]

    def _ask(self, address: str) -> None:
        status = self.browser.get(address).status_code
        if status != 200:
            raise RuntimeError(f"{address} answered {status}")


def _always(address: str) -> Iterator[str]:
    while True:
        yield address


def _around(keys: Any) -> Iterator[Any]:
    """Keys from all over, again and again; asked for when the first is wanted."""
    count = keys.count()
    chosen = [keys[n * count // (ASKED + WARMING)] for n in range(ASKED + WARMING)]
    while True:
        yield from chosen


def page_cases(count: int = 200_000, small: int = SMALL) -> list[dict[str, Any]]:
    """p50 and p95 of every page with `count` people, beside the same with `small`."""
    town = Town(count)
    town.grow(min(small, count // 2))
    few, before = town.count, town.measured()
    town.grow(count)
    after = town.measured()
    shares: tuple[tuple[str, Callable[[list[float]], float]], ...] = (("p50", statistics.median), ("p95", _p95))
    return [
        {
            "case": f"{title}, {count} people, {name}", "value": round(share(taken), 1), "unit": "ms",
            "baseline": f"{few} people", "baseline_value": round(share(before[title]), 1),
            "ratio": round(share(taken) / share(before[title]), 2),
        }
        for title, taken in after.items() for name, share in shares
    ]  # fmt: skip


def _p95(taken: list[float]) -> float:
    return statistics.quantiles(taken, n=100)[94]
