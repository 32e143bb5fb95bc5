"""Who may collect, and where: every view of the collection page starts here."""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse

from accounts import access
from community.models import House

VERB = "collect"


def collecting(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For those who may collect somewhere; anybody else finds no such page."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not access.holds_somewhere(request.user, VERB):
            raise Http404
        return view(request, *args, **kwargs)

    return login_required(guarded)


def houses_of(user: Any) -> Any:
    """Houses where the user may collect, with their labels."""
    return access.limit(House.objects.with_label(), user, VERB, "community_id")


def chosen_house(user: Any, key: Any) -> House | None:
    """The house of a form or address, if it is in scope."""
    pk = as_uuid(key)
    return houses_of(user).select_related("community").filter(pk=pk).first() if pk else None


def as_uuid(text: Any) -> uuid.UUID | None:
    """The UUID a text is, or None."""
    try:
        return uuid.UUID(str(text))
    except ValueError:
        return None
