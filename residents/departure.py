"""Moving out: the home ends on a day; with the last tie to the community, the use of the face ends at once."""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit import log
from residents.models import Consent, Person, Residency
from residents.rights import consenting
from residents.rights.models import Kind


def move_out(residency: Residency, day: date, *, user: Any, now: datetime) -> bool:
    """End the residency on that day, today or before; whether the use of the face ended with it."""
    today = timezone.localdate(now)
    if residency.moved_out is not None:
        raise ValidationError({"moved_out": _("已经登记过迁出。")})
    if day > today:
        raise ValidationError({"moved_out": _("迁出日期不能晚于今天。")})
    if residency.moved_in and day < residency.moved_in:
        raise ValidationError({"moved_out": _("迁出日期不能早于入住日期。")})
    with transaction.atomic():
        residency.moved_out = day
        residency.save()
        log.write("move_out", target=residency, community_id=residency.community_id)
        left = not Person.objects.present(today).filter(pk=residency.person_id).exists()
        return left and end_face_use(residency.person, user=user, now=now)


def end_face_use(person: Person, *, user: Any, now: datetime) -> bool:
    """The consent of somebody who left ends, and the portrait and the templates go; whether there were any."""
    consenting.end(person.consents.active(Kind.FACE), Consent.Ending.LEFT, user=user, now=now)
    return bool(consenting.forget(person, Kind.FACE))
