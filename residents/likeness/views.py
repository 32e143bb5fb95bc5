"""The pane's question, and the pages 疑似重复 and 合并记录. Thin: the deeds are in merging and deciding."""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts import access
from accounts.looking import looked
from audit import log
from community.models import Community
from residents.desk import gate
from residents.desk.gate import collecting
from residents.desk.sealed import Opened, sealed
from residents.likeness import comparing, deciding, finding, merging, suspects
from residents.likeness.models import Merge, Reason
from residents.likeness.words import of_grounds
from residents.models import Person

VERB = "edit_people"
MOST_PLACES, A_PAGE = 200, 30


@require_POST
@collecting
@sealed
def look(request: HttpRequest, given: Opened) -> JsonResponse:
    """Who is registered that may be the person being typed. Whoever finds somebody leaves an entry."""
    house = gate.chosen_house(request.user, given.fields.get("house"))
    if house is None:
        return JsonResponse({"candidates": []})
    typed = {name: given.text(name, most) for name, most in (("document_number", 50), ("name", 50), ("phone", 30))}
    found = finding.candidates(
        house.community, **typed, document_type=given.text("document_type", 3), birth_date=_day(given), house=house,
        leave_out=gate.as_uuid(given.text("leave_out", 36)),
    )  # fmt: skip
    if found:
        looked(request, Person, gate.VERB, " ".join(filter(None, typed.values())), [])
    return JsonResponse({"candidates": [deciding.told(one) for one in found]})


def _day(given: Opened) -> Any:
    try:
        return parse_date(given.text("birth_date", 10))
    except ValueError:
        return None


def keeping(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For those who keep people somewhere; anybody else finds no such page."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not access.holds_somewhere(request.user, VERB):
            raise Http404
        return view(request, *args, **kwargs)

    return never_cache(login_required(guarded))


def people_of(request: HttpRequest) -> Any:
    """People the user keeps."""
    return access.limit(Person.objects.all(), request.user, VERB, "community_id")


def _person(request: HttpRequest, pk: uuid.UUID) -> Person:
    found = people_of(request).select_related("community").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _pair(request: HttpRequest, one: uuid.UUID, two: uuid.UUID) -> tuple[Person, Person]:
    """Two people of one community."""
    people = _person(request, one), _person(request, two)
    if one == two or people[0].community_id != people[1].community_id:
        raise Http404
    return people


@require_GET
@keeping
def duplicates(request: HttpRequest) -> HttpResponse:
    """The work list of one community."""
    places = list(access.limit(Community.objects.all(), request.user, VERB, "pk").order_by("name")[:MOST_PLACES])
    asked = request.GET.get("community", "")
    place = next((one for one in places if str(one.pk) == asked), places[0] if places and not asked else None)
    if place is None and asked:
        raise Http404
    found = suspects.of(place) if place else suspects.Suspects([], True)
    if place:
        looked(request, Person, VERB, "", ["duplicates"])
    context = {
        "places": places, "place": place, "whole": found.whole,
        "rows": [(one, of_grounds(one.grounds)) for one in found.pairs],
    }  # fmt: skip
    return render(request, "likeness/duplicates.html", context)


@require_GET
@keeping
def of_person(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Who may be the same as this one person."""
    person = _person(request, pk)
    log.write_now(
        "view", target=person, community_id=person.community_id, detail={"why": "duplicates"}, request=request
    )
    home = person.residencies.filter(moved_out=None).select_related("house").first()
    found = finding.candidates(
        person.community, document_number=person.document_number, name=person.name, birth_date=person.birth_date,
        phone=person.phone, document_type=person.document_type, house=home.house if home else None,
        leave_out=person.pk, limit=20,
    )  # fmt: skip
    known = deciding.decided(person.pk, [one.person.pk for one in found])
    rows = [(one, of_grounds(one.grounds), set(one.grounds) <= known.get(one.person.pk, set())) for one in found]
    merges = Merge.objects.filter(kept=person).select_related("kept", "gone", "done_by", "undone_by")
    return render(request, "likeness/person.html", {"person": person, "rows": rows, "merges": merges})


@keeping
def compare(request: HttpRequest, kept: uuid.UUID, gone: uuid.UUID) -> HttpResponse:
    """Two records side by side; posted: the second one goes into the first."""
    one, two = _pair(request, kept, gone)
    if request.method == "POST":
        return _merge(request, one, two)
    for person in (one, two):
        log.write_now(
            "view", target=person, community_id=person.community_id, detail={"why": "compare"}, request=request
        )
    return _compared(request, one, two)


def _merge(request: HttpRequest, kept: Person, gone: Person) -> HttpResponse:
    take = [choice.code for choice in comparing.choices() if request.POST.get(f"take-{choice.code}") == "gone"]
    try:
        merging.merge(kept, gone, take=take, user=request.user, now=timezone.now())
    except ValidationError as error:
        return _compared(request, kept, gone, error.messages, set(take), 422)
    messages.success(request, _("已合并。可在“合并记录”中撤销。"), "ok")
    return redirect("residents:person_duplicates", pk=kept.pk)


def _compared(
    request: HttpRequest,
    kept: Person,
    gone: Person,
    problems: Any = (),
    take: set[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    lines = comparing.lines(kept, gone)
    context = {
        "kept": kept, "gone": gone, "problems": problems, "against": comparing.refusals(kept, gone),
        "rows": [(line, line.taken if take is None else line.code in take) for line in lines],
        "grounds": of_grounds(deciding.between(kept, gone)), "reasons": Reason.choices,
        "homes": [(who, who.residencies.filter(moved_out=None).select_related("house__building", "house__unit"))
                  for who in (kept, gone)],
    }  # fmt: skip
    return render(request, "likeness/compare.html", context, status=status)


@require_POST
@keeping
def differ(request: HttpRequest, kept: uuid.UUID, gone: uuid.UUID) -> HttpResponse:
    """Two records are of two people: kept, with the reason, and not asked again on the same grounds."""
    one, two = _pair(request, kept, gone)
    reason, note = request.POST.get("reason", "")[:12], request.POST.get("note", "")[:200]
    try:
        with transaction.atomic():
            deciding.differ(one, two, reason=reason, note=note, user=request.user, now=timezone.now())
    except ValidationError as error:
        return _compared(request, one, two, error.messages, status=422)
    messages.success(request, _("已记录:不是同一人。"), "ok")
    return redirect(_back(one))


def _back(person: Person) -> str:
    return f"{reverse('residents:duplicates')}?community={person.community_id}"


@require_GET
@keeping
def merges(request: HttpRequest) -> HttpResponse:
    """What was merged, the newest first."""
    rows = Merge.objects.visible_to(request.user).select_related("kept", "gone", "community", "done_by", "undone_by")
    page = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    return render(request, "likeness/merges.html", {"page": page, "reasons": Reason.choices})


@require_POST
@keeping
def undo(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Part what was merged, and say why they are two."""
    deed = Merge.objects.visible_to(request.user).filter(pk=pk).first()
    if deed is None:
        raise Http404
    reason, note = request.POST.get("reason", "")[:12], request.POST.get("note", "")[:200]
    try:
        merging.unmerge(deed, reason=reason, note=note, user=request.user, now=timezone.now())
        messages.success(request, _("已撤销合并,两份档案都已恢复。"), "ok")
    except ValidationError as error:
        messages.error(request, " ".join(error.messages), "error")
    return redirect("residents:merges")
