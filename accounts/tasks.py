"""What is done every night."""

from celery import shared_task
from django.utils import timezone

from accounts import orphans, rotating
from audit import log


@shared_task
def upkeep() -> dict[str, int]:
    """Seal anew what a long transaction left under old keys; remove encrypted pictures that no row names. Counts."""
    now = timezone.now()
    with log.acting_as("夜间维护"):
        outcome = rotating.reseal(now)
        removed = orphans.purge_orphans(now)
    return {"resealed": outcome.rows + outcome.files, "broken": len(outcome.broken), "pictures_removed": removed}
