"""Requests about one's own data: taken down with their deadline, met or answered with a reason; every step in the log."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import keeping
from audit import log
from residents.erasure import erase
from residents.models import Case, Person
from residents.rights import consenting
from residents.rights.models import Kind
from uploads.models import Due

ANSWER_WORKING_DAYS = 15


@dataclass(frozen=True)
class Erasable:
    """May the record go now? If not: on which ground, and from which day (None while he lives or works here)."""

    now: bool
    ground: str = ""
    from_day: date | None = None


def working_days_later(day: date, count: int) -> date:
    """The day so many working days later; Saturdays and Sundays do not count, public holidays do (they shorten it).

    >>> working_days_later(date(2026, 11, 27), 1)
    datetime.date(2026, 11, 30)
    """
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day


def open_case(person: Person, wish: str, *, asker: str, how: str, note: str, user: Any, now: datetime) -> Case:
    """Take a request down; the same wish is not taken down twice while it is open."""
    today = timezone.localdate(now)
    case = Case(
        community_id=person.community_id, person=person, subject=person.pk, wish=wish, asker=asker, how=how, note=note,
        received_on=today, due_on=working_days_later(today, ANSWER_WORKING_DAYS),
    )  # fmt: skip
    case.full_clean(exclude=["person", "community"])
    with transaction.atomic():
        Person.objects.select_for_update().get(pk=person.pk)
        if Case.objects.open().filter(person=person, wish=wish).exists():
            raise ValidationError({"wish": _("此人的这项请求正在办理中。")})
        case.save()
    return case


def erasable(person: Person, now: datetime) -> Erasable:
    """The law keeps who lives or works here, and who left lately (access events name people for 180 days, 7.5.8)."""
    today, least = timezone.localdate(now), keeping.get("departed").least
    if Person.objects.present(today).filter(pk=person.pk).exists():
        return Erasable(False, Case.Ground.DUTY)
    ends = [*person.residencies.values_list("moved_out", flat=True), *person.jobs.values_list("ended", flat=True)]
    last = max(ends, default=None)
    if last is not None and last + timedelta(days=least) > today:
        return Erasable(False, Case.Ground.PERIOD, last + timedelta(days=least))
    return Erasable(True)


def meet(case: Case, *, user: Any, now: datetime) -> dict[str, Any]:
    """Do what is wished, and close the request: what was done, in counts and field names.

    An export and a correction have happened before; the record of somebody whose time had come is gone already. A
    deletion that the law does not allow yet becomes what it does allow: what rests on consent goes, the rest is
    restricted, and the request is answered with the ground.
    """
    with transaction.atomic():
        case = _locked(case)
        outcome: dict[str, Any] = {}
        if case.person and case.wish == Case.Wish.RESTRICT:
            outcome = _restricted(case.person, user, now)
        elif case.person and case.wish == Case.Wish.DELETE:
            outcome = _deleted(case.person, user, now)
        case.refresh_from_db(fields=["person"])
        _close(case, Case.State.REFUSED if outcome.get("ground") else Case.State.DONE, outcome, user, now)
    return outcome


def refuse(case: Case, ground: str, *, user: Any, now: datetime) -> None:
    """Answer that the request is not met, on a ground of the law."""
    if ground not in Case.Ground.values:
        raise ValidationError({"ground": _("请选择不予办理的理由。")})
    with transaction.atomic():
        _close(_locked(case), Case.State.REFUSED, {"ground": ground}, user, now)


def lift(person: Person, *, user: Any, now: datetime) -> None:
    """End a restriction: what could not be delivered meanwhile is due again."""
    with transaction.atomic():
        person.restricted_at = None
        person.save(update_fields=["restricted_at"])
        log.write("lift_restriction", target=person, community_id=person.community_id)
        for report, rows in (("residency", person.residencies), ("vehicle", person.vehicles)):
            keys = [pk.hex for pk in rows.values_list("pk", flat=True)]
            Due.objects.held().filter(report=report, subject_id__in=keys).send_again(now)


def _restricted(person: Person, user: Any, now: datetime) -> dict[str, Any]:
    person.restricted_at = now
    person.save(update_fields=["restricted_at"])
    log.write("restrict", target=person, community_id=person.community_id, user=user)
    return {"restricted": True}


def _deleted(person: Person, user: Any, now: datetime) -> dict[str, Any]:
    may = erasable(person, now)
    if may.now:
        log.write("erase", target=person, community_id=person.community_id, user=user)
        return {"removed": erase(person, now)}
    emptied = [
        name for kind in (Kind.FACE, Kind.SENSITIVE) for name in consenting.withdraw(person, kind, user=user, now=now)
    ]
    outcome: dict[str, Any] = {"ground": may.ground, "emptied": emptied}
    if may.from_day:
        outcome |= {"from_day": may.from_day.isoformat(), **_restricted(person, user, now)}
    return outcome


def _locked(case: Case) -> Case:
    """The request, nobody else's for the length of the transaction, still open."""
    case = Case.objects.select_for_update().get(pk=case.pk)
    if case.state != Case.State.OPEN:
        raise ValidationError(_("这项请求已经办结。"))
    return case


def _close(case: Case, state: str, outcome: dict[str, Any], user: Any, now: datetime) -> None:
    case.state, case.ground, case.outcome = state, outcome.get("ground", ""), outcome
    case.closed_at, case.closed_by = now, user
    case.save()
    log.write(
        "answer_rights", target=case, community_id=case.community_id, user=user,
        detail={"wish": case.wish, "state": state, "ground": case.ground},
    )  # fmt: skip
