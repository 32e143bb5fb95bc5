"""Thin wake-ups: what is to be done stands in the database."""

from celery import shared_task

from uploads import delivery, sweeping


@shared_task
def deliver() -> dict:
    """Deliver what is due. Bounded, so that the worker is free for other tasks in between; the beat comes again."""
    return delivery.deliver_until_empty(seconds=60).as_dict()


@shared_task
def sweep() -> dict:
    """Find what the triggers may have missed."""
    return sweeping.sweep()
