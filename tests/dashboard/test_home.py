"""The front page by what one does all day."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dashboard import views
from dashboard.tiles import Ring, Tile
from residents.models import Residency
from tests import cast
from tests.worklists.test_lists import lease, newcomer
from uploads.models import Due


def test_a_collector_begins_with_drafts_work_and_the_ring(lotus: cast.Place, maple: cast.Place, as_user) -> None:
    newcomer(lotus), newcomer(lotus, 2), newcomer(maple)
    answer = as_user(lotus.staff["collector"]).get("/")
    page = answer.content.decode()
    work = {str(tile.title): tile for tile in answer.context["work"]}
    assert (work["缺照片的人员"].shown, work["缺照片的人员"].link) == ("2", "/collect/work/no-photo/")
    assert work["无人登记的房屋"].count == 1
    assert ("data-drafts" in page, 'stroke-dasharray="50 100"' in page, " style=" in page) == (True, True, False)
    assert answer.context["strip"] == answer.context["urgent"] == []


def test_a_manager_begins_with_today_and_the_three_most_urgent(lotus: cast.Place, as_user) -> None:
    lease(newcomer(lotus, document_validity="2001.01.01-2021.01.01"), -3)
    Due.objects.filter(report="person").update(state="held", reason="联系电话为空")
    answer = as_user(lotus.staff["manager"]).get("/")
    strip = {str(tile.title): tile.count for tile in answer.context["strip"]}
    assert strip["今日人员出入"] == strip["今日车辆出入"] == strip["设备不在线"] == 0
    assert strip["上报退回待处理"] == 2
    urgent = answer.context["urgent"]
    assert [str(tile.title) for tile in urgent] == ["上报退回待处理", "未送达上级", "缺电话的人员"]
    assert "去处理" in answer.content.decode()


def test_red_is_more_urgent_than_yellow_and_nought_is_not() -> None:
    tiles = [Tile("a", 5, "/", "warn"), Tile("b", 0, "/", "bad"), Tile("c", 1, "/", "bad"), Tile("d", 9, "/")]
    tiles += [Tile("e", 1, "/", "warn", weight=-1), Tile("f", 1, "/", "warn", weight=9)]
    assert [tile.title for tile in views.most_urgent(tiles)] == ["c", "e", "a"]


@pytest.mark.parametrize(("lived", "every", "arc"), [(0, 0, 0), (0, 3, 0), (1, 3, 33), (3, 3, 100)])
def test_the_ring_is_the_share_in_hundredths(lived: int, every: int, arc: int) -> None:
    assert Ring(lived, every).arc == arc


@pytest.mark.parametrize(("role", "most"), [("manager", 34), ("collector", 28), ("police", 28), ("guard", 10)])
def test_the_front_page_asks_few_questions_however_much_there_is(
    role: str, most: int, lotus: cast.Place, as_user
) -> None:
    client = as_user(lotus.staff[role])

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/").status_code == 200
        return len(queries)

    asked()
    few = asked()
    for sequence in range(5):
        lease(newcomer(lotus, sequence), sequence - 2)
    assert asked() == few <= most


def test_a_stranger_is_told_to_ask_for_a_post(stranger, as_user) -> None:
    answer = as_user(stranger).get("/")
    assert "您还没有岗位" in answer.content.decode()
    assert answer.context["tiles"] == []


def test_numbers_are_of_ones_own_community(lotus: cast.Place, maple: cast.Place, as_user) -> None:
    for sequence in range(3):
        newcomer(maple, sequence)
    Residency.objects.filter(pk=maple.residency.pk).update(moved_out=timezone.localdate() - timedelta(days=1))
    page = as_user(lotus.staff["police"]).get("/")
    counts = {str(tile.title): tile.count for tile in page.context["tiles"]}
    assert (counts["在册人员"], counts["缺照片"], counts["无人登记的房屋"]) == (1, 0, 1)
    assert page.context["ring"] == Ring(1, 2)
