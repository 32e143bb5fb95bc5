"""The second net under the triggers: bounded batches, run every ten minutes, safe to repeat.

It puts missing triggers back, finds subjects without a due row, rows whose subject is gone, and, a few hundred at a time in
rotation, delivered rows whose record no longer equals what was delivered.
"""

import logging
from datetime import datetime

from django.db import connection, models
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from uploads import batches, installing, loaded, reports
from uploads.models import Due, UpperPlatform
from uploads.reports import Context, Report, subject_key
from uploads.triggers import SubjectKey

log = logging.getLogger(__name__)


def sweep(*, limit: int = 500, now: datetime | None = None) -> dict[str, int]:
    """Returns {triggers, missing, orphans, changed}: what was put right. At most `limit` rows a report and kind."""
    now = now or timezone.now()
    loaded.refresh()
    installed = installing.install(connection)
    if installed:
        log.error("%d delivery triggers were missing; every record is compared again", len(installed))
        installing.suspect(connection)
    found = {"triggers": len(installed), "missing": 0, "orphans": 0, "changed": 0}
    for report in reports.every():
        found["missing"] += add_missing(report, limit)
        found["orphans"] += end_orphans(report, limit)
        found["changed"] += compare(report, limit, now)
    return found


def _subjects(report: Report) -> models.QuerySet:
    return report.model._base_manager.order_by().annotate(due_subject=SubjectKey("pk"), due_place=F(report.community))


def add_missing(report: Report, limit: int) -> int:
    """Due rows for subjects that have none. A report that does not begin with an insert has none to miss."""
    if "insert" not in report.on:
        return 0
    known = Due.objects.filter(report=report.name, subject_id=OuterRef("due_subject"))
    rows = list(_subjects(report).filter(~Exists(known)).values_list("due_subject", "due_place")[:limit])
    made = [Due(report=report.name, subject_id=subject, community_id=place) for subject, place in rows]
    Due.objects.bulk_create(made, ignore_conflicts=True)
    return len(rows)


def end_orphans(report: Report, limit: int) -> int:
    """Rows whose subject does not exist: withdrawn if the platform may know a key, else gone."""
    living = _subjects(report).filter(due_subject=OuterRef("subject_id"))
    rows = Due.objects.filter(report=report.name, withdrawing=False).exclude(state=Due.State.GONE)
    ids = list(rows.filter(~Exists(living)).values_list("pk", flat=True)[:limit])
    changes = {
        "revision": F("revision") + 1,
        "attempts": 0,
        "sendings": 0,
        "next_at": None,
        "problem": "",
        "reason": "",
        "waits_for": "",
    }
    orphans = Due.objects.filter(pk__in=ids)
    if report.withdraw:
        orphans.exclude(upper_key="").update(state=Due.State.DUE, withdrawing=True, **changes)
        orphans = orphans.filter(upper_key="")
    orphans.update(state=Due.State.GONE, **changes)
    return len(ids)


def compare(report: Report, limit: int, now: datetime) -> int:
    """Make delivered rows due whose record differs from the one delivered; those not looked at for longest come first."""
    if report.happens:
        return 0  # a happening does not change
    arrived = Due.objects.arrived().filter(report=report.name).exclude(digest="")
    rows = list(arrived.order_by(F("checked_at").asc(nulls_first=True))[:limit])
    codes = dict(UpperPlatform.objects.values_list("community_id", "registration_code"))
    found = report.queryset().filter(pk__in=[row.subject_id for row in rows])
    subjects = {subject_key(subject.pk): subject for subject in found}
    differing = [row.pk for row in rows if _differs(report, row, subjects.get(row.subject_id), codes, now)]
    Due.objects.filter(pk__in=[row.pk for row in rows]).update(checked_at=now)
    return Due.objects.filter(pk__in=differing).send_again(now)


def _differs(report: Report, row: Due, subject: models.Model | None, codes: dict[int, str], now: datetime) -> bool:
    if subject is None or row.community_id not in codes:
        return False
    context = Context(now, row.community_id, batches.find)
    try:
        record = {**report.record(subject, context), "registration_code": codes[row.community_id]}
    except Exception as error:  # delivery builds it again and says what is wrong with it
        log.info("report %s subject %s: %s", report.name, row.subject_id, type(error).__name__)
        return True
    return batches.digest_of(report.interface, record) != row.digest
