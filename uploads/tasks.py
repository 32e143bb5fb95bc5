"""Thin wake-ups: what is to be done stands in the database."""

from celery import shared_task

from uploads import delivery, sweeping


@shared_task
def deliver() -> dict:
    """Deliver what is due."""
    return delivery.deliver_until_empty(seconds=120).as_dict()


@shared_task
def sweep() -> int:
    """Find what no trigger has seen."""
    return sweeping.sweep()
