"""The front page 工作台: what a user's posts let him see, by what he does all day."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access import verbs_of
from audit.review import standing
from dashboard import tiles
from dashboard.tiles import Tile

MOST_URGENT = 3


@require_GET
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """A fixed number of queries, none of which grows with the register beyond ten thousand rows."""
    user, verbs, now = request.user, verbs_of(request.user), timezone.now()
    context: dict[str, Any] = {"strip": [], "work": [], "tiles": [], "urgent": []}
    pressing: list[Tile] = []
    if "handle_rights" in verbs:
        pressing.append(tiles.rights(user, now))
    if "view_delivery" in verbs:
        pressing.append(tiles.held(user))
    if "view_devices" in verbs:
        pressing.append(tiles.silent(user))
    if "edit_place" in verbs:
        context["strip"] = [*tiles.passages(user, verbs, now), *pressing]
    else:
        context["tiles"] += pressing
    if "collect" in verbs:
        context["own"], context["work"] = tiles.own(user, now), tiles.work(user, now)
    if "edit_place" in verbs:
        context["urgent"] = most_urgent([*pressing, *context["work"]])
    if "view_people" in verbs:
        context["ring"] = tiles.ring(user)
        context["tiles"] += tiles.register(user, verbs)
    if "view_delivery" in verbs:
        context["tiles"] += tiles.delivery(user)
    if "manage_system" in verbs:
        context["tiles"].append(tiles.faces())
    if "manage_accounts" in verbs:
        context["tiles"].append(tiles.accounts(now))
    if "view_audit" in verbs:
        context["tiles"] += tiles.audit(user, now)
        context["lights"] = standing.lights(now)
    return render(request, "dashboard/home.html", context)


def most_urgent(found: list[Tile]) -> list[Tile]:
    """Three that are red or yellow: red before yellow, the lighter first; what is nought is not urgent."""
    lit = [tile for tile in found if tile.lit]
    return sorted(lit, key=lambda tile: (tile.lit != "bad", tile.weight))[:MOST_URGENT]
