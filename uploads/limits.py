"""Staying inside what the platform allows on each interface, and learning it from refusals (9.2.2)."""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db.models import F
from django.utils import timezone

from uploads import answers
from uploads.models import InterfaceLimit, UpperPlatform

HOURS = re.compile(
    r"([01]?\d|2[0-3])[:：]([0-5]\d)(?:[:：]\d\d)?\s*(?:-|–|—|~|～|至|到)\s*([01]?\d|2[0-4])[:：]([0-5]\d)"
)
AT_ONCE = ("并发", "concurren")
A_DAY = ("配额", "次数", "quota")


@dataclass(frozen=True)
class Allowance:
    """What may be done on one interface now: calls at once and calls left today (None: as many as the platform takes)."""

    concurrency: int | None = None
    calls: int | None = None


def known(platform: UpperPlatform) -> dict[str, InterfaceLimit]:
    """The limits of the platform by clause."""
    return {limit.clause: limit for limit in platform.limits.all()}


def shut(platform: UpperPlatform, now: datetime) -> dict[str, datetime]:
    """Interfaces whose limits forbid a call now, and until when."""
    moments = {clause: limit.shut_until(now) for clause, limit in known(platform).items()}
    return {clause: moment for clause, moment in moments.items() if moment}


def allowance(platform: UpperPlatform, clause: str, now: datetime) -> Allowance:
    """What may be done on the interface now."""
    limit = InterfaceLimit.objects.filter(platform=platform, clause=clause).first()
    if limit is None:
        return Allowance()
    return Allowance(limit.concurrency, limit.remaining(timezone.localdate(now)))


def count(platform: UpperPlatform, clause: str, calls: int, now: datetime) -> None:
    """Note calls made. One statement for the usual case; the row of a new day begins at 0."""
    today = timezone.localdate(now)
    rows = InterfaceLimit.objects.filter(platform=platform, clause=clause)
    if not calls or rows.filter(day=today).update(calls=F("calls") + calls):
        return
    InterfaceLimit.objects.get_or_create(platform=platform, clause=clause)
    rows.exclude(day=today).update(day=today, calls=0)
    rows.filter(day=None).update(day=today, calls=0)
    rows.filter(day=today).update(calls=F("calls") + calls)


def learn(
    platform: UpperPlatform, clause: str, kind: str, message: str, *, at_once: int, now: datetime
) -> datetime | None:
    """Take from a refusal what it says of a limit; until when the interface is shut by it, if it says so.

    Concurrency is halved from what was in use; a used-up quota is what was called today; hours are read from the words.
    What an operator configured is narrowed, never widened.
    """
    if kind not in (answers.THROTTLED, answers.WINDOW):
        return None
    limit, _ = InterfaceLimit.objects.get_or_create(platform=platform, clause=clause)
    today, said = timezone.localdate(now), message.lower()
    if kind == answers.WINDOW and (found := HOURS.search(message)):
        opens, closes = time(int(found[1]), int(found[2])), time(int(found[3]) % 24, int(found[4]))
        limit.opens, limit.closes = opens, closes
        limit.learnt = f"{today:%m-%d} 调用时段 {opens:%H:%M}-{closes:%H:%M}"
    elif kind == answers.THROTTLED and any(word in said for word in A_DAY):
        limit.daily_quota = max(1, min(limit.daily_quota or 1_000_000_000, limit.used(today)))
        limit.learnt = f"{today:%m-%d} 每日 {limit.daily_quota} 次"
    elif kind == answers.THROTTLED and any(word in said for word in AT_ONCE):
        limit.concurrency = max(1, min(limit.concurrency or at_once, at_once) // 2)
        limit.learnt = f"{today:%m-%d} 并发 {limit.concurrency}"
    else:
        return None
    limit.save(
        update_fields=["opens", "closes", "daily_quota", "concurrency", "learnt"]
    )  # others count calls meanwhile
    shut_until = limit.shut_until(now)
    return shut_until if shut_until and shut_until - now < timedelta(days=2) else None
