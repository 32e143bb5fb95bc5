"""Data keys in the database: made at `migrate`, taken over from the file of earlier versions, never lost by a roll-back."""

import threading
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, IntegrityError, connection, transaction

from accounts.models import DataKey
from guomi import keyring
from guomi.keyfiles import FileStore, KeyringError
from guomi.stored import StoredKey


class DatabaseStore:
    """guomi.keyfiles.KeyStore over accounts.DataKey; reads along what is still in HOME/keys/ring.json."""

    def __init__(self, home: Path) -> None:
        self.file = FileStore(home)
        self._there = threading.Event()  # the table: set once it has been seen

    def read(self) -> list[StoredKey]:
        kept = [_stored(row) for row in DataKey.objects.order_by("generation", "id")] if self._has_table() else []
        known = {key.id for key in kept}
        return [*(key for key in self.file.read() if key.id not in known), *kept]

    def add(self, key: StoredKey, *, after: str | None) -> StoredKey:
        """A key made in a transaction that is rolled back would take with it what others sealed under it meanwhile."""
        if not self._has_table() or self.file.path.exists():
            raise KeyringError("数据密钥尚未入库：请先运行 python manage.py migrate")
        try:
            with transaction.atomic(durable=True):
                last = _current(key)
                if (last.pk if last else None) == after:
                    _insert(key, last.generation + 1 if last else 1)
                    return key
        except RuntimeError:
            raise KeyringError("不能在数据库事务中生成密钥：请先运行 python manage.py migrate") from None
        except IntegrityError:  # another process was faster
            last = _current(key)
        return _stored(last) if last else key

    def replace(self, keys: list[StoredKey]) -> None:
        with transaction.atomic():
            for key in keys:
                retired_at = datetime.fromisoformat(key.retired_at) if key.retired_at else None
                DataKey.objects.filter(pk=key.id).update(wrapped=key.wrapped, retired_at=retired_at)

    def take_over(self) -> int:
        """Move the keys of ring.json into the database: all of them, once, whenever the process is killed."""
        with self.file.locked():
            if not self.file.path.exists():
                return 0
            with transaction.atomic():
                known = {row.pk: row for row in DataKey.objects.all()}
                new = [key for key in self.file.read() if key.id not in known]
                if known and new:
                    raise KeyringError(
                        "keys/ring.json 与数据库中的密钥不是同一套：请恢复与该数据库同时备份的 keys 文件夹"
                    )
                for key in new:
                    last = _current(key)
                    _insert(key, last.generation + 1 if last else 1)
            self.file.set_aside()
            return len(new)

    def _has_table(self) -> bool:
        if not self._there.is_set() and DataKey._meta.db_table in connection.introspection.table_names():
            self._there.set()
        return self._there.is_set()


def _current(key: StoredKey) -> DataKey | None:
    return DataKey.objects.filter(purpose=key.purpose, kind=key.kind).order_by("generation").last()


def _insert(key: StoredKey, generation: int) -> None:
    DataKey.objects.create(
        id=key.id, purpose=key.purpose, kind=key.kind, generation=generation, wrapped=key.wrapped, public=key.public,
        made_at=datetime.fromisoformat(key.made_at),
        retired_at=datetime.fromisoformat(key.retired_at) if key.retired_at else None,
    )  # fmt: skip


def _stored(row: DataKey) -> StoredKey:
    retired_at = row.retired_at.isoformat(timespec="seconds") if row.retired_at else ""
    made_at = row.made_at.isoformat(timespec="seconds")
    return StoredKey(row.pk, row.purpose, row.kind, row.wrapped, made_at, row.public, retired_at)


def use() -> None:
    """From here on this process's key ring is the database's."""
    keyring.configure(store=DatabaseStore(Path(settings.HOME)))


def after_migrate(*, using: str = DEFAULT_DB_ALIAS, **_: Any) -> None:
    """Signal post_migrate: take the file's keys over, make what is missing, forget keys of an emptied database."""
    if using != DEFAULT_DB_ALIAS or DataKey._meta.db_table not in connection.introspection.table_names():
        return
    store = DatabaseStore(Path(settings.HOME))
    store.take_over()
    keyring.configure(store=store)
    keyring.get().make_missing()
