"""Claims by several workers at once, each with a database connection of its own."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from tests.uploads.conftest import make_lane, make_person
from uploads import claims, delivery, sessions
from uploads.client import UpperClient
from uploads.models import Due, UpperToken
from uploads.platforms import endpoint


def together(count: int, work) -> list:
    """Run `work` in `count` threads that start at the same moment; raises what one of them raised."""
    results, errors, gate = [], [], threading.Barrier(count)

    def run() -> None:
        try:
            gate.wait(10)
            results.append(work())
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if errors:
        raise errors[0]
    return results


@pytest.mark.usefixtures("committed")
def test_four_workers_share_out_the_rows_and_none_is_claimed_twice():
    lane = make_lane()
    for number in range(60):
        make_person(lane.community, name=f"李{number}")
    now = timezone.now()

    def work() -> list[int]:
        mine = []
        while True:
            _, rows = claims.claim("person", lane.community.pk, limit=7, now=now, until=now + timedelta(minutes=5))
            if not rows:
                return mine
            mine += [row.id for row in rows]

    claimed = [row for mine in together(4, work) for row in mine]
    assert len(claimed) == len(set(claimed)) == 61


@pytest.mark.usefixtures("committed")
def test_a_claim_takes_the_oldest_first_and_no_more_than_asked():
    lane = make_lane()
    newest = make_person(lane.community, name="李新")
    Due.objects.filter(report="person").exclude(subject_id=newest.pk.hex).update(
        due_since=timezone.now() - timedelta(days=1)
    )
    now = timezone.now()
    _, rows = claims.claim("person", lane.community.pk, limit=1, now=now, until=now + timedelta(minutes=5))
    assert [row.subject_id for row in rows] == [lane.wang.pk.hex]


@pytest.mark.usefixtures("committed")
def test_another_community_or_a_row_that_must_wait_is_not_claimed():
    lane = make_lane()
    now = timezone.now()
    Due.objects.filter(report="person").update(next_at=now + timedelta(minutes=1))
    soon = now + timedelta(minutes=5)
    assert claims.claim("person", lane.community.pk, limit=9, now=now, until=soon)[1] == []
    assert claims.claim("person", lane.community.pk + 1, limit=9, now=soon, until=soon)[1] == []
    assert len(claims.claim("person", lane.community.pk, limit=9, now=soon, until=soon)[1]) == 1


@pytest.mark.processes
@pytest.mark.usefixtures("committed")
def test_eight_workers_that_meet_a_refusal_sign_in_once(upper):
    lane = make_lane()
    platform = upper.know(lane.community)
    client = UpperClient(endpoint(platform))
    assert sessions.current(platform, client).serial == 1
    passes = together(8, lambda: sessions.current(platform, client, refused=1))
    assert {found.serial for found in passes} == {2}
    assert len({found.token for found in passes}) == 1
    assert UpperToken.objects.get().serial == 2


@pytest.mark.processes
@pytest.mark.usefixtures("committed")
def test_workers_side_by_side_deliver_everything(upper):
    lane = make_lane()
    upper.know(lane.community)
    for number in range(40):
        make_person(lane.community, name=f"李{number}")
    tallies = together(3, lambda: delivery.deliver_until_empty(patience=5))
    last = delivery.deliver_until_empty(patience=35)
    assert not Due.objects.pending().exists()
    assert sum(tally.delivered for tally in [*tallies, last]) >= 45
    assert len(upper.records("B.2.2")) == 41
