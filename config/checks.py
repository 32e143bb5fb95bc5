"""System checks: bad values of the environment, each with what to do."""

import ipaddress
import os
import re
import stat
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from faces import engine, thresholds
from guomi import sm2

LOCAL = {"127.0.0.1", "localhost", "[::1]", "testserver"}
READER_ADDRESS = re.compile(r"(https?|ws)://(127\.0\.0\.1|localhost):\d{2,5}")
NUMBERS = {
    # setting: (environment value, least, most)
    "UPLOADS_LEASE_SECONDS": ("UPLOADS_LEASE_SECONDS", 2, 3600),
    "UPLOADS_BATCH": ("UPLOADS_BATCH", 1, 1000),
    "AXES_FAILURE_LIMIT": ("SIGN_IN_FAILURES", 1, 100),
    "SESSION_COOKIE_AGE": ("SESSION_SECONDS", 60, 7 * 86400),
    "SESSION_IDLE_SECONDS": ("SESSION_IDLE_SECONDS", 60, 7 * 86400),
    "PASSWORD_DAYS": ("PASSWORD_DAYS", 1, 3650),
    "IDLE_ACCOUNT_DAYS": ("IDLE_ACCOUNT_DAYS", 1, 3650),
    "REVEAL_DAILY_QUOTA": ("REVEAL_DAILY_QUOTA", 1, 100_000),
}


def _numbers() -> Iterator[CheckMessage]:
    for name, (variable, least, most) in NUMBERS.items():
        if not least <= getattr(settings, name) <= most:
            yield Error(
                f"{variable} must lie between {least} and {most}.", hint=f"Set {variable} again.", id="anju.E001"
            )


def _home() -> Iterator[CheckMessage]:
    if not os.access(settings.HOME, os.W_OK):
        yield Error("The folder of ANJU_HOME cannot be written.", hint="Give it to the portal's user.", id="anju.E002")
    keys = settings.HOME / "keys"
    if keys.is_dir() and stat.S_IMODE(keys.stat().st_mode) & 0o077:
        yield Error(
            "The folder keys/ of ANJU_HOME is open to other users.",
            hint="chmod 700 it and its files 600.",
            id="anju.E003",
        )


def _proxies() -> Iterator[CheckMessage]:
    for address in settings.TRUSTED_PROXIES:
        try:
            ipaddress.ip_network(address, strict=False)
        except ValueError:
            yield Error(
                f"TRUSTED_PROXIES names «{address}», which is no address.", hint="Name IP addresses.", id="anju.E004"
            )


def _sign_in() -> Iterator[CheckMessage]:
    for address in settings.ADMIN_NETWORKS:
        try:
            ipaddress.ip_network(address, strict=False)
        except ValueError:
            yield Error(
                f"ADMIN_NETWORKS names «{address}», which is no network.", hint="Write 10.0.0.0/8.", id="anju.E009"
            )
    if settings.SECOND_FACTOR not in ("required", "optional"):
        yield Error("SECOND_FACTOR is required or optional.", hint="Set SECOND_FACTOR again.", id="anju.E010")
    elif settings.SECOND_FACTOR == "optional" and set(settings.ALLOWED_HOSTS) - LOCAL:
        yield Warning(
            "Administrators and police sign in without a second factor.",
            hint="Set SECOND_FACTOR=required.",
            id="anju.W003",
        )


def _log() -> Iterator[CheckMessage]:
    for one in settings.AUDIT_WITNESSES:
        name, _, key = one.partition("=")
        try:
            sm2.load_public_key(key.strip())
        except sm2.Sm2Error:
            yield Error(
                f"AUDIT_WITNESSES: the key of «{name}» is no SM2 public key.", hint="Write police=04….", id="anju.E011"
            )
    if settings.TIME_SOURCE and urlsplit(settings.TIME_SOURCE).scheme not in ("ntp", "http", "https"):
        yield Error("TIME_SOURCE is no address.", hint="Write ntp://host or https://host/.", id="anju.E012")


def _readers() -> Iterator[CheckMessage]:
    for address in settings.READER_ADDRESSES:
        if not READER_ADDRESS.fullmatch(address):
            yield Error(
                f"READER_ADDRESSES names «{address}»: a card reader is on the workstation itself.",
                hint="Write http://127.0.0.1:8990 or ws://localhost:30005, without a path.",
                id="anju.E020",
            )


def _open_to_the_world() -> Iterator[CheckMessage]:
    outside = set(settings.ALLOWED_HOSTS) - LOCAL
    if settings.DEBUG and outside:
        yield Error(
            "DEBUG shows the program's inside to everybody who reaches it.", hint="Unset DEBUG.", id="anju.E005"
        )
    if "*" in outside:
        yield Error("ALLOWED_HOSTS=* lets anybody name the host.", hint="Name the portal's hosts.", id="anju.E006")
    if outside and not settings.BEHIND_TLS and not settings.TESTING:
        yield Warning(
            "The portal answers to names beyond this machine, but not behind TLS.",
            hint="Put it behind a TLS proxy and set BEHIND_TLS=true.",
            id="anju.W001",
        )


def _object_store() -> Iterator[CheckMessage]:
    parts = urlsplit(settings.S3_ENDPOINT)
    if settings.S3_ENDPOINT and (parts.scheme not in ("http", "https") or not parts.hostname):
        yield Error("ANJU_S3_ENDPOINT is no address.", hint="Write it as https://store.example:9000.", id="anju.E007")
    elif parts.scheme == "http" and parts.hostname not in LOCAL:
        yield Warning("Pictures go to ANJU_S3_ENDPOINT without TLS.", hint="Use https.", id="anju.W002")
    if settings.S3_ENDPOINT and not settings.S3_BUCKET:
        yield Error(
            "ANJU_S3_ENDPOINT is set, ANJU_S3_BUCKET is not.", hint="Name the bucket of the pictures.", id="anju.E008"
        )


def _faces() -> Iterator[CheckMessage]:
    least, most = thresholds.LEAST, thresholds.MOST
    if not least <= settings.FACE_THRESHOLD <= most:
        yield Error(
            f"FACE_THRESHOLD must lie between {least} and {most}.", hint="See docs/face-check.md.", id="anju.E013"
        )
    try:
        engine.version()
    except engine.EngineMissingError as error:
        yield Warning(
            f"Person-ID checks are recorded as not done: {error}",
            hint="Install the libraries of requirements.lock, or set FACE_MODELS_DIR.",
            id="anju.W004",
        )


@register()
def environment(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """What the environment values get wrong."""
    return [
        *_numbers(),
        *_home(),
        *_proxies(),
        *_open_to_the_world(),
        *_object_store(),
        *_sign_in(),
        *_log(),
        *_readers(),
        *_faces(),
    ]
