"""What the sandbox has received: one small SQLite file."""

import json
import sqlite3
import threading
import uuid
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS token (value TEXT PRIMARY KEY, expires REAL NOT NULL);
CREATE TABLE IF NOT EXISTS record (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, interface TEXT NOT NULL, place TEXT NOT NULL, key TEXT NOT NULL,
    id TEXT NOT NULL, record TEXT NOT NULL, received TEXT NOT NULL, times INTEGER NOT NULL DEFAULT 1, bytes INTEGER NOT NULL,
    UNIQUE (interface, place, key));
CREATE INDEX IF NOT EXISTS record_id ON record (interface, place, id);
"""
HAPPENINGS = {"B.2.3", "B.5.3", "B.8", "B.9", "B.10"}


class Store:
    """Records by interface, place and natural key. Writes are short and one at a time; each thread has its own connection."""

    def __init__(self, path: Path) -> None:
        self.path, self.lock, self.local = path, threading.Lock(), threading.local()
        with self._connection() as connection:
            connection.executescript(SCHEMA)

    def _connection(self) -> sqlite3.Connection:
        known = getattr(self.local, "connection", None)
        if known is None:
            known = sqlite3.connect(self.path, timeout=20, isolation_level=None)
            known.execute("PRAGMA journal_mode=WAL")
            known.execute("PRAGMA synchronous=NORMAL")
            self.local.connection = known
        return known

    def add_token(self, value: str, expires: float) -> None:
        """Remember a token and forget the expired ones."""
        with self.lock:
            connection = self._connection()
            connection.execute("DELETE FROM token WHERE expires < ? - 86400", (expires,))
            connection.execute("INSERT INTO token VALUES (?, ?)", (value, expires))

    def token_ends(self, value: str) -> float | None:
        """When a token ends; None when nobody knows it."""
        row = self._connection().execute("SELECT expires FROM token WHERE value = ?", (value,)).fetchone()
        return row[0] if row else None

    def keep(self, interface: str, place: str, key: str, record: dict[str, Any], received: str, size: int) -> str:
        """Insert or update by natural key; the record's lasting id (32 hex digits)."""
        text = json.dumps(record, ensure_ascii=False)
        if interface in HAPPENINGS:
            key = f"{key}#{uuid.uuid4().hex}"
        sql = (
            "INSERT INTO record (interface, place, key, id, record, received, bytes) VALUES (?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (interface, place, key) DO UPDATE SET record = excluded.record, received = excluded.received, "
            "times = times + 1, bytes = excluded.bytes RETURNING id"
        )
        with self.lock:
            row = (
                self._connection()
                .execute(sql, (interface, place, key, uuid.uuid4().hex, text, received, size))
                .fetchone()
            )
        return row[0]

    def drop(self, interface: str, place: str, key: str) -> bool:
        """Delete by natural key; was it there?"""
        with self.lock:
            sql = "DELETE FROM record WHERE interface = ? AND place = ? AND key = ?"
            return self._connection().execute(sql, (interface, place, key)).rowcount > 0

    def has(self, interface: str, place: str, *, key: str | None = None, identifier: str | None = None) -> bool:
        """Is there such a record?"""
        column, value = ("key", key) if key is not None else ("id", identifier)
        sql = f"SELECT 1 FROM record WHERE interface = ? AND place = ? AND {column} = ?"  # noqa: S608 -- one of two names
        return self._connection().execute(sql, (interface, place, value)).fetchone() is not None

    def rows(
        self, *, interface: str = "", after: int = 0, limit: int = 100, newest: bool = False
    ) -> list[dict[str, Any]]:
        """Records in the order of their first arrival, or the latest received first."""
        where, values = ["sequence > ?"], [after]
        if interface:
            where.append("interface = ?")
            values.append(interface)
        order = "received DESC, sequence DESC" if newest else "sequence"
        sql = (
            "SELECT sequence, interface, place, id, record, received, times, bytes FROM record "  # noqa: S608
            f"WHERE {' AND '.join(where)} ORDER BY {order} LIMIT ?"
        )
        names = ("sequence", "interface", "place", "id", "record", "received", "times", "bytes")
        found = self._connection().execute(sql, (*values, min(limit, 1000))).fetchall()
        return [dict(zip(names, row, strict=True)) | {"record": json.loads(row[4])} for row in found]

    def page(self, interface: str, place: str, page: int, size: int) -> tuple[int, list[dict[str, Any]]]:
        """(how many there are, one page of (id, record))."""
        connection = self._connection()
        total = connection.execute(
            "SELECT COUNT(*) FROM record WHERE interface = ? AND place = ?", (interface, place)
        ).fetchone()[0]
        sql = "SELECT id, record FROM record WHERE interface = ? AND place = ? ORDER BY sequence LIMIT ? OFFSET ?"
        rows = connection.execute(sql, (interface, place, size, (page - 1) * size)).fetchall()
        return total, [{"id": row[0], "record": json.loads(row[1])} for row in rows]

    def counts(self) -> dict[str, int]:
        """Records by interface."""
        return dict(self._connection().execute("SELECT interface, COUNT(*) FROM record GROUP BY interface").fetchall())
