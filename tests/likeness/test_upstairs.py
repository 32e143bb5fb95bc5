"""Merging and parting as the upper platform sees them: nothing lost, nothing twice. Against the real sandbox."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from residents.likeness.merging import merge, unmerge
from residents.models import Merge, Person, Residency, Vehicle
from tests.uploads.conftest import lane, make_house, make_person, upper  # noqa: F401
from uploads import batches, claims, delivery, receipts, reports, sweeping
from uploads.models import Due, Receipt

pytestmark = pytest.mark.processes
KEPT, GONE = "E91000001", "E91000002"


def due(report: str, subject: Any) -> Due:
    return Due.objects.get(report=report, subject_id=reports.subject_key(subject.pk))


def relations(upper: Any) -> list[tuple[str, str]]:  # noqa: F811
    return sorted((row["record"]["ryId"], row["record"]["dzbm"]) for row in upper.records("B.4.2"))


@pytest.fixture
def two(lane: SimpleNamespace, upper: Any) -> SimpleNamespace:  # noqa: F811
    """Mrs Wang twice, each with a home of her own and one in the same house; all of it delivered."""
    lane.kept = make_person(lane.community, document_number=KEPT)
    lane.gone = make_person(lane.community, document_number=GONE, phone="13900002222")
    lane.other_house = make_house(lane, "502")
    lane.shared = [Residency.objects.create(person=one, house=lane.house) for one in (lane.kept, lane.gone)]
    lane.moving = Residency.objects.create(person=lane.gone, house=lane.other_house)
    lane.her_car = Vehicle.objects.create(
        community=lane.community, plate="津A54321", owner=lane.gone, owner_name="王秀英", owner_number=GONE,
        owner_phone="13900002222",
    )  # fmt: skip
    upper.know(lane.community)
    send()
    lane.ids = {name: due("person", getattr(lane, name)).upper_id for name in ("kept", "gone")}
    return lane


def send() -> Any:
    tally = delivery.deliver_until_empty()
    assert list(Due.objects.held().values_list("report", "reason")) == []
    assert not Due.objects.pending().exists()
    return tally


def join(two: SimpleNamespace, *take: str) -> Merge:
    return merge(Person.objects.get(pk=two.kept.pk), two.gone, take=take, user=None, now=timezone.now())


def part(deed: Merge) -> None:
    unmerge(deed, reason="namesake", user=None, now=timezone.now())


def test_the_kept_record_and_the_home_that_moved_go_up_again_and_the_merged_one_does_not(two, upper) -> None:  # noqa: F811
    before, sent = relations(upper), Receipt.objects.count()
    gone_before = due("person", two.gone)
    deed = join(two)
    assert deed.upper_ids == two.ids
    assert set(Due.objects.pending().values_list("report", flat=True)) == {"person", "residency", "vehicle"}
    assert (due("person", two.gone).state, due("residency", two.shared[1]).state) == ("gone", "gone")
    tally = send()
    assert (tally.delivered, tally.unchanged) == (2, 1)
    assert Receipt.objects.count() == sent + 2
    assert relations(upper) == sorted([*before, (two.ids["kept"], "12010100502")])
    assert len(upper.records("B.2.2")) == 3
    now = due("person", two.gone)
    assert (now.upper_id, now.delivered_at, now.state) == (gone_before.upper_id, gone_before.delivered_at, "gone")
    assert Receipt.objects.filter(subject_id=two.gone.pk.hex, outcome="delivered").count() == 1


def test_no_sweep_and_no_change_makes_the_merged_record_due_for_good(two, upper) -> None:  # noqa: F811
    join(two)
    send()
    again = Person.with_merged.get(pk=two.gone.pk)
    again.remark = "x"
    again.save()
    two.house.address_code = "1201010X501"
    two.house.save()
    sweeping.sweep()
    records = len(upper.records("B.2.2"))
    send()
    assert due("person", two.gone).state == "gone"
    assert due("residency", two.shared[1]).state == "gone"
    assert len(upper.records("B.2.2")) == records
    assert sweeping.sweep() == {"triggers": 0, "missing": 0, "orphans": 0, "changed": 0}


def test_parting_before_anything_went_up_sends_nothing_but_the_kept_record(two, upper) -> None:  # noqa: F811
    before, people = relations(upper), len(upper.records("B.2.2"))
    part(join(two))
    tally = send()
    assert (tally.delivered, tally.unchanged) == (1, 4)
    assert relations(upper) == before
    assert len(upper.records("B.2.2")) == people
    assert {name: due("person", getattr(two, name)).upper_id for name in two.ids} == two.ids
    assert due("residency", two.shared[1]).arrived


def test_parting_later_sends_the_home_under_the_first_id_again(two, upper) -> None:  # noqa: F811
    before = relations(upper)
    deed = join(two, "phone")
    send()
    assert {row["id"]: row["record"]["lxdh"] for row in upper.records("B.2.2")}[two.ids["kept"]] == "13900002222"
    part(deed)
    send()
    assert due("residency", two.moving).arrived
    assert set(before) <= set(relations(upper))
    phones = {row["id"]: row["record"]["lxdh"] for row in upper.records("B.2.2")}
    assert (phones[two.ids["kept"]], phones[two.ids["gone"]]) == ("13812345678", "13900002222")


def test_a_number_that_changed_hands_is_right_again_upstairs_after_parting(two, upper) -> None:  # noqa: F811
    deed = join(two, "document_number")
    send()
    assert due("person", two.kept).upper_id == two.ids["gone"]
    part(deed)
    assert due("person", two.kept).upper_id == two.ids["kept"]
    send()
    numbers = {row["id"]: (row["record"]["zjhm"], row["record"]["lxdh"]) for row in upper.records("B.2.2")}
    assert numbers[two.ids["kept"]] == (KEPT, "13812345678")
    assert numbers[two.ids["gone"]] == (GONE, "13900002222")
    assert {name: due("person", getattr(two, name)).upper_id for name in two.ids} == two.ids


def test_who_took_a_number_before_he_ever_arrived_waits_for_an_id_of_his_own(two, upper) -> None:  # noqa: F811
    late = make_person(two.community, phone="", document_number="E91000003")
    deed = merge(late, two.gone, take=["document_number", "phone"], user=None, now=timezone.now())
    send()
    assert due("person", late).upper_id == two.ids["gone"]
    part(deed)
    row = due("person", late)
    assert (row.upper_id, row.delivered_revision) == ("", 0)
    home = Residency.objects.create(person=late, house=two.house)
    delivery.deliver_until_empty()
    assert due("person", late).state == "held"  # he has no telephone again
    assert due("residency", home).waits_for == f"person:{late.pk.hex}"


def test_a_record_on_its_way_while_it_is_merged_settles_without_coming_back(two) -> None:
    again = Person.with_merged.get(pk=two.gone.pk)
    again.remark = "neu"
    again.save()
    now = timezone.now()
    lease, claimed = claims.claim("person", two.community.pk, limit=5, now=now, until=now + delivery.lease_length())
    join(two)
    claims.settle(lease, [claims.Settled(claimed[0], {"delivered_revision": claimed[0].revision}, {"state": "held"})])
    assert due("person", two.gone).state == "gone"
    assert batches.find("person", two.gone.pk.hex) == (False, "")


def test_a_home_that_waited_for_the_merged_record_waits_no_longer(lane, upper) -> None:  # noqa: F811
    kept, gone = make_person(lane.community), make_person(lane.community, phone="")
    home = Residency.objects.create(person=gone, house=lane.house)
    upper.know(lane.community)
    delivery.deliver_until_empty()
    assert due("residency", home).waits_for == f"person:{gone.pk.hex}"
    merge(kept, gone, user=None, now=timezone.now())
    send()
    assert due("residency", home).arrived
    assert receipts.for_subject("person", kept.pk).stage == "arrived"
