"""Sealing the log into a tree with signed heads, and checking all of it again."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from audit import merkle
from audit.models import Entry, Head, Leaf
from guomi import keyring, sm2

BATCH = 2000
LOCK = 0x616E6A75  # any fixed number: sealing is one at a time
# Two transactions may commit in another order than they took their numbers; this far back a late one is still found.
LOOK_BACK = 100_000


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification found. `first_bad` is the number of the first wrong entry, `problem` says what is wrong."""

    ok: bool
    entries: int
    heads: int
    unsealed: int
    first_bad: int | None = None
    problem: str = ""


def _one_at_a_time() -> None:
    """On PostgreSQL sealers queue here; on SQLite the IMMEDIATE transaction has made them queue already."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _unsealed(limit: int) -> list[Entry]:
    last = Leaf.objects.order_by("-entry_id").values_list("entry_id", flat=True).first() or 0
    sealed = Leaf.objects.filter(entry_id__gt=last - LOOK_BACK).values("entry_id")
    fresh = Entry.objects.filter(pk__gt=last - LOOK_BACK).exclude(pk__in=sealed)
    return list(fresh.order_by("pk")[:limit])


def seal_pending(now: datetime, *, limit: int = BATCH) -> int:
    """Seal up to `limit` entries under one new signed head; how many. Dying half-way leaves nothing: it is one transaction."""
    with transaction.atomic():
        _one_at_a_time()
        entries = _unsealed(limit)
        if not entries:
            return 0
        head = Head.objects.order_by("-size").first()
        tree = merkle.Growing(head.size, [bytes.fromhex(peak) for peak in head.peaks]) if head else merkle.Growing()
        leaves = []
        for entry in entries:
            leaf = entry.leaf()
            leaves.append(Leaf(index=tree.size, entry_id=entry.pk, hash=leaf.hex()))
            tree.append(leaf)
        Leaf.objects.bulk_create(leaves, batch_size=500)
        peaks = [peak.hex() for peak in tree.peaks]
        sealed = Head(size=tree.size, root=tree.root().hex(), peaks=peaks, made_at=now.replace(microsecond=0))
        sealed.signature = sm2.sign(keyring.get().sm2("audit").private, sealed.statement()).hex()
        sealed.save(force_insert=True)
        return len(entries)


def seal_all(now: datetime) -> int:
    """Seal until nothing is left; how many."""
    total = 0
    while sealed := seal_pending(now):
        total += sealed
    return total


def _leaves() -> Iterator[tuple[int, int, str]]:
    return Leaf.objects.order_by("index").values_list("index", "entry_id", "hash").iterator(chunk_size=BATCH)


def _in_batches(rows: Iterator[tuple[int, int, str]]) -> Iterator[list[tuple[int, int, str]]]:
    batch = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


class _Verifier:
    """Grows the tree again from the entries themselves and holds it against leaves and heads."""

    def __init__(self) -> None:
        self.tree = merkle.Growing()
        self.heads = Head.objects.order_by("size").iterator(chunk_size=BATCH)
        self.head = next(self.heads, None)
        self.seen = 0
        self.public = keyring.get().sm2("audit").public

    def head_problem(self) -> str:
        """What is wrong with the head that is due at this size, if one is."""
        head = self.head
        if head is None or head.size != self.tree.size:
            return ""
        self.head, self.seen = next(self.heads, None), self.seen + 1
        if head.root != self.tree.root().hex():
            return "the signed head does not match the entries before it"
        if not sm2.verify(self.public, head.statement(), bytes.fromhex(head.signature)):
            return "the head's signature is not ours"
        return ""

    def batch_problem(self, batch: list[tuple[int, int, str]]) -> tuple[int, str] | None:
        """(number, what is wrong) of the first wrong entry of a batch."""
        entries = Entry.objects.in_bulk([entry_id for _, entry_id, _ in batch])
        for index, entry_id, stored in batch:
            if index != self.tree.size:
                return entry_id, "an entry before this one has been taken out of the tree"
            entry = entries.get(entry_id)
            if entry is None:
                return entry_id, "the entry is gone"
            leaf = entry.leaf()
            if leaf.hex() != stored:
                return entry_id, "the entry is not what was sealed"
            self.tree.append(leaf)
            if problem := self.head_problem():
                return entry_id, problem
        return None


def verify() -> Verdict:
    """Re-compute everything, streamed: memory does not grow with the log. Names the first wrong entry."""
    verifier = _Verifier()
    for batch in _in_batches(_leaves()):
        found = verifier.batch_problem(batch)
        if found:
            return Verdict(False, verifier.tree.size, verifier.seen, 0, *found)
    sealed = verifier.tree.size
    if verifier.head is not None:
        return Verdict(False, sealed, verifier.seen, 0, None, "entries at the end of the log are gone")
    if sealed and not Head.objects.filter(size=sealed).exists():
        return Verdict(False, sealed, verifier.seen, 0, None, "the last entries stand under no signed head")
    return Verdict(True, sealed, verifier.seen, Entry.objects.count() - sealed)
