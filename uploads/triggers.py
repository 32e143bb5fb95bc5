"""The SQL that makes a change due, written by the database in the transaction of the change (DESIGN §2.3).

Save, admin, API, bulk_create, bulk_update, QuerySet.update, raw SQL and delete all pass here, because none of them can
avoid a trigger. This module only writes text: it takes report declarations and returns Trigger values; uploads/installing.py
puts them into the database.

Three bodies:
- *upsert*: the subject itself was inserted or changed: its due row is bumped, or made when there is none;
- *touch*: something the record depends on changed: the due rows of the subjects are bumped;
- *gone*: the subject was deleted: it is withdrawn upstairs if the report can do that and the platform knows it.

SQLite lets an outer `INSERT OR IGNORE` override an `ON CONFLICT` inside a trigger, so there the upsert is an UPDATE and an
INSERT .. WHERE NOT EXISTS; SQLite has one writer, hence no race between the two. PostgreSQL uses ON CONFLICT.
"""

# ruff: noqa: S608, S611 -- the text is made of declared names, never of values; a trigger takes no parameters

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import RawSQL

from guomi.fields import EncryptedField
from uploads.models import Due, Resealing
from uploads.reports import Report, ReportError

PREFIX = "anju_due_"
VENDORS = ("sqlite", "postgresql")
TABLE = Due._meta.db_table
MARKS = Resealing._meta.db_table
NOW = {"sqlite": "STRFTIME('%Y-%m-%d %H:%M:%f', 'NOW')", "postgresql": "STATEMENT_TIMESTAMP()"}
FALSE = {"sqlite": "0", "postgresql": "FALSE"}


@dataclass(frozen=True)
class Trigger:
    """One trigger: `columns` are watched by an update; `statements` run for each row, in the vendor's SQL."""

    name: str
    table: str
    event: str  # insert | update | delete
    columns: tuple[str, ...]
    statements: tuple[str, ...]
    sealed: bool = False  # among the columns are encrypted ones, which key rotation rewrites without changing them

    @property
    def fingerprint(self) -> str:
        """Changes when anything in the trigger changes."""
        text = repr((self.name, self.table, self.event, self.columns, self.statements, self.sealed))
        return hashlib.sha256(text.encode()).hexdigest()[:32]


class SubjectKey(models.Func):
    """A primary key as Due.subject_id holds it (see reports.subject_key), in SQL."""

    template = "CAST(%(expressions)s AS TEXT)"
    output_field = models.TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, Any]:
        return self.as_sql(compiler, connection, template="REPLACE((%(expressions)s)::text, '-', '')", **extra)


def triggers_of(report: Report, connection: BaseDatabaseWrapper) -> list[Trigger]:
    """All triggers of one report, for the vendor of `connection`."""
    return [
        *_own(report, connection),
        *(found for path in report.touched_by for found in _touching(report, path, connection)),
    ]


def watched_columns(model: type[models.Model], names: tuple[str, ...] | None = None) -> tuple[str, ...]:
    """Column names of the fields in `names`, or of every concrete field that is not bookkeeping (pk, automatic dates, indexes)."""
    if names is not None:
        fields = [model._meta.get_field(name) for name in names]
    else:
        fields = [found for found in model._meta.concrete_fields if not _bookkeeping(found)]
    return tuple(field.column for field in fields)


def _bookkeeping(field: models.Field) -> bool:
    if getattr(field, "of", None):  # follows its source, which is watched: a blind index, the day a document runs out
        return True
    return field.primary_key or getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)


def _own(report: Report, connection: BaseDatabaseWrapper) -> Iterator[Trigger]:
    model, vendor = report.model, connection.vendor
    pk = f'NEW."{model._meta.pk.column}"'
    select = compiled(report, "pk", pk, connection)
    if "insert" in report.on:
        yield _trigger(report, model, "insert", "", (), _upsert(report.name, select, vendor))
    if "update" in report.on:
        columns = watched_columns(model, report.watch)
        place = model._meta.get_field(report.community.split("__")[0])
        if place.concrete and place.column not in columns and not place.primary_key:
            columns = (*columns, place.column)
        yield _trigger(report, model, "update", "", columns, _upsert(report.name, select, vendor))
    if "delete" in report.on:
        yield _trigger(report, model, "delete", "", (), (_gone(report, connection),))


def _touching(report: Report, path: str, connection: BaseDatabaseWrapper) -> Iterator[Trigger]:
    """Triggers on the table at the end of a relation path."""
    hops = path.split("__")
    model = report.model
    for hop in hops:
        relation = model._meta.get_field(hop)
        if not relation.is_relation or relation.many_to_many or relation.related_model is None:
            raise ReportError(f"{report.name}.touched_by: {path}: {hop} must be a foreign key or the reverse of one")
        model = relation.related_model
    columns = watched_columns(model)
    if relation.concrete:
        # A forward key: rows point at this one, so the state after the change finds them all.
        by = {event: (compiled(report, f"{path}__pk", f'{row}."{model._meta.pk.column}"', connection),)
              for event, row in (("update", "NEW"), ("delete", "OLD"))}  # fmt: skip
    else:
        # A reverse key: the row itself names whom it touches, before and after.
        column = relation.field.column
        if not relation.field.target_field.primary_key:
            raise ReportError(f"{report.name}.touched_by: {path}: only keys to a primary key are followed")
        prefix = "__".join([*hops[:-1], "pk"])
        new, old = (compiled(report, prefix, f'{row}."{column}"', connection) for row in ("NEW", "OLD"))
        by = {"insert": (new,), "update": (new, old), "delete": (old,)}
    for event, selects in by.items():
        watched = columns if event == "update" else ()
        yield _trigger(report, model, event, path, watched, (_touch(report.name, selects, connection.vendor),))


def compiled(report: Report, path: str, value: str, connection: BaseDatabaseWrapper) -> str:
    """SELECT subject, community of the subjects whose `path` equals the SQL expression `value` of the row at hand."""
    queryset = (
        report.model._base_manager.using(connection.alias)
        .filter(**{path: RawSQL(value, ())})
        .order_by()
        .annotate(due_subject=SubjectKey("pk"), due_place=models.F(report.community))
        .values_list("due_subject", "due_place")
    )
    sql, parameters = queryset.query.get_compiler(using=connection.alias).as_sql()
    if parameters:
        raise ReportError(f"{report.name}: {path} compiles to SQL with parameters, which a trigger can't hold")
    return sql


def _trigger(
    report: Report,
    model: type[models.Model],
    event: str,
    path: str,
    columns: tuple[str, ...],
    statements: tuple[str, ...],
) -> Trigger:
    mark = hashlib.sha256(f"{model._meta.db_table}|{path}".encode()).hexdigest()[:10]
    sealed = any(isinstance(field, EncryptedField) and field.column in columns for field in model._meta.concrete_fields)
    return Trigger(f"{PREFIX}{report.name}_{event}_{mark}", model._meta.db_table, event, columns, statements, sealed)


def _bump(vendor: str, state: str = "'due'", withdrawing: str = "") -> str:
    """A new revision wakes the row whatever it was; a lease stays, so the sender in flight settles the older revision."""
    return (
        f'"revision" = "{TABLE}"."revision" + 1, "state" = {state}, "withdrawing" = {withdrawing or FALSE[vendor]}, "attempts" = 0, "sendings" = 0, '
        '"next_at" = NULL, "problem" = \'\', "reason" = \'\', "waits_for" = \'\', "encrypted_at" = NULL, "sent_at" = NULL, '
        f'"due_since" = CASE WHEN "{TABLE}"."state" = \'due\' AND "{TABLE}"."revision" > "{TABLE}"."delivered_revision" '
        f'THEN "{TABLE}"."due_since" ELSE {NOW[vendor]} END'
    )


def _upsert(name: str, select: str, vendor: str) -> tuple[str, ...]:
    source = f"({select}) AS s"
    if vendor == "postgresql":
        return (
            f'INSERT INTO "{TABLE}" ("report", "subject_id", "community_id") SELECT \'{name}\', s.due_subject, s.due_place '
            f'FROM {source} ON CONFLICT ("report", "subject_id") DO UPDATE SET {_bump(vendor)}, '
            '"community_id" = EXCLUDED."community_id"',
        )
    return (
        f'UPDATE "{TABLE}" SET {_bump(vendor)}, "community_id" = s.due_place FROM {source} '
        f'WHERE "{TABLE}"."report" = \'{name}\' AND "{TABLE}"."subject_id" = s.due_subject',
        f'INSERT INTO "{TABLE}" ("report", "subject_id", "community_id") SELECT \'{name}\', s.due_subject, s.due_place '
        f'FROM {source} WHERE NOT EXISTS (SELECT 1 FROM "{TABLE}" AS d WHERE d."report" = \'{name}\' '
        f'AND d."subject_id" = s.due_subject)',
    )


def _touch(name: str, selects: tuple[str, ...], vendor: str) -> str:
    subjects = " UNION ".join(selects)
    return (
        f'UPDATE "{TABLE}" SET {_bump(vendor)}, "community_id" = s.due_place FROM ({subjects}) AS s '
        f'WHERE "{TABLE}"."report" = \'{name}\' AND "{TABLE}"."state" <> \'gone\' '
        f'AND "{TABLE}"."withdrawing" = {FALSE[vendor]} AND "{TABLE}"."subject_id" = s.due_subject'
    )


def _gone(report: Report, connection: BaseDatabaseWrapper) -> str:
    """What was sent under a key is withdrawn; the key is set before the first sending, so a crash in between is covered."""
    vendor = connection.vendor
    column = f'OLD."{report.model._meta.pk.column}"'
    subject = f"CAST({column} AS TEXT)" if vendor == "sqlite" else f"REPLACE(({column})::text, '-', '')"
    state = f"CASE WHEN \"{TABLE}\".\"upper_key\" <> '' THEN 'due' ELSE 'gone' END" if report.withdraw else "'gone'"
    withdrawing = f'("{TABLE}"."upper_key" <> \'\')' if report.withdraw else FALSE[vendor]
    return (
        f'UPDATE "{TABLE}" SET {_bump(vendor, state, withdrawing)} WHERE "{TABLE}"."report" = \'{report.name}\' '
        f'AND "{TABLE}"."subject_id" = {subject}'
    )


def create_sql(trigger: Trigger, vendor: str) -> list[str]:
    """The statements that create `trigger`."""
    when = ""
    event = trigger.event.upper()
    if trigger.event == "update":
        differs = "IS NOT" if vendor == "sqlite" else "IS DISTINCT FROM"
        event += " OF " + ", ".join(f'"{column}"' for column in trigger.columns)
        when = " WHEN (" + " OR ".join(f'OLD."{column}" {differs} NEW."{column}"' for column in trigger.columns) + ")"
    if trigger.sealed and vendor == "sqlite":
        when = f'{when} AND NOT EXISTS (SELECT 1 FROM "{MARKS}")'
    body = "; ".join(trigger.statements) + ";"
    if trigger.sealed and vendor == "postgresql":  # a condition of PostgreSQL's may not look at tables
        mine = f'SELECT 1 FROM "{MARKS}" WHERE "transaction" = txid_current()'
        body = f"IF EXISTS ({mine}) THEN RETURN NULL; END IF; {body}"
    head = f'AFTER {event} ON "{trigger.table}" FOR EACH ROW{when}'
    if vendor == "sqlite":
        return [f'CREATE TRIGGER "{trigger.name}" {head} BEGIN {body} /* {trigger.fingerprint} */ END']
    return [
        f'CREATE OR REPLACE FUNCTION "{trigger.name}"() RETURNS trigger LANGUAGE plpgsql AS $anju$ '
        f"BEGIN {body} RETURN NULL; END $anju$",
        f'CREATE OR REPLACE TRIGGER "{trigger.name}" {head} EXECUTE FUNCTION "{trigger.name}"()',
        f'COMMENT ON TRIGGER "{trigger.name}" ON "{trigger.table}" IS \'{trigger.fingerprint}\'',
    ]


def drop_sql(name: str, table: str, vendor: str) -> list[str]:
    """The statements that drop the trigger of this name."""
    if vendor == "sqlite":
        return [f'DROP TRIGGER IF EXISTS "{name}"']
    return [f'DROP TRIGGER IF EXISTS "{name}" ON "{table}"', f'DROP FUNCTION IF EXISTS "{name}"()']
