"""Thin wake-ups: what is to be done stands in the database."""

from celery import shared_task
from django.utils import timezone

from audit import log
from uploads import delivery, doctor, pulling, sweeping
from uploads.models import UpperPlatform


@shared_task
def deliver() -> dict:
    """Deliver what is due. Bounded, so that the worker is free for other tasks in between; the beat comes again."""
    return delivery.deliver_until_empty(seconds=60).as_dict()


@shared_task
def sweep() -> dict:
    """Find what the triggers may have missed."""
    return sweeping.sweep()


@shared_task
def pull() -> dict[str, int]:
    """Read what the upper platforms hold: {records, problems}."""
    now, found = timezone.now(), []
    with log.acting_as("获取上级数据"):
        for platform in UpperPlatform.objects.filter(enabled=True):
            found += pulling.pull(platform, now=now)
    return {"records": sum(one.records for one in found), "problems": sum(bool(one.problem) for one in found)}


@shared_task
def self_test() -> dict[str, int]:
    """Ask every upper platform once a day whether it still understands our ciphertext: {tested, misunderstood}."""
    now = timezone.now()
    problems = [doctor.self_test(platform, now=now) for platform in UpperPlatform.objects.filter(enabled=True)]
    return {"tested": len(problems), "misunderstood": sum(map(bool, problems))}
