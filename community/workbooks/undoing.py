"""Undoing an import as a whole: what it made goes with its versions, what it changed gets its earlier values back."""

from datetime import datetime
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import Count, Max
from django.utils.translation import gettext as _

from audit import log
from community.workbooks import photos
from community.workbooks.models import Import, ImportedRow
from community.workbooks.sheets import chunks


def undo(run: Import, now: datetime) -> None:
    """All of it or nothing; ValidationError where something was changed since, or others hold on to it."""
    try:
        with transaction.atomic():
            run = Import.objects.select_for_update().get(pk=run.pk)
            if run.state != Import.State.DONE:
                raise ValidationError(_("只有已导入的才能撤销。"))
            if run.kind == Import.Kind.PHOTOS:
                photos.take_back(run, now)
            else:
                _take_back(run)
            connection.check_constraints()
            run.state = Import.State.UNDONE
            run.save(update_fields=["state"])
            run.rows.all().delete()
            log.write("undo_import", target=run, community_id=run.community_id, detail=run.counts)
    except IntegrityError:
        raise ValidationError(_("导入的记录已被其他记录用到(如同意书、出入记录),不能整体撤销。")) from None


def _take_back(run: Import) -> None:
    labels = list(run.rows.order_by().values_list("model", flat=True).distinct())
    for label in labels:
        _unchanged_since(run, apps.get_model(label))
    for row in run.rows.filter(created=False).iterator():
        _put_back(row)
    for label in _last_first(labels):
        _take_away(run, apps.get_model(label))


def _unchanged_since(run: Import, model: Any) -> None:
    """A record somebody worked on since would lose that work."""
    if not hasattr(model, "history") or run.finished_at is None:
        return
    key = model._meta.pk.attname
    changed = 0
    for some in run.rows.filter(model=model._meta.label_lower, created=True).values_list("records", flat=True):
        versions = model.history.filter(**{f"{key}__in": some}).values(key).annotate(n=Count("history_id"))
        changed += versions.filter(n__gt=1).count()
    for some in chunks(run.rows.filter(model=model._meta.label_lower, created=False).values_list("record", flat=True)):
        newest = model.history.filter(**{f"{key}__in": some}).values(key).annotate(at=Max("history_date"))
        changed += newest.filter(at__gt=run.finished_at).count()
    if changed:
        words = {"count": changed, "kind": model._meta.verbose_name}
        raise ValidationError(_("有 %(count)d 条“%(kind)s”导入后又被修改过,不能整体撤销。") % words)


def _put_back(row: ImportedRow) -> None:
    model = apps.get_model(row.model)
    record = model._default_manager.filter(pk=row.record).first()
    if record is None:
        return
    for name, value in (row.before or {}).items():
        setattr(record, name, model._meta.get_field(name).to_python(value))
    record.save()


def _last_first(labels: list[str]) -> list[str]:
    """Who refers to others goes before them."""
    order = ["residents.residency", "residents.vehicle", "residents.person", "devices.device", "community.organisation",
             "community.house", "community.unit", "community.building"]  # fmt: skip
    return sorted(labels, key=lambda label: order.index(label) if label in order else -1)


def _take_away(run: Import, model: Any) -> None:
    key = model._meta.pk.attname
    for some in run.rows.filter(model=model._meta.label_lower, created=True).values_list("records", flat=True):
        rows = model._default_manager.filter(pk__in=some)
        rows._raw_delete(rows.db)
        if hasattr(model, "history"):
            versions = model.history.filter(**{f"{key}__in": some})
            versions._raw_delete(versions.db)
