"""Wake the worker when something reported has changed: at most once a second, and never at the cost of the change itself.

Nothing depends on it: beat wakes the worker every few seconds too, and what is due stands in the database.
"""

import logging
from typing import Any

from django.core.cache import cache
from django.db import transaction

from uploads import tasks

log = logging.getLogger(__name__)
KEY, SECONDS = "uploads-woken", 1


def changed(sender: Any, **kwargs: Any) -> None:
    """Signal receiver of every reported model."""
    transaction.on_commit(call)


def call() -> None:
    """Send the wake-up, unless one has just been sent."""
    try:
        if cache.add(KEY, True, SECONDS):
            tasks.deliver.apply_async(expires=30, retry=False, ignore_result=True)
    except Exception as error:  # the broker or cache is away: beat will do
        log.warning("the worker could not be woken: %s", type(error).__name__)
