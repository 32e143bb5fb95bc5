"""Making a check and tying it to the person it was of. Never a refusal of service: what cannot be compared is recorded as not done."""

import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from audit import log
from community.models import Community
from faces import comparison, sight
from faces.engine import EngineBusyError, EngineMissingError
from faces.pictures import UnreadableError
from guomi import keyring, pictures, sm3
from residents.models import Person
from residents.rights import consenting
from residents.rights.models import Kind
from residents.verification.models import FaceCheck

WAIT_SECONDS = 3.0  # for one of the engines: as many run at once as there are processors
REFUSED = FaceCheck.WhyNot.REFUSED.value  # what a form says instead of a reason when the person wants no picture
Why = FaceCheck.WhyNot


@dataclass(frozen=True)
class Finding:
    """What the engine made of two pictures, ready to be kept."""

    why_not: str = ""
    score: float | None = None
    model_version: str = ""
    hints: dict[str, list[str]] = field(default_factory=dict)
    live: str = field(default="", repr=False)
    card: str = field(default="", repr=False)
    took_ms: int | None = None

    @property
    def outcome(self) -> str:
        if self.score is None:
            return FaceCheck.Outcome.NOT_DONE
        passed = self.score >= settings.FACE_THRESHOLD
        return FaceCheck.Outcome.PASSED if passed else FaceCheck.Outcome.BELOW


def find(photo: bytes, card: bytes) -> Finding:
    """Compare. EngineBusyError when no engine is free in time; everything else that hinders is a reason not to have compared."""
    started = time.perf_counter()
    try:
        seen = sight.compare(photo, card, wait_seconds=WAIT_SECONDS)
    except EngineMissingError:
        return Finding(Why.NO_MODELS)
    except UnreadableError:
        return Finding(Why.UNREADABLE)
    return Finding(
        why_not=_why_not(seen),
        score=seen.score,
        model_version=seen.version,
        hints={
            "photo": [hint.code.value for hint in seen.live_hints],
            "card": [hint.code.value for hint in seen.card_hints],
        },
        live=comparison.packed(seen.live) if seen.score is not None and seen.live is not None else "",
        card=comparison.packed(seen.card) if seen.score is not None and seen.card is not None else "",
        took_ms=round(1000 * (time.perf_counter() - started)),
    )


def _why_not(seen: sight.Compared) -> str:
    if seen.score is not None:
        return ""
    if seen.card is None:
        return Why.NO_CARD_FACE
    return Why.NO_FACE if seen.live is None else Why.QUALITY


def _mark(name: str, data: bytes | None) -> str:
    """Tells whether two pictures are the same bytes, to who holds the index key; "" for none."""
    return keyring.get().index(f"residents.FaceCheck.{name}", sm3.digest(data).hex()) if data else ""


def _row(community: Community, client_key: uuid.UUID, found: Finding, user: Any, now: datetime) -> FaceCheck:
    return FaceCheck(
        community=community, client_key=client_key, checked_by=user, checked_at=now, outcome=found.outcome,
        why_not=found.why_not, score=found.score, model_version=found.model_version, hints=found.hints,
        threshold=None if found.score is None else settings.FACE_THRESHOLD, took_ms=found.took_ms,
        live_template=found.live, card_template=found.card,
    )  # fmt: skip


def check(
    community: Community, client_key: uuid.UUID, photo: bytes, card: bytes, user: Any, now: datetime
) -> FaceCheck:
    """Compare the pictures of a draft and keep the result, which takes the place of the draft's earlier ones.

    The caller has made sure of the consent and the scope. EngineBusyError: nothing kept, try again.
    """
    found = find(photo, card)
    row = _row(community, client_key, found, user, now)
    row.photo_mark, row.card_mark = _mark("photo", photo), _mark("card", card)
    with transaction.atomic():
        for earlier in FaceCheck.objects.of_draft(client_key, user):
            earlier.forget_face()
        _keep(row, user)
    return row


def _keep(row: FaceCheck, user: Any) -> None:
    row.save()
    detail = {"result": row.outcome, "why": row.why_not, "took_ms": row.took_ms}
    told = {name: value for name, value in detail.items() if value not in ("", None)}
    log.write("check_face", target=row, community_id=row.community_id, user=user, detail=told)


def made_of(
    community: Community, client_key: uuid.UUID, photo: bytes | None, card: bytes | None, user: Any
) -> FaceCheck | None:
    """The newest check of the draft that was made of these very pictures."""
    if not photo or not card:
        return None
    marks = {"photo_mark": _mark("photo", photo), "card_mark": _mark("card", card)}
    return FaceCheck.objects.of_draft(client_key, user).filter(community=community, **marks).first()


def ready(
    community: Community, client_key: uuid.UUID, photo: bytes | None, card: bytes | None, user: Any, now: datetime
) -> FaceCheck | None:
    """Before the transaction of a registration: make the check of its pictures unless it is there, so that no lock is held
    while the engine works. None where there is nothing to compare or the engine is busy."""
    if not photo or not card:
        return None
    try:
        return made_of(community, client_key, photo, card, user) or check(community, client_key, photo, card, user, now)
    except EngineBusyError:
        return None


def attach(
    person: Person,
    client_key: uuid.UUID,
    *,
    photo: bytes | None,
    card: bytes | None,
    reason: str = "",
    note: str = "",
    user: Any,
    now: datetime,
) -> FaceCheck:
    """Tie the draft's check to the person registered, in the transaction of the registration, after the consent was written.

    Made now if these pictures were not checked before. What does not show that person and card match needs a reason and
    waits for a second person. ValidationError: check_reason, check_note.
    """  # fmt: skip
    if not photo and not card and (earlier := _earlier(person)):
        return earlier
    with transaction.atomic():
        row = made_of(person.community, client_key, photo, card, user) if _agreed(person, photo) else None
        fresh = row is None
        row = row or _row(person.community, client_key, _now(person, photo, card, reason), user, now)
        row.person = person
        if row.needs_reason:
            _give_reason(row, reason, note)
            _keep_pictures(row, photo, card)
            row.review = FaceCheck.Review.OPEN
        for other in FaceCheck.objects.of_draft(client_key, user).exclude(pk=row.pk):
            other.forget_face()
        for older in person.face_checks.filter(client_key=client_key, review=FaceCheck.Review.OPEN).exclude(pk=row.pk):
            older.review = FaceCheck.Review.NONE  # the same form again: what it says now is what is reviewed
            older.forget_face()
            older.save()
        row.photo_mark = row.card_mark = ""
        _keep(row, user) if fresh else row.save()
    return row


def _earlier(person: Person) -> FaceCheck | None:
    """A check of a person known before that has shown the match: another home needs none."""
    shown = person.face_checks.matching()
    return shown.order_by("-checked_at").first()


def _agreed(person: Person, photo: bytes | None) -> bool:
    return bool(photo) and consenting.holds(person, Kind.FACE)


def _now(person: Person, photo: bytes | None, card: bytes | None, reason: str) -> Finding:
    """Compare what was not compared before, or why not."""
    if not photo:
        return Finding(Why.REFUSED if reason == REFUSED else Why.NO_PHOTO)
    if not _agreed(person, photo):
        return Finding(Why.NO_CONSENT)
    if not card:
        return Finding(Why.NO_CARD)
    try:
        return find(photo, card)
    except EngineBusyError:
        return Finding(Why.BUSY)


def _give_reason(row: FaceCheck, reason: str, note: str) -> None:
    if reason not in FaceCheck.Reason.values:
        raise ValidationError({"check_reason": _("没有确认人证相符:请重拍,或选择理由提交,由另一人复核。")})
    row.reason, row.note = reason, note.strip()
    if reason == FaceCheck.Reason.OTHER and not row.note:
        raise ValidationError({"check_note": _("选“其他”的,请写明情况。")})
    try:
        row._meta.get_field("note").run_validators(row.note)
    except ValidationError as error:
        raise ValidationError({"check_note": error.messages}) from None


def _keep_pictures(row: FaceCheck, photo: bytes | None, card: bytes | None) -> None:
    """For the second person, until he has looked."""
    for name, data in (("photo", photo), ("card_portrait", card)):
        try:
            setattr(row, name, pictures.CleanPicture(pictures.clean(data or b""), name="picture"))
        except pictures.PictureError:  # nobody can look at it either
            continue
