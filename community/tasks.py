"""Imports run in the worker; the page shows how far they are."""

import uuid
from datetime import datetime, timedelta

from celery import shared_task
from django.core.cache import cache
from django.utils import timezone

from accounts import statistics
from audit.context import Actor, acting
from community.workbooks import running
from community.workbooks.models import Import
from guomi import spool

DEAD, KEPT = timedelta(minutes=10), timedelta(days=7)


@shared_task
def carry_out(run_id: str) -> str:
    """Try or import one file; the state it ends in."""
    run = Import.objects.select_related("community", "made_by").get(pk=run_id)
    with acting(Actor(name=str(run.made_by))):
        running.carry_out(run, timezone.now)
    if run.state == Import.State.DONE:
        statistics.refresh()  # a register of thousands came into tables the database took for empty
    return run.state


@shared_task
def recover() -> int:
    """Imports whose worker was killed: nothing of them was saved, and they say so. Their file goes a week after."""
    now = timezone.now()
    silent = [
        run.pk
        for run in Import.objects.filter(state=Import.State.RUNNING, made_at__lt=now - DEAD)
        if cache.get(f"import.{run.pk}") is None
    ]
    old = Import.objects.filter(finished_at__lt=now - KEPT)
    old.exclude(content=b"").update(content=b"")
    _sweep(now)
    return Import.objects.filter(pk__in=silent).update(
        state=Import.State.FAILED, problem="处理中断,什么也没有改动,请重试。", finished_at=now
    )


def _sweep(now: datetime) -> None:
    """Archives nobody waits for: of an upload that broke off, of an import that is done or a week old."""
    waiting = {
        run.pk.hex for run in Import.objects.exclude(spooled=0).only("pk", "finished_at")
        if run.finished_at is None or run.finished_at > now - KEPT
    }  # fmt: skip
    for key in spool.kept():
        begun = spool.begun_at(key)
        if key not in waiting and begun is not None and begun < now - timedelta(days=1):
            spool.remove(key)
            Import.objects.filter(pk=uuid.UUID(key)).update(spooled=0)
