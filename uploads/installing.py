"""Puts the triggers of uploads/triggers.py into the database and keeps them there.

`migrate` takes them away first (SQLite rebuilds a table by renaming, PostgreSQL refuses to alter a watched column) and puts them
back at its end; what changed in between is found by the sweep, which compares every record with what was last delivered.
"""

import logging
from collections.abc import Iterable
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from uploads import loaded, reports
from uploads.models import Due, LoadedInterface, Resealing
from uploads.triggers import PREFIX, VENDORS, Trigger, create_sql, drop_sql, triggers_of

log = logging.getLogger(__name__)


def wanted(connection: BaseDatabaseWrapper) -> dict[str, Trigger]:
    """Every trigger that should be there, by name; tables that do not exist (yet) are left out."""
    if connection.vendor not in VENDORS:
        return {}
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
    if not {Due._meta.db_table, Resealing._meta.db_table} <= tables:
        return {}
    if LoadedInterface._meta.db_table in tables:
        loaded.refresh()
    found = (trigger for report in reports.every() for trigger in triggers_of(report, connection))
    return {trigger.name: trigger for trigger in found if trigger.table in tables}


def present(connection: BaseDatabaseWrapper) -> dict[str, tuple[str, str]]:
    """(table, fingerprint) of the triggers in the database, by name."""
    if connection.vendor == "sqlite":
        sql = "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'"
    else:
        sql = (
            "SELECT tgname, c.relname, COALESCE(obj_description(t.oid, 'pg_trigger'), '') FROM pg_trigger t "
            "JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT tgisinternal AND pg_table_is_visible(c.oid)"
        )
    with connection.cursor() as cursor:
        cursor.execute(sql)
        rows = [row for row in cursor.fetchall() if row[0].startswith(PREFIX)]
    return {name: (table, _fingerprint(text)) for name, table, text in rows}


def _fingerprint(text: str) -> str:
    """SQLite keeps the statement itself, with the fingerprint as its last comment; PostgreSQL a comment on the trigger."""
    if "/* " in text:
        return text.rsplit("/* ", 1)[1].split(" */", 1)[0]
    return text


def install(connection: BaseDatabaseWrapper) -> list[str]:
    """Create what is missing or differs, drop what is no longer declared; returns the names created. Safe to repeat."""
    if connection.vendor not in VENDORS:
        return []
    there, should = present(connection), wanted(connection)
    created = [trigger for name, trigger in should.items() if there.get(name, ("", ""))[1] != trigger.fingerprint]
    stale = [name for name in there if name not in should]
    if not created and not stale:
        return []
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        drop = [name for name in there if name in stale or name in {trigger.name for trigger in created}]
        _run(cursor, (sql for name in drop for sql in drop_sql(name, there[name][0], connection.vendor)))
        _run(cursor, (sql for trigger in created for sql in create_sql(trigger, connection.vendor)))
    return [trigger.name for trigger in created]


def remove(connection: BaseDatabaseWrapper) -> None:
    """Drop all of them."""
    if connection.vendor not in VENDORS:
        return
    with connection.cursor() as cursor:
        for name, (table, _) in present(connection).items():
            _run(cursor, drop_sql(name, table, connection.vendor))


def _run(cursor: Any, statements: Iterable[str]) -> None:
    for sql in statements:
        cursor.execute(sql)  # never with parameters: a per cent sign stays one


def suspect(connection: BaseDatabaseWrapper) -> None:
    """Let the sweep look at every record again: triggers were away for a while."""
    Due.objects.using(connection.alias).exclude(checked_at=None).update(checked_at=None)


def before_migrate(*, using: str = DEFAULT_DB_ALIAS, plan: list | None = None, **_: Any) -> None:
    """Signal pre_migrate."""
    if plan:
        remove(connections[using])


def after_migrate(*, using: str = DEFAULT_DB_ALIAS, plan: list | None = None, **_: Any) -> None:
    """Signal post_migrate."""
    connection = connections[using]
    if install(connection) and plan and Due._meta.db_table in connection.introspection.table_names():
        suspect(connection)
        log.info("delivery triggers installed")


def install_problems(connection: BaseDatabaseWrapper) -> list[str]:
    """Names of the triggers that are missing or not as declared."""
    there = present(connection)
    return [name for name, trigger in wanted(connection).items() if there.get(name, ("", ""))[1] != trigger.fingerprint]
