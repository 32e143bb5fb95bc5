"""The collection page: pick the house, check the number, save, next person. Thin: the deed is residents.registration."""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts import access
from accounts.looking import looked
from community.models import Community, House
from residents.desk import worklist
from residents.desk.forms import CollectForm
from residents.models import Notice, Person, Residency
from residents.registration import PersonInput, ResidencyInput, find_duplicates, register_person
from residents.rights.consenting import ConsentInput, needs_guardian
from residents.rights.models import Kind
from standard.numbers import NumberError, identity, permit

VERB = "collect"
MOST_HOUSES = 12


def collecting(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For those who may collect somewhere; anybody else finds no such page."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not access.holds_somewhere(request.user, VERB):
            raise Http404
        return view(request, *args, **kwargs)

    return login_required(guarded)


def houses_of(request: HttpRequest) -> Any:
    """Houses where the user may collect."""
    return access.limit(House.objects.with_label(), request.user, VERB, "community_id")


def chosen_house(request: HttpRequest, key: Any) -> House | None:
    """The house of a form or address, if it is in scope."""
    try:
        return houses_of(request).filter(pk=uuid.UUID(str(key))).first()
    except ValueError:
        return None


@require_GET
@collecting
def find_houses(request: HttpRequest) -> HttpResponse:
    """Houses that match "3-2-501"."""
    wanted = request.GET.get("q", "")[:40]
    found = houses_of(request).search(wanted)[:MOST_HOUSES] if wanted else []
    rows = [{"id": str(house.pk), "label": house.label, "place": house.community.name} for house in found]
    return JsonResponse(
        {"houses": rows, "message": "" if rows else _("没有找到这套房屋,请按“楼-单元-房号”输入,如 3-2-501。")}
    )


@require_POST
@collecting
def check_number(request: HttpRequest) -> HttpResponse:
    """What a document number says, and who is registered under it already. POST: the number never stands in an address."""
    house = chosen_house(request, request.POST.get("house"))
    number, kind = request.POST.get("document_number", "")[:50], request.POST.get("document_type", "")
    try:
        facts = _facts(number, kind)
    except NumberError as error:
        return JsonResponse({"ok": False, "message": error.message, "position": error.position})
    name, phone = request.POST.get("name", "")[:50], request.POST.get("phone", "")[:30]
    people = find_duplicates(house.community, document_number=number, name=name, phone=phone) if house else []
    if people:  # somebody who is registered was found by what was typed
        looked(request, Person, VERB, number, [])
    return JsonResponse({"ok": True, **facts, "duplicates": [_masked(person) for person in people]})


def _facts(number: str, kind: str) -> dict[str, Any]:
    if kind in {"111", "112"}:
        known = identity.parse(number)
        sex = _("男") if known.sex_code == "1" else _("女")
        parts = [f"{known.birth_date:%Y-%m-%d}", sex, known.region_name, *known.warnings]
        told = " · ".join(part for part in parts if part)
        return {
            "number": known.number,
            "message": told,
            "guarded": needs_guardian(known.birth_date, timezone.localdate()),
        }
    if kind in {"553", "554", "555"}:
        return {"number": permit.parse(number).number, "message": _("号码格式正确")}
    return {"number": number, "message": ""}


def _masked(person: Person) -> dict[str, str]:
    homes = [
        str(home.house)
        for home in person.residencies.filter(moved_out=None).select_related("house__building", "house__unit")
    ]
    return {
        "id": str(person.pk),
        "name": person.name_masked(),
        "number": person.document_number_masked(),
        "houses": "、".join(homes) or _("未登记住处"),
    }


@collecting
def collect(request: HttpRequest) -> HttpResponse:
    """The page itself, and saving."""
    if request.method == "POST":
        return _save(request)
    house = chosen_house(request, request.GET.get("house", ""))
    saved = Residency.objects.visible_to(request.user).filter(pk=_uuid(request.GET.get("saved"))).first()
    form = CollectForm(initial={"client_key": uuid.uuid4(), "house": house.pk if house else None})
    return _page(request, form, house, saved)


def _uuid(text: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(text or "")
    except ValueError:
        return None


def _page(
    request: HttpRequest, form: CollectForm, house: House | None, saved: Residency | None = None, status: int = 200
) -> HttpResponse:
    present = house.residencies.filter(moved_out=None).select_related("person") if house else []
    places = access.limit(Community.objects.all(), request.user, VERB, "pk")
    context = {"form": form, "house": house, "saved": saved, "present": present, "places": places}
    context["notices"] = _notices(house.community_id if house else None)
    return render(request, "desk/collect.html", context, status=status)


def _notices(community_id: int | None) -> dict[str, Notice]:
    return {kind: Notice.objects.current(kind, community_id) for kind in (Kind.REGISTER, Kind.FACE)}


def _save(request: HttpRequest) -> HttpResponse:
    form = CollectForm(request.POST, request.FILES)
    house = chosen_house(request, request.POST.get("house"))
    if form.is_valid() and house is None:
        form.add_error("house", _("没有这套房屋,请重新选择。"))
    if not form.is_valid() or house is None:
        return _page(request, form, house, status=422)
    given = form.cleaned_data
    person = PersonInput(
        given["name"], given["document_type"], given["document_number"], given["phone"], given["existing"]
    )
    residency = ResidencyInput(given["occupant_type"], given["tenant_family"], given["lease_start"], given["lease_end"])
    face = ConsentInput(guardian=given["guardian"]) if given["face_consent"] else None
    try:
        done = register_person(
            community=house.community, house=house, person=person, residency=residency, photo=given["photo"],
            contract=given["lease_contract"], face=face, user=request.user, client_key=given["client_key"],
            now=timezone.now(),
        )  # fmt: skip
    except ValidationError as error:
        for name, problems in error.message_dict.items():
            form.add_error(name if name in form.fields else None, problems)
        return _page(request, form, house, status=422)
    return redirect(f"{reverse('residents:collect')}?house={house.pk}&saved={done.residency.pk}")


@require_GET
@collecting
def progress(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """How far a saved residency has come: asked again every second by the page."""
    saved = Residency.objects.visible_to(request.user).filter(pk=pk).first()
    if saved is None:
        raise Http404
    return render(request, "desk/_progress.html", {"saved": saved})


@require_GET
@collecting
def mine(request: HttpRequest) -> HttpResponse:
    """What the user registered lately and how far each has come; what did not arrive stands first."""
    rows = worklist.of(request.user, now=timezone.now())
    missing = [row for row in rows if not row.arrived]
    shown = rows if "all" in request.GET else missing
    context = {
        "rows": shown[: worklist.MOST_SHOWN],
        "missing": len(missing),
        "total": len(rows),
        "all": "all" in request.GET,
    }
    return render(request, "desk/mine.html", context)
