"""Where forms come in: pieces of pictures, the form itself, and how far each form has come since."""

import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from residents.desk import parts
from residents.desk.forms import SHA256, CollectForm
from residents.desk.gate import as_uuid, chosen_house, collecting
from residents.desk.models import Submission
from residents.desk.sealed import Opened, sealed
from residents.desk.submission import submit
from residents.desk.versions import Conflict, version_of
from uploads import receipts
from uploads.reports import subject_key

MOST_ASKED = 200


@require_POST
@collecting
@sealed
def have_parts(request: HttpRequest, given: Opened) -> JsonResponse:
    """Which pieces of a draft's pictures are here already."""
    key, digests = as_uuid(given.fields.get("client_key")), given.fields.get("pictures")
    if key is None or not _digests(digests):
        return _wrong({"photo": [_("图片没有传完整,将自动重传。")]})
    return JsonResponse({"have": parts.have(request.user, key, digests)})


def _digests(given: Any) -> bool:
    if not isinstance(given, dict) or not set(given) <= set(parts.NAMES):
        return False
    return all(isinstance(digest, str) and SHA256.fullmatch(digest) for digest in given.values())


@require_POST
@collecting
@sealed
def keep_part(request: HttpRequest, given: Opened) -> JsonResponse:
    """One piece of a picture."""
    key, name, index = as_uuid(given.fields.get("client_key")), given.text("name", 30), given.fields.get("index")
    digest = given.text("digest", 64)
    if key is None or not SHA256.fullmatch(digest) or not isinstance(index, int):
        return _wrong({"photo": [_("图片没有传完整,将自动重传。")]})
    piece = parts.Piece(key, name, digest, index)
    try:
        parts.keep(request.user, piece, given.pictures.get("chunk", b""), now=timezone.now())
    except ValidationError as error:
        return _wrong(error.message_dict)
    return JsonResponse({"have": parts.have(request.user, key, {name: digest})})


@require_POST
@collecting
@sealed
def take_in(request: HttpRequest, given: Opened) -> JsonResponse:
    """The form itself: 201 with what came of it, 409 with what differs, 422 with what is wrong by field."""
    form = CollectForm({name: value for name, value in given.fields.items() if _plain(name, value)})
    house = chosen_house(request.user, form.cleaned_data["house"]) if form.is_valid() else None
    if form.is_valid() and house is None:
        form.add_error("house", _("没有这套房屋,请重新选择。"))
    if not form.is_valid() or house is None:
        return _wrong({name: [str(one) for one in problems] for name, problems in form.errors.items()})
    try:
        taken = submit(request.user, form, house, now=timezone.now())
    except ValidationError as error:
        return _wrong(error.message_dict)
    except Conflict as conflict:
        return _conflict(conflict)
    return JsonResponse(_told(taken), status=201)


def _plain(name: str, value: Any) -> bool:
    """A form's fields are texts and yes or no; the pictures' digests are one object."""
    return isinstance(value, (str, bool)) or name == "pictures"


def _told(taken: Submission) -> dict[str, Any]:
    """What a desk keeps of a form that arrived: ids, a mask, and which house."""
    return {
        "key": str(taken.client_key),
        "person": str(taken.person_id or ""),
        "residency": str(taken.residency_id or ""),
        "name": taken.person.name_masked() if taken.person else "",
        "house": taken.residency.house.label if taken.residency else "",
    }


def _conflict(conflict: Conflict) -> JsonResponse:
    facts = {
        "why": conflict.why, "person": str(conflict.person.pk), "name": conflict.person.name_masked(),
        "number": conflict.person.document_number_masked(), "person_version": version_of(conflict.person),
        "residency_version": version_of(conflict.residency), "rows": [row.as_dict() for row in conflict.rows],
    }  # fmt: skip
    return JsonResponse({"conflict": facts}, status=409)


def _wrong(errors: dict[str, Any]) -> JsonResponse:
    return JsonResponse({"errors": {name: [str(one) for one in told] for name, told in errors.items()}}, status=422)


@require_POST
@collecting
@sealed
def progress(request: HttpRequest, given: Opened) -> JsonResponse:
    """How far forms have come since they arrived, by client key: at most 200 of the user's own."""
    keys = _keys(given.fields.get("keys"))
    rows = list(Submission.objects.filter(user=request.user, client_key__in=keys))
    people = receipts.for_subjects("person", [row.person_id for row in rows if row.person_id])
    homes = receipts.for_subjects("residency", [row.residency_id for row in rows if row.residency_id])
    told = {}
    for row in rows:
        ways = {
            "person": people.get(subject_key(row.person_id), receipts.UNREPORTED),
            "residency": homes.get(subject_key(row.residency_id), receipts.UNREPORTED),
        }
        told[str(row.client_key)] = {
            name: {"stage": way.stage, "label": str(way.label), "reason": way.reason} for name, way in ways.items()
        }
    return JsonResponse({"progress": told})


def _keys(given: Any) -> list[uuid.UUID]:
    found = (as_uuid(one) for one in given[:MOST_ASKED]) if isinstance(given, list) else ()
    return [one for one in found if one is not None]
