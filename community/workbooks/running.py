"""Trying and importing are one path: read, find, check; importing then saves all of it in one transaction."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.db import connection, models, transaction
from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from accounts import access
from audit import log
from community.models import Community
from community.workbooks import photos, reading
from community.workbooks.archives import ArchiveError
from community.workbooks.models import Import, ImportedRow, plain
from community.workbooks.sheets import CHUNK, Context, Row, Sheet

MOST_ERRORS = 5000
Progress = Callable[[float], None]


@dataclass
class Plan:
    """A workbook read and checked, not saved."""

    tables: list[tuple[Sheet, reading.Table]]
    context: Context
    rows: dict[str, list[Row]] = field(default_factory=dict)  # by the sheet's title

    @property
    def errors(self) -> dict[str, dict[int, dict[str, str]]]:
        """What is wrong: sheet -> line -> column -> sentence."""
        return {
            title: found
            for title, rows in self.rows.items()
            if (found := {row.number: row.errors for row in rows if row.errors})
        }

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """By sheet: rows, created, updated, unchanged, wrong."""
        return {title: _counted(rows) for title, rows in self.rows.items()}


def _counted(rows: list[Row]) -> dict[str, int]:
    wrong = sum(bool(row.errors) for row in rows)
    created = sum(row.created and not row.errors for row in rows)
    updated = sum(row.changed and not row.created and not row.errors for row in rows)
    return {
        "rows": len(rows), "created": created, "updated": updated, "unchanged": len(rows) - wrong - created - updated,
        "wrong": wrong,
    }  # fmt: skip


def examine(
    data: bytes, community: Community, mapping: dict | None = None, progress: Progress = lambda share: None
) -> Plan:
    """Read and check all of it; WorkbookError for what is no workbook. Nothing is written."""
    tables = reading.read(data, mapping)
    plan = Plan(tables, Context(community))
    done, total = 0, sum(len(table.rows) for _sheet, table in tables) or 1
    for sheet, table in tables:
        rows = [
            sheet.read(number, {title: _cell(cells, place) for place, title in table.mapped.items()})
            for number, cells in table.rows
        ]
        sheet.prepare(rows, plan.context)
        plan.rows[sheet.title] = rows
        done += len(rows)
        progress(0.5 * done / total)
    return plan


def _cell(cells: list[Any], place: int) -> Any:
    return cells[place] if place < len(cells) else None


def save(plan: Plan, run: Import, now: Callable[[], datetime], progress: Progress = lambda share: None) -> None:
    """All of it in one transaction, with the entry of the log, what undoing needs, and the outcome itself.

    Whoever is killed after it has imported, and the row says so; killed before, nothing was.
    """
    done, total = 0, sum(len(rows) for rows in plan.rows.values()) or 1
    with transaction.atomic():
        for model, made in plan.context.extra.items():
            _create(model, [one for one in made if one._state.adding], run)
        for sheet, _table in plan.tables:
            rows = plan.rows[sheet.title]
            _create(sheet.model, [row.record for row in rows if row.created], run)
            _update(sheet, [row for row in rows if row.changed and not row.created], run)
            done += len(rows)
            progress(0.5 + 0.5 * done / total)
        connection.check_constraints()
        log.write("import_register", target=run, community_id=run.community_id, detail=plan.counts)
        done_with = {"state": Import.State.DONE, "counts": plan.counts, "content": b"", "finished_at": now()}
        Import.objects.filter(pk=run.pk).update(**done_with, problem="")
    for name, value in done_with.items():
        setattr(run, name, value)


def _create(model: type[models.Model], records: list[Any], run: Import) -> None:
    for start in range(0, len(records), CHUNK):
        some = records[start : start + CHUNK]
        for record in some:
            _point(record)
        if hasattr(model, "history"):
            bulk_create_with_history(some, model, batch_size=CHUNK)
        else:
            model.objects.bulk_create(some, batch_size=CHUNK)
        ids = [str(one.pk) for one in some]
        ImportedRow.objects.create(run=run, model=model._meta.label_lower, records=ids, created=True)


def _point(record: Any) -> None:
    """Foreign keys to records that were saved a moment ago take their numbers."""
    for made in record._meta.concrete_fields:
        if made.is_relation and made.name in record._state.fields_cache:
            related = getattr(record, made.name)
            setattr(record, made.attname, related.pk if related is not None else None)


def _update(sheet: Sheet, rows: list[Row], run: Import) -> None:
    """Only the fields a row changes are written: what somebody else wrote into the others meanwhile stays."""
    alike: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        alike.setdefault(tuple(sorted(row.before)), []).append(row)
    for names, some in alike.items():
        for start in range(0, len(some), CHUNK):
            _write(sheet, some[start : start + CHUNK], list(names), run)


def _write(sheet: Sheet, some: list[Row], names: list[str], run: Import) -> None:
    records = [row.record for row in some]
    if hasattr(sheet.model, "history"):
        bulk_update_with_history(records, sheet.model, names, batch_size=CHUNK)
    else:
        sheet.model.objects.bulk_update(records, names, batch_size=CHUNK)
    label = sheet.model._meta.label_lower
    for row in some:
        before = {name: plain(value) for name, value in row.before.items()}
        ImportedRow.objects.create(run=run, model=label, record=str(row.record.pk), created=False, before=before)


@contextmanager
def without_collector() -> Iterator[None]:
    """A hundred thousand records are made and none let go: looking for garbage among them is a tenth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def denied(tables: list[tuple[Sheet, reading.Table]], run: Import) -> list[str]:
    """Sheets with rows that the uploader may not write in this community."""
    return [
        sheet.title for sheet, table in tables
        if table.rows and not access.verb_holds(run.made_by, sheet.verb, run.community_id)
    ]  # fmt: skip


def carry_out(run: Import, now: Callable[[], datetime]) -> None:
    """Try or import a file; its outcome stands in the row. A second call while one runs does nothing."""
    started = Import.objects.filter(pk=run.pk, state=Import.State.WAITING).update(state=Import.State.RUNNING)
    if not started:
        return
    try:
        if run.kind == Import.Kind.PHOTOS:
            photos.carry_out(run, now, lambda share: note(run, share))
        else:
            with without_collector():
                _carry_out(run, now)
    except (reading.WorkbookError, ArchiveError) as error:
        run.state, run.problem = Import.State.FAILED, str(error)
        run.forget()
    except Exception as error:
        run.state, run.problem = Import.State.FAILED, f"导入没有完成,什么也没有改动({type(error).__name__}),请重试。"
        run.finished_at = now()
        run.save()
        raise
    if run.state != Import.State.DONE:
        run.finished_at = now()
        run.save()
    elif run.spooled:
        run.forget()
        run.save(update_fields=["spooled"])


def _carry_out(run: Import, now: Callable[[], datetime]) -> None:
    plan = examine(run.read(), run.community, run.mapping, lambda share: note(run, share))
    if refused := denied(plan.tables, run):
        raise reading.WorkbookError(_("您的岗位不能导入:%s。") % "、".join(refused))
    run.counts, run.errors, run.problem = plan.counts, _first(plan.errors), ""
    run.unknown = {table.title: table.unknown for _sheet, table in plan.tables if table.unknown}
    run.state = Import.State.WRONG if plan.errors else Import.State.TRIED
    if run.for_real and not plan.errors:
        save(plan, run, now, lambda share: note(run, share))


def _first(errors: dict[str, dict[int, dict[str, str]]]) -> dict[str, dict[str, dict[str, str]]]:
    """As JSON, at most so many lines."""
    kept: dict[str, dict[str, dict[str, str]]] = {}
    left = MOST_ERRORS
    for title, lines in errors.items():
        kept[title] = {str(number): told for number, told in list(lines.items())[:left]}
        left -= len(kept[title])
    return kept


def note(run: Import, share: float) -> None:
    """How far it is, for the page; it stands in the cache, because the transaction is not over."""
    cache.set(f"import.{run.pk}", round(share, 3), timeout=300)


def progress_of(run: Import) -> float:
    """Between 0 and 1."""
    return cache.get(f"import.{run.pk}", 0.0)
