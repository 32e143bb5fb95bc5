"""The second person's word on a check that does not show by itself that person and card match."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from audit import log
from residents.verification.models import FaceCheck

VERDICTS = (FaceCheck.Review.CONFIRMED, FaceCheck.Review.REJECTED)


def settle(check: FaceCheck, verdict: str, note: str, *, user: Any, now: datetime) -> FaceCheck:
    """Confirm or reject; both pictures go, and with a rejection the templates. ValidationError: verdict, note."""
    if verdict not in VERDICTS:
        raise ValidationError({"verdict": _("请选择相符或不符。")})
    if verdict == FaceCheck.Review.REJECTED and not note.strip():
        raise ValidationError({"note": _("不符的,请写明看到了什么。")})
    with transaction.atomic():
        row = FaceCheck.objects.select_for_update().get(pk=check.pk)
        if row.review != FaceCheck.Review.OPEN:
            raise ValidationError({"verdict": _("已经有人复核过。")})
        if row.checked_by_id == user.pk:
            raise ValidationError({"verdict": _("核验人不能复核自己的核验。")})
        row.review, row.review_note = verdict, note.strip()
        row.reviewed_by, row.reviewed_at = user, now
        try:
            row._meta.get_field("review_note").run_validators(row.review_note)
        except ValidationError as error:
            raise ValidationError({"note": error.messages}) from None
        row.forget_pictures()
        if verdict == FaceCheck.Review.REJECTED:
            row.live_template = row.card_template = ""
        row.save()
        log.write("review_face", target=row, community_id=row.community_id, user=user, detail={"result": verdict})
    return row
