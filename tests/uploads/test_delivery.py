"""From due to delivered, against the real sandbox."""

from datetime import timedelta

import pytest
from django.utils import timezone

from devices.models import Device
from guomi import sm2
from residents.models import Person, Residency
from tests.uploads.conftest import make_house, make_lane, make_person
from tests.uploads.sandboxed import sandbox
from uploads import claims, delivery, gates, receipts, reports, sweeping
from uploads.models import Due, Gate, Receipt, UpperPlatform, UpperToken

pytestmark = pytest.mark.processes


def row_of(report: str, subject) -> Due:
    return Due.objects.get(report=report, subject_id=reports.subject_key(subject.pk))


def test_the_whole_lane_arrives_decrypted_with_receipts(lane, upper):
    upper.know(lane.community)
    tally = delivery.deliver_until_empty()
    assert list(Due.objects.held().values_list("report", "reason")) == []
    assert (tally.delivered, tally.held, tally.problems) == (5, 0, [])
    assert not Due.objects.pending().exists()
    person = upper.records("B.2.2")[0]
    assert (person["record"]["xm"], person["record"]["lxdh"]) == ("王秀英", "13812345678")
    assert row_of("person", lane.wang).upper_id == person["id"]
    relation = upper.records("B.4.2")[0]["record"]
    assert (relation["ryId"], relation["dzbm"]) == (person["id"], lane.house.address_code)
    assert {row["interface"] for row in upper.records()} == {"B.2.2", "B.3.2", "B.4.2", "B.5.2", "B.6.1"}
    assert Receipt.objects.filter(outcome="delivered").count() == 5


def test_nothing_clear_is_stored_about_the_sending(lane, upper):
    upper.know(lane.community)
    delivery.deliver_until_empty()
    stored = repr(list(Due.objects.values())) + repr(list(Receipt.objects.values()))
    assert lane.wang.name not in stored
    assert lane.wang.phone not in stored
    assert lane.wang.document_number not in stored


def test_progress_goes_from_local_to_arrived(lane, upper):
    assert receipts.for_subject("person", lane.wang.pk).stage == "local"
    upper.know(lane.community)
    delivery.deliver_until_empty()
    progress = receipts.for_subject("person", lane.wang.pk)
    assert progress.stage == "arrived"
    assert progress.upper_id
    assert [dot.state for dot in progress.dots] == ["done"] * 4


def test_an_unchanged_record_settles_without_being_sent(lane, upper):
    upper.know(lane.community)
    delivery.deliver_until_empty()
    sent = Receipt.objects.count()
    lane.house.building.community.save()
    Due.objects.filter(report="person").update(revision=99)
    tally = delivery.deliver_until_empty()
    assert tally.unchanged == 1
    assert Receipt.objects.count() == sent


def test_a_change_goes_up_and_replaces_what_was_there(lane, upper):
    upper.know(lane.community)
    delivery.deliver_until_empty()
    Person.objects.filter(pk=lane.wang.pk).update(education="10")
    delivery.deliver_until_empty()
    records = upper.records("B.2.2")
    assert [row["record"]["whcddm"] for row in records] == ["10"]


def test_a_record_without_a_telephone_is_held_with_the_reason_and_goes_when_it_is_there(lane, upper):
    upper.know(lane.community)
    zhao = make_person(lane.community, name="赵敏", phone="")
    assert delivery.deliver_until_empty().held == 1
    held = row_of("person", zhao)
    assert (held.state, held.problem) == ("held", "incomplete")
    assert "联系电话为空" in held.reason
    assert receipts.for_subject("person", zhao.pk).stage == "held"
    zhao.phone = "13812340000"
    zhao.save()
    assert delivery.deliver_until_empty().delivered == 1
    assert row_of("person", zhao).arrived


def test_what_the_platform_refuses_is_held_in_its_words_without_the_values(lane, upper):
    upper.know(lane.community)
    house = make_house(lane, "601", owner_number="120101198001010011")
    delivery.deliver_until_empty()
    row = row_of("house", house)
    assert row.state == "held"
    assert row.reason
    assert "120101198001010011" not in row.reason


def test_a_relation_waits_for_its_house_and_goes_once_it_has_arrived(lane, upper):
    upper.know(lane.community)
    cellar = make_house(lane, "001", address_code="")
    relation = Residency.objects.create(person=lane.wang, house=cellar, occupant_type="3")
    delivery.deliver_until_empty()
    row = row_of("residency", relation)
    assert (row.state, row.problem, row.attempts) == ("due", "waits", 0)
    assert "房屋" in row.reason
    cellar.address_code = "120101000001"
    cellar.save()
    delivery.deliver_until_empty()
    assert row_of("residency", relation).arrived


def test_a_deleted_device_is_withdrawn_upstairs(lane, upper):
    upper.know(lane.community)
    delivery.deliver_until_empty()
    row = row_of("device", lane.camera)
    lane.camera.delete()
    assert delivery.deliver_until_empty().withdrawn == 1
    row.refresh_from_db()
    assert (row.state, row.withdrawing) == ("gone", False)
    assert upper.records("B.6.1") == []


def test_a_device_with_a_new_code_is_withdrawn_under_the_old_one_first(lane, upper):
    upper.know(lane.community)
    delivery.deliver_until_empty()
    Device.objects.filter(pk=lane.camera.pk).update(code="CAM-2")
    tally = delivery.deliver_until_empty()
    assert (tally.withdrawn, tally.delivered) == (1, 1)
    assert [row["record"]["sbbm"] for row in upper.records("B.6.1")] == ["CAM-2"]


def test_a_status_follows_its_device(lane, upper):
    upper.know(lane.community)
    Device.objects.filter(pk=lane.camera.pk).update(online_status="1")
    delivery.deliver_until_empty()
    assert row_of("device_status", lane.camera).arrived


def test_a_change_during_the_sending_stays_due(lane, upper):
    platform = upper.know(lane.community)
    with delivery.Courier(platform) as courier:
        load = courier.load(reports.get("person"), 10, timezone.now())
        courier.launch(load)
        Person.objects.filter(pk=lane.wang.pk).update(education="20")
        assert courier.land(load).delivered == 1
    row = row_of("person", lane.wang)
    assert (row.delivered_revision, row.arrived) == (row.revision - 1, False)
    delivery.deliver_until_empty()
    assert upper.records("B.2.2")[0]["record"]["whcddm"] == "20"


def test_a_device_deleted_between_claim_and_sending_is_not_sent(lane, upper):
    platform = upper.know(lane.community)
    with delivery.Courier(platform) as courier:
        load = courier.load(reports.get("device"), 10, timezone.now())
        lane.camera.delete()
        courier.launch(load)
        courier.land(load)
    assert upper.records("B.6.1") == []
    assert Due.objects.get(report="device").state == "gone"


def test_a_device_deleted_while_it_is_being_sent_is_withdrawn(lane, upper):
    platform = upper.know(lane.community)
    with delivery.Courier(platform) as courier:
        load = courier.load(reports.get("device"), 10, timezone.now())
        courier.launch(load)
        lane.camera.delete()
        courier.land(load)
    delivery.deliver_until_empty()
    assert upper.records("B.6.1") == []
    assert Due.objects.get(report="device").state == "gone"


def test_a_lease_that_ran_out_lets_another_worker_send_and_the_late_one_settles_nothing(lane, upper):
    platform = upper.know(lane.community)
    now = timezone.now()
    with delivery.Courier(platform) as courier:
        load = courier.load(reports.get("person"), 10, now)
        assert claims.claim("person", lane.community.pk, limit=10, now=now, until=now + timedelta(60))[1] == []
        later = now + timedelta(hours=1)
        token, rows = claims.claim("person", lane.community.pk, limit=10, now=later, until=later + timedelta(60))
        assert len(rows) == 1
        courier.launch(load)
        courier.land(load)
    row = row_of("person", lane.wang)
    assert (row.lease_token, row.delivered_revision) == (token, 0)


def test_the_token_is_shared_and_renewed_once_after_a_refusal(lane, upper):
    other = make_lane("枫林苑", "MAPLE")
    upper.know(lane.community)
    upper.know(other.community)
    for community in (lane.community, other.community):
        for number in range(6):
            make_person(community, name=f"李{number}")
    delivery.deliver(limit=5)
    token = UpperToken.objects.get()
    assert token.serial == 1
    token.token = "0" * 32
    token.save()
    delivery.deliver_until_empty()
    assert not Due.objects.pending().exists()
    assert UpperToken.objects.get().serial == 2


def test_a_token_near_its_end_is_renewed_before_it_is_used(lane, upper):
    upper.know(lane.community)
    delivery.deliver_until_empty()
    UpperToken.objects.update(expires_at=timezone.now() + timedelta(minutes=2))
    make_person(lane.community)
    delivery.deliver_until_empty()
    assert UpperToken.objects.get().serial == 2


def test_a_platform_that_is_away_is_left_alone_for_a_while_and_nothing_is_lost(lane, upper):
    upper.know(lane.community)
    upper.process.terminate()
    upper.process.wait(10)
    tally = delivery.deliver()
    assert tally.delivered == 0
    assert tally.problems == ["连不上上级平台"]
    gate = Gate.objects.get(clause="")
    assert gate.closed_until > timezone.now()
    assert delivery.deliver().claimed == 0
    assert Due.objects.pending().filter(attempts=0, lease_token="").count() == 5


def test_a_wrong_password_stops_the_platform_and_says_so(lane, upper):
    upper.know(lane.community, password="wrong")
    tally = delivery.deliver()
    assert tally.delivered == 0
    assert "登录上级平台被拒" in tally.problems[0]
    assert "wrong" not in tally.problems[0]
    assert Due.objects.pending().count() == 5


def test_the_wrong_public_key_holds_nothing(lane, upper):
    upper.know(lane.community, public_key=sm2.generate().public.hex())
    delivery.deliver()
    assert not Due.objects.filter(report="person", state="held").exists()
    assert Due.objects.pending().filter(report="person").exists()


def test_every_record_arrives_although_one_request_in_five_goes_wrong(lane, tmp_path):
    folder = tmp_path / "faulty"
    folder.mkdir()
    with sandbox(folder, "--faults", "0.2") as upper:
        upper.know(lane.community)
        for number in range(30):
            make_person(lane.community, name=f"李{number}")
        for _ in range(60):
            delivery.deliver()
            if not Due.objects.pending().exists():
                break
            Gate.objects.all().delete()
            Due.objects.update(next_at=None)
        assert not Due.objects.exclude(state="due").exists()
        assert not Due.objects.pending().exists()
        assert len(upper.records("B.2.2")) == 31


def test_a_disabled_platform_gets_nothing(lane, upper):
    upper.know(lane.community)
    UpperPlatform.objects.update(enabled=False)
    assert delivery.deliver_until_empty().claimed == 0
    assert upper.records() == []


def test_the_sweep_finds_what_the_triggers_missed(lane, upper):
    upper.know(lane.community)
    delivery.deliver_until_empty()
    assert sweeping.sweep() == {"triggers": 0, "missing": 0, "orphans": 0, "changed": 0}
    Due.objects.filter(report="vehicle").delete()
    changed = row_of("person", lane.wang)
    Person.objects.filter(pk=lane.wang.pk).update(education="30")
    Due.objects.filter(pk=changed.pk).update(revision=1, delivered_revision=1)
    Due.objects.create(report="house", subject_id="0" * 32, community_id=lane.community.pk)
    found = sweeping.sweep()
    assert found == {"triggers": 0, "missing": 1, "orphans": 1, "changed": 1}
    delivery.deliver_until_empty()
    assert upper.records("B.2.2")[0]["record"]["whcddm"] == "30"


def test_a_shut_interface_is_not_asked_about_all_the_time(lane, upper, monkeypatch):
    """A pause of one interface used to keep `deliver_until_empty` asking twenty times a second to the end of its time."""
    platform = upper.know(lane.community)
    for report in reports.every():
        gates.close(platform, report.interface, "denied", "无权限", now=timezone.now(), wait=600)
    asked = []
    usual = delivery.deliver
    monkeypatch.setattr(delivery, "deliver", lambda **facts: asked.append(1) or usual(**facts))
    delivery.deliver_until_empty(seconds=30)
    assert len(asked) == 1
    delivery.deliver_until_empty(seconds=2, patience=30)
    assert len(asked) <= 4
