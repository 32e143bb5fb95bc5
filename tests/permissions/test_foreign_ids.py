"""Another community's ids, in every field of every form and every body: none is offered, none is taken."""

from typing import Any

import pytest
from django import forms
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.test import RequestFactory
from rest_framework.relations import ManyRelatedField, PrimaryKeyRelatedField, RelatedField

from config.api import router
from tests import cast
from tests.desk.sealing import post
from tests.permissions.objects import Objects


@pytest.fixture
def places(lotus: cast.Place, maple: cast.Place) -> tuple[Objects, Objects]:
    return Objects(lotus), Objects(maple)


def foreign_rows(model: type, other: Objects) -> list[Any]:
    """Records of the other community of this kind, and the community itself."""
    rows = [*other.by_name.values(), other.place.empty_house, other.place.building.units.first()]
    return [row for row in rows if type(row) is model and model._meta.model_name not in ("user", "notice")]


def test_no_admin_form_offers_a_record_of_another_community(places: tuple[Objects, Objects]) -> None:
    own, other = places
    looked = 0
    for role, user in own.place.staff.items():
        request = RequestFactory().get("/")
        request.user = user
        for model, found in admin.site._registry.items():
            if not found.has_module_permission(request) or not found.has_add_permission(request):
                continue
            for name, field in found.get_form(request)().fields.items():
                if isinstance(field, (forms.ModelChoiceField, forms.ModelMultipleChoiceField)):
                    offered = set(field.queryset.values_list("pk", flat=True))
                    strange = {row.pk for row in foreign_rows(field.queryset.model, other)}
                    assert not offered & strange, (role, model, name)
                    looked += bool(strange)
    assert looked > 10


def test_the_autocomplete_tells_nobody_of_another_community(places: tuple[Objects, Objects], as_user) -> None:
    own, other = places
    browser = as_user(own.place.staff["manager"])
    for model, found in admin.site._registry.items():
        for field in model._meta.get_fields():
            if not getattr(field, "many_to_one", False) or field.name not in found.autocomplete_fields:
                continue
            facts = {"app_label": model._meta.app_label, "model_name": model._meta.model_name, "field_name": field.name}
            answer = browser.get("/admin/autocomplete/", facts)
            told = {found["id"] for found in answer.json()["results"]} if answer.status_code == 200 else set()
            assert not told & {str(row.pk) for row in foreign_rows(field.related_model, other)}, (model, field.name)


def relations(viewset: Any, request: Any) -> dict[str, RelatedField]:
    serializer = viewset.serializer_class(context={"request": request})
    return {
        name: field
        for name, field in serializer.fields.items()
        if isinstance(field, (PrimaryKeyRelatedField, ManyRelatedField)) and not field.read_only
    }


@pytest.mark.parametrize(("prefix", "viewset"), [(prefix, viewset) for prefix, viewset, _name in router.registry])
def test_no_api_takes_an_id_of_another_community(
    prefix: str, viewset: Any, places: tuple[Objects, Objects], as_user
) -> None:
    own, other = places
    browser, model = as_user(own.place.staff["manager"]), viewset.queryset.model
    request = RequestFactory().get("/")
    request.user = own.place.staff["manager"]
    mine = own.arguments(f"{prefix}-detail")[0]
    for name, field in relations(viewset, request).items():
        for row in foreign_rows(field.queryset.model, other):
            before = model.objects.filter(pk=mine).values().get()
            body = {name: str(row.pk)}
            for answer in (
                browser.patch(f"/api/{prefix}/{mine}/", body, content_type="application/json"),
                browser.put(f"/api/{prefix}/{mine}/", body, content_type="application/json"),
                browser.post(f"/api/{prefix}/", body, content_type="application/json"),
            ):
                assert answer.status_code in (400, 403, 404, 405), (name, row)
            assert model.objects.filter(pk=mine).values().get() == before


@pytest.mark.parametrize("prefix", [prefix for prefix, _viewset, _name in router.registry])
def test_no_filter_or_page_of_an_api_tells_of_another_community(
    prefix: str, places: tuple[Objects, Objects], as_user
) -> None:
    own, other = places
    browser, strange = as_user(own.place.staff["manager"]), other.arguments(f"{prefix}-detail")[0]
    for query in (
        "",
        f"?community={other.community.pk}",
        "?limit=400&offset=0",
        f"?id={strange}",
        f"?search={strange}",
    ):
        answer = browser.get(f"/api/{prefix}/{query}")
        assert answer.status_code in (200, 400)
        ids = [str(row["id"]) for row in answer.json().get("results", [])] if answer.status_code == 200 else []
        assert str(strange) not in ids, query


def test_the_portals_own_pages_take_no_foreign_record(places: tuple[Objects, Objects], as_user) -> None:
    own, other = places
    manager = as_user(own.place.staff["manager"])
    strange_house, strange_person = other.place.house.pk, other.place.resident.pk
    assert str(strange_house) not in manager.get("/collect/houses/", {"q": "3-2-501"}).content.decode()
    saved = post(manager, "/collect/submit/", {"house": str(strange_house), "name": "外人"})
    assert saved.status_code in (404, 422)
    for model, field in (("residents.person", "phone"), ("community.house", "owner_phone")):
        pk = strange_person if model == "residents.person" else strange_house
        facts = {"model": model, "pk": str(pk), "field": field, "reason": "visit", "note": "核实"}
        assert manager.post("/accounts/reveal/", facts).status_code == 404
    kind = ContentType.objects.get_for_model(other.place.resident).pk
    assert manager.get(f"/admin/r/{kind}/{strange_person}/").status_code in (403, 404)
