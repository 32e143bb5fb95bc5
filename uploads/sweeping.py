"""The sweep: triggers present, every subject known to the post office, every vanished one noticed. Safe to repeat."""

import logging
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from uploads import installing, reports
from uploads.models import Due
from uploads.reports import Report, subject_key

log = logging.getLogger(__name__)
BATCH = 2000


def sweep() -> int:
    """Repair what has slipped through; the number of rows made due."""
    created = installing.install(connection)
    if created:
        log.warning("%d delivery triggers were missing and have been installed", len(created))
    return sum(_unknown(report) + _vanished(report) for report in reports.every() if "insert" in report.on)


def _batches(rows: Iterator[Any]) -> Iterator[list[Any]]:
    while batch := list(islice(rows, BATCH)):
        yield batch


def _unknown(report: Report) -> int:
    """Subjects without a due row get one."""
    found = 0
    subjects = report.model._base_manager.order_by("pk").values_list("pk", report.community)
    for batch in _batches(subjects.iterator(chunk_size=BATCH)):
        keys = {subject_key(pk): community for pk, community in batch}
        known = set(Due.objects.filter(report=report.name, subject_id__in=keys).values_list("subject_id", flat=True))
        missing = [Due(report=report.name, subject_id=key, community_id=keys[key]) for key in keys.keys() - known]
        found += len(Due.objects.bulk_create(missing, ignore_conflicts=True))
    return found


def _vanished(report: Report) -> int:
    """Due rows whose subject is gone are made due, so that delivery withdraws or closes them."""
    found = 0
    rows = Due.objects.filter(report=report.name, withdrawing=False).exclude(state=Due.State.GONE).order_by("pk")
    for batch in _batches(rows.values_list("pk", "subject_id").iterator(chunk_size=BATCH)):
        keys = [key for _, key in batch]
        there = {subject_key(pk) for pk in report.model._base_manager.filter(pk__in=keys).values_list("pk", flat=True)}
        gone = [pk for pk, key in batch if key not in there]
        with transaction.atomic():
            found += Due.objects.filter(pk__in=gone).update(withdrawing=True, state=Due.State.DUE, revision=F("revision") + 1)
    return found
