"""Picking a house on the desk: fragments of the page for whoever collects. Numbers of people stand in them, no names."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts import access
from community.models import Building
from residents.desk.gate import VERB, collecting
from residents.households.views import shown

MOST_BUILDINGS = 500


def _buildings(request: HttpRequest) -> Any:
    rows = access.limit(Building.objects.select_related("community"), request.user, VERB, "community_id")
    return rows.order_by("community__name", "number")


@require_GET
@never_cache
@collecting
def buildings(request: HttpRequest) -> HttpResponse:
    """The buildings to choose from, each a button with its address in data-grid."""
    return render(request, "households/_buildings.html", {"rows": list(_buildings(request)[:MOST_BUILDINGS])})


@require_GET
@never_cache
@collecting
def building(request: HttpRequest, pk: int) -> HttpResponse:
    """The grid of one building, each cell a button with data-house, data-label, data-place and data-community."""
    found = _buildings(request).filter(pk=pk).first() if pk < 2**63 else None
    if found is None:
        raise Http404
    context = shown(found, request.GET.get("by", ""), timezone.now())
    return render(request, "households/_grid.html", context | {"picking": True})
