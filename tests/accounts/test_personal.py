"""The table of personal fields against the models, and against what each role really gets to see."""

import re

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.urls import reverse

from accounts import personal
from accounts.roles import ROLES
from guomi.fields import EncryptedField
from guomi.pictures import EncryptedPictureField
from tests import cast

OURS = ("accounts", "analysis", "audit", "community", "devices", "residents", "uploads")
PERSONAL = re.compile(
    r"name|phone|document|number|address|photo|picture|birth|sex|ethnic|marital|political|military|educat|occupation|"
    r"workplace|email|plate|contract|certificate|password|token|alone"
)
# Fields whose name sounds personal and that hold nothing of a person.
NOT_PERSONAL = {
    "accounts.User": {"username", "password", "must_change_password", "password_changed_at"},
    "accounts.ApiToken": {"name", "last_address"}, "accounts.SignIn": {"address"},  # of machines
    "community.Import": {"file_name"}, "audit.Folder": {"name"}, "audit.Entry": {"address"},  # of the machine that asked
    "community.Building": {"number", "name"}, "community.Unit": {"number"}, "community.Gate": {"name"},
    "community.Lane": {"number"}, "community.Organisation": {"name"}, "community.Community": {"name", "address"},
    "community.House": {"address_code", "address_name"}, "devices.Device": {"name"},
    "residents.Vehicle": {"plate_colour"}, "devices.VehiclePassage": {"plate_colour"},
    "analysis.VehicleArchive": {"plate_colour"},
    "uploads.UpperPlatform": {"username", "password_wrap", "token_seconds"},
    "uploads.UpperToken": {"lease_token"}, "uploads.Due": {"lease_token"},
}  # fmt: skip


def models() -> list:
    return [
        model
        for model in apps.get_models()
        if model._meta.app_label in OURS and not model.__name__.startswith("Historical")
    ]


def test_every_personal_field_of_every_model_is_in_the_table() -> None:
    listed = {(one.model, one.field) for one in personal.fields()}
    missing = [
        (model._meta.label, field.name)
        for model in models()
        for field in model._meta.concrete_fields
        if not field.name.endswith("_index") and not field.is_relation
        if isinstance(field, (EncryptedField, EncryptedPictureField)) or PERSONAL.search(field.name)
        if (model._meta.label, field.name) not in listed
        if field.name not in NOT_PERSONAL.get(model._meta.label, ())
    ]
    assert missing == []


def test_every_row_of_the_table_says_how_its_field_is_really_stored() -> None:
    for one in personal.fields():
        field = apps.get_model(one.model)._meta.get_field(one.field)
        sealed, picture = isinstance(field, EncryptedField), isinstance(field, EncryptedPictureField)
        assert (one.stored == "sealed", one.stored == "picture") == (sealed, picture), one
        assert one.mask == (field.mask if sealed else ""), one
        assert one.basis, one


@pytest.mark.parametrize("label", ["community.House", "residents.Person", "residents.Vehicle"])
def test_the_history_of_a_model_is_sealed_like_the_model(label: str) -> None:
    model = apps.get_model(label)
    history = model.history.model
    for one in personal.fields():
        if one.model == label and one.stored == "sealed":
            assert isinstance(history._meta.get_field(one.field), EncryptedField), one


PAGES = {
    "residents.Person": ("admin:residents_person_change", lambda place: place.resident),
    "community.House": ("admin:community_house_change", lambda place: place.house),
}


@pytest.mark.parametrize("role", [role for role in ROLES if not role.endswith("_admin")])
@pytest.mark.parametrize("label", PAGES)
def test_each_role_sees_what_the_table_says(label: str, role: str, lotus: cast.Place, as_user) -> None:
    url, subject = PAGES[label]
    row = subject(lotus)
    answer = as_user(lotus.staff[role]).get(reverse(url, args=[row.pk]))
    page = answer.content.decode() if answer.status_code == 200 else ""
    for one in personal.fields():
        value = str(getattr(row, one.field)) if one.model == label and one.stored == "sealed" else ""
        if not value:
            continue
        told = personal.sight(ROLES[role], one)
        assert value not in page, one
        assert (getattr(row, f"{one.field}_masked")() in page) is (told != personal.NOTHING), (one, told)
        assert (f":{one.field}&quot;" in page or f':{one.field}"' in page) is (told == personal.REVEALED), (one, told)


def test_the_page_in_docs_is_what_the_code_says() -> None:
    page = (settings.BASE_DIR / "docs" / "who-sees-what.md").read_text(encoding="utf-8")
    assert page == personal.who_sees_what()
    assert call_command("who_sees_what", "--check") is None
