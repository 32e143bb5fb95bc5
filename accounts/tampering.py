"""A stored value or picture that does not open was damaged or altered outside the portal: said plainly, logged, counted.

The answer and the log name the row and the field; what stands there is never shown.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import log
from audit.models import Entry
from guomi.sealed import DecryptionError

ACTION = "damaged"
logger = logging.getLogger(__name__)


class DamagedContentMiddleware:
    """Answers 500 with what is wrong and whom to tell; the entry is written before the answer leaves."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        damage = cause_of(error)
        if damage is None:
            return None
        logger.error("%s", damage)
        note(damage)
        words = {"kind": kind_of(damage), "field": field_of(damage), "pk": damage.pk}
        if request.headers.get("Accept", "").startswith("application/json"):
            told = _("%(kind)s的“%(field)s”无法解密,可能被改动,已记入审计日志。记录编号 %(pk)s。") % words
            response: HttpResponse = JsonResponse({"error": told}, status=500)
        else:
            response = render(request, "accounts/damaged.html", words, status=500)
        response["Cache-Control"] = "no-store"
        return response


def cause_of(error: BaseException | None) -> DecryptionError | None:
    """The damage behind an error: a template or a serialiser may have wrapped it."""
    while error is not None and not isinstance(error, DecryptionError):
        error = error.__cause__ or error.__context__
    return error


def note(damage: DecryptionError) -> None:
    """Write it to the log: which row and field, and why it did not open."""
    row = _row(damage)
    log.write_now(
        ACTION,
        target=row,
        community_id=getattr(row, "community_id", None),
        outcome=Entry.Outcome.FAILED,
        detail={"model": damage.model, "pk": damage.pk, "field": damage.field},
    )


def _row(damage: DecryptionError) -> Any:
    try:
        return apps.get_model(damage.model)._base_manager.filter(pk=damage.pk).first()
    except (LookupError, ValueError):
        return None


def kind_of(damage: DecryptionError) -> str:
    """The kind of record in words."""
    try:
        return str(apps.get_model(damage.model)._meta.verbose_name)
    except (LookupError, ValueError):
        return damage.model


def field_of(damage: DecryptionError) -> str:
    """The field in words."""
    try:
        return str(apps.get_model(damage.model)._meta.get_field(damage.field).verbose_name)
    except (LookupError, ValueError, FieldDoesNotExist):
        return damage.field


def damaged_today(user: Any, now: datetime) -> int:
    """How many records that the user may review were found damaged since midnight: the auditor's warning."""
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    found = Entry.objects.visible_to(user).filter(action=ACTION, at__gte=midnight)
    return found.values("target_model", "target_id").distinct().count()
