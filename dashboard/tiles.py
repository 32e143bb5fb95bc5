"""Numbers of the front page, each a door to the list behind it. Counted up to ten thousand: one cheap query each."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import access
from accounts.reveals import exhausted_today
from accounts.tampering import damaged_today
from audit.models import Entry
from community.models import House
from devices.models import Device, PersonPassage, VehiclePassage
from residents.desk import worklist
from residents.models import Case, Person
from residents.verification import forgetting
from residents.worklists import registry
from residents.worklists.houses import nobody_registered
from uploads.models import Due, UpperRecord

LOOK = _("去看看")


@dataclass(frozen=True)
class Tile:
    """A number, what it counts, the list behind it, what one does about it; the tone holds when it is not nought."""

    title: str | Promise
    count: int
    link: str
    tone: str = ""
    deed: str | Promise = LOOK
    weight: int = 0  # of two that are lit the lighter one is the more urgent

    @property
    def shown(self) -> str:
        return registry.shown(self.count)

    @property
    def lit(self) -> str:
        return self.tone if self.count else ""


@dataclass(frozen=True)
class Ring:
    """How far the houses are registered; `arc` is the share in hundredths, for the circle."""

    lived: int
    all: int

    @property
    def arc(self) -> int:
        return round(100 * self.lived / self.all) if self.all else 0


def capped(rows: QuerySet) -> int:
    """How many, counted no further than the work lists go."""
    return rows.order_by()[: registry.MOST].count()


def within(rows: QuerySet, user: Any, verb: str, path: str = "community_id") -> QuerySet:
    """The rows where the user may do the verb; asked once a request."""
    return access.limit_once(rows, user, (verb,), path)


def ring(user: Any) -> Ring:
    """The houses of the user's places, and those somebody is registered in."""
    houses = within(House.objects.all(), user, "view_place").order_by()
    every = houses.count()
    return Ring(every - houses.filter(nobody_registered()).count(), every)


def work(user: Any, now: datetime) -> list[Tile]:
    """The work lists."""
    found = []
    for one in registry.every(user):
        link = reverse("residents:worklist", args=[one.code])
        found.append(Tile(one.title, one.count(user, now), link, one.tone, one.deed, one.weight))
    return found


def own(user: Any, now: datetime) -> Tile:
    """What one registered oneself and did not arrive."""
    return Tile(_("我采集的未送达"), worklist.missing(user, now=now), reverse("residents:mine"), "warn")


def register(user: Any, verbs: frozenset[str]) -> Iterator[Tile]:
    """What is held of people and houses; gaps for those who have no work lists."""
    people = within(Person.objects.all(), user, "view_people")
    people_list, houses_list = (reverse(f"admin:{name}_changelist") for name in ("residents_person", "community_house"))
    yield Tile(_("在册人员"), capped(people), people_list)
    if "collect" not in verbs:
        yield Tile(_("缺照片"), capped(people.filter(photo="")), people_list, "warn")
        houses = within(House.objects.filter(nobody_registered()), user, "view_place")
        yield Tile(_("无人登记的房屋"), capped(houses), houses_list, "warn")


def rights(user: Any, now: datetime) -> Tile:
    """Requests about one's own data; late ones are red."""
    late = Q(due_on__lt=timezone.localdate(now))
    found = within(Case.objects.filter(state=Case.State.OPEN), user, "handle_rights")
    counts = found.aggregate(open=Count("pk"), late=Count("pk", filter=late))
    tone = "bad" if counts["late"] else ""
    return Tile(_("待办权利请求"), counts["open"], reverse("residents:rights"), tone, _("去办理"))


def held(user: Any) -> Tile:
    """What the upper platform sent back, or never got."""
    rows = within(Due.objects.held(), user, "view_delivery")
    return Tile(_("上报退回待处理"), capped(rows), reverse("uploads:center"), "bad", _("去处理"))


def delivery(user: Any) -> Iterator[Tile]:
    """What has yet to go up, and what differs there."""
    yield Tile(_("待上报"), capped(within(Due.objects.pending(), user, "view_delivery")), reverse("uploads:center"))
    disagreeing = within(UpperRecord.objects.exclude(differs=[]), user, "view_delivery")
    differs = reverse("admin:uploads_upperrecord_changelist") + "?compared=differs"
    yield Tile(_("与上级不一致"), capped(disagreeing), differs, "warn", _("去核对"))


def silent(user: Any) -> Tile:
    """Devices that are not on line."""
    rows = within(Device.objects.exclude(online_status="1"), user, "view_devices")
    return Tile(_("设备不在线"), capped(rows), reverse("admin:devices_device_changelist"), "bad", _("去检查"))


def passages(user: Any, verbs: frozenset[str], now: datetime) -> Iterator[Tile]:
    """Who and what came and went since midnight."""
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    for verb, model, title in (
        ("view_people", PersonPassage, _("今日人员出入")), ("view_vehicles", VehiclePassage, _("今日车辆出入")),
    ):  # fmt: skip
        if verb in verbs:
            rows = within(model.objects.filter(at__gte=midnight), user, verb)
            yield Tile(title, capped(rows), reverse(f"admin:devices_{model._meta.model_name}_changelist"))


def faces() -> Tile:
    """People whose face is held: from 90,000 it is time to prepare the filing that 100,000 demand."""
    held_now = forgetting.faces_held()
    tone = "bad" if held_now >= forgetting.WARNED else ""
    return Tile(_("存有人脸的人数(满 10 万须备案)"), held_now, reverse("accounts:periods"), tone)


def accounts(now: datetime) -> Tile:
    """Who looked at as many clear values as a day allows."""
    return Tile(_("今天用完查看次数的人"), exhausted_today(now), reverse("admin:accounts_user_changelist"), "bad")


def audit(user: Any, now: datetime) -> Iterator[Tile]:
    """The log, and what in the records could not be opened today."""
    entries = reverse("audit:timeline")
    yield Tile(_("审计记录"), capped(Entry.objects.visible_to(user)), entries)
    damaged = damaged_today(user, now)
    yield Tile(_("今天发现无法解密的记录"), damaged, f"{entries}?action=damaged", "bad", _("去核实"))
