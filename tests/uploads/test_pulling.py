"""What the upper platform holds: read page by page, matched with ours, differences named, nothing lost by a kill."""

import json
from datetime import timedelta

import pytest
import urllib3
from django.core.management import call_command
from django.utils import timezone

from audit.models import Entry
from community.models import House
from community.standard_addresses import take
from residents.models import Person, Residency
from tests.uploads.conftest import make_house, make_person
from uploads import delivery, matching, pulling
from uploads.models import Pull, UpperRecord

pytestmark = pytest.mark.processes
NOW = timezone.now()


def by_clause(outcomes: list[pulling.Outcome]) -> dict[str, pulling.Outcome]:
    return {one.clause: one for one in outcomes}


@pytest.fixture
def delivered(lane, upper):
    """The lane is upstairs already."""
    platform = upper.know(lane.community)
    delivery.deliver_until_empty()
    return platform


def test_all_five_interfaces_are_read_and_matched(lane, delivered) -> None:
    found = by_clause(pulling.pull(delivered, now=timezone.now()))
    assert [(one.clause, one.problem) for one in found.values() if one.problem] == []
    assert {clause: one.records for clause, one in found.items()} == dict.fromkeys(pulling.CLAUSES, 1)
    for clause, subject in (("B.2.1", lane.wang), ("B.3.1", lane.house), ("B.4.1", lane.home), ("B.5.1", lane.car)):
        row = UpperRecord.objects.get(clause=clause)
        assert (row.subject_id, row.differs) == (subject.pk.hex, []), clause
    assert Entry.objects.filter(action="pull").count() == 5


def test_masked_values_are_kept_apart_and_sealed(lane, delivered) -> None:
    pulling.pull(delivered, now=timezone.now())
    row = UpperRecord.objects.get(clause="B.2.1")
    assert "*" in row.record["phone"]
    assert lane.wang.name not in repr(list(UpperRecord.objects.values("key", "report", "subject_id", "differs")))
    assert Person.objects.get(pk=lane.wang.pk).phone == "13812345678"


def test_a_difference_is_named_and_goes_when_it_is_settled(lane, delivered) -> None:
    wang = lane.wang
    wang.phone, wang.sex = "13812340000", "1"
    wang.save()
    assert by_clause(pulling.pull(delivered, now=timezone.now()))["B.2.1"].differing == 1
    assert UpperRecord.objects.get(clause="B.2.1").differs == ["phone", "sex_code"]
    delivery.deliver_until_empty()
    pulling.pull(delivered, now=timezone.now(), force=True)
    assert UpperRecord.objects.get(clause="B.2.1").differs == []


def test_what_only_they_hold_is_told(lane, delivered) -> None:
    lane.home.delete()
    lane.wang.delete()
    found = by_clause(pulling.pull(delivered, now=timezone.now()))
    assert (found["B.2.1"].records, found["B.2.1"].matched) == (1, 0)
    row = UpperRecord.objects.get(clause="B.2.1")
    assert (row.report, row.subject_id) == ("person", "")


def test_cut_off_between_pages_it_goes_on_with_the_next(lane, upper, monkeypatch) -> None:
    platform = upper.know(lane.community)
    for _number in range(6):
        make_person(lane.community)
    delivery.deliver_until_empty()
    monkeypatch.setattr(pulling, "PAGE", 2)
    # One page of B.7, one of B.3.1, two of B.2.1 (slowly, but whole), and the third one breaks off.
    following = {"faults": {"next": ["slow"] * 4 + ["reset-before"]}}
    urllib3.request("POST", upper.url + "/sandbox/control", body=json.dumps(following).encode())
    assert "中断" in by_clause(pulling.pull(platform, now=timezone.now()))["B.2.1"].problem
    state = Pull.objects.get(clause="B.2.1")
    window = state.window_end
    assert (state.page, state.synced_until, UpperRecord.objects.filter(clause="B.2.1").count()) == (2, None, 4)
    outcome = by_clause(pulling.pull(platform, now=timezone.now() + timedelta(hours=1)))["B.2.1"]
    assert (outcome.pages, outcome.records, outcome.problem) == (2, 3, "")
    assert UpperRecord.objects.filter(clause="B.2.1").count() == 7
    assert Pull.objects.get(clause="B.2.1").synced_until == window


def test_windows_overlap_so_that_nothing_falls_between(lane, delivered) -> None:
    first = timezone.now()
    pulling.pull(delivered, now=first)
    late = make_person(lane.community)
    delivery.deliver_until_empty()
    pulling.pull(delivered, now=timezone.now() + timedelta(minutes=1))
    assert UpperRecord.objects.filter(subject_id=late.pk.hex).exists()
    assert Pull.objects.get(clause="B.2.1").synced_until > first


def test_a_standard_address_fills_the_one_house_it_fits(lane) -> None:
    bare = make_house(lane, "901", address_code="")
    other = make_house(lane, "902", address_code="120101009020")
    address = {"address_code": "120101000901", "building_no": "3号楼", "unit_no": "2单元", "room_no": "901室"}
    assert take(lane.community.pk, [address, address | {"address_code": other.address_code}]) == 1
    assert House.objects.get(pk=bare.pk).address_code == "120101000901"
    assert take(lane.community.pk, [address]) == 0


def test_the_command_tells_each_interface(lane, delivered, capsys) -> None:
    call_command("upper", "pull", "--json")
    facts = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    assert facts["ok"]
    assert [one["clause"] for one in facts["interfaces"]] == list(pulling.CLAUSES)
    assert all(one["records"] == 1 for one in facts["interfaces"])


@pytest.mark.parametrize(
    ("ours", "theirs", "masked", "equal"),
    [
        ("13812345678", "138****5678", True, True), ("13812345678", "138****5679", True, False),
        ("13812345678", "138****567", True, False), ("男", "男", False, True), (True, "1", False, True),
        ("12010119900307123x", "12010119900307123X", False, True),
    ],
)  # fmt: skip
def test_masked_values_are_compared_by_what_can_be_seen(ours, theirs, masked: bool, equal: bool) -> None:
    assert matching.same(ours, theirs, masked=masked) is equal


def test_the_list_shows_no_content(lane, delivered, as_user) -> None:
    from community.models import Post
    from tests import cast

    pulling.pull(delivered, now=timezone.now())
    manager = cast.user("boss")
    Post.objects.create(user=manager, role="manager", community=lane.community)
    page = as_user(manager).get("/admin/uploads/upperrecord/").content.decode()
    assert "一致" in page
    assert lane.wang.name not in page
    assert Residency.objects.filter(pk=lane.home.pk).exists()
