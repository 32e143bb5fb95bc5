"""Looking at a stored picture: for those who may see pictures there, audited before it leaves, never kept by the browser."""

import uuid
from functools import cache
from typing import Any

from django.apps import apps
from django.contrib.auth.decorators import login_required
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.access import verb_holds
from audit import log
from guomi.pictures import EncryptedPictureField

VERB = "view_pictures"


@cache
def kinds() -> dict[str, type[models.Model]]:
    """Models with pictures that people may see, by their short name; versions of records are not among them."""
    return {
        model._meta.model_name: model
        for model in apps.get_models()
        if any(isinstance(field, EncryptedPictureField) for field in model._meta.concrete_fields)
        and hasattr(model._default_manager.all(), "visible_to")
    }


def address(row: models.Model, field: str) -> str:
    """Where a picture is shown; "" for a row whose pictures are shown nowhere."""
    name = row._meta.model_name
    return reverse("residents:picture", args=[name, row.pk, field]) if kinds().get(name) is type(row) else ""


@require_GET
@login_required
def picture(request: HttpRequest, model: str, pk: uuid.UUID, field: str) -> HttpResponse:
    """One picture, or 404 for everything that is not the user's to see, restricted data among it."""
    kind = kinds().get(model)
    row = kind._default_manager.visible_to(request.user).filter(pk=pk).first() if kind else None
    if row is None or not _has(row, field) or _refused(row) or not verb_holds(request.user, VERB, row.community_id):
        raise Http404
    log.write_now("view_picture", target=row, community_id=row.community_id, detail={"field": field}, request=request)
    response = HttpResponse(getattr(row, field).read_clear(), content_type="image/jpeg")
    response["Cache-Control"] = "no-store"
    return response


def _has(row: models.Model, field: str) -> bool:
    names = {one.name for one in row._meta.concrete_fields if isinstance(one, EncryptedPictureField)}
    return field in names and bool(getattr(row, field))


def _refused(row: Any) -> bool:
    """Of a person, or of what belongs to one, whose data are restricted."""
    return any(getattr(one, "reveal_refused", "") for one in (row, getattr(row, "person", None)))
