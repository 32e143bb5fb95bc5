"""Checking all of the log again: streamed, in bounded memory, naming the first wrong entry."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from django.db import connection

from audit import anchor, canonical, log, merkle, trail
from audit.models import Chunk, Countersignature, Entry, Head, Leaf, Tombstone, leaf_mac, statement
from guomi import keyring, sm2

FETCH = 2000
# PostgreSQL turns moments into numbers and JSON into text itself: on the other core, and at less cost than Python.
TOLD = {"postgresql": {"at": '(EXTRACT(EPOCH FROM e."at") * 1000000)::bigint', "detail": 'e."detail"::text'}}
AT, DETAIL = canonical.FIRST.index("at"), canonical.FIRST.index("detail")
KEYS = canonical.FIELDS


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification found. `first_bad` is the number of the first wrong entry, `position` its place in the log."""

    ok: bool
    entries: int
    heads: int
    unsealed: int
    first_bad: int | None = None
    position: int | None = None
    problem: str = ""


class Fault(Exception):
    """The first thing that is wrong."""

    def __init__(self, position: int, entry: int | None, problem: str) -> None:
        super().__init__(problem)
        self.position, self.entry, self.problem = position, entry, problem


@dataclass(slots=True)
class Row:
    """A leaf, and what its entry says now (None: the entry is gone)."""

    index: int
    entry_id: int
    hash: str
    mac: str
    values: dict[str, Any] | None


def _query() -> str:
    told = TOLD.get(connection.vendor, {})
    columns = ", ".join(told.get(name, f'e."{name}"') for name in canonical.FIELDS)
    return (
        f'SELECT l."index", l."entry_id", l."hash", l."mac", {columns} FROM "audit_leaf" l '  # noqa: S608 -- names only
        'LEFT JOIN "audit_entry" e ON e."id" = l."entry_id" ORDER BY l."index"'
    )


def rows() -> Iterator[Row]:
    """Every leaf in its order with its entry, by one streamed query."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(_query())
        while batch := cursor.fetchmany(FETCH):
            for index, entry_id, leaf, mac, *said in batch:
                yield Row(index, entry_id, leaf, mac, None if said[0] is None else _values(said))


def _values(said: list[Any]) -> dict[str, Any]:
    values = dict(zip(KEYS, said, strict=True))
    at, detail = said[AT], said[DETAIL]
    if not isinstance(at, int):
        at = datetime.fromisoformat(at) if isinstance(at, str) else at
        at = canonical.micros(at if at.tzinfo else at.replace(tzinfo=UTC))
    values["at"] = at
    if isinstance(detail, str):
        values["detail"] = {} if detail == "{}" else orjson.loads(detail)
    return values


class _Walk:
    """Grows the tree again from the entries themselves and holds it against leaves, chunks, heads and tombstones."""

    def __init__(self) -> None:
        self.tree = merkle.Growing()
        self.heads = Head.objects.order_by("size").iterator(chunk_size=FETCH)
        self.head, self.before, self.seen = next(self.heads, None), 0, 0
        self.keys = [
            bytes.fromhex(key.public)
            for key in keyring.get().stored_keys()
            if key.kind == "sm2" and key.purpose == "audit"
        ]
        self.batch: list[Row] = []  # since the last head that fitted
        self.coded = False
        self.chunks = Chunk.objects.order_by("index").iterator(chunk_size=FETCH)
        self.graves = [(one.first, one.last, one.entry_id) for one in Tombstone.objects.order_by("first")]
        self.announced: set[tuple[int, int, int]] = set()

    def step(self, row: Row) -> None:
        """One more leaf; raises Fault."""
        tree = self.tree
        if row.index != tree.size:
            self._blame()
            raise Fault(tree.size, row.entry_id, "此条之前有记录被从封存树中取走")
        if row.values is None:
            if not self._buried(row.index):
                raise Fault(row.index, row.entry_id, "记录已被删除")
            leaf = bytes.fromhex(row.hash)
        else:
            leaf = canonical.leaf(row.values)
            if leaf.hex() != row.hash:
                raise Fault(row.index, row.entry_id, "记录与封存时不一致")
            self._note(row)
        chunk = tree.append(leaf)
        self.batch.append(row)
        if chunk is not None:
            self._chunk(row, chunk)
        if self.head is not None and self.head.size == tree.size:
            self._head(self.head)

    def _note(self, row: Row) -> None:
        values = row.values or {}
        if values["mac"]:
            self.coded = True
        elif self.coded:
            raise Fault(row.index, row.entry_id, "记录没有校验码,不是本系统写入的")
        if values["action"] == "purge_log" and self.graves:
            told = values["detail"]
            self.announced.add((told.get("first"), told.get("last"), row.entry_id))

    def _buried(self, index: int) -> bool:
        return any(first <= index <= last for first, last, _entry in self.graves)

    def _chunk(self, row: Row, root: bytes) -> None:
        kept = next(self.chunks, None)
        while kept is not None and kept.index < row.index // merkle.CHUNK:
            kept = next(self.chunks, None)
        if kept is not None and kept.index == row.index // merkle.CHUNK and kept.root != root.hex():
            self._blame()
            raise Fault(row.index, row.entry_id, "封存分块与记录不符")

    def _head(self, head: Head) -> None:
        """The head that is due at this size; on a mismatch the batch since the last good one is searched for the first wrong leaf."""
        last = self.batch[-1]
        if head.root != self.tree.root().hex():
            self._blame()
            raise Fault(self.batch[0].index, self.batch[0].entry_id, "封存点与此前的记录不符")
        signed = statement(head.size, head.root, int(head.made_at.timestamp()), head.previous)
        if not any(sm2.verify(key, signed, bytes.fromhex(head.signature)) for key in self.keys):
            self._blame()
            raise Fault(last.index, last.entry_id, "封存点的签名不是本系统的")
        if head.peaks != [peak.hex() for peak in self.tree.peaks]:
            raise Fault(last.index, last.entry_id, "封存点的内部摘要被改动")
        if head.previous is not None and head.previous != self.before:
            raise Fault(last.index, last.entry_id, "前一个封存点被取走")
        self.before, self.seen = head.size, self.seen + 1
        self.batch.clear()
        self.head = next(self.heads, None)

    def _blame(self) -> None:
        """Raise for the first leaf of the batch whose own code is wrong."""
        for row in self.batch:
            if row.mac and row.mac != leaf_mac(row.index, row.entry_id, row.hash):
                raise Fault(row.index, row.entry_id, "封存后被改动,并重新计算了摘要")

    def end(self) -> None:
        """After the last leaf."""
        size = self.tree.size
        self._blame()
        if self.head is not None:
            raise Fault(size, None, "日志末尾的记录已被删除")
        if self.batch:
            raise Fault(self.batch[0].index, self.batch[0].entry_id, "末尾的记录没有签名的封存点")
        if missing := set(self.graves) - self.announced:
            raise Fault(min(missing)[0], None, "有记录被删除,但日志中没有相应的到期清理")
        self._anchored(size)

    def _anchored(self, size: int) -> None:
        try:
            kept = anchor.read()
        except ValueError:
            raise Fault(size, None, "本机保存的封存点已损坏") from None
        if kept is None:
            return
        if kept["size"] > size:
            raise Fault(size, None, "日志末尾的记录已被删除,或数据库被换成了旧的备份")
        known = Head.objects.filter(size=kept["size"]).values_list("root", flat=True).first()
        if known != kept["root"]:
            raise Fault(kept["size"] - 1, None, "日志与本机保存的封存点不符")


def verify() -> Verdict:
    """Re-compute everything. Memory does not grow with the log."""
    walk = _Walk()
    try:
        for row in rows():
            walk.step(row)
        walk.end()
        unsealed = _unsealed(walk)
        _witnessed()
    except Fault as fault:
        return Verdict(False, walk.tree.size, walk.seen, 0, fault.entry, fault.position, fault.problem)
    return Verdict(True, walk.tree.size, walk.seen, unsealed)


def _unsealed(walk: _Walk) -> int:
    """How many entries wait for their seal; Fault for one this portal did not write."""
    count, coded = 0, walk.coded
    fresh = Entry.objects.exclude(pk__in=Leaf.objects.values("entry_id")).order_by("pk")
    for entry in fresh.iterator(chunk_size=FETCH):
        if not trail.ours(entry, coded=coded):
            raise Fault(walk.tree.size + count, entry.pk, "记录不是本系统写入的")
        count, coded = count + 1, coded or bool(entry.mac)
    return count


def _witnessed() -> None:
    """Fault when a witness signed another log than this one."""
    for one in Countersignature.objects.order_by("size").iterator(chunk_size=FETCH):
        if not Head.objects.filter(size=one.size, root=one.root).exists():
            raise Fault(one.size - 1, None, f"与见证方 {one.witness} 签名的封存点不符")


def verify_and_note(now: datetime) -> Verdict:
    """Verify, write it into the log, and remember the outcome for the pages that show how the log stands."""
    verdict = verify()
    detail = {"entries": verdict.entries, "position": verdict.position, "problem": verdict.problem}
    log.write_now("verify_log", outcome="done" if verdict.ok else "failed", detail=detail)
    return verdict
