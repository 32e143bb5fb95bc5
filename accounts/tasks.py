"""What is done every night."""

from celery import shared_task
from django.utils import timezone

from accounts import purging, rotating, statistics
from accounts.signin import idle
from audit import log


@shared_task
def upkeep() -> dict[str, int]:
    """Seal anew what a long transaction left under old keys; remove what has been kept long enough; let the database look at its tables. Counts."""
    now = timezone.now()
    with log.acting_as("夜间维护"):
        outcome = rotating.reseal(now)
        purged = purging.purge(now)
        disabled = idle.disable(now)
    statistics.refresh()
    return {
        "disabled": disabled,
        "resealed": outcome.rows + outcome.files,
        "broken": len(outcome.broken),
        "purged": purged.total,
        "failed": len(purged.failed),
    }
