"""Concurrency, quotas, hours and validity of an interface: kept to when configured, learnt from a refusal otherwise."""

import json
from datetime import datetime, time, timedelta

import pytest
import urllib3
from django.core.exceptions import ValidationError
from django.utils import timezone

from community.models import Post
from standard.wire import BEIJING
from tests import cast
from tests.uploads.conftest import make_person
from uploads import answers, delivery, limits
from uploads.models import Due, Gate, InterfaceLimit, UpperPlatform

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=BEIJING)


def control(upper, **asked) -> dict:
    return urllib3.request("POST", upper.url + "/sandbox/control", body=json.dumps(asked).encode()).json()


def refusals(upper, clause: str) -> list[int]:
    found = urllib3.request("GET", upper.url + "/sandbox/requests").json()["requests"]
    return [one["code"] for one in found if one["clause"] == clause and one["code"]]


@pytest.fixture
def platform(lane, upper) -> UpperPlatform:
    for _number in range(12):
        make_person(lane.community)
    return upper.know(lane.community, concurrency=8)


@pytest.mark.processes
def test_a_configured_concurrency_is_never_passed(lane, upper, platform) -> None:
    control(upper, limits={"B.2.2": {"concurrency": 2}})
    InterfaceLimit.objects.create(platform=platform, clause="B.2.2", concurrency=2)
    delivery.deliver_until_empty(patience=5)
    assert not Due.objects.pending().exists()
    assert refusals(upper, "B.2.2") == []
    assert control(upper)["peak"]["B.2.2"] <= 2


@pytest.mark.processes
def test_a_configured_quota_is_spent_and_not_passed(lane, upper, platform) -> None:
    control(upper, limits={"B.2.2": {"daily_quota": 5}})
    InterfaceLimit.objects.create(platform=platform, clause="B.2.2", daily_quota=5)
    delivery.deliver_until_empty()
    assert len(upper.records("B.2.2")) == 5
    assert refusals(upper, "B.2.2") == []
    assert Due.objects.pending().filter(report="person").count() == 8
    limit = InterfaceLimit.objects.get(clause="B.2.2")
    assert (limit.used(timezone.localdate()), limit.remaining(timezone.localdate())) == (5, 0)
    assert len(upper.records("B.6.1")) == 1  # the other interfaces go on
    InterfaceLimit.objects.update(day=timezone.localdate() - timedelta(days=1))
    control(upper, reset=True)
    delivery.deliver_until_empty()
    assert len(upper.records("B.2.2")) == 10


@pytest.mark.processes
def test_a_quota_is_learnt_from_its_refusal(lane, upper, platform) -> None:
    control(upper, limits={"B.2.2": {"daily_quota": 4}})
    delivery.deliver_until_empty()
    limit = InterfaceLimit.objects.get(clause="B.2.2")
    assert limit.daily_quota >= 4
    assert "每日" in limit.learnt
    gate = Gate.objects.get(clause="B.2.2")
    assert timezone.localtime(gate.closed_until).date() > timezone.localdate()
    before = len(refusals(upper, "B.2.2"))
    Gate.objects.all().delete()
    delivery.deliver_until_empty()
    assert len(refusals(upper, "B.2.2")) == before


@pytest.mark.processes
def test_hours_are_learnt_from_the_words(lane, upper, platform) -> None:
    opens = (timezone.localtime() + timedelta(hours=3)).strftime("%H:00")
    closes = (timezone.localtime() + timedelta(hours=5)).strftime("%H:00")
    control(upper, limits={"B.2.2": {"hours": f"{opens}-{closes}"}})
    delivery.deliver_until_empty()
    limit = InterfaceLimit.objects.get(clause="B.2.2")
    assert (f"{limit.opens:%H:%M}", f"{limit.closes:%H:%M}") == (opens, closes)
    wait = Gate.objects.get(clause="B.2.2").closed_until - timezone.now()
    assert timedelta(hours=1, minutes=59) < wait <= timedelta(hours=3)
    assert len(upper.records("B.2.2")) == 0


@pytest.mark.processes
def test_concurrency_is_learnt_by_halving(lane, upper, platform) -> None:
    control(upper, limits={"B.2.2": {"concurrency": 1}})
    for _round in range(12):
        Gate.objects.all().delete()
        delivery.deliver_until_empty()
    assert not Due.objects.pending().exists()
    assert InterfaceLimit.objects.get(clause="B.2.2").concurrency in (1, 2, 4)
    assert len(upper.records("B.2.2")) == 13


@pytest.mark.processes
def test_an_outage_drains_oldest_first_and_live_changes_are_not_starved(lane, upper, platform) -> None:
    delivery.deliver_until_empty()
    lane.camera.name = "西门相机"
    lane.camera.save()
    for _number in range(30):
        make_person(lane.community)
    delivery.deliver(limit=20)
    assert upper.records("B.6.1")[0]["record"]["sbmc"] == "西门相机"
    done = Due.objects.arrived().filter(report="person").order_by("-due_since").first()
    waiting = Due.objects.pending().filter(report="person").order_by("due_since").first()
    assert done.due_since <= waiting.due_since


@pytest.mark.parametrize(
    ("opens", "closes", "now", "shut_until"),
    [
        (time(8), time(20), NOON, None), (time(14), time(20), NOON, NOON.replace(hour=14)),
        (time(8), time(11), NOON, NOON.replace(hour=8, day=26)), (time(22), time(6), NOON, NOON.replace(hour=22)),
        (time(22), time(6), NOON.replace(hour=23), None), (time(22), time(13), NOON, None),
    ],
)  # fmt: skip
def test_hours_open_and_shut(opens, closes, now, shut_until) -> None:
    assert InterfaceLimit(opens=opens, closes=closes).shut_until(now) == shut_until


def test_a_validity_that_is_over_shuts_for_a_day() -> None:
    limit = InterfaceLimit(valid_until=NOON.date() - timedelta(days=1))
    assert limit.shut_until(NOON) == NOON.replace(hour=0, day=26)
    assert InterfaceLimit(valid_until=NOON.date()).shut_until(NOON) is None


def test_half_an_hour_is_no_hours() -> None:
    with pytest.raises(ValidationError, match="一起"):
        InterfaceLimit(opens=time(8)).clean()


@pytest.mark.parametrize("message", ["服务繁忙", "数据格式错误"])
def test_what_says_nothing_of_a_limit_teaches_nothing(message: str, lane, upper) -> None:
    platform = upper.know(lane.community)
    assert limits.learn(platform, "B.2.2", answers.THROTTLED, message, at_once=4, now=NOON) is None
    assert InterfaceLimit.objects.get(clause="B.2.2").learnt == ""


def test_the_delivery_page_shows_them(lane, upper, as_user) -> None:
    platform = upper.know(lane.community)
    InterfaceLimit.objects.create(
        platform=platform, clause="B.2.2", daily_quota=1000, opens=time(8), closes=time(20), learnt="11-25 并发 2"
    )
    manager = cast.user("boss")
    Post.objects.create(user=manager, role="manager", community=lane.community)
    page = as_user(manager).get("/uploads/").content.decode()
    assert "08:00-20:00" in page
    assert 'max="1000"' in page
    assert "11-25 并发 2" in page


def test_learning_does_not_undo_the_count_of_others(lane, upper, monkeypatch) -> None:
    platform = upper.know(lane.community)
    limits.count(platform, "B.2.2", 5, NOON)
    usual = InterfaceLimit.save

    def meanwhile(self, **facts) -> None:
        limits.count(platform, "B.2.2", 2, NOON)
        usual(self, **facts)

    monkeypatch.setattr(InterfaceLimit, "save", meanwhile)
    limits.learn(platform, "B.2.2", answers.THROTTLED, "并发数超过限制", at_once=4, now=NOON)
    found = InterfaceLimit.objects.get(clause="B.2.2")
    assert (found.calls, found.concurrency) == (7, 2)
