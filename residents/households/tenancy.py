"""Leases: extended by months or changed to other days, for one tenant or for everybody on the same lease."""

import calendar
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit import log
from guomi import pictures
from residents.models import Residency

MOST_YEARS = 20  # 民法典 705: a lease beyond twenty years is void for the rest
FIRST_YEAR, LAST_YEAR = 1980, 2100
EXTENSIONS = (6, 12, 24)  # months


@dataclass(frozen=True)
class LeaseInput:
    """What a form says of a lease; days are Beijing days. `months` extends the lease from where it ends.

    `seen` is the end the form showed: a form sent twice, or filled in beside somebody else's, changes nothing.
    """

    seen: date | None = None
    start: date | None = None
    end: date | None = None
    months: int = 0
    contract: bytes | None = field(default=None, repr=False)
    together: bool = False


def later(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month.

    >>> later(date(2026, 8, 31), 6), later(date(2026, 12, 15), 12)
    (datetime.date(2027, 2, 28), datetime.date(2027, 12, 15))
    """
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def on_the_same_lease(home: Residency) -> list[Residency]:
    """Everybody in the house whose lease runs from and to the same days, this one first."""
    others = Residency.objects.filter(
        house=home.house_id, moved_out=None, lease_start=home.lease_start, lease_end=home.lease_end
    )
    others = others.exclude(pk=home.pk).filter(person__restricted_at=None)
    return [home, *others.select_related("person", "house")]


def change_lease(home: Residency, given: LeaseInput, *, user: Any, now: datetime) -> int:
    """Write the lease and an entry for each; how many. ValidationError maps the form's fields to what to do."""
    contract = _contract(given.contract)
    with transaction.atomic():
        home = Residency.objects.select_for_update(of=("self",)).select_related("person", "house").get(pk=home.pk)
        start, end = _days(home, given)
        homes = on_the_same_lease(home) if given.together and home.lease_end else [home]
        for one in homes:
            one.lease_start, one.lease_end = _midnight(start), _midnight(end)
            if contract:
                one.lease_contract = pictures.CleanPicture(contract, name="picture")
            _check(one)
        for one in homes:
            one.save()
            log.write("change_lease", target=one, community_id=one.community_id, user=user)
    return len(homes)


def _days(home: Residency, given: LeaseInput) -> tuple[date, date]:
    """The days the lease is to run; ValidationError."""
    if home.moved_out is not None:
        raise ValidationError({"end": _("此人已迁出,租约不再修改。")})
    if home.person.restricted_at:
        raise ValidationError({"end": _("此人的信息已限制处理,不能修改;解除限制后再改。")})
    old = [timezone.localdate(moment) if moment else None for moment in (home.lease_start, home.lease_end)]
    if given.seen != old[1]:
        raise ValidationError({"end": _("这份租约刚刚被修改过,请核对后再改。")})
    start, end = given.start or old[0], given.end or old[1]
    if given.months:
        if given.months not in EXTENSIONS or old[1] is None:
            raise ValidationError({"end": _("没有可以顺延的租约,请填写租赁结束日期。")})
        start, end = old[0], later(old[1], given.months)
    if start is None:
        raise ValidationError({"start": _("请填写租赁开始日期。")})
    if end is None:
        raise ValidationError({"end": _("请填写租赁结束日期。")})
    for name, day in (("start", start), ("end", end)):
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise ValidationError({name: _("年份不对,请核对日期。")})
    if end <= start:
        raise ValidationError({"end": _("租赁结束时间必须晚于开始时间。")})
    if end > later(start, 12 * MOST_YEARS):
        raise ValidationError({"end": _("租赁期限不得超过二十年(民法典第七百零五条),请核对日期。")})
    return start, end


def _contract(data: bytes | None) -> bytes | None:
    try:
        return pictures.clean(data) if data else None
    except pictures.PictureError as error:
        raise ValidationError({"contract": str(error)}) from None


def _check(home: Residency) -> None:
    """The model's own rules, by the names of the form's fields."""
    names = {"lease_start": "start", "lease_end": "end", "lease_contract": "contract"}
    try:
        home.clean_fields(exclude=["person", "house"])
        home.clean()
    except ValidationError as error:
        told = error.message_dict
        raise ValidationError({names.get(name, "end"): messages for name, messages in told.items()}) from None


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))
