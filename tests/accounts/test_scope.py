"""Who sees what: lists, pages and the API show what posts allow, and a stranger finds nothing."""

import json

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts import access, roles
from community.models import House, Post
from devices.models import Device
from residents.models import Person, Residency, Vehicle
from tests import cast

LISTS = [
    "admin:community_community_changelist", "admin:community_building_changelist", "admin:community_house_changelist",
    "admin:residents_person_changelist", "admin:residents_residency_changelist", "admin:residents_vehicle_changelist",
    "admin:devices_device_changelist",
]  # fmt: skip


def test_administrators_hold_disjoint_duties_and_see_nobody() -> None:
    duties = [roles.ROLES[code].verbs for code in sorted(roles.ADMINISTRATORS)]
    assert not duties[0] & duties[1]
    assert not duties[1] & duties[2]
    assert not any({"view_people", "reveal", "view_pictures"} & duty for duty in duties)
    assert "view_people" not in roles.ROLES["guard"].verbs | roles.ROLES["operator"].verbs


def test_a_collector_of_lotus_cannot_see_a_resident_of_maple(lotus: cast.Place, maple: cast.Place, as_user) -> None:
    client = as_user(lotus.staff["collector"])
    assert client.get(f"/api/people/{lotus.resident.pk}/").status_code == 200
    assert client.get(f"/api/people/{maple.resident.pk}/").status_code == 404
    assert client.get(reverse("admin:residents_person_change", args=[lotus.resident.pk])).status_code == 200
    assert client.get(reverse("admin:residents_person_change", args=[maple.resident.pk])).status_code == 404
    assert client.get(reverse("admin:residents_person_history", args=[maple.resident.pk])).status_code == 404


@pytest.mark.parametrize("model", [Person, Residency, Vehicle, House, Device])
def test_a_stranger_sees_no_row(model: type, lotus: cast.Place, stranger) -> None:
    assert not model.objects.visible_to(stranger).exists()


def test_a_superuser_without_a_post_sees_nobody(lotus: cast.Place) -> None:
    root = cast.user("root", is_superuser=True)
    assert not Person.objects.visible_to(root).exists()


@pytest.mark.parametrize("name", LISTS)
def test_a_manager_of_lotus_gets_every_list_in_chinese(
    name: str, lotus: cast.Place, maple: cast.Place, as_user
) -> None:
    answer = as_user(lotus.staff["manager"]).get(reverse(name))
    assert answer.status_code == 200
    assert "枫林苑" not in answer.content.decode()


def test_guards_and_operators_find_no_people(lotus: cast.Place, as_user) -> None:
    for role in ("guard", "operator"):
        client = as_user(lotus.staff[role])
        assert client.get("/api/people/").status_code == 403
        assert client.get(reverse("admin:residents_person_changelist")).status_code in {302, 403}
        assert client.get("/collect/").status_code == 404


def test_personal_values_are_masked_in_lists_and_api(lotus: cast.Place, as_user) -> None:
    client = as_user(lotus.staff["manager"])
    for address in (
        "/api/people/",
        reverse("admin:residents_person_changelist"),
        f"/collect/household/{lotus.house.pk}/",
    ):
        answer = client.get(address)
        body = (
            json.dumps(answer.json(), ensure_ascii=False)
            if "json" in answer["Content-Type"]
            else answer.content.decode()
        )
        assert "张三丰" not in body
        assert lotus.resident.document_number not in body
        assert "张*丰" in body


def test_the_number_of_queries_of_a_list_does_not_grow(
    lotus: cast.Place, as_user, django_assert_max_num_queries
) -> None:
    client = as_user(lotus.staff["manager"])
    people = [
        Person(
            community=lotus.community, name=f"王{n}", document_number=cast.valid_id("19850101", n), phone="19900000001"
        )
        for n in range(100, 150)
    ]
    Person.objects.bulk_create(people)
    with django_assert_max_num_queries(22):
        assert client.get(reverse("admin:residents_person_changelist")).status_code == 200


def test_posting_into_another_community_is_refused(lotus: cast.Place, maple: cast.Place, as_user) -> None:
    client = as_user(lotus.staff["manager"])
    facts = {"name": "李四", "document_number": cast.valid_id("19910101"), "phone": "13812345678"}
    assert client.post("/api/people/", facts | {"community": maple.community.pk}).status_code == 400
    assert client.post("/api/people/", facts | {"community": lotus.community.pk}).status_code == 201


def test_a_post_grants_and_its_end_takes_away(lotus: cast.Place) -> None:
    guard = cast.user("new-guard")
    post = Post.objects.create(user=guard, role="guard", community=lotus.community)
    assert access.verb_holds(guard, "view_devices", lotus.community.pk)
    post.delete()
    assert not access.verb_holds(guard, "view_devices", lotus.community.pk)


def test_nobody_is_two_administrators(db: None) -> None:
    clerk = cast.user("clerk")
    Post.objects.create(user=clerk, role="audit_admin")
    with pytest.raises(ValidationError):
        Post(user=clerk, role="security_admin").full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        Post.objects.create(user=clerk, role="security_admin")


def test_signing_in_and_failing_to_leave_entries(lotus: cast.Place, client) -> None:
    from audit.models import Entry

    name = lotus.staff["guard"].username
    client.post("/accounts/login/", {"username": name, "password": "wrong"})
    client.post("/accounts/login/", {"username": name, "password": cast.PASSWORD})
    outcomes = Entry.objects.filter(action="sign_in").order_by("pk").values_list("outcome", flat=True)
    assert list(outcomes) == ["refused", "done"]
