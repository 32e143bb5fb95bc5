"""The log is written with its deed, sealed, and any change is found."""

import hashlib
import importlib

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from audit import log, merkle, trail, verifying
from audit.models import AppendOnlyError, Entry, Head, Leaf
from residents.models import Person
from tests import cast

triggers = importlib.import_module("audit.migrations.0003_codes_chunks_tombstones")


def _entries(count: int) -> list[Entry]:
    return [log.write("view", target=("residents.person", str(n))) for n in range(count)]


def _without_triggers(statement: str, *values: object) -> None:
    """What a database superuser could do."""
    with connection.cursor() as cursor:
        for removal in triggers.removals(connection.vendor):
            cursor.execute(removal)
        cursor.execute(statement, values)


@given(st.lists(st.binary(max_size=8), max_size=40))
def test_the_growing_tree_equals_the_definition_of_the_rfc(data: list[bytes]) -> None:
    def head(rows: list[bytes]) -> bytes:
        if not rows:
            return hashlib.new("sm3", b"").digest()
        if len(rows) == 1:
            return hashlib.new("sm3", b"\x00" + rows[0]).digest()
        at = 1 << (len(rows) - 1).bit_length() - 1
        return hashlib.new("sm3", b"\x01" + head(rows[:at]) + head(rows[at:])).digest()

    leaves = [merkle.leaf_hash(row) for row in data]
    assert merkle.root(leaves) == head(data)
    for index, leaf in enumerate(leaves):
        path = merkle.inclusion_path(index, len(leaves), merkle.of(leaves))
        assert merkle.includes(leaf, index, len(leaves), path, head(data))
        assert (
            not merkle.includes(merkle.leaf_hash(b"other"), index, len(leaves), path, head(data))
            or data[index] == b"other"
        )


@pytest.mark.django_db
def test_an_untouched_log_verifies() -> None:
    before = trail.seal_all(timezone.now())  # what installing the portal left
    _entries(25)
    assert trail.seal_all(timezone.now()) == 25
    _entries(3)
    verdict = verifying.verify()
    assert verdict.ok
    assert (verdict.entries, verdict.unsealed) == (before + 25, 3)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET reason = 'nothing' WHERE id = %s",
        "UPDATE audit_entry SET actor = 'somebody else' WHERE id = %s",
        "DELETE FROM audit_entry WHERE id = %s",
        "DELETE FROM audit_leaf WHERE entry_id = %s",
    ],
)
def test_a_superusers_change_is_found_and_the_first_wrong_entry_named(statement: str) -> None:
    entries = _entries(12)
    trail.seal_all(timezone.now())
    _without_triggers(statement, entries[4].pk)
    verdict = verifying.verify()
    assert not verdict.ok
    assert verdict.first_bad in {entries[4].pk, entries[5].pk}


@pytest.mark.django_db
def test_a_rebuilt_tree_without_the_key_is_found() -> None:
    entries = _entries(4)
    trail.seal_all(timezone.now())
    _without_triggers("UPDATE audit_entry SET reason = 'x' WHERE id = %s", entries[1].pk)
    leaf = Entry.objects.get(pk=entries[1].pk).leaf().hex()
    _without_triggers("UPDATE audit_leaf SET hash = %s WHERE entry_id = %s", leaf, entries[1].pk)
    leaves = [bytes.fromhex(h) for h in Leaf.objects.order_by("index").values_list("hash", flat=True)]
    _without_triggers("UPDATE audit_head SET root = %s", merkle.root(leaves).hex())
    verdict = verifying.verify()
    assert not verdict.ok
    assert verdict.first_bad == entries[1].pk


@pytest.mark.django_db
def test_entries_cut_off_at_the_end_are_missed() -> None:
    _entries(2)
    trail.seal_all(timezone.now())
    last = _entries(2)[-1]
    trail.seal_all(timezone.now())
    _without_triggers("DELETE FROM audit_leaf WHERE entry_id = %s", last.pk)
    assert not verifying.verify().ok


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["audit_entry", "audit_leaf", "audit_head"])
@pytest.mark.parametrize("deed", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
def test_the_database_itself_refuses_changes(table: str, deed: str) -> None:
    _entries(1)
    trail.seal_all(timezone.now())
    column = {"audit_entry": "reason", "audit_leaf": "hash", "audit_head": "root"}[table]
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(deed.format(table, column, column))


@pytest.mark.django_db
def test_the_models_refuse_changes_too() -> None:
    entry = _entries(1)[0]
    for deed in (entry.save, entry.delete, Entry.objects.all().delete, lambda: Entry.objects.update(reason="x")):
        with pytest.raises(AppendOnlyError):
            deed()
    assert Head.objects.count() == 0


def test_a_deed_and_its_entry_stand_and_fall_together(lotus: cast.Place) -> None:
    before = Entry.objects.count()

    def half_a_deed() -> None:
        with transaction.atomic():
            Person.objects.create(community=lotus.community, name="李四", document_number=cast.valid_id("19700303"))
            assert Entry.objects.count() == before + 1
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half_a_deed()
    assert Entry.objects.count() == before


def test_a_change_names_its_fields_and_never_their_values(lotus: cast.Place) -> None:
    person = Person.objects.get(pk=lotus.resident.pk)
    person.remark, person.phone = "搬来不久", "19900007777"
    person.save()
    entry = Entry.objects.filter(action="change", target_id=str(person.pk)).latest("pk")
    assert {"phone", "remark"} <= set(entry.detail["fields"])
    assert "19900007777" not in str(entry.detail)
