"""What was altered in the database or in the storage is answered with the row named, logged, and counted for the auditor."""

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.tampering import damaged_today
from audit.models import Entry
from residents.models import Person


@pytest.fixture
def swapped(lotus):
    """The phone's ciphertext stands where the name should."""
    with connection.cursor() as cursor:
        pk = Person._meta.pk.get_db_prep_value(lotus.resident.pk, connection)
        cursor.execute(f"UPDATE {Person._meta.db_table} SET name = phone WHERE id = %s", [pk])
    return lotus


def entries():
    return Entry.objects.filter(action="damaged")


def test_the_list_names_the_row_and_shows_nothing_of_it(swapped, as_user):
    answer = as_user(swapped.staff["manager"]).get(reverse("admin:residents_person_changelist"))
    page = answer.content.decode()
    assert answer.status_code == 500
    assert str(swapped.resident.pk) in page
    assert "“姓名”打不开" in page
    assert "19900001234" not in page
    assert "no-store" in answer["Cache-Control"]
    entry = entries().get()
    assert (entry.target_id, entry.community_id, entry.outcome) == (
        str(swapped.resident.pk), swapped.community.pk, "failed",
    )  # fmt: skip
    assert entry.detail == {"model": "residents.Person", "pk": str(swapped.resident.pk), "field": "name"}


def test_the_api_says_so_as_json(swapped, as_user):
    client = as_user(swapped.staff["manager"])
    answer = client.get(f"/api/people/{swapped.resident.pk}/", headers={"accept": "application/json"})
    assert answer.status_code == 500
    assert "无法解密" in answer.json()["error"]


def test_a_picture_altered_in_the_storage_is_not_sent(lotus, as_user):
    name = lotus.resident.photo.name
    with open(default_storage.path(name), "r+b") as file:
        file.seek(40)
        byte = file.read(1)
        file.seek(40)
        file.write(bytes([byte[0] ^ 1]))
    answer = as_user(lotus.staff["manager"]).get(
        reverse("residents:picture", args=["person", lotus.resident.pk, "photo"])
    )
    assert answer.status_code == 500
    assert answer["Content-Type"].startswith("text/html")
    assert entries().get().detail["field"] == "photo"


def test_the_reviewer_of_the_place_is_warned_and_no_other(swapped, maple, as_user):
    client = as_user(swapped.staff["manager"])
    for _ in range(2):
        client.get(reverse("admin:residents_person_changelist"))
    now = timezone.now()
    assert damaged_today(swapped.staff["police"], now) == 1
    assert damaged_today(maple.staff["police"], now) == 0
    page = as_user(swapped.staff["police"]).get("/").content.decode()
    assert "今天发现无法解密的记录" in page


def test_another_error_is_left_to_django(lotus, as_user):
    assert as_user(lotus.staff["manager"]).get("/no/such/page/").status_code == 404
    assert not entries().exists()
