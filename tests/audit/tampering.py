"""Random tamperings with a sealed log, as a database superuser with the triggers off could do them, but without the keys."""

import importlib
import random
from collections.abc import Callable

from django.db import connection

from audit import canonical, merkle
from audit.models import Entry, Head, Leaf

triggers = importlib.import_module("audit.migrations.0003_codes_chunks_tombstones")


def run(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def triggers_off() -> None:
    for removal in triggers.removals(connection.vendor):
        run(removal)


class Log:
    """The sealed log as it was: what a tampering chooses from."""

    def __init__(self) -> None:
        self.leaves = list(Leaf.objects.order_by("index"))
        self.heads = list(Head.objects.order_by("size"))
        self.size = len(self.leaves)


TEXTS = (
    "actor",
    "address",
    "request_id",
    "action",
    "target_model",
    "target_id",
    "reason",
    "role",
    "session",
    "outcome",
)


def edit_text(log: Log, chance: random.Random) -> int:
    leaf = chance.choice(log.leaves)
    run(
        f"UPDATE audit_entry SET {chance.choice(TEXTS)} = %s WHERE id = %s",
        f"x{chance.randrange(10**6)}",
        leaf.entry_id,
    )
    return leaf.index


def edit_number(log: Log, chance: random.Random) -> int:
    leaf = chance.choice(log.leaves)
    column = chance.choice(("actor_id", "community_id"))
    run(f"UPDATE audit_entry SET {column} = %s WHERE id = %s", 10**6 + chance.randrange(10**6), leaf.entry_id)
    return leaf.index


def edit_moment(log: Log, chance: random.Random) -> int:
    leaf = chance.choice(log.leaves)
    moment = f"2020-01-{chance.randrange(1, 29):02} 10:00:00.{chance.randrange(10**6):06}"
    run("UPDATE audit_entry SET at = %s WHERE id = %s", moment, leaf.entry_id)
    return leaf.index


def edit_detail(log: Log, chance: random.Random) -> int:
    leaf = chance.choice(log.leaves)
    run(
        "UPDATE audit_entry SET detail = %s WHERE id = %s", f'{{"n": {chance.randrange(10**6) + 10**6}}}', leaf.entry_id
    )
    return leaf.index


def edit_code(log: Log, chance: random.Random) -> int:
    leaf = chance.choice(log.leaves)
    run("UPDATE audit_entry SET mac = %s WHERE id = %s", chance.choice(("", "0" * 64)), leaf.entry_id)
    return leaf.index


def delete_entry(log: Log, chance: random.Random) -> int:
    leaf = chance.choice(log.leaves)
    run("DELETE FROM audit_entry WHERE id = %s", leaf.entry_id)
    return leaf.index


def delete_leaf(log: Log, chance: random.Random) -> int:
    leaf = chance.choice(log.leaves)
    run('DELETE FROM audit_leaf WHERE "index" = %s', leaf.index)
    return leaf.index


def delete_and_close_up(log: Log, chance: random.Random) -> int:
    """The entry, its leaf, and every later leaf one place nearer."""
    leaf = chance.choice(log.leaves[:-1])
    run("DELETE FROM audit_entry WHERE id = %s", leaf.entry_id)
    run('DELETE FROM audit_leaf WHERE "index" = %s', leaf.index)
    for later in log.leaves[leaf.index + 1 :]:
        run('UPDATE audit_leaf SET "index" = %s WHERE "index" = %s', later.index - 1, later.index)
    return leaf.index


def swap_entries(log: Log, chance: random.Random) -> int:
    one, two = sorted(chance.sample(log.leaves, 2), key=lambda leaf: leaf.index)
    run("UPDATE audit_entry SET id = -1 WHERE id = %s", one.entry_id)
    run("UPDATE audit_entry SET id = %s WHERE id = %s", one.entry_id, two.entry_id)
    run("UPDATE audit_entry SET id = %s WHERE id = -1", two.entry_id)
    return one.index


def swap_leaves(log: Log, chance: random.Random) -> int:
    one, two = sorted(chance.sample(log.leaves, 2), key=lambda leaf: leaf.index)
    run('UPDATE audit_leaf SET "index" = -1 WHERE "index" = %s', one.index)
    run('UPDATE audit_leaf SET "index" = %s WHERE "index" = %s', one.index, two.index)
    run('UPDATE audit_leaf SET "index" = %s WHERE "index" = -1', two.index)
    return one.index


def insert_forged(log: Log, chance: random.Random) -> int:
    """A new row that copies an old one: it waits for the next sealing."""
    leaf = chance.choice(log.leaves)
    columns = ", ".join(name for name in canonical.FIELDS if name != "id")
    number = log.leaves[-1].entry_id + 1 + chance.randrange(50)
    run(
        f"INSERT INTO audit_entry (id, {columns}) SELECT %s, {columns} FROM audit_entry WHERE id = %s",
        number,
        leaf.entry_id,
    )
    return log.size


def insert_into_tree(log: Log, chance: random.Random) -> int:
    """A forged row with a leaf of its own, everything later pushed one place on."""
    place = chance.randrange(log.size)
    insert_forged(log, chance)
    forged = Entry.objects.order_by("-pk").first()
    for later in reversed(log.leaves[place:]):
        run('UPDATE audit_leaf SET "index" = %s WHERE "index" = %s', later.index + 1, later.index)
    run(
        'INSERT INTO audit_leaf ("index", entry_id, hash, mac) VALUES (%s, %s, %s, %s)',
        place, forged.pk, forged.leaf().hex(), "0" * 64,
    )  # fmt: skip
    return place


def truncate(log: Log, chance: random.Random) -> int:
    """The end of the log with its heads, so that what is left is whole."""
    head = chance.choice(log.heads[:-1])
    run('DELETE FROM audit_entry WHERE id IN (SELECT entry_id FROM audit_leaf WHERE "index" >= %s)', head.size)
    run('DELETE FROM audit_leaf WHERE "index" >= %s', head.size)
    run("DELETE FROM audit_head WHERE size > %s", head.size)
    return head.size


def rechain(log: Log, chance: random.Random) -> int:
    """An edited entry with every hash and root computed anew."""
    leaf = chance.choice(log.leaves)
    run("UPDATE audit_entry SET reason = %s WHERE id = %s", f"x{chance.randrange(10**6)}", leaf.entry_id)
    run(
        'UPDATE audit_leaf SET hash = %s WHERE "index" = %s',
        Entry.objects.get(pk=leaf.entry_id).leaf().hex(),
        leaf.index,
    )
    tree, heads = merkle.Growing(), {head.size for head in log.heads}
    for found in Leaf.objects.order_by("index"):
        tree.append(bytes.fromhex(found.hash))
        if tree.size in heads:
            run("UPDATE audit_head SET root = %s WHERE size = %s", tree.root().hex(), tree.size)
    return leaf.index


def edit_head(log: Log, chance: random.Random) -> int | None:
    head = chance.choice(log.heads)
    column, value = chance.choice(
        (
            ("root", "0" * 64),
            ("signature", "0" * 128),
            ("made_at", "2020-01-01 00:00:00"),
            ("previous", -1),
        )
    )
    run(f"UPDATE audit_head SET {column} = %s WHERE size = %s", value, head.size)
    return None


def edit_peaks(log: Log, chance: random.Random) -> int | None:
    """What the next sealing goes on from; no part of a bundle."""
    run("UPDATE audit_head SET peaks = '[]' WHERE size = %s", chance.choice(log.heads).size)
    return None


def delete_head(log: Log, chance: random.Random) -> int | None:
    run("DELETE FROM audit_head WHERE size = %s", chance.choice(log.heads[:-1]).size)
    return None


def false_tombstone(log: Log, chance: random.Random) -> int:
    leaf = chance.choice(log.leaves)
    run(
        "INSERT INTO audit_tombstone (first, last, entry_id) VALUES (%s, %s, %s)",
        leaf.index,
        leaf.index,
        log.leaves[-1].entry_id,
    )
    run("DELETE FROM audit_entry WHERE id = %s", leaf.entry_id)
    return leaf.index


# What each gives back is the place of the first wrong entry; None where entries themselves are as they were.
WAYS: tuple[Callable[[Log, random.Random], int | None], ...] = (
    edit_text, edit_number, edit_moment, edit_detail, edit_code, delete_entry, delete_leaf, delete_and_close_up, swap_entries,
    swap_leaves, insert_forged, insert_into_tree, truncate, rechain, edit_head, edit_peaks, delete_head, false_tombstone,
)  # fmt: skip
