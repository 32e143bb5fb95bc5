"""The wake-up: within a second, coalesced, never at the cost of the save."""

import pytest
from django.db import transaction

from residents.models import Person
from uploads import wake
from uploads.models import Due


@pytest.fixture
def bell() -> wake.Bell:
    return wake.Bell()


def test_a_second_ring_within_a_second_is_left_out(bell):
    assert bell.ring() is True
    assert bell.ring() is False


def test_another_process_does_not_ring_in_the_same_second(bell):
    assert bell.ring() is True
    assert wake.Bell().ring() is False


def test_a_broker_that_is_away_does_not_break_the_save(lane, settings, tmp_path, django_capture_on_commit_callbacks):
    queue = settings.QUEUE_DIR / "messages"
    aside = tmp_path / "aside"
    queue.rename(aside)
    try:
        wake.bell.__init__()
        with django_capture_on_commit_callbacks(execute=True) as callbacks, transaction.atomic():
            lane.wang.workplace = "第一中学"
            lane.wang.save()
    finally:
        queue.mkdir(exist_ok=True)
    assert callbacks
    assert Person.objects.get(pk=lane.wang.pk).workplace == "第一中学"
    assert Due.objects.pending().filter(report="person", subject_id=lane.wang.pk.hex).exists()
