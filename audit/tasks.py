"""The queue's wake-up for sealing."""

from celery import shared_task
from django.utils import timezone

from audit import clock, log, trail, verifying


@shared_task
def seal() -> int:
    """Seal what is pending."""
    return trail.seal_all(timezone.now())


@shared_task
def check_clock() -> float | None:
    """Ask the time source; how far the clock is ahead, in seconds."""
    reading = clock.read(timezone.now())
    return reading.ahead if reading else None


@shared_task
def verify() -> bool:
    """Check the whole log once a day."""
    with log.acting_as("每日校验"):
        return verifying.verify_and_note(timezone.now()).ok
