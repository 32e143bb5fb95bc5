"""Celery's door: thin wake-ups."""

from celery import shared_task

from uploads import delivery, sweeping


@shared_task(name="uploads.tasks.deliver")
def deliver() -> dict:
    """Send what is due. Bounded, so that a worker is free for other tasks; the beat comes again."""
    return delivery.deliver_until_empty(seconds=60).as_dict()


@shared_task(name="uploads.tasks.sweep")
def sweep() -> dict:
    """Look for what the triggers may have missed."""
    return sweeping.sweep()
