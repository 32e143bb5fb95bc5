"""What the desk asks while somebody types: houses, a document number, a household, a registered person. Masked all of it."""

import uuid
from typing import Any

from django.http import Http404, HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts import access
from audit import log
from community.models import Community, House
from guomi.envelope import public_key
from residents.desk.gate import VERB, chosen_house, collecting, houses_of
from residents.desk.sealed import Opened, sealed
from residents.desk.versions import shown, version_of
from residents.models import Notice, Person, Residency
from residents.rights import consenting, optional
from residents.rights.consenting import needs_guardian
from residents.rights.models import Kind
from standard.numbers import NumberError, identity, permit

MOST_HOUSES, MOST_PACKED = 12, 60_000
TOLD = ("name", "document_number", "phone", "registered_address", "english_name")


@require_GET
@collecting
def find_houses(request: HttpRequest) -> JsonResponse:
    """Houses that match "3-2-501"."""
    wanted = request.GET.get("q", "")[:40]
    found = houses_of(request.user).search(wanted)[:MOST_HOUSES] if wanted else []
    rows = [house_fact(house) for house in found]
    told = "" if rows else _("没有找到这套房屋,请按“楼-单元-房号”输入,如 3-2-501。")
    return JsonResponse({"houses": rows, "message": told})


def house_fact(house: House) -> dict[str, Any]:
    """A house as the desk knows it: nothing of a person."""
    return {
        "id": str(house.pk), "label": house.label, "place": house.community.name, "community": house.community_id,
        "address": house.address_text,
    }  # fmt: skip


@require_GET
@collecting
@never_cache
def pack(request: HttpRequest) -> JsonResponse:
    """What a desk needs to work off line but the houses: whom to seal for, the communities, their notices and options."""
    places = access.limit(Community.objects.all(), request.user, VERB, "pk")
    key = public_key()
    rows = [
        {"id": place.pk, "name": place.name, "optional": sorted(optional.switched_on(place.pk)), "notices": _notices(place.pk)}
        for place in places[:200]
    ]  # fmt: skip
    return JsonResponse({"key": {"id": key.id, "hex": key.hex}, "user": request.user.pk, "places": rows})


def _notices(community_id: int) -> dict[str, dict[str, Any]]:
    found = {kind: Notice.objects.current(kind, community_id) for kind in (Kind.REGISTER, Kind.FACE)}
    return {kind: {"title": one.title, "version": one.version, "text": one.text} for kind, one in found.items()}


@require_GET
@collecting
def pack_houses(request: HttpRequest) -> JsonResponse:
    """Every house the user may collect in, for choosing one off line: [id, label, community]. At most 60,000."""
    found = houses_of(request.user).order_by("building__number", "pk")[:MOST_PACKED]
    rows = [[str(house.pk), house.label, house.community_id] for house in found.iterator(chunk_size=2000)]
    return JsonResponse({"houses": rows, "whole": len(rows) < MOST_PACKED})


@require_POST
@collecting
@sealed
def check_number(request: HttpRequest, given: Opened) -> JsonResponse:
    """What a document number says: birth date, sex, where it was issued; or which digit is wrong."""
    try:
        facts = _facts(given.text("document_number", 50), given.text("document_type", 3))
    except NumberError as error:
        return JsonResponse({"ok": False, "message": error.message, "position": error.position})
    return JsonResponse({"ok": True, **facts})


def _facts(number: str, kind: str) -> dict[str, Any]:
    if kind in {"111", "112"}:
        known = identity.parse(number)
        sex = _("男") if known.sex_code == "1" else _("女")
        parts = [f"{known.birth_date:%Y-%m-%d}", sex, known.region_name, *known.warnings]
        return {
            "message": " · ".join(part for part in parts if part), "sex": known.sex_code,
            "birth_date": f"{known.birth_date:%Y-%m-%d}",
            "guarded": needs_guardian(known.birth_date, timezone.localdate()),
        }  # fmt: skip
    if kind in {"553", "554", "555"}:
        permit.parse(number)
        return {"message": _("号码格式正确")}
    return {"message": ""}


@require_GET
@collecting
@never_cache
def household(request: HttpRequest, pk: uuid.UUID) -> JsonResponse:
    """Who is registered in the house: kinds and masked names and numbers."""
    house = chosen_house(request.user, pk)
    if house is None:
        raise Http404
    homes = house.residencies.filter(moved_out=None).select_related("person").order_by("created_at")[:50]
    log.write_now("view", target=house, community_id=house.community_id, detail={"household": True}, request=request)
    people = [
        {
            "person": str(home.person_id), "name": home.person.name_masked(), "kind": home.get_occupant_type_display(),
            "number": home.person.document_number_masked(), "photo": bool(home.person.photo),
            "phone": home.person.phone_masked(),
        }
        for home in homes
    ]  # fmt: skip
    return JsonResponse({"house": house_fact(house), "people": people})


@require_GET
@collecting
@never_cache
def person(request: HttpRequest, pk: uuid.UUID) -> JsonResponse:
    """Somebody who is registered, for completing what is missing: masks, codes, and the versions one saw."""
    people = access.limit(Person.objects.visible_to(request.user), request.user, VERB, "community_id")
    found = people.filter(pk=pk, restricted_at=None).first()
    if found is None:
        raise Http404
    home = _home(request, found)
    log.write_now("view", target=found, community_id=found.community_id, request=request)
    return JsonResponse(
        {
            "person": str(found.pk), "person_version": version_of(found), "residency_version": version_of(home),
            "house": house_fact(home.house) if home else None, "photo": bool(found.photo),
            "face_consent": consenting.holds(found, Kind.FACE),
            "fields": {
                "document_type": found.document_type, "sex": found.sex, "document_issuer": found.document_issuer,
                "document_validity": found.document_validity, **(_home_fields(home) if home else {}),
            },
            "masked": {name: shown(found, name) for name in TOLD},
        }
    )  # fmt: skip


def _home(request: HttpRequest, found: Person) -> Residency | None:
    """The home asked for, or the oldest present one in a house one may collect in."""
    homes = found.residencies.filter(moved_out=None, house__in=houses_of(request.user)).order_by("created_at")
    homes = homes.select_related("house__community", "house__building", "house__unit")
    wanted = chosen_house(request.user, request.GET.get("house", "")[:36])
    return (homes.filter(house=wanted).first() if wanted else None) or homes.first()


def _home_fields(home: Residency) -> dict[str, Any]:
    days = {
        name: timezone.localdate(getattr(home, name)).isoformat() if getattr(home, name) else ""
        for name in ("lease_start", "lease_end")
    }
    return {"occupant_type": home.occupant_type, "tenant_family": home.tenant_family, **days}
