"""Pauses of a platform or of one interface, so that a closed door is not knocked at all day."""

import random
from datetime import datetime, timedelta

from uploads import answers
from uploads.models import Gate, UpperPlatform
from uploads.pace import back_off

# Seconds of the first pause and the longest one; each failure in a row doubles it.
PAUSES = {
    "unreachable": (2.0, 120.0),
    "unanswered": (2.0, 120.0),
    answers.THROTTLED: (1.0, 600.0),
    answers.WINDOW: (300.0, 1800.0),
    answers.DENIED: (30.0, 1800.0),
    answers.TOKEN: (10.0, 600.0),
    answers.UNKNOWN: (5.0, 600.0),
}


def closed(platform: UpperPlatform, now: datetime) -> dict[str, Gate]:
    """The gates that are shut now, by clause ("" shuts everything)."""
    return {gate.clause: gate for gate in platform.gates.filter(closed_until__gt=now)}


def close(
    platform: UpperPlatform, clause: str, kind: str, problem: str, *, now: datetime, wait: float | None = None
) -> Gate:
    """Shut a gate for a while: `wait` seconds if the platform said so, else longer with every failure in a row."""
    gate, _ = Gate.objects.get_or_create(platform=platform, clause=clause)
    first, cap = PAUSES[kind]
    pause = (
        timedelta(seconds=wait)
        if wait is not None
        else back_off(gate.failures + 1, random.random, first=first, cap=cap)
    )
    gate.failures, gate.closed_until, gate.problem = gate.failures + 1, now + pause, problem[:300]
    gate.save()
    return gate


def open_all(platform: UpperPlatform, clause: str) -> None:
    """An answer came: forget the failures of the platform and of the interface."""
    Gate.objects.filter(platform=platform, clause__in=["", clause]).exclude(failures=0).update(
        failures=0, closed_until=None, problem=""
    )
