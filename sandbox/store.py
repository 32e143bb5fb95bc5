"""What the sandbox has received: one small SQLite file. Every write is one short transaction, and one at a time.

A record is held once under its natural key and keeps its id; each arrival is a revision of it. After kill -9 all that
was answered is still there (WAL; only a failing machine could lose the last moments, which a sandbox may).
"""

import json
import os
import sqlite3
import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from guomi import sm3
from standard import wire

SCHEMA = (Path(__file__).parent / "schema.sql").read_text(encoding="utf-8")
VERSION = 1
KEPT_REVISIONS, KEPT_REFUSALS, KEPT_TOKEN_SECONDS = 50, 1000, 86_400
KEPT_REQUESTS = 10_000
MAX_ROWS = 1000
COLUMNS = (
    "held.sequence, held.clause, held.place, held.natural_key, held.identifier, held.person, held.address, held.times, "
    "held.gone, held.first_at, held.latest_at, held.latest, revision.bytes, revision.clear, revision.pictures"
)
HELD = f"SELECT {COLUMNS} FROM held JOIN revision ON revision.number = held.latest"  # noqa: S608 -- names of our own


class StoreError(RuntimeError):
    """The file cannot serve as the sandbox's database; the message is for the person at the command line."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """What is to be kept. natural_key None: a happening. person: document number of a person, person id of a relation."""

    clause: str
    place: str
    natural_key: str | None
    clear: Mapping[str, Any]
    pictures: Mapping[str, bytes]
    size: int
    person: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """One record as it is now. `clear`: wire name -> value without pictures; `pictures`: wire name -> digest."""

    sequence: int
    clause: str
    place: str
    natural_key: str
    identifier: str
    person: str
    address: str
    times: int
    gone: bool
    first_at: datetime
    latest_at: datetime
    latest: int
    size: int
    clear: Mapping[str, Any]
    pictures: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Revision:
    """One arrival of a record, or its withdrawal."""

    number: int
    at: datetime
    size: int
    withdrawal: bool
    clear: Mapping[str, Any]
    pictures: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Refusal:
    """One refused call."""

    at: datetime
    clause: str
    code: int
    message: str


@dataclass(frozen=True, slots=True)
class Request:
    """One call as it was served, without a value of it. `code` None: no envelope went back; `skew` seconds of its time parameter."""

    at: float
    clause: str
    address: str
    status: int
    code: int | None
    ms: float
    url_bytes: int
    body_bytes: int
    records: int
    skew: float | None
    token: bool
    fault: str


def _moment(epoch: float) -> datetime:
    return datetime.fromtimestamp(epoch, wire.BEIJING)


def _held(row: tuple) -> Held:
    return Held(*row[:8], bool(row[8]), _moment(row[9]), _moment(row[10]), *row[11:13], *map(json.loads, row[13:15]))


REQUEST = tuple(Request.__dataclass_fields__)


class Writer:
    """Reading and writing inside one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def find(
        self,
        clause: str,
        place: str,
        *,
        key: str | None = None,
        identifier: str | None = None,
        person: str | None = None,
    ) -> Held | None:
        """The record with this natural key, id or person; None when it is not here or was withdrawn."""
        return _find(self._connection, clause, place, key=key, identifier=identifier, person=person)

    def keep(self, arrival: Arrival, now: float) -> str:
        """Insert or update; the record's lasting id (32 hex digits)."""
        key = uuid.uuid4().hex if arrival.natural_key is None else arrival.natural_key
        sequence, identifier, times = self._connection.execute(
            "INSERT INTO held (clause, place, natural_key, identifier, person, address, first_at, latest_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (clause, place, natural_key) DO UPDATE SET "
            "times = times + 1, gone = 0, latest_at = excluded.latest_at RETURNING sequence, identifier, times",
            (arrival.clause, arrival.place, key, uuid.uuid4().hex, arrival.person, arrival.address, now, now),
        ).fetchone()
        self._revise(sequence, arrival, now)
        if times > KEPT_REVISIONS:
            self._forget_old(sequence)
        return identifier

    def withdraw(self, clause: str, place: str, key: str, now: float) -> None:
        """Mark a record as gone; its history and its id stay."""
        found = self.find(clause, place, key=key)
        if found is not None:
            arrival = Arrival(clause, place, key, found.clear, {}, 0)
            self._revise(found.sequence, arrival, now, withdrawal=True, pictures=dict(found.pictures))
            self._connection.execute("UPDATE held SET gone = 1 WHERE sequence = ?", (found.sequence,))

    def _revise(
        self,
        sequence: int,
        arrival: Arrival,
        now: float,
        *,
        withdrawal: bool = False,
        pictures: Mapping[str, str] | None = None,
    ) -> None:
        digests = {name: self._picture(content) for name, content in arrival.pictures.items()} | dict(pictures or {})
        clear = json.dumps(arrival.clear, ensure_ascii=False)
        number = self._connection.execute(
            "INSERT INTO revision (sequence, at, bytes, withdrawal, clear, pictures) VALUES (?, ?, ?, ?, ?, ?)",
            (sequence, now, arrival.size, withdrawal, clear, json.dumps(digests)),
        ).lastrowid
        self._connection.execute("UPDATE held SET latest = ? WHERE sequence = ?", (number, sequence))

    def _picture(self, content: bytes) -> str:
        digest = sm3.digest(content).hex()
        self._connection.execute("INSERT OR IGNORE INTO picture VALUES (?, ?)", (digest, content))
        return digest

    def _forget_old(self, sequence: int) -> None:
        self._connection.execute(
            "DELETE FROM revision WHERE sequence = ? AND number <= "
            "(SELECT number FROM revision WHERE sequence = ? ORDER BY number DESC LIMIT 1 OFFSET ?)",
            (sequence, sequence, KEPT_REVISIONS),
        )


def _find(
    connection: sqlite3.Connection,
    clause: str,
    place: str,
    *,
    key: str | None = None,
    identifier: str | None = None,
    person: str | None = None,
) -> Held | None:
    given = {"natural_key": key, "identifier": identifier, "person": person}
    wanted = {column: value for column, value in given.items() if value is not None}
    where = "".join(f" AND held.{column} = ?" for column in wanted)
    row = connection.execute(
        f"{HELD} WHERE held.clause = ? AND held.place = ? AND NOT held.gone{where} LIMIT 1",
        (clause, place, *wanted.values()),
    ).fetchone()
    return _held(row) if row else None


class Store:
    """The file. One connection writes, one reads, each behind a lock: calls are short, and SQLite serves one writer."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # what arrives is kept in clear: for its owner only
        self._writes, self._reads = threading.Lock(), threading.Lock()
        self._writer, self._reader = _open(path), _open(path)
        version = self._writer.execute("PRAGMA user_version").fetchone()[0]
        if version not in (0, VERSION):
            raise StoreError(f"{path} was written by another version of the sandbox: name another file or delete it")
        self._writer.executescript(SCHEMA)
        self._writer.execute(f"PRAGMA user_version = {VERSION}")

    def close(self) -> None:
        """Close the file."""
        with self._writes, self._reads:
            self._writer.close()
            self._reader.close()

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """One transaction: all of it or, when an exception passes, nothing."""
        with self._writes:
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield Writer(self._writer)
            except BaseException:
                self._writer.execute("ROLLBACK")
                raise
            self._writer.execute("COMMIT")

    def clear(self) -> None:
        """Forget all records, pictures and refusals; tokens stay."""
        with self.writing():
            for table in ("held", "revision", "picture", "refusal", "request"):
                self._writer.execute(f"DELETE FROM {table}")  # noqa: S608 -- names of our own

    def _all(self, sql: str, values: tuple = ()) -> list[tuple]:
        with self._reads:
            return self._reader.execute(sql, values).fetchall()

    # --- tokens ------------------------------------------------------------------------------------------------------
    def add_token(self, value: str, now: float, ends: float) -> None:
        """Remember a token by its digest, and forget those long over."""
        with self.writing():
            self._writer.execute("DELETE FROM token WHERE ends < ?", (now - KEPT_TOKEN_SECONDS,))
            self._writer.execute("INSERT INTO token VALUES (?, ?)", (_digest(value), ends))

    def token_ends(self, value: str) -> float | None:
        """When a token ends (epoch seconds); None when nobody issued it."""
        rows = self._all("SELECT ends FROM token WHERE digest = ?", (_digest(value),))
        return rows[0][0] if rows else None

    # --- records -----------------------------------------------------------------------------------------------------
    def find(self, clause: str, place: str, **wanted: str | None) -> Held | None:
        """As Writer.find, outside a transaction."""
        with self._reads:
            return _find(self._reader, clause, place, **wanted)

    def rows(self, clause: str = "", *, after: int = 0, limit: int = 100, gone: bool = False) -> list[Held]:
        """Records in the order in which they first came, from the one after `after`; withdrawn ones only when asked for."""
        where, values = _where({"held.clause": clause or None})
        where += "" if gone else " AND NOT held.gone"
        sql = f"{HELD} WHERE held.sequence > ?{where} ORDER BY held.sequence LIMIT ?"
        return [_held(row) for row in self._all(sql, (after, *values, min(limit, MAX_ROWS)))]

    def newest(self, clause: str = "", *, before: int | None = None, limit: int = 50) -> list[Held]:
        """Records by their latest revision, newest first, withdrawn ones among them; `before` names a revision."""
        where, values = _where({"held.clause": clause or None})
        where += "" if before is None else " AND held.latest < ?"
        values += () if before is None else (before,)
        sql = f"{HELD} WHERE 1{where} ORDER BY held.latest DESC LIMIT ?"
        return [_held(row) for row in self._all(sql, (*values, min(limit, MAX_ROWS)))]

    def one(self, sequence: int) -> Held | None:
        """The record of a sequence number."""
        rows = self._all(f"{HELD} WHERE held.sequence = ?", (sequence,))
        return _held(rows[0]) if rows else None

    def revisions(self, sequence: int) -> list[Revision]:
        """How a record came to be, newest first; at most the last 50."""
        sql = (
            "SELECT number, at, bytes, withdrawal, clear, pictures FROM revision WHERE sequence = ? "
            "ORDER BY number DESC LIMIT ?"
        )
        return [
            Revision(number, _moment(at), size, bool(withdrawal), json.loads(clear), json.loads(pictures))
            for number, at, size, withdrawal, clear, pictures in self._all(sql, (sequence, KEPT_REVISIONS))
        ]

    def page(
        self,
        clause: str,
        place: str,
        page: int,
        size: int,
        *,
        since: float | None = None,
        until: float | None = None,
        person: str | None = None,
        address: str | None = None,
    ) -> tuple[int, list[Held]]:
        """(how many there are, one page of them in the order of first arrival); times bound the latest arrival."""
        where, values = _where({"held.person": person, "held.address": address})
        for bound, value in (("held.latest_at >= ?", since), ("held.latest_at <= ?", until)):
            if value is not None:
                where, values = f"{where} AND {bound}", (*values, value)
        where = f"WHERE held.clause = ? AND held.place = ? AND NOT held.gone{where}"
        values = (clause, place, *values)
        total = self._all(f"SELECT COUNT(*) FROM held {where}", values)[0][0]  # noqa: S608
        rows = self._all(f"{HELD} {where} ORDER BY held.sequence LIMIT ? OFFSET ?", (*values, size, (page - 1) * size))
        return total, [_held(row) for row in rows]

    def counts(self) -> dict[str, int]:
        """Records by interface, those withdrawn left out."""
        return dict(self._all("SELECT clause, COUNT(*) FROM held WHERE NOT gone GROUP BY clause"))

    def pictures(self, digests: Mapping[str, str]) -> dict[str, bytes]:
        """Name -> content of the pictures of one record."""
        return {name: content for name, digest in digests.items() if (content := self.picture(digest)) is not None}

    def picture(self, digest: str) -> bytes | None:
        """The picture of a digest."""
        rows = self._all("SELECT content FROM picture WHERE digest = ?", (digest,))
        return rows[0][0] if rows else None

    # --- refusals ----------------------------------------------------------------------------------------------------
    def note_refusal(self, clause: str, code: int, message: str, now: float) -> None:
        """Remember why a call was refused; the latest thousand are kept."""
        with self.writing():
            number = self._writer.execute(
                "INSERT INTO refusal (at, clause, code, message) VALUES (?, ?, ?, ?)", (now, clause, code, message)
            ).lastrowid
            self._writer.execute("DELETE FROM refusal WHERE number <= ?", (number - KEPT_REFUSALS,))

    def refusals(self, limit: int = 100) -> list[Refusal]:
        """The latest refusals, newest first."""
        sql = "SELECT at, clause, code, message FROM refusal ORDER BY number DESC LIMIT ?"
        rows = self._all(sql, (min(limit, KEPT_REFUSALS),))
        return [Refusal(_moment(at), clause, code, message) for at, clause, code, message in rows]

    # --- requests ----------------------------------------------------------------------------------------------------
    def note_request(self, request: Request) -> None:
        """Remember a call; the latest ten thousand are kept."""
        with self.writing():
            number = self._writer.execute(
                f"INSERT INTO request ({', '.join(REQUEST)}) VALUES ({', '.join('?' * len(REQUEST))})",  # noqa: S608
                tuple(getattr(request, name) for name in REQUEST),
            ).lastrowid
            if number % 500 == 0:
                self._writer.execute("DELETE FROM request WHERE number <= ?", (number - KEPT_REQUESTS,))

    def requests(self, *, after: int = 0, limit: int = 200, newest: bool = False) -> list[tuple[int, Request]]:
        """(number, call) in their order from the one after `after`, or the newest first."""
        order = "DESC" if newest else "ASC"
        sql = f"SELECT number, {', '.join(REQUEST)} FROM request WHERE number > ? ORDER BY number {order} LIMIT ?"  # noqa: S608
        rows = self._all(sql, (after, min(limit, MAX_ROWS)))
        return [(row[0], Request(*row[1:11], bool(row[11]), row[12])) for row in rows]

    def figures(self) -> list[dict[str, Any]]:
        """By interface, what the calls came to: counts, largest sizes, longest skew; the evidence of the report."""
        rows = self._all(
            "SELECT clause, COUNT(*), SUM(code = 0), SUM(code != 0), MAX(url_bytes), MAX(body_bytes), MAX(records), "
            "MAX(ABS(skew)), SUM(NOT token), SUM(fault != ''), MIN(at), MAX(at) FROM request GROUP BY clause"
        )
        names = (
            "clause", "calls", "taken", "refused", "url_bytes", "body_bytes", "records", "skew", "tokenless", "faults",
            "first", "last",
        )  # fmt: skip
        return [dict(zip(names, row, strict=True)) for row in rows]

    def refusal_codes(self) -> dict[tuple[str, int], int]:
        """How many calls of an interface were refused with a code."""
        rows = self._all("SELECT clause, code, COUNT(*) FROM request WHERE code != 0 GROUP BY clause, code")
        return {(clause, code): count for clause, code, count in rows}

    def drop_tokens(self) -> None:
        """No token holds any more: every client has to sign in again."""
        with self.writing():
            self._writer.execute("DELETE FROM token")


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=20, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    return connection


def _digest(token: str) -> str:
    return sm3.digest(token.encode(errors="replace")).hex()


def _where(equal: Mapping[str, str | None]) -> tuple[str, tuple]:
    """SQL for the columns that are to equal a value; None: any."""
    wanted = {column: value for column, value in equal.items() if value is not None}
    return "".join(f" AND {column} = ?" for column in wanted), tuple(wanted.values())
