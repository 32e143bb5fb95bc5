"""The pane's two questions (a frame, a check), and the second person's pages. Thin: the deeds are in checking and reviewing."""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import access, pictures
from accounts.looking import looked
from audit import log
from faces import sight
from faces.engine import EngineBusyError, EngineMissingError
from faces.pictures import UnreadableError
from residents.desk.gate import as_uuid, chosen_house, collecting
from residents.desk.sealed import Opened, sealed
from residents.verification import checking, reviewing, words
from residents.verification.models import REVIEW_VERB, FaceCheck
from residents.verification.pacing import Pace

MOST_FRAME_BYTES = 500_000
MOST_CAMERA_PX = 8000
MOST_SHOWN = 100
LOOK_WAIT_SECONDS = 0.25
looks = Pace(25, 5.0)
checks = Pace(20, 60.0)


def _refused(status: int, message: str) -> JsonResponse:
    return JsonResponse({"message": message}, status=status)


def _busy() -> JsonResponse:
    return _refused(429, _("忙,请稍候再试。"))


# --- the pane --------------------------------------------------------------------------------------------------------
@require_POST
@collecting
@sealed
def look(request: HttpRequest, given: Opened) -> JsonResponse:
    """Where the face is in a live frame and what is wrong, in words; nothing is kept and nobody is recognised."""
    if not looks.allows(request.user.pk):
        return _busy()
    frame, width = given.pictures.get("frame", b""), given.fields.get("camera_width")
    if len(frame) > MOST_FRAME_BYTES:
        return _refused(413, _("画面过大。"))
    camera = min(width, MOST_CAMERA_PX) if isinstance(width, int) and width > 0 else 0
    try:
        seen = sight.glance(frame, camera_width=camera, wait_seconds=LOOK_WAIT_SECONDS)
    except UnreadableError:
        return _refused(422, _("画面无法读取。"))
    except EngineMissingError:
        return JsonResponse({"available": False, "face": None, "hints": []})
    except EngineBusyError:
        return _busy()
    return JsonResponse({"available": True, "face": _box(seen), "hints": _hints(seen.hints)})


def _box(seen: sight.Glance) -> dict[str, float] | None:
    """The box in shares of the frame."""
    if seen.face is None:
        return None
    left, top, width, height = seen.face.box
    return {
        "left": round(left / seen.width, 4), "top": round(top / seen.height, 4),
        "width": round(width / seen.width, 4), "height": round(height / seen.height, 4),
    }  # fmt: skip


def _hints(hints: tuple[Any, ...]) -> list[dict[str, str]]:
    return [{"code": hint.code, "severity": hint.severity, "words": str(words.HINTS[hint.code])} for hint in hints]


@require_POST
@collecting
@sealed
def check(request: HttpRequest, given: Opened) -> JsonResponse:
    """Compare the two pictures of a draft."""
    house, key = chosen_house(request.user, given.fields.get("house")), as_uuid(given.fields.get("client_key"))
    photo, card = given.pictures.get("photo"), given.pictures.get("card_portrait")
    if house is None:
        return _refused(422, _("请先选择房屋。"))
    if key is None or not photo or not card:
        return _refused(422, _("需要现场照片和证件照片。"))
    if given.fields.get("face_consent") is not True:
        return _refused(422, _("本人单独同意后才能核验。"))
    if not checks.allows(request.user.pk):
        return _busy()
    try:
        row = checking.check(house.community, key, photo, card, request.user, timezone.now())
    except EngineBusyError:
        return _busy()
    return JsonResponse(_result(row))


def _result(row: FaceCheck) -> dict[str, Any]:
    return {
        "id": str(row.pk), "outcome": row.outcome, "words": row.shown, "score": row.score,
        "threshold": settings.FACE_THRESHOLD, "needs_reason": row.needs_reason, "why_not": row.why_not,
        "took_ms": row.took_ms,
        "hints": words.told(row.hints.get("photo", ())) + words.told(row.hints.get("card", ()), card=True),
    }  # fmt: skip


# --- the second person -------------------------------------------------------------------------------------------------
def reviewing_people(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For those who may edit people somewhere; anybody else finds no such page."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not access.holds_somewhere(request.user, REVIEW_VERB):
            raise Http404
        return view(request, *args, **kwargs)

    return never_cache(login_required(guarded))


@require_GET
@reviewing_people
def waiting(request: HttpRequest) -> HttpResponse:
    """Checks that wait for a second person."""
    looked(request, FaceCheck, REVIEW_VERB, "", [])
    rows = FaceCheck.objects.reviewable_by(request.user).waiting()
    shown = rows.select_related("person", "community", "checked_by")[:MOST_SHOWN]
    own = access.limit(
        FaceCheck.objects.waiting().filter(checked_by=request.user), request.user, REVIEW_VERB, "community_id"
    )
    return render(request, "verification/waiting.html", {"rows": shown, "count": rows.count(), "own": own.count()})


@require_http_methods(["GET", "POST"])
@reviewing_people
def review(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Both pictures side by side, the score, and the word of a second person."""
    found = FaceCheck.objects.reviewable_by(request.user).exclude(person=None).exclude(review=FaceCheck.Review.NONE)
    row = found.select_related("person", "community", "checked_by", "reviewed_by").filter(pk=pk).first()
    if row is None:
        raise Http404
    if request.method == "POST":
        return _settled(request, row)
    log.write_now("view", target=row, community_id=row.community_id, request=request)
    return _review_page(request, row)


def _settled(request: HttpRequest, row: FaceCheck) -> HttpResponse:
    verdict, note = request.POST.get("verdict", ""), request.POST.get("note", "")
    try:
        reviewing.settle(row, verdict, note, user=request.user, now=timezone.now())
    except ValidationError as error:
        row.refresh_from_db()
        return _review_page(request, row, error.message_dict, note, 422)
    return redirect("residents:face_checks")


def _review_page(
    request: HttpRequest,
    row: FaceCheck,
    problems: dict[str, list[str]] | None = None,
    note: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "check": row,
        "hints": words.told(row.hints.get("photo", ())) + words.told(row.hints.get("card", ()), card=True),
        "photo": pictures.address(row, "photo") if row.photo else "",
        "card": pictures.address(row, "card_portrait") if row.card_portrait else "",
        "percent": _percent(row.score),
        "mark": _percent(row.threshold),
        "open": row.review == FaceCheck.Review.OPEN,
        "restricted": row.person.reveal_refused,
        "problems": problems or {},
        "note": note,
    }
    return render(request, "verification/review.html", context, status=status)


def _percent(score: float | None) -> int | None:
    """A score as a place on the bar, 0 to 100."""
    return None if score is None else round(100 * min(1.0, max(0.0, score)))
