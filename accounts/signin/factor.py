"""The second factor: one-time codes of an app, each once; recovery codes, each once; locked after five wrong ones."""

import base64
import io
import secrets
from datetime import datetime, timedelta
from typing import Any

import pyotp
import segno
from django.conf import settings
from django.db import transaction

from accounts.access import verbs_of
from accounts.signin.models import SecondFactor
from audit import log
from guomi import keyring

STEP_SECONDS = 30
WINDOW = 1  # half-minutes a clock may be off either way
MOST_FAILURES = 5
LOCKED = timedelta(minutes=15)
RECOVERY_CODES = 10
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
LABEL = "accounts.recovery"
# Who holds one of these may change how the portal works, or read everybody's deeds.
PRIVILEGED = frozenset({"manage_system", "configure_upper", "manage_accounts", "view_audit"})


def required(user: Any) -> bool:
    """Whether the user may not go on without a second factor."""
    return settings.SECOND_FACTOR == "required" and (user.is_superuser or bool(verbs_of(user) & PRIVILEGED))


def of(user: Any) -> SecondFactor | None:
    """The user's factor if it is in use."""
    return SecondFactor.objects.filter(user_id=user.pk).exclude(confirmed_at=None).first()


def begin(user: Any) -> SecondFactor:
    """A factor to be confirmed; the same one until it is. One in use is left as it is."""
    found = SecondFactor.objects.filter(user_id=user.pk).first()
    return found or SecondFactor.objects.create(user_id=user.pk, secret=pyotp.random_base32())


def address(factor: SecondFactor, name: str) -> str:
    """What the app reads from the picture."""
    return pyotp.TOTP(str(factor.secret)).provisioning_uri(name=name, issuer_name="Anju")


def picture(factor: SecondFactor, name: str) -> str:
    """The address as a QR code, drawn here: a data: address of an SVG."""
    drawn = io.BytesIO()
    segno.make(address(factor, name), error="m").save(drawn, kind="svg", scale=5, border=2, xmldecl=False, svgns=True)
    return "data:image/svg+xml;base64," + base64.b64encode(drawn.getvalue()).decode()


def confirm(user: Any, code: str, now: datetime) -> list[str] | None:
    """Take the factor into use by its first code; the recovery codes, or None for a wrong code."""
    with transaction.atomic():
        factor = SecondFactor.objects.select_for_update().get(user_id=user.pk)
        if factor.confirmed_at is not None or not _code_holds(factor, code, now):
            return None
        factor.confirmed_at = now
        codes = _new_codes(factor)
        factor.save()
        log.write("enrol_factor", target=user, user=user)
        return codes


def check(user: Any, code: str, now: datetime) -> bool:
    """Whether the code of the app, or a recovery code, is right; it then holds no second time. Every try is logged."""
    with transaction.atomic():
        factor = SecondFactor.objects.select_for_update().exclude(confirmed_at=None).get(user_id=user.pk)
        if factor.locked_until is not None and factor.locked_until > now:
            log.write("second_factor", outcome="refused", target=user, user=user, detail={"why": "locked"})
            return False
        way = "code" if _code_holds(factor, code, now) else "recovery" if _recovers(factor, code) else ""
        if way:
            factor.failures, factor.locked_until = 0, None
            log.write("second_factor", target=user, user=user, detail={"way": way, "left": len(factor.recovery)})
        else:
            factor.failures += 1
            if factor.failures >= MOST_FAILURES:
                factor.failures, factor.locked_until = 0, now + LOCKED
            why = "locked now" if factor.locked_until else "wrong"
            log.write("second_factor", outcome="refused", target=user, user=user, detail={"why": why})
        factor.save()
        return bool(way)


def renew_codes(user: Any) -> list[str]:
    """New recovery codes; the old ones hold no longer."""
    with transaction.atomic():
        factor = SecondFactor.objects.select_for_update().get(user_id=user.pk)
        codes = _new_codes(factor)
        factor.save()
        log.write("renew_recovery", target=user)
        return codes


def reset(user: Any) -> bool:
    """Take the factor away, so that a new one can be set up; whether there was one."""
    with transaction.atomic():
        gone, _each = SecondFactor.objects.filter(user_id=user.pk).delete()
        if gone:
            log.write("reset_factor", target=user)
        return bool(gone)


def _code_holds(factor: SecondFactor, code: str, now: datetime) -> bool:
    """Notes the half-minute of a code that holds: it and those before are used up."""
    if not (code.isascii() and code.isdigit() and len(code) == 6):
        return False
    totp, here = pyotp.TOTP(str(factor.secret)), int(now.timestamp()) // STEP_SECONDS
    for step in range(here - WINDOW, here + WINDOW + 1):
        if step > factor.last_step and secrets.compare_digest(totp.at(step * STEP_SECONDS), code):
            factor.last_step = step
            return True
    return False


def _recovers(factor: SecondFactor, code: str) -> bool:
    plain = code.strip().lower().replace("-", "").replace(" ", "")
    mark = keyring.get().index(LABEL, f"{factor.user_id} {plain}")
    if len(plain) != 10 or mark not in factor.recovery:
        return False
    factor.recovery = [one for one in factor.recovery if one != mark]
    return True


def _new_codes(factor: SecondFactor) -> list[str]:
    codes = ["".join(secrets.choice(ALPHABET) for _ in range(10)) for _ in range(RECOVERY_CODES)]
    factor.recovery = [keyring.get().index(LABEL, f"{factor.user_id} {code}") for code in codes]
    return [f"{code[:5]}-{code[5:]}" for code in codes]
