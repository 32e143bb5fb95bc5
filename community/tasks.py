"""Imports run in the worker; the page shows how far they are."""

from datetime import timedelta

from celery import shared_task
from django.core.cache import cache
from django.utils import timezone

from audit.context import Actor, acting
from community.workbooks import running
from community.workbooks.models import Import

DEAD = timedelta(minutes=10)


@shared_task
def carry_out(run_id: str) -> str:
    """Try or import one workbook; the state it ends in."""
    run = Import.objects.select_related("community", "made_by").get(pk=run_id)
    with acting(Actor(name=str(run.made_by))):
        running.carry_out(run, timezone.now)
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
    Import.objects.filter(finished_at__lt=now - timedelta(days=7)).exclude(content=b"").update(content=b"")
    return Import.objects.filter(pk__in=silent).update(
        state=Import.State.FAILED, problem="处理中断,什么也没有改动,请重试。", finished_at=now
    )
