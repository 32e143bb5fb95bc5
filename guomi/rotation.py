"""Re-encryption on line: everything sealed under superseded keys is sealed anew, row by row, while the portal works.

Nothing remembers how far it came: what is left to do is what still stands under an old key, so a killed run is simply run
again. A row is changed only if its ciphertext is still the one that was read; a row somebody else holds is left for the
next round. Values do not change, so neither histories nor deliveries take notice (`quietly`).
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.core.files.storage import default_storage
from django.db import connection, models, transaction

from guomi import keyring, pictures
from guomi.fields import EncryptedField
from guomi.sealed import DecryptionError, Sealed

BATCH = 200  # rows a transaction: some 10 ms of writing
ROUNDS = 20  # over a table that others write to

quietly: list[Callable[[], AbstractContextManager]] = []  # registered from above: around each batch's writing


@dataclass
class Tally:
    """What has been done and what could not be: `broken` names rows (model, pk, field), never values."""

    rows: int = 0
    files: int = 0
    broken: list[str] = field(default_factory=list)


Tell = Callable[[str, int], None]  # (model label, rows so far)


@dataclass(frozen=True)
class Table:
    """One model's encrypted columns, and its picture columns."""

    model: type[models.Model]
    sealed: tuple[EncryptedField, ...]
    files: tuple[pictures.EncryptedPictureField, ...]

    def old(self) -> tuple[str, list[str]]:
        """SQL that is true for a row with a ciphertext under an old key, with its parameters."""
        ring = keyring.get()
        parts = [f"({_name(one.column)} <> '' AND SUBSTR({_name(one.column)}, 1, 6) <> %s)" for one in self.sealed]
        return " OR ".join(parts) or "1 = 0", [ring.prefix(one.purpose) for one in self.sealed]


def tables() -> Iterator[Table]:
    """Every model of this database that holds something sealed, history tables too."""
    for model in apps.get_models(include_auto_created=True):
        fields = model._meta.concrete_fields
        sealed = tuple(one for one in fields if isinstance(one, EncryptedField))
        files = tuple(one for one in fields if isinstance(one, pictures.EncryptedPictureField))
        if model._meta.managed and not model._meta.proxy and (sealed or files):
            yield Table(model, sealed, files)


# --- counting --------------------------------------------------------------------------------------------------------
def count_old() -> dict[str, int]:
    """Rows and files under old keys, by model label; labels with none are left out."""
    found: dict[str, int] = {}
    for table in tables():
        condition, prefixes = table.old()
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT COUNT(*) FROM {_name(table.model._meta.db_table)} WHERE {condition}", prefixes)  # noqa: S608
            rows = cursor.fetchone()[0]
        stale = sum(1 for one in table.files for _pk, name in _named(table.model, one) if _file_is_old(one, name))
        if rows + stale:
            found[table.model._meta.label] = rows + stale
    return found


# --- sealing anew ------------------------------------------------------------------------------------------------------
def sweep(tell: Tell = lambda label, rows: None) -> Tally:
    """Seal anew what is under an old key, everywhere, until nothing is left or nothing moves any more."""
    tally = Tally()
    for table in tables():
        label = table.model._meta.label
        for _round in range(ROUNDS if table.sealed else 0):
            before, tally.broken = tally.rows, [name for name in tally.broken if not name.startswith(f"{label} ")]
            left = _sweep_rows(table, tally, tell)
            if not left or (tally.rows == before and left == _broken_rows(tally, label)):
                break
        for one in table.files:
            _sweep_files(table.model, one, tally, tell)
    return tally


def _broken_rows(tally: Tally, label: str) -> int:
    return len({name.rsplit(" ", 1)[0] for name in tally.broken if name.startswith(f"{label} ")})


def _sweep_rows(table: Table, tally: Tally, tell: Tell) -> int:
    """One round over a table; how many old rows it met and did not change."""
    left, after = 0, None
    while batch := _read(table, after):
        changes = [(row[0], _anew(table, row, tally)) for row in batch]
        done = _write(table, [(pk, change) for pk, change in changes if change])
        tally.rows += done
        left += len(batch) - done
        after = batch[-1][0]
        tell(table.model._meta.label, tally.rows)
    return left


def _read(table: Table, after: Any) -> list[tuple]:
    """The next rows with a ciphertext under an old key: primary key and the sealed columns, as they are stored."""
    condition, values = table.old()
    pk = _name(table.model._meta.pk.column)
    columns = ", ".join([pk, *(_name(one.column) for one in table.sealed)])
    sql = f"SELECT {columns} FROM {_name(table.model._meta.db_table)} WHERE ({condition})"  # noqa: S608
    if after is not None:
        sql, values = f"{sql} AND {pk} > %s", [*values, after]
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} ORDER BY {pk} LIMIT {BATCH}", values)
        return cursor.fetchall()


def _anew(table: Table, row: tuple, tally: Tally) -> dict[str, tuple[str, str]]:
    """column: (what stands there, what shall stand there) for the columns of one row that are under an old key."""
    ring, label = keyring.get(), table.model._meta.label
    pk, change = str(table.model._meta.pk.to_python(row[0])), {}
    for one, token in zip(table.sealed, row[1:], strict=True):
        if not token or token.startswith(ring.prefix(one.purpose)):
            continue
        try:
            text = Sealed(token).open(label, one.name, pk)
        except DecryptionError:
            tally.broken.append(f"{label} {pk} {one.name}")
        else:
            change[one.column] = (token, Sealed.seal(one.purpose, text, label, one.name, pk).token)
    return change


def _write(table: Table, changes: list[tuple[Any, dict[str, tuple[str, str]]]]) -> int:
    """How many rows were changed: those still as they were read, and held by nobody else."""
    if not changes:
        return 0
    name, pk = _name(table.model._meta.db_table), _name(table.model._meta.pk.column)
    done = 0
    with transaction.atomic(), ExitStack() as around, connection.cursor() as cursor:
        for hush in quietly:
            around.enter_context(hush())
        free = _lock(cursor, name, pk, [row[0] for row in changes])
        for key, change in changes:
            if key not in free:
                continue
            sets = ", ".join(f"{_name(column)} = %s" for column in change)
            same = " AND ".join(f"{_name(column)} = %s" for column in change)
            values = [new for _old, new in change.values()] + [key] + [old for old, _new in change.values()]
            cursor.execute(f"UPDATE {name} SET {sets} WHERE {pk} = %s AND {same}", values)  # noqa: S608
            done += cursor.rowcount
    return done


def _lock(cursor: Any, name: str, pk: str, keys: list[Any]) -> set[Any]:
    """Those of the rows that nobody holds, held from here on: waiting for others could end in a deadlock with them."""
    if not connection.features.has_select_for_update_skip_locked:
        return set(keys)
    places = ", ".join(["%s"] * len(keys))
    cursor.execute(f"SELECT {pk} FROM {name} WHERE {pk} IN ({places}) FOR UPDATE SKIP LOCKED", keys)  # noqa: S608
    return {row[0] for row in cursor.fetchall()}


# --- files -----------------------------------------------------------------------------------------------------------
def _named(model: type[models.Model], one: models.Field) -> Iterator[tuple[Any, str]]:
    """(primary key, name) of every picture that a row names."""
    rows = model._base_manager.exclude(**{one.name: ""}).exclude(**{f"{one.name}__isnull": True}).order_by("pk")
    after = None
    while batch := list((rows.filter(pk__gt=after) if after else rows).values_list("pk", one.name)[:BATCH]):
        yield from batch
        after = batch[-1][0]


def _file_is_old(one: pictures.EncryptedPictureField, name: str) -> bool:
    try:
        with default_storage.open(name, "rb") as file:
            return not keyring.get().is_current(one.purpose, file.read(keyring.HEAD_BYTES))
    except FileNotFoundError:
        return False  # nothing stands under any key there; `orphans` and reading tell of it


def _sweep_files(model: type[models.Model], one: pictures.EncryptedPictureField, tally: Tally, tell: Tell) -> None:
    for pk, name in _named(model, one):
        if not _file_is_old(one, name):
            continue
        try:
            pictures.replace_stored(name, pictures.read_stored(name), one.purpose)
            tally.files += 1
        except FileNotFoundError:
            continue  # replaced or removed since its row was read
        except keyring.OpenError:
            tally.broken.append(f"{model._meta.label} {pk} {one.name}")
        if tally.files % BATCH == 0:
            tell(f"{model._meta.label}.{one.name}", tally.files)


def _name(column: str) -> str:
    return connection.ops.quote_name(column)
