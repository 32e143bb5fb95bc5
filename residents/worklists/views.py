"""The pages 工作清单: all lists with their numbers, one list with its rows."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.looking import looked
from residents.desk.gate import VERB, collecting
from residents.worklists import registry


def tiles(user: Any, now: Any) -> list[dict[str, Any]]:
    """Every list with its number: one query each."""
    counted = [(one, one.count(user, now)) for one in registry.every(user)]
    return [
        {"list": one, "count": count, "shown": registry.shown(count), "tone": one.tone if count else ""}
        for one, count in counted
    ]


@require_GET
@never_cache
@collecting
def overview(request: HttpRequest) -> HttpResponse:
    """All lists with their numbers."""
    return render(request, "worklists/overview.html", {"tiles": tiles(request.user, timezone.now())})


@require_GET
@never_cache
@collecting
def worklist(request: HttpRequest, code: str) -> HttpResponse:
    """One list: who, where, what is missing, how urgent, and the form that puts it right."""
    found = registry.get(request.user, code)
    if found is None:
        raise Http404
    page, now = _page(request), timezone.now()
    rows, more = found.rows(request.user, now, page)
    looked(request, found.model, VERB, "", [found.code])
    context = {
        "list": found, "rows": rows, "tiles": tiles(request.user, now), "page": page, "more": more,
        "several": len({row.place for row in rows}) > 1,
    }  # fmt: skip
    return render(request, "worklists/list.html", context)


def _page(request: HttpRequest) -> int:
    """The page asked for, within what a list gives."""
    asked = request.GET.get("page", "1")[:6]
    return min(max(int(asked), 1), registry.MOST // registry.PAGE) if asked.isdecimal() else 1
