"""Changing keys while others write and read; killed in the middle; nothing left under old keys, nothing due by it."""

import json
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from accounts import rotating, tasks
from accounts.keystore import DatabaseStore, after_migrate
from accounts.models import DataKey
from audit.models import Entry
from demo.throwaway import Portal, StepFailed, throwaway
from guomi import keyring, rotation
from guomi.keyfiles import FileStore, KeyringError, provider_at
from guomi.sealed import DecryptionError
from residents.models import Person
from uploads.checks import unmarked
from uploads.models import Due, Resealing


def stored(model, column="name"):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {model._meta.db_table}")
        return [row[0] for row in cursor.fetchall()]


def start(portal: Portal, *arguments: str) -> subprocess.Popen:
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [sys.executable, *arguments], cwd=settings.BASE_DIR, env=portal.environment, stdin=pipe, stdout=pipe, stderr=pipe,
        text=True,
    )  # fmt: skip


@contextmanager
def traffic(portal: Portal):
    """A writer and a reader at work; what they did is in the list afterwards."""
    workers = [start(portal, "-m", "tests.accounts.traffic", deed) for deed in ("write", "read")]
    outcomes = []
    yield outcomes
    for worker in workers:
        out, error = worker.communicate("stop\n", timeout=60)
        assert out, error
        outcomes.append(json.loads(out.strip().splitlines()[-1]))


def kill_at_first_progress(portal: Portal) -> None:
    rotation_process = start(portal, "manage.py", "rotate_keys")
    for line in rotation_process.stderr:
        if "residents.Person" in line or "HistoricalPerson" in line:
            break
    rotation_process.send_signal(signal.SIGKILL)
    rotation_process.communicate(timeout=10)
    assert rotation_process.returncode == -signal.SIGKILL


@pytest.mark.processes
def test_keys_change_under_load_and_after_a_kill():
    with throwaway() as portal:
        portal.manage("demo", "--load", "--scale", "0.3")
        before = portal.json("rotate_keys", "--check")
        assert before == {"ok": True, "left": {}, "unusable_keys": []}
        with traffic(portal) as outcomes:
            kill_at_first_progress(portal)
            unfinished = portal.json("rotate_keys", "--check")
            done = portal.json("rotate_keys")
        assert unfinished["left"], "killed before it was over"
        assert done["ok"], done
        assert (done["resumed"], done["retired"]) == (True, len(keyring.PURPOSES))
        assert done["rows"] > 100
        assert done["files"] > 30
        for outcome in outcomes:
            assert outcome["errors"] == []
            assert outcome["done"] > 50
        assert portal.json("rotate_keys", "--check")["ok"]
        assert portal.json("audit", "verify")["ok"]


@pytest.mark.processes
def test_the_key_encryption_key_changes_and_the_old_file_is_put_aside():
    with throwaway() as portal:
        portal.environment.pop("ANJU_KEK", None)
        portal.manage("demo", "--load", "--scale", "0.05")
        keys = portal.home / "keys"
        before = (keys / "kek").read_bytes()
        assert portal.json("rotate_keys", "--kek") == {"ok": True, "keys": len(keyring.ESSENTIAL)}
        aside = list(keys.glob("kek.until-*"))
        assert [path.read_bytes() for path in aside] == [before]
        assert (keys / "kek").read_bytes() != before
        assert not (keys / "kek.old").exists()
        assert portal.json("rotate_keys", "--check")["ok"]
        # The loss drill: without the key file nothing opens and nothing is made anew; with the backup all is well.
        kept = (keys / "kek").read_bytes()
        (keys / "kek").unlink()
        assert "恢复备份" in _error(portal)
        assert not (keys / "kek").exists()
        (keys / "kek").write_bytes(before)
        assert not portal.json("rotate_keys", "--check")["ok"]
        with pytest.raises(StepFailed, match=r"accounts\.E002"):
            portal.manage("check", "--database", "default")
        (keys / "kek").write_bytes(kept)
        assert portal.json("rotate_keys", "--check")["ok"]


def _error(portal: Portal) -> str:
    done = start(portal, "manage.py", "rotate_keys", "--check")
    return done.communicate(timeout=60)[1]


def test_values_stay_and_nothing_becomes_due(lotus, own_keys):
    Due.objects.update(revision=7, delivered_revision=7, state="ok")
    history = Person.history.count()
    outcome = rotating.rotate(timezone.now(), wait=0)
    assert outcome.ok
    assert not outcome.resumed
    assert outcome.rows >= 6
    assert outcome.files >= 1
    assert not Due.objects.exclude(revision=7).exists()
    assert Person.history.count() == history
    assert rotation.count_old() == {}
    prefix = keyring.get().prefix("person")
    assert all(one.startswith(prefix) for one in stored(Person) + stored(Person.history.model))
    again = Person.objects.get(pk=lotus.resident.pk)
    assert again.name == "张三丰"
    assert again.photo.read_clear() == lotus.resident.photo.read_clear()
    assert not Resealing.objects.exists()
    assert unmarked(None, databases=["default"]) == []
    assert [entry.action for entry in Entry.objects.order_by("pk").filter(action__in=["renew_keys", "reseal"])] == [
        "renew_keys", "reseal",
    ]  # fmt: skip
    lotus.resident.name = "张四丰"
    lotus.resident.save()
    assert Due.objects.filter(revision__gt=7).exists(), "a real change is still noticed"


def test_a_mark_that_is_left_behind_is_reported(lotus):
    Resealing.objects.create()
    assert [problem.id for problem in unmarked(None, databases=["default"])] == ["uploads.E002"]


def test_a_row_changed_meanwhile_keeps_the_newer_value(lotus, own_keys):
    for purpose in keyring.PURPOSES:
        keyring.get().renew(purpose)
    table = next(one for one in rotation.tables() if one.model is Person)
    tally = rotation.Tally()
    rows = rotation._read(table, None)
    changes = [(row[0], rotation._anew(table, row, tally)) for row in rows]
    lotus.resident.name = "李后来"
    lotus.resident.save()
    assert rotation._write(table, changes) == 0
    assert Person.objects.get(pk=lotus.resident.pk).name == "李后来"


def test_a_damaged_value_is_named_and_the_rest_goes_on(lotus, maple, own_keys):
    with connection.cursor() as cursor:
        table, pk = Person._meta.db_table, Person._meta.pk.get_db_prep_value(lotus.resident.pk, connection)
        cursor.execute(f"UPDATE {table} SET phone = name WHERE id = %s", [pk])
    outcome = rotating.rotate(timezone.now(), wait=0)
    assert outcome.broken == [f"residents.Person {lotus.resident.pk} phone"]
    assert outcome.left == {"residents.Person": 1}
    assert outcome.retired == 0
    assert Person.objects.get(pk=maple.resident.pk).phone == "19900001234"
    with pytest.raises(DecryptionError):
        _ = Person.objects.get(pk=lotus.resident.pk).phone


def test_keys_of_the_file_move_into_the_database_once(db, tmp_path, settings, own_keys):
    old = keyring.KeyRing(provider_at(tmp_path), FileStore(tmp_path))
    blob, index = old.seal("person", b"x", b"c"), old.index("a.b", "v")
    old.renew("person")
    kept = list(DataKey.objects.values_list("pk", flat=True))
    DataKey.objects.all().delete()
    settings.HOME = tmp_path
    store = DatabaseStore(tmp_path)
    assert keyring.KeyRing(provider_at(tmp_path), store).open(blob, b"c") == b"x", "also before the move"
    assert store.take_over() == 3
    (tmp_path / "keys" / "ring.json.moved").rename(tmp_path / "keys" / "ring.json")  # killed before it was set aside
    assert (store.take_over(), store.take_over()) == (0, 0)
    ring = keyring.KeyRing(provider_at(tmp_path, store), store)
    assert ring.open(blob, b"c") == b"x"
    assert ring.index("a.b", "v") == index
    assert not ring.is_current("person", blob)
    assert ring.make_missing() == len(keyring.ESSENTIAL) - 2
    (tmp_path / "keys" / "kek").unlink()
    with pytest.raises(KeyringError, match="恢复备份"):
        provider_at(tmp_path, store)
    assert kept


def test_another_installations_ring_file_is_not_mixed_in(db, tmp_path):
    keyring.KeyRing(provider_at(tmp_path), FileStore(tmp_path)).seal("person", b"x", b"c")
    with pytest.raises(KeyringError, match="不是同一套"):
        DatabaseStore(tmp_path).take_over()
    assert (tmp_path / "keys" / "ring.json").exists()


def test_no_key_is_made_inside_a_callers_transaction(db, own_keys):
    with transaction.atomic(), pytest.raises(KeyringError, match="事务"):
        keyring.get().renew("person")


def test_an_emptied_database_gets_new_keys(db, own_keys):
    DataKey.objects.all().delete()
    after_migrate()
    assert DataKey.objects.count() == len(keyring.ESSENTIAL)
    assert keyring.get().open(keyring.get().seal("person", b"x", b"c"), b"c") == b"x"


def test_the_nightly_upkeep_seals_leftovers_without_new_keys(lotus, own_keys):
    keyring.get().renew("person")
    known = DataKey.objects.count()
    assert tasks.upkeep() == {"resealed": 2, "broken": 0, "purged": 0, "failed": 0, "disabled": 0}
    assert rotation.count_old() == {}
    assert DataKey.objects.count() == known
    assert DataKey.objects.exclude(retired_at=None).count() == 1
