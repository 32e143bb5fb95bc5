"""The pages of 房态图: the buildings, one building as a grid, one house with its household."""

import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts import access, reveals
from audit import log
from community.models import Building, House
from residents import departure
from residents.households import grid, sheet, tenancy
from residents.households.forms import LeaseForm
from residents.households.tenancy import EXTENSIONS
from residents.models import Residency, Vehicle
from residents.worklists.registry import until
from uploads import receipts
from uploads.receipts import Progress
from uploads.reports import subject_key

VERB, KEEPING = "view_people", "edit_people"
MOST_FORMER = 20


def keeping(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For those who see people somewhere; anybody else finds no such page."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not access.holds_somewhere(request.user, VERB):
            raise Http404
        return view(request, *args, **kwargs)

    return never_cache(login_required(guarded))


def _buildings(request: HttpRequest) -> Any:
    return access.limit(Building.objects.select_related("community"), request.user, VERB, "community_id")


def _house(request: HttpRequest, pk: uuid.UUID) -> House:
    rows = access.limit(House.objects.with_label(), request.user, VERB, "community_id")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@require_GET
@keeping
def buildings(request: HttpRequest) -> HttpResponse:
    """Every building with how far it is registered."""
    rows = grid.buildings(_buildings(request))
    return render(request, "households/buildings.html", {"rows": rows})


@require_GET
@keeping
def building(request: HttpRequest, pk: int) -> HttpResponse:
    """One building, coloured by what is asked."""
    found = _buildings(request).filter(pk=pk).first() if pk < 2**63 else None
    if found is None:
        raise Http404
    collecting = access.verb_holds(request.user, "collect", found.community_id)
    context = shown(found, request.GET.get("by", ""), timezone.now()) | {
        "may_collect": collecting, "collecting": collecting and request.GET.get("go") == "collect",
    }  # fmt: skip
    return render(request, "households/building.html", context)


def shown(building: Building, mode: str, now: datetime) -> dict[str, Any]:
    """What the grid's template needs: the cells with tone and words, the legend with its numbers."""
    mode = mode if mode in grid.MODES else "occupancy"
    made = grid.grid(building, now)
    floors = [
        (floor, [(unit, [(cell, cell.states[mode], cell.tone(mode), cell.said(mode)) for cell in cells]) for unit, cells in units])
        for floor, units in made.floors
    ]  # fmt: skip
    title, states = grid.MODES[mode]
    legend = [(state, words, tone, made.counts[mode][state]) for state, (words, tone) in states.items()]
    return {
        "building": building, "floors": floors, "mode": mode, "legend": legend, "mode_title": title,
        "modes": [(code, words) for code, (words, _states) in grid.MODES.items()],
        "units": [unit for unit, _cells in floors[0][1]] if floors else [],
    }  # fmt: skip


@dataclass
class Line:
    """Somebody who lives here, with the lease in words and, when it was just refused, its form."""

    home: Residency
    tone: str = ""
    said: str = ""
    together: int = 1  # how many share the lease
    form: LeaseForm | None = None
    progress: Progress | None = None  # of the person, upstairs

    @property
    def has_lease(self) -> bool:
        return self.home.on_lease or self.home.lease_end is not None


def _lines(homes: list[Residency], now: datetime, refused: tuple[uuid.UUID, LeaseForm] | None) -> list[Line]:
    shared = Counter((home.lease_start, home.lease_end) for home in homes)
    ways = receipts.for_subjects("person", [home.person_id for home in homes])
    today, lines = timezone.localdate(now), []
    for home in homes:
        way = ways[subject_key(home.person_id)]
        line = Line(home, together=shared[home.lease_start, home.lease_end], progress=way)
        if home.lease_end:
            ends = timezone.localdate(home.lease_end)
            running = ends > today + timedelta(days=grid.LEASE_DAYS)
            line.said, line.tone = (_("租期内"), "ok") if running else until(ends, today)
        if refused and refused[0] == home.pk:
            line.form = refused[1]
        lines.append(line)
    return lines


@require_GET
@keeping
def household(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One house: who lives there, on what lease, with which cars; who lived there before."""
    return _household(request, _house(request, pk))


def _household(request: HttpRequest, house: House, refused: tuple[uuid.UUID, LeaseForm] | None = None) -> HttpResponse:
    log.write_now("view", target=house, community_id=house.community_id, detail={"household": True}, request=request)
    homes = Residency.objects.filter(house=house).select_related("person").order_by("created_at")
    present = [home for home in homes if home.moved_out is None]
    vehicles: Any = []
    if access.verb_holds(request.user, "view_vehicles", house.community_id):
        vehicles = Vehicle.objects.filter(owner__in=[home.person_id for home in present])
    now = timezone.now()
    context = {
        "house": house, "lines": _lines(present, now, refused), "vehicles": vehicles,
        "former": [home for home in homes if home.moved_out is not None][-MOST_FORMER:],
        "may_collect": access.verb_holds(request.user, "collect", house.community_id),
        "may_keep": access.verb_holds(request.user, KEEPING, house.community_id), "today": timezone.localdate(now),
        "extensions": EXTENSIONS,
    }  # fmt: skip
    return render(request, "households/house.html", context, status=422 if refused else 200)


def _home(request: HttpRequest, pk: uuid.UUID) -> Residency:
    """A home the user may change."""
    homes = Residency.objects.select_related("house__building", "house__unit", "house__community")
    found = access.limit(homes, request.user, KEEPING, "house__community_id").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@require_POST
@keeping
def change_lease(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A lease is extended or gets other days; what is wrong stands at its field and nothing is changed."""
    home, form = _home(request, pk), LeaseForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            changed = tenancy.change_lease(home, form.lease(), user=request.user, now=timezone.now())
            messages.success(request, _("租约已更新(%d 人)。") % changed)
            return redirect("residents:household", pk=home.house_id)
        except ValidationError as error:
            for name, problems in error.message_dict.items():
                form.add_error(name, problems)
    return _household(request, home.house, (home.pk, form))


@require_POST
@keeping
def move_out(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Somebody moved out on a day: the home ends, and with the last one the use of the face."""
    home, now = _home(request, pk), timezone.now()
    try:
        day = parse_date(request.POST.get("day", "")[:10]) or timezone.localdate(now)
        departure.move_out(home, day, user=request.user, now=now)
        messages.success(request, _("已登记迁出。"))
    except ValueError:
        messages.error(request, _("日期不正确,请重新选择。"))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("residents:household", pk=home.house_id)


def _printed(
    request: HttpRequest,
    houses: list[House],
    homes: dict[Any, list[Residency]],
    clear: sheet.Clear | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    """Sheets of one community, as a page to print."""
    community, now = houses[0].community if houses else more["building"].community, timezone.now()
    vehicles = access.verb_holds(request.user, "view_vehicles", community.pk)
    context = {
        "sheets": sheet.sheets(houses, homes, vehicles=vehicles, now=now, clear=clear), "community": community, "now": now,
        "is_clear": clear is not None, "blank_people": range(sheet.BLANK_PEOPLE), "blank_vehicles": range(sheet.BLANK_VEHICLES),
        "by": request.user,
    }  # fmt: skip
    return render(request, "households/sheet.html", context | more, status=status)


@keeping
def one_sheet(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """入户核对表 of one house, masked. POST: with names, numbers and telephones in full, for a stated reason."""
    house = _house(request, pk)
    homes = sheet.present([house])
    of_house, more = homes.get(house.pk, []), {"house": house}
    if access.verb_holds(request.user, reveals.VERB, house.community_id):
        more |= {
            "reasons": [(code, words) for code, words in reveals.REASONS.items()],
            "by_case": reveals.needs_case_number(request.user),
            "values": sum(len(names) for _row, names in sheet.sealed(house, of_house)),
            "left": reveals.left_today(request.user, timezone.now()),
        }
    elif request.method == "POST":
        raise Http404
    if request.method == "POST":
        return _clear_sheet(request, house, homes, more)
    log.write_now("print_sheet", target=house, community_id=house.community_id, request=request)
    return _printed(request, [house], homes, **more)


def _clear_sheet(
    request: HttpRequest, house: House, homes: dict[Any, list[Residency]], more: dict[str, Any]
) -> HttpResponse:
    reason, note = request.POST.get("reason", "")[:20], request.POST.get("note", "")[: reveals.MAX_NOTE + 1]
    asked = {"house": house, "homes": homes.get(house.pk, []), "reason": reason, "note": note, "now": timezone.now()}
    more |= {"reason": reason, "note": note}
    try:
        clear = sheet.reveal(request.user, **asked)
    except ValidationError as error:
        return _printed(request, [house], homes, status=422, wrong=" ".join(error.messages), **more)
    except reveals.QuotaError:
        told = _("这张表要显示 %(values)d 项明文,您今天只剩 %(left)d 次。请明天再印,或请安全管理员调整。") % more
        return _printed(request, [house], homes, status=429, wrong=told, **more)
    log.write_now(
        "print_sheet", target=house, community_id=house.community_id, detail={"clear": len(clear)}, request=request
    )
    return _printed(request, [house], homes, clear, **more)


@require_GET
@keeping
def building_sheets(request: HttpRequest, pk: int) -> HttpResponse:
    """The sheets of a building in one run, always masked; at most so many houses, the rest by ?part=2."""
    found = _buildings(request).filter(pk=pk).first() if pk < 2**63 else None
    if found is None:
        raise Http404
    rows = House.objects.with_label().filter(building=found).order_by("unit__number", "floor", "room", "pk")
    count = rows.count()
    parts = max(1, -(-count // sheet.MOST_HOUSES))
    asked = request.GET.get("part", "1")[:3]
    part = min(max(int(asked) if asked.isascii() and asked.isdigit() else 1, 1), parts)
    houses = list(rows[(part - 1) * sheet.MOST_HOUSES : part * sheet.MOST_HOUSES])
    log.write_now(
        "print_sheet", target=found, community_id=found.community_id, detail={"count": len(houses)}, request=request
    )
    more = {"building": found, "part": part, "parts": range(1, parts + 1), "count": count}
    return _printed(request, houses, sheet.present(houses), **more)
