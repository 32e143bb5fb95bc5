"""Sealing the log into a tree with signed heads: every few seconds, one transaction, one at a time."""

from datetime import datetime

from django.db import connection, transaction

from audit import anchor, merkle
from audit.models import Chunk, Entry, Head, Leaf, leaf_mac
from guomi import keyring, sm2

BATCH = 2000
LOCK = 0x616E6A75  # any fixed number: sealing is one at a time
# Two transactions may commit in another order than they took their numbers; this far back a late one is still found.
LOOK_BACK = 100_000


def one_at_a_time() -> None:
    """Who changes the tree waits here for the others. On PostgreSQL sealers queue here; on SQLite the IMMEDIATE transaction has made them queue already."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _unsealed(limit: int) -> list[Entry]:
    last = Leaf.objects.order_by("-entry_id").values_list("entry_id", flat=True).first() or 0
    sealed = Leaf.objects.filter(entry_id__gt=last - LOOK_BACK).values("entry_id")
    fresh = Entry.objects.filter(pk__gt=last - LOOK_BACK).exclude(pk__in=sealed)
    return list(fresh.order_by("pk")[:limit])


def ours(entry: Entry, *, coded: bool) -> bool:
    """Whether this portal wrote the entry. Without a code it did only before there were codes (`coded` is False)."""
    return entry.mac == entry.own_mac() if entry.mac else not coded


def is_coded() -> bool:
    """Whether the newest sealed entry has a code: then every later one must."""
    newest = Leaf.objects.order_by("-index").values_list("entry_id", flat=True).first()
    return newest is not None and Entry.objects.filter(pk=newest).exclude(mac="").exists()


def seal_pending(now: datetime, *, limit: int = BATCH) -> int:
    """Seal up to `limit` entries under one new signed head; how many. Dying half-way leaves nothing: it is one transaction.

    An entry this portal did not write is left out: it stays unsealed, and the verification names it.
    """
    with transaction.atomic():
        one_at_a_time()
        coded = is_coded()
        entries = []
        for entry in _unsealed(limit):
            if ours(entry, coded=coded):
                entries.append(entry)
                coded = coded or bool(entry.mac)
        if not entries:
            return 0
        head = Head.objects.order_by("-size").first()
        tree = merkle.Growing(head.size, [bytes.fromhex(peak) for peak in head.peaks]) if head else merkle.Growing()
        leaves, chunks = [], []
        for entry in entries:
            index, leaf = tree.size, entry.leaf()
            leaves.append(
                Leaf(index=index, entry_id=entry.pk, hash=leaf.hex(), mac=leaf_mac(index, entry.pk, leaf.hex()))
            )
            if chunk := tree.append(leaf):
                chunks.append(Chunk(index=index // merkle.CHUNK, root=chunk.hex()))
        Leaf.objects.bulk_create(leaves, batch_size=500)
        Chunk.objects.bulk_create(chunks)
        sealed = Head(
            size=tree.size, root=tree.root().hex(), peaks=[peak.hex() for peak in tree.peaks],
            made_at=now.replace(microsecond=0), previous=head.size if head else 0,
        )  # fmt: skip
        sealed.signature = sm2.sign(keyring.get().sm2("audit").private, sealed.statement()).hex()
        sealed.save(force_insert=True)
        transaction.on_commit(lambda: anchor.remember(sealed))
        return len(entries)


def seal_all(now: datetime) -> int:
    """Seal until nothing is left; how many."""
    total = 0
    while sealed := seal_pending(now):
        total += sealed
    return total
