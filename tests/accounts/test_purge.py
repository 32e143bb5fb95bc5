"""Retention: what has been kept long enough goes, whole and logged; what must be kept stays; no period below its bound."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core import checks
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.utils import timezone

from accounts import keeping, purging
from accounts.models import RetentionPeriod
from accounts.tasks import upkeep
from audit.models import Entry
from community.models import Organisation, Post
from demo.drawings import contract_page
from residents.models import Person, Residency, Vehicle, Worker
from tests import cast
from uploads.models import Due, Receipt

NOW = timezone.now()
TODAY = timezone.localdate(NOW)


def ago(days: int):
    return TODAY - timedelta(days=days)


def leave(place: cast.Place, days: int) -> Person:
    """The resident moved out so many days ago."""
    place.residency.moved_out = ago(days)
    place.residency.save()
    return place.resident


@pytest.fixture
def administrator(db: None):
    user = cast.user("sysadmin")
    Post.objects.create(user=user, role="system_admin", community=None)
    return user


def test_a_face_is_forgotten_the_night_after_moving_out(lotus: cast.Place, maple: cast.Place) -> None:
    person, name = leave(lotus, 0), lotus.resident.photo.name
    outcome = purging.purge(NOW)
    assert outcome.ok
    assert outcome.removed["faces"] == {"residents.Person.photo": 1}
    person.refresh_from_db()
    assert not person.photo
    assert Person.objects.get(pk=maple.resident.pk).photo.read_clear()
    assert Entry.objects.get(action="purge", detail__rule="faces").detail["removed"] == {"residents.Person.photo": 1}
    assert name not in Person.objects.values_list("photo", flat=True)


@pytest.mark.usefixtures("committed")
def test_the_file_of_the_face_is_gone(lotus: cast.Place) -> None:
    name = leave(lotus, 0).photo.name
    purging.purge(NOW)
    assert not default_storage.exists(name)


def test_who_moves_to_another_house_or_works_here_keeps_his_face(lotus: cast.Place) -> None:
    person = leave(lotus, 400)
    office = Organisation.objects.create(community=lotus.community, name="物业")
    job = Worker.objects.create(person=person, organisation=office)
    purging.purge(NOW)
    assert Person.objects.get(pk=person.pk).photo
    assert not Residency.objects.filter(pk=lotus.residency.pk).exists()  # the former home is old enough to go
    job.ended = TODAY
    job.save()
    purging.purge(NOW)
    assert not Person.objects.get(pk=person.pk).photo


def test_who_left_long_ago_goes_with_everything_held_of_him(lotus: cast.Place, maple: cast.Place) -> None:
    person = leave(lotus, 365)
    lotus.residency.lease_contract = contract_page(1)
    lotus.residency.save()
    keys = (person.pk, lotus.residency.pk)
    linked = Vehicle.objects.create(community=lotus.community, plate="津A00001", owner=person)
    numbered = Vehicle.objects.create(
        community=lotus.community, plate="津A00002", owner_number=person.document_number, owner_name=person.name
    )
    other = Vehicle.objects.create(community=maple.community, plate="津A00003")
    vehicles = [linked.pk, numbered.pk]
    removed = purging.purge(NOW).removed["departed"]
    assert (removed["residents.Person"], removed["residents.Residency"], removed["residents.Vehicle"]) == (1, 1, 2)
    assert not Person.objects.filter(pk=person.pk).exists()
    for model, gone in ((Person, keys[:1]), (Residency, keys[1:]), (Vehicle, vehicles)):
        assert not model.history.filter(id__in=gone).exists()
    assert Vehicle.objects.filter(pk=other.pk).exists()
    assert Due.objects.get(report="person", subject_id=person.pk.hex).state == "gone"
    assert Entry.objects.filter(action="delete", target_id=str(person.pk)).exists()


@pytest.mark.parametrize("days", [0, 364])
def test_who_left_lately_stays(days: int, lotus: cast.Place) -> None:
    person = leave(lotus, days)
    purging.purge(NOW)
    assert Person.objects.filter(pk=person.pk).exists()


def test_who_was_never_tied_to_anything_goes_after_the_same_time(lotus: cast.Place) -> None:
    stray = Person.objects.create(community=lotus.community, name="路人甲", document_number=cast.valid_id("19810101"))
    purging.purge(NOW)
    assert Person.objects.filter(pk=stray.pk).exists()
    purging.purge(NOW + timedelta(days=366))
    assert not Person.objects.filter(pk=stray.pk).exists()
    assert Person.objects.filter(pk=lotus.resident.pk).exists()


def test_old_versions_and_receipts_go_and_the_last_state_stays(lotus: cast.Place) -> None:
    Receipt.objects.create(
        report="person", subject_id=lotus.resident.pk.hex, community_id=lotus.community.pk, revision=1,
        outcome="delivered", at=NOW,
    )  # fmt: skip
    removed = purging.purge(NOW + timedelta(days=731)).removed
    assert removed["versions"]["residents.HistoricalPerson"] == 1
    assert removed["receipts"] == {}
    assert purging.purge(NOW + timedelta(days=1096)).removed["receipts"] == {"uploads.Receipt": 1}
    assert Due.objects.filter(report="person", subject_id=lotus.resident.pk.hex).exists()


def test_a_dry_run_counts_and_removes_nothing(lotus: cast.Place) -> None:
    leave(lotus, 400)
    out, entries = StringIO(), Entry.objects.count()
    call_command("purge", "--dry-run", "--json", stdout=out)
    facts = json.loads(out.getvalue().splitlines()[-1])
    assert facts["rules"]["departed"] == facts["rules"]["faces"] == {"residents.Person": 1}
    assert Person.objects.filter(pk=lotus.resident.pk).exists()
    assert Entry.objects.count() == entries
    call_command("purge", "--json", stdout=out)
    assert json.loads(out.getvalue().splitlines()[-1])["rules"]["departed"]["residents.Person"] == 1


def test_more_than_a_batch_goes_in_batches_each_with_its_entry(lotus: cast.Place, monkeypatch) -> None:
    monkeypatch.setattr(purging, "BATCH", 2)
    for number in range(5):
        person = Person.objects.create(
            community=lotus.community, name="过客", document_number=cast.valid_id("19750101", 100 + number)
        )
        Residency.objects.create(person=person, house=lotus.empty_house, moved_out=ago(500))
    assert purging.purge(NOW).removed["departed"]["residents.Person"] == 5
    assert Entry.objects.filter(action="purge", detail__rule="departed").count() == 3


def test_a_rule_that_removes_nothing_is_stopped_named_and_does_not_hinder_the_others(
    lotus: cast.Place, monkeypatch
) -> None:
    leave(lotus, 400)
    monkeypatch.setattr(type(keeping.get("faces")), "remove", lambda self, rows, now: {})
    outcome = purging.purge(NOW)
    assert outcome.failed == ["faces"]
    assert not Person.objects.filter(pk=lotus.resident.pk).exists()


def test_the_nightly_task_purges(lotus: cast.Place) -> None:
    leave(lotus, 400)
    assert upkeep()["purged"] > 0
    assert Entry.objects.filter(action="purge").first().actor == "夜间维护"


def test_the_bounds_come_from_the_figures_and_the_law() -> None:
    assert keeping.get("departed").least == 180  # 7.5.8
    assert keeping.get("sign_ins").least == keeping.LOG_DAYS
    for rule in keeping.every():
        assert rule.least <= rule.days <= rule.most


def test_a_period_below_its_bound_is_refused_at_its_field(administrator, as_user) -> None:
    client = as_user(administrator)
    given = {code: str(days) for code, days in keeping.periods().items()}
    answer = client.post("/accounts/periods/", given | {"departed": "179", "faces": "31"})
    assert answer.status_code == 422
    assert "应在 180 到 3650 天之间" in answer.content.decode()
    assert not RetentionPeriod.objects.exists()
    assert client.post("/accounts/periods/", given | {"departed": "200"}).status_code == 302
    assert keeping.periods()["departed"] == 200
    assert Entry.objects.get(target_model="accounts.retentionperiod").target_id == "departed"
    assert "已保存" in client.get("/accounts/periods/?saved=1").content.decode()


def test_a_period_set_behind_the_form_is_a_system_check_error(db: None) -> None:
    RetentionPeriod.objects.create(code="departed", days=3)
    found = [one for one in checks.run_checks(databases=["default"]) if one.id == "accounts.E003"]
    assert len(found) == 1
    assert "180" in found[0].msg


def test_only_who_manages_the_system_sets_periods(lotus: cast.Place, stranger, as_user) -> None:
    for user in (stranger, lotus.staff["manager"], lotus.staff["police"]):
        assert as_user(user).get("/accounts/periods/").status_code == 404
        assert as_user(user).post("/accounts/periods/", {"departed": "1"}).status_code == 404
