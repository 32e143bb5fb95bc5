"""Signing in upstairs (B.1.1): one token per account, kept encrypted in the database, shared by all workers.

Who finds it missing, near its end or refused tries to take the lease on the row by one conditional UPDATE; the one who gets it signs
in, the others wait for the next serial. So a refusal seen by ten workers costs one sign-in. If the holder dies, its lease runs out.
"""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from guomi import keyring
from standard import interfaces, messages
from uploads import answers, platforms, wrapping
from uploads.client import TransportError, UpperClient
from uploads.models import UpperPlatform, UpperToken

CLAUSE = "B.1.1"
MARGIN = timedelta(minutes=5)
POLL_SECONDS = 0.1


class SignInError(Exception):
    """The platform did not let us in; the message is Chinese. `kind` is one of uploads.answers."""

    def __init__(self, kind: str, problem: str, wait: float | None = None) -> None:
        super().__init__(problem)
        self.kind, self.problem, self.wait = kind, problem, wait


@dataclass(frozen=True)
class Pass:
    """A token in hand. `serial` tells the renewal which token was refused; the token itself is never printed."""

    serial: int
    token: str = field(repr=False)


@dataclass(frozen=True)
class Granted:
    """What a sign-in returned: the token, and (code, name) of the communities it opens."""

    token: str = field(repr=False)
    registration_codes: tuple[tuple[str, str], ...] = ()


def account(platform: UpperPlatform) -> str:
    """Fingerprint of address, caller and user name: platforms that share it share the token."""
    return keyring.get().index("uploads.account", "\n".join((platform.base_url, platform.client_id, platform.username)))


def current(platform: UpperPlatform, client: UpperClient, *, refused: int | None = None) -> Pass:
    """A token that should be good: the shared one, or a new one when it is missing, ends soon, or has the serial `refused`.

    Raises TransportError or SignInError. Waits for another worker's sign-in no longer than the sign-in may take.
    """
    name = account(platform)
    # Short: if the holder is merely slow, a second sign-in costs a token; if it died, everybody waits this long.
    lease = timedelta(seconds=min(settings.UPLOADS_LEASE_SECONDS, 10))
    give_up = time.monotonic() + platform.connect_seconds + platform.read_seconds
    UpperToken.objects.get_or_create(account=name)
    seen = None
    while True:
        row = UpperToken.objects.get(account=name)
        if _good(row, refused, platform.token_seconds):
            return Pass(row.serial, row.token)
        if seen is not None and row.lease_until is None and row.serial == seen:
            raise TransportError("connect", "另一进程登录上级平台未成功,稍后再试")
        if _lease(row, lease, holder := secrets.token_hex(16)):
            return _renew(row, platform, client, holder)
        seen = row.serial
        if time.monotonic() > give_up:
            raise TransportError("timeout", "等待另一进程登录上级平台超时")
        time.sleep(POLL_SECONDS)


def _good(row: UpperToken, refused: int | None, lifetime: int) -> bool:
    margin = min(MARGIN, timedelta(seconds=lifetime / 10))
    fresh = row.expires_at is not None and row.expires_at - margin > timezone.now()
    return bool(row.token) and fresh and row.serial != refused


def _lease(row: UpperToken, length: timedelta, holder: str) -> bool:
    now = timezone.now()
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    mine = UpperToken.objects.filter(free, pk=row.pk, serial=row.serial)
    return mine.update(lease_until=now + length, lease_token=holder) == 1


def _renew(row: UpperToken, platform: UpperPlatform, client: UpperClient, holder: str) -> Pass:
    """Sign in while holding the lease. If we die here the lease runs out and another worker signs in."""
    mine = UpperToken.objects.filter(pk=row.pk, lease_token=holder)
    try:
        granted = sign_in(platform, client)
    except Exception:
        mine.update(lease_until=None, lease_token="")
        raise
    with transaction.atomic():
        if mine.update(serial=F("serial") + 1, lease_until=None, lease_token="") == 1:
            row.token = granted.token
            row.expires_at = timezone.now() + timedelta(seconds=platform.token_seconds)
            row.save(update_fields=["token", "expires_at"])
    return Pass(row.serial + 1, granted.token)


def sign_in(platform: UpperPlatform, client: UpperClient, *, now: Callable[[], datetime] = timezone.now) -> Granted:
    """B.1.1. Raises TransportError, or SignInError with what the platform says."""
    encrypt = platforms.cipher(platform) if platform.password_wrap == UpperPlatform.PasswordWrap.SM2 else None
    wrapped = wrapping.wrap(platform.password_wrap, platform.password, key=platform.password_wrap_key, encrypt=encrypt)
    record = {"username": platform.username, "password": wrapped}
    body = messages.encode(CLAUSE, record, profile=platforms.profile(platform))
    reply = client.post(interfaces.get(CLAUSE).path, body, now=now())
    kind = answers.sort(reply.status, reply.code, reply.message, platforms.rules(platform))
    if kind != answers.OK:
        kind = answers.DENIED if kind in (answers.TOKEN, answers.REFUSED, answers.ABSENT, answers.ORPHAN) else kind
        problem = answers.cleaned(reply.message, [platform.username, platform.password, wrapped])
        raise SignInError(kind, f"登录上级平台被拒:{problem}", reply.wait)
    return _granted(reply.data)


def _granted(data: Any) -> Granted:
    decoded = messages.decode(CLAUSE, data if isinstance(data, dict) else {}, part="response", check=False)
    token = decoded.get("token")
    if not isinstance(token, str) or not 0 < len(token) <= 2000:
        raise SignInError(answers.UNKNOWN, "登录应答中没有令牌")
    codes = decoded.get("registration_codes") or []
    pairs = [(str(item.get("registration_code", "")), str(item.get("community_name", ""))) for item in codes[:1000]]
    return Granted(token, tuple(pairs))
