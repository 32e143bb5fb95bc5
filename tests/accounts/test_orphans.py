"""Pictures nobody names go; pictures somebody names, young ones and strange files stay."""

import json
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from accounts.orphans import find_orphans, purge_orphans
from audit.models import Entry
from demo.drawings import portrait
from residents.models import Person
from tests import cast

TOMORROW = timezone.now() + timedelta(hours=25)


@pytest.fixture
def left_over(lotus: cast.Place) -> str:
    """The file of a person whose registration was rolled back."""
    with transaction.atomic():
        person = Person.objects.create(
            community=lotus.community,
            name="李四",
            document_number=cast.valid_id("19770707", 333),
            photo=portrait(3, "1"),
        )
        name = person.photo.name
        transaction.set_rollback(True)
    assert default_storage.exists(name)
    return name


def test_a_file_of_a_rolled_back_registration_is_found_and_removed(left_over: str, lotus: cast.Place) -> None:
    assert left_over in list(find_orphans(TOMORROW))
    assert purge_orphans(TOMORROW) >= 1
    assert not default_storage.exists(left_over)
    assert Entry.objects.filter(action="purge_pictures").exists()
    assert lotus.resident.photo.read_clear()


def test_a_young_file_and_a_picture_in_use_stay(left_over: str, lotus: cast.Place) -> None:
    assert left_over not in list(find_orphans(timezone.now()))
    assert lotus.resident.photo.name not in list(find_orphans(TOMORROW))


def test_a_bulk_delete_leaves_files_that_are_found(lotus: cast.Place) -> None:
    name = lotus.resident.photo.name
    lotus.residency.delete()
    Person.objects.filter(pk=lotus.resident.pk)._raw_delete(Person.objects.db)
    assert name in list(find_orphans(TOMORROW))


def test_strange_files_are_left_alone(lotus: cast.Place) -> None:
    strange = default_storage.save("sealed/residents.nothing/photo/aa/aa-1/x.bin", ContentFile(b"x"))
    odd = default_storage.save("sealed/readme.txt", ContentFile(b"x"))
    try:
        assert not {strange, odd} & set(find_orphans(TOMORROW))
    finally:
        default_storage.delete(strange)
        default_storage.delete(odd)


def test_the_command_counts_and_prints_json(lotus: cast.Place, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("orphans", "--json")
    assert json.loads(capsys.readouterr().out.strip().splitlines()[-1]) == {"orphans": 0}
