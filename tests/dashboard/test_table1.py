"""Table 1 as a board: 32 items by tier, what is held, what is missing, what helps most; CSV, and the items without interface."""

import csv
import io
import json

import pytest
from django.utils import timezone

from analysis.models import StrangerArchive
from audit.models import Entry
from community.models import Gate, Lane, Organisation
from dashboard.board.holdings import SOURCES, Gap, Holding
from dashboard.board.scoring import board
from demo.drawings import portrait
from devices.models import Device
from residents.models import Person, Worker
from standard.requirements import table1
from tests import cast
from uploads.models import Due


def lines(place: cast.Place, as_user, tier: str = "demonstration") -> dict:
    page = as_user(place.staff["manager"]).get(f"/board/?community={place.community.pk}&tier={tier}")
    assert page.status_code == 200
    return {line.item.no: line for line in page.context["board"].lines}


@pytest.mark.parametrize(("tier", "required"), [("basic", 13), ("preferred", 22), ("demonstration", 25)])
def test_each_tier_demands_what_the_standard_counts(tier: str, required: int, lotus: cast.Place, as_user) -> None:
    found = lines(lotus, as_user, tier)
    assert len(found) == 32
    assert sum(line.demand == "required" for line in found.values()) == required


def test_every_item_with_an_interface_has_a_place_here() -> None:
    assert {one.no for one in table1() if one.interfaces} <= set(SOURCES)
    assert set(SOURCES) <= {one.no for one in table1()}


def test_what_is_held_and_missing_is_counted(lotus: cast.Place, as_user) -> None:
    Person.objects.create(community=lotus.community, name="李四", document_number=cast.valid_id("19770707", 333))
    Device.objects.create(community=lotus.community, code="D1", name="门", type="4")
    gate = Gate.objects.create(community=lotus.community, name="东门")
    Lane.objects.create(gate=gate, number=1)
    StrangerArchive.objects.create(community=lotus.community, first_passage_at=timezone.now(), photo1=portrait(1, "1"))
    found = lines(lotus, as_user)
    assert {no: line.held for no, line in found.items() if line.held} == {
        "01": 1, "02": 1, "03": 1, "04": 1, "05": 1, "06": 1, "07": 1, "08": 2, "09": 2, "10": 1, "13": 1, "14": 1,
        "15": 1, "16": 1, "19": 1, "21": 1,
    }  # fmt: skip
    people = {str(gap.title): gap.count for gap in found["09"].holding.gaps}
    assert people == {"人员没有照片": 1, "人员没有电话": 1}
    assert found["09"].complete == 0.5
    assert [(str(gap.title), gap.count) for gap in found["10"].holding.gaps] == [("房屋无人登记", 1)]
    assert found["26"].holding is None
    assert found["09"].delivered == 0.0


def test_delivery_counts_into_the_score(lotus: cast.Place, as_user) -> None:
    before = lines(lotus, as_user)["08"]
    Due.objects.filter(report="house", subject_id=lotus.house.pk.hex).update(delivered_revision=1)
    Due.objects.filter(report="house", subject_id=lotus.empty_house.pk.hex).update(state="held")
    after = lines(lotus, as_user)["08"]
    assert (before.delivered, before.refused) == (0.0, 0.0)
    assert (after.delivered, after.refused) == (0.5, 0.5)


def test_what_lifts_most_stands_first() -> None:
    items = [one for one in table1() if one.no in ("01", "05", "08")]
    holdings = {
        "01": Holding(10, 5, gaps=(Gap("设备没有类型", 5),)),
        "05": Holding(1, 1),
        "08": Holding(0, 0),
    }  # fmt: skip
    made = board(items, "preferred", holdings, {}, {})
    assert [(lift.item.no, round(lift.points, 1)) for lift in made.lifts] == [("08", 33.3), ("01", 16.7)]
    assert round(made.score, 1) == 50.0


def test_the_csv_holds_all_items(lotus: cast.Place, as_user) -> None:
    answer = as_user(lotus.staff["manager"]).get("/board/table1.csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == 33
    assert rows[9][:2] == ["09", "小区人员信息"]


def test_an_item_without_interface_is_exported_masked_and_logged(lotus: cast.Place, as_user) -> None:
    office = Organisation.objects.create(community=lotus.community, name="物业")
    Worker.objects.create(person=lotus.resident, organisation=office, title="保洁")
    answer = as_user(lotus.staff["manager"]).get("/board/items/12/")
    row = json.loads(answer.content.decode())
    assert (row["item"], row["name"], row["title"]) == ("12", "张*丰", "保洁")
    assert Entry.objects.get(action="export_item").detail == {"item": "12", "rows": 1}
    for number in ("03", "04", "05", "06", "07", "11", "15", "16", "18", "19", "21"):
        assert as_user(lotus.staff["manager"]).get(f"/board/items/{number}/").status_code == 200, number
    assert as_user(lotus.staff["manager"]).get("/board/items/09/").status_code == 404


def test_another_community_is_out_of_reach(lotus: cast.Place, maple: cast.Place, stranger, as_user) -> None:
    client = as_user(lotus.staff["manager"])
    for address in ("/board/", "/board/table1.csv", "/board/items/12/"):
        assert client.get(f"{address}?community={maple.community.pk}").status_code == 404
        assert client.get(f"{address}?community={'9' * 60}").status_code == 404
        assert as_user(stranger).get(address).status_code == 404
        assert as_user(lotus.staff["guard"]).get(address).status_code == 404


def test_the_board_asks_a_fixed_number_of_questions(lotus: cast.Place, as_user, django_assert_max_num_queries) -> None:
    client = as_user(lotus.staff["manager"])
    client.get("/board/")
    for number in range(20):
        Person.objects.create(
            community=lotus.community, name="李四", document_number=cast.valid_id("19770707", 100 + number)
        )
    with django_assert_max_num_queries(42):
        client.get("/board/")
