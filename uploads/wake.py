"""Wakes a worker after a change, so that a record goes up within a second. Only a wake-up: what is due stands in the database,
and the beat looks every few seconds anyway. A broker that is down never breaks a save, nor slows it more than once in half a minute.
"""

import logging
import time
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.db.models.signals import post_delete, post_save

from uploads import reports, tasks

log = logging.getLogger(__name__)
QUIET_SECONDS = 1.0
AFTER_FAILURE_SECONDS = 30.0


class Bell:
    """Rings at most once a second in this process, and (by the cache) at most once a second in all of them."""

    def __init__(self) -> None:
        self._silent_until = 0.0

    def ring(self) -> bool:
        """Send the wake-up; returns whether one was sent."""
        now = time.monotonic()
        if now < self._silent_until:
            return False
        self._silent_until = now + QUIET_SECONDS
        try:
            if not cache.add("uploads.wake", 1, timeout=QUIET_SECONDS):
                return False
            tasks.deliver.apply_async(expires=30, retry=False, ignore_result=True)
        except Exception as error:  # whatever the broker or the cache does, the save has happened
            self._silent_until = now + AFTER_FAILURE_SECONDS
            log.warning("the worker could not be woken: %s", type(error).__name__)
            return False
        return True


bell = Bell()


def changed(sender: Any, using: str = "default", raw: bool = False, **_: Any) -> None:
    """Signal receiver of every reported model."""
    if not raw:
        transaction.on_commit(bell.ring, using=using, robust=True)


def connect() -> None:
    """Listen to the models of all reports."""
    for model in {report.model for report in reports.every()}:
        post_save.connect(changed, sender=model, dispatch_uid=f"uploads.wake.{model._meta.label}")
        post_delete.connect(changed, sender=model, dispatch_uid=f"uploads.wake.{model._meta.label}")
