"""No way to write a record leaves it unreported (DESIGN §2.3): every write path makes it due."""

from django.db import connection, transaction
from simple_history.utils import bulk_create_with_history

from devices.models import Device
from residents.models import Person, Residency
from tests.uploads.conftest import make_house, make_lane, make_person
from uploads import installing, reports
from uploads.models import Due
from uploads.reports import subject_key
from uploads.triggers import create_sql, triggers_of


def row_of(report: str, subject) -> Due:
    return Due.objects.get(report=report, subject_id=subject_key(subject.pk))


def settle(*rows: Due) -> None:
    for row in rows:
        Due.objects.filter(pk=row.pk).update(delivered_revision=row.revision)


def arrived(report: str, subject) -> Due:
    """The subject's row, as if its newest state had been delivered."""
    settle(row_of(report, subject))
    row = row_of(report, subject)
    assert row.arrived
    return row


def test_saving_mrs_wang_makes_her_due_in_her_community(lane):
    row = row_of("person", lane.wang)
    assert (row.state, row.arrived, row.community_id) == ("due", False, lane.community.pk)
    assert row.due_since is not None
    assert row.attempts == 0


def test_a_residency_knows_its_community_through_its_house(lane):
    assert row_of("residency", lane.home).community_id == lane.community.pk


def test_saving_a_change_makes_her_due_again(lane):
    before = arrived("person", lane.wang)
    lane.wang.workplace = "第一中学"
    lane.wang.save()
    after = row_of("person", lane.wang)
    assert after.revision > before.revision
    assert not after.arrived


def test_saving_without_a_change_does_not(lane):
    arrived("person", lane.wang)
    Person.objects.get(pk=lane.wang.pk).save()
    assert row_of("person", lane.wang).arrived


def test_bulk_create_makes_everyone_due(lane):
    people = [
        Person(community=lane.community, name="李强", document_type="414", document_number=f"G{n}") for n in range(3)
    ]
    Person.objects.bulk_create(people)
    assert Due.objects.pending().filter(report="person", subject_id__in=[p.pk.hex for p in people]).count() == 3


def test_bulk_create_that_ignores_conflicts_makes_due_too(lane):
    person = Person(community=lane.community, name="李强", document_type="414", document_number="G77")
    Person.objects.bulk_create([person], ignore_conflicts=True)
    assert not row_of("person", person).arrived


def test_bulk_create_with_history_makes_due(lane):
    person = Person(community=lane.community, name="李强", document_type="414", document_number="G88")
    bulk_create_with_history([person], Person)
    assert not row_of("person", person).arrived


def test_bulk_update_makes_due(lane):
    arrived("person", lane.wang)
    lane.wang.phone = "13700000000"
    Person.objects.bulk_update([lane.wang], ["phone"])
    assert not row_of("person", lane.wang).arrived


def test_queryset_update_makes_due(lane):
    arrived("person", lane.wang)
    Person.objects.filter(pk=lane.wang.pk).update(education="10")
    assert not row_of("person", lane.wang).arrived


def test_queryset_update_to_the_same_value_does_not(lane):
    arrived("person", lane.wang)
    Person.objects.filter(pk=lane.wang.pk).update(sex=lane.wang.sex)
    assert row_of("person", lane.wang).arrived


def test_raw_sql_makes_due(lane):
    arrived("vehicle", lane.car)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE residents_vehicle SET remark = 'x' WHERE plate = %s", ["津A12345"])
    assert not row_of("vehicle", lane.car).arrived


def test_a_change_of_the_house_makes_its_residency_and_its_residents_due(lane):
    arrived("person", lane.wang)
    arrived("residency", lane.home)
    lane.house.address_code = "99"
    lane.house.save()
    assert not row_of("residency", lane.home).arrived
    assert not row_of("person", lane.wang).arrived
    assert not row_of("house", lane.house).arrived


def test_moving_a_residency_to_another_person_makes_both_due(lane):
    zhao = make_person(lane.community, name="赵敏")
    arrived("person", lane.wang)
    arrived("person", zhao)
    Residency.objects.filter(pk=lane.home.pk).update(person=zhao)
    assert not row_of("person", lane.wang).arrived
    assert not row_of("person", zhao).arrived


def test_deleting_the_residency_makes_the_person_due_and_ends_its_own_row(lane):
    arrived("person", lane.wang)
    row = row_of("residency", lane.home)
    lane.home.delete()
    assert not row_of("person", lane.wang).arrived
    assert Due.objects.get(pk=row.pk).state == "gone"


def test_a_house_elsewhere_touches_nobody_here(lane):
    other = make_lane("枫林苑", "MAPLE")
    arrived("person", lane.wang)
    other.house.address_code = "98"
    other.house.save()
    assert row_of("person", lane.wang).arrived


def test_a_deleted_device_that_never_went_up_is_simply_gone(lane):
    row = row_of("device", lane.camera)
    lane.camera.delete()
    assert Due.objects.get(pk=row.pk).state == "gone"


def test_a_deleted_device_that_the_platform_may_know_is_withdrawn(lane):
    row = row_of("device", lane.camera)
    Due.objects.filter(pk=row.pk).update(upper_key="CAM-1", delivered_revision=row.revision)
    Device.objects.filter(pk=lane.camera.pk).delete()
    row.refresh_from_db()
    assert (row.state, row.withdrawing, row.upper_key, row.arrived) == ("due", True, "CAM-1", False)


def test_a_status_change_makes_the_status_due_and_not_the_device(lane):
    arrived("device", lane.camera)
    assert not Due.objects.filter(report="device_status").exists()
    Device.objects.filter(pk=lane.camera.pk).update(online_status="1")
    assert row_of("device", lane.camera).arrived
    assert not row_of("device_status", lane.camera).arrived


def test_a_change_releases_a_held_record(lane):
    Due.objects.filter(report="person").update(state="held", problem="incomplete", reason="联系电话为空", attempts=3)
    lane.wang.phone = "13911112222"
    lane.wang.save()
    row = row_of("person", lane.wang)
    assert (row.state, row.problem, row.reason, row.attempts) == ("due", "", "", 0)


def test_a_change_that_is_rolled_back_is_not_due(lane):
    arrived("person", lane.wang)
    with transaction.atomic():
        Person.objects.filter(pk=lane.wang.pk).update(education="10")
        transaction.set_rollback(True)
    assert row_of("person", lane.wang).arrived


def test_the_age_of_the_oldest_change_is_kept(lane):
    first = row_of("person", lane.wang).due_since
    lane.wang.workplace = "第二中学"
    lane.wang.save()
    assert row_of("person", lane.wang).due_since == first


def test_all_triggers_are_installed_and_installing_again_changes_nothing(db):
    assert installing.install_problems(connection) == []
    assert installing.install(connection) == []
    expected = {trigger.name for report in reports.every() for trigger in triggers_of(report, connection)}
    assert expected == set(installing.present(connection))
    assert len(expected) > 20


def test_a_trigger_that_differs_is_put_right(db):
    name, (table, _) = sorted(installing.present(connection).items())[0]
    trigger = installing.wanted(connection)[name]
    with connection.cursor() as cursor:
        for sql in installing.drop_sql(name, table, connection.vendor):
            cursor.execute(sql)
    assert installing.install_problems(connection) == [name]
    assert installing.install(connection) == [name]
    assert installing.present(connection)[name][1] == trigger.fingerprint


def test_no_trigger_holds_a_personal_value_or_a_parameter(db):
    for report in reports.every():
        for trigger in triggers_of(report, connection):
            assert "%s" not in " ".join(create_sql(trigger, connection.vendor))


def test_a_new_house_is_due_once(lane):
    house = make_house(lane, "502")
    assert row_of("house", house).revision == 1


def test_a_change_over_the_api_makes_due(lotus, as_user):
    arrived("person", lotus.resident)
    address = f"/api/people/{lotus.resident.pk}/"
    answer = as_user(lotus.staff["manager"]).patch(address, {"workplace": "第三中学"}, content_type="application/json")
    assert answer.status_code == 200
    assert not row_of("person", lotus.resident).arrived


def test_a_change_in_the_admin_makes_due(lotus, as_user):
    camera = Device.objects.create(community=lotus.community, code="CAM-9", name="东门相机", type="2")
    arrived("device", camera)
    facts = {
        "community": lotus.community.pk,
        "code": "CAM-9",
        "name": "西门相机",
        "type": "2",
        "online_status": "2",
        "use_status": "30",
    }
    answer = as_user(lotus.staff["manager"]).post(f"/admin/devices/device/{camera.pk}/change/", facts)
    assert answer.status_code == 302
    assert not row_of("device", camera).arrived
