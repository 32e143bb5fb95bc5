"""Happenings travel in batches: within the limits, past a bad record, twice only where an answer was lost, and marked then."""

import json
from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as some

from analysis.models import StrangerArchive, VehicleArchive
from community.models import MeterReading
from demo.drawings import portrait
from devices.models import PersonPassage, VehiclePassage
from standard import wire
from tests.uploads.conftest import make_person
from tests.uploads.sandboxed import sandbox
from uploads import delivery, status
from uploads.batches import Parcel
from uploads.claims import Row
from uploads.models import Due, Gate
from uploads.sending import ALONE_AFTER, bundles

NOW = timezone.now().replace(microsecond=0)


def passages(lane, count: int, **facts) -> list[PersonPassage]:
    """Unknown people at the gate, a second apart."""
    return PersonPassage.objects.bulk_create(
        PersonPassage(
            community=lane.community,
            device=lane.camera,
            at=NOW - timedelta(seconds=number),
            archive_no="a" * 32,
            **facts,
        )
        for number in range(count)
    )


def parcel(number: int, size: int = 10, attempts: int = 0) -> Parcel:
    row = Row(number, str(number), 1, 0, attempts, 0, "", "", False)
    return Parcel(row, "B.2.3", {"zpzp": "x" * size})


@settings(deadline=None, max_examples=40)
@given(some.lists(some.tuples(some.sampled_from([10, 1000, 3_999_000, 8_000_000]), some.integers(0, 4)), max_size=70))
def test_no_call_passes_fifty_records_or_eighteen_megabytes(weights: list[tuple[int, int]]) -> None:
    parcels = [parcel(number, size, attempts) for number, (size, attempts) in enumerate(weights)]
    made = list(bundles(parcels))
    assert sorted(one.row.id for bundle in made for one in bundle) == list(range(len(parcels)))
    for bundle in made:
        assert 1 <= len(bundle) <= 50
        assert sum(len(json.dumps(dict(one.payload))) for one in bundle) <= 18_000_000
        assert len(bundle) == 1 or all(one.row.attempts < ALONE_AFTER for one in bundle)


@pytest.mark.processes
def test_a_crowd_arrives_once_each(lane, upper) -> None:
    upper.know(lane.community)
    passages(lane, 120)
    tally = delivery.deliver_until_empty()
    assert tally.problems == []
    arrived = Counter(row["record"]["jrsj"] for row in upper.records("B.2.3"))
    assert len(arrived) == 120
    assert set(arrived.values()) == {1}
    assert Due.objects.filter(report="person_passage", delivered_revision=1, sendings=1).count() == 120


@pytest.mark.processes
def test_who_is_registered_goes_by_the_platforms_id_and_the_vehicle_with_its_owner(lane, upper) -> None:
    upper.know(lane.community)
    PersonPassage.objects.create(
        community=lane.community, device=lane.camera, at=NOW, person=lane.wang, direction="2", occupant_type="2",
        photo=portrait(1, "2"),
    )  # fmt: skip
    VehiclePassage.objects.create(
        community=lane.community, device=lane.camera, at=NOW, plate="津A12345", vehicle=lane.car
    )
    delivery.deliver_until_empty()
    person = upper.records("B.2.2")[0]
    walked, drove = upper.records("B.2.3")[0]["record"], upper.records("B.5.3")[0]["record"]
    assert (walked["ryId"], walked["xm"], walked["lksj"]) == (person["id"], "王秀英", wire.moment(NOW))
    assert "jrsj" not in walked
    assert walked["zpzp"]
    assert (drove["cphm"], drove["czxm"], drove["sfbxq"]) == ("津A12345", "王秀英", "1")


@pytest.mark.processes
def test_one_bad_record_does_not_take_the_others_with_it(lane, upper) -> None:
    upper.know(lane.community)
    delivery.deliver_until_empty()
    passages(lane, 40)
    wrong = make_person(lane.community, document_type="111", document_number="120101199001010011")
    Due.objects.filter(report="person", subject_id=wrong.pk.hex).update(delivered_revision=1, upper_id="no-matter")
    bad = PersonPassage.objects.create(
        community=lane.community, device=lane.camera, at=NOW - timedelta(hours=1), person=wrong
    )
    delivery.deliver_until_empty()
    assert len(upper.records("B.2.3")) == 40
    held = Due.objects.held().get(report="person_passage")
    assert held.subject_id == bad.pk.hex
    assert "校验" in held.reason
    assert Due.objects.filter(report="person_passage", delivered_revision=1).count() == 40


@pytest.mark.processes
def test_a_lost_answer_may_double_a_happening_and_is_marked(lane, tmp_path) -> None:
    with sandbox(tmp_path, "--faults", "0.4", "--fault", "reset-after", "--faults-seed", "7") as upper:
        upper.know(lane.community)
        passages(lane, 150)
        for _round in range(40):  # without waiting for the pauses that each lost answer brings
            Gate.objects.all().delete()
            Due.objects.pending().update(next_at=None)
            delivery.deliver_until_empty()
            if not Due.objects.pending().exists():
                break
        arrived = Counter(row["record"]["jrsj"] for row in upper.records("B.2.3"))
    assert not Due.objects.pending().exists()
    assert len(arrived) == 150
    doubled = {at for at, times in arrived.items() if times > 1}
    assert doubled
    marked = Due.objects.filter(report="person_passage", sendings__gt=1).values_list("subject_id", flat=True)
    moments = PersonPassage.objects.filter(pk__in=list(marked)).values_list("at", flat=True)
    assert doubled <= {wire.moment(at) for at in moments}
    rows = {row["report"]: row for row in status.rows(Due.objects.all(), NOW)}
    assert rows["person_passage"]["maybe_twice"] == len(moments)
    assert rows["house"]["maybe_twice"] == 0


@pytest.mark.processes
def test_archives_and_readings_arrive(lane, upper) -> None:
    upper.know(lane.community)
    archive = StrangerArchive.objects.create(
        community=lane.community, first_passage_at=NOW - timedelta(days=40), photo1=portrait(3, "1")
    )
    for number in range(12):
        PersonPassage.objects.create(
            community=lane.community, device=lane.camera, at=NOW - timedelta(days=3 * number),
            archive_no=archive.archive_no,
        )  # fmt: skip
    VehicleArchive.objects.create(community=lane.community, plate="冀R00001", first_passage_at=NOW)
    quiet = VehicleArchive.objects.create(
        community=lane.community, plate="冀R00002", first_passage_at=NOW, suspected_resident=False
    )
    MeterReading.objects.create(house=lane.house, month=NOW.date().replace(day=1), electricity="120.5", water=8)
    delivery.deliver_until_empty()
    stranger = upper.records("B.8")[0]["record"]
    assert (stranger["dabh"], len(stranger["zjcrgj"]), stranger["zjcrpc"]) == (archive.archive_no, 10, "10")
    assert [row["record"]["cph"] for row in upper.records("B.9")] == ["冀R00001"]
    assert Due.objects.get(subject_id=quiet.pk.hex).problem == "incomplete"
    used = upper.records("B.10")[0]["record"]
    assert (used["fwdz"], used["dsyl"], used["msyl"]) == (lane.house.address_text, "120.50", "0.00")
