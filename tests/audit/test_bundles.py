"""A bundle is checked off line by one file without Django; what the retention rule removed leaves the tree whole."""

import io
import json
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts import keeping, purging
from audit import anchor, bundles, burial, log, merkle, proofs, trail, verifying
from audit.models import Entry, Head, Leaf, Tombstone
from audit.standalone import anju_audit
from tests.audit import tampering


@pytest.fixture
def sealed(db) -> list[Entry]:
    made = []
    for number in range(30):
        made.append(log.write("reveal", target=("residents.person", str(number)), reason=f"上门核实 {number}"))
        if number % 7 == 0:
            trail.seal_pending(timezone.now())
    trail.seal_all(timezone.now())
    return made


def exported(first: int, end: int) -> bytes:
    return bundles.as_bytes(lambda target: bundles.of_range(target, first, end, by="测试", now=timezone.now()))


def test_a_bundle_is_checked_by_the_file_inside_it(sealed: list[Entry], tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.zip"
    today = timezone.localdate().isoformat()
    call_command("audit", "export", "--from", today, "--to", today, "--out", str(bundle), stdout=io.StringIO())
    with zipfile.ZipFile(bundle) as archive:
        (tmp_path / "verify.py").write_bytes(archive.read("verify.py"))
        page = archive.read("index.html").decode()
    assert "上门核实 3" in page
    command = [sys.executable, "-I", "-S", str(tmp_path / "verify.py"), "verify", str(bundle), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    facts = json.loads(done.stdout)
    assert (done.returncode, facts["ok"], facts["problem"]) == (0, True, "")
    assert facts["entries"] >= 30
    assert facts["key"] == bundles.public_keys()[-1]


def test_parts_of_the_log_reach_the_newest_head(sealed: list[Entry]) -> None:
    size = Head.objects.order_by("-size").first().size
    for first, end in ((0, size), (5, 6), (size - 3, size), (9, 20)):
        facts = anju_audit.verify(io.BytesIO(exported(first, end)))
        assert (facts["ok"], facts["problem"]) == (True, "")


@pytest.mark.parametrize("member", ["entries.jsonl", "heads.jsonl", "tail.jsonl", "manifest.json", "index.html"])
def test_a_changed_member_is_found(member: str, sealed: list[Entry]) -> None:
    source, target = zipfile.ZipFile(io.BytesIO(exported(3, 12))), io.BytesIO()
    with zipfile.ZipFile(target, "w") as changed:
        for name in source.namelist():
            data = source.read(name)
            changed.writestr(name, data.replace(b"1", b"2") + b" " if name == member else data)
    assert not anju_audit.verify(target)["ok"]


def test_a_forgers_own_key_is_not_the_known_one(sealed: list[Entry]) -> None:
    facts = anju_audit.verify(io.BytesIO(exported(0, 5)), key="04" + "11" * 64)
    assert (facts["ok"], "公钥" in facts["problem"]) == (False, True)


def test_chosen_entries_carry_their_own_proofs(sealed: list[Entry]) -> None:
    chosen = [sealed[3], sealed[17]]
    data = bundles.as_bytes(
        lambda target: bundles.of_entries(target, chosen, by="测试", now=timezone.now(), notes="案卷 1")
    )
    facts = anju_audit.verify(io.BytesIO(data))
    assert (facts["ok"], facts["entries"]) == (True, 2)
    tampering.triggers_off()
    tampering.run("UPDATE audit_entry SET reason = 'x' WHERE id = %s", chosen[1].pk)
    again = [Entry.objects.get(pk=one.pk) for one in chosen]
    data = bundles.as_bytes(lambda target: bundles.of_entries(target, again, by="测试", now=timezone.now()))
    facts = anju_audit.verify(io.BytesIO(data))
    assert (facts["ok"], facts["entry"]) == (False, chosen[1].pk)


def test_nonsense_is_no_bundle(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"nonsense")
    assert "不是审计包" in anju_audit.verify(str(tmp_path / "x.zip"))["problem"]


# --- the end of old entries -------------------------------------------------------------------------------------------
def test_what_is_buried_leaves_a_tree_that_verifies(sealed: list[Entry]) -> None:
    tree = proofs.Tree(Head.objects.order_by("-size").first())
    proof = tree.inclusion(20)
    cutoff = Entry.objects.get(pk=sealed[10].pk).at
    removed = burial.bury(cutoff)
    assert removed == Leaf.objects.get(entry_id=sealed[10].pk).index
    assert not Entry.objects.filter(pk=sealed[9].pk).exists()
    trail.seal_all(timezone.now())
    assert verifying.verify().ok
    leaf = bytes.fromhex(Leaf.objects.get(index=20).hash)
    assert merkle.includes(leaf, 20, tree.size, proof, tree.hash_of(0, tree.size))
    size = Head.objects.order_by("-size").first().size
    for first, end in ((0, size), (2, 6)):
        facts = anju_audit.verify(io.BytesIO(exported(first, end)))
        assert (facts["ok"], facts["problem"]) == (True, "")
    assert burial.bury(cutoff) == 0


def test_nothing_goes_without_a_tombstone_that_the_log_announces(sealed: list[Entry]) -> None:
    tampering.triggers_off()
    leaf = Leaf.objects.get(entry_id=sealed[4].pk)
    Tombstone(first=leaf.index, last=leaf.index, entry_id=sealed[8].pk).save(force_insert=True)
    tampering.run("DELETE FROM audit_entry WHERE id = %s", sealed[4].pk)
    verdict = verifying.verify()
    assert (verdict.ok, verdict.position) == (False, leaf.index)
    assert not anju_audit.verify(io.BytesIO(exported(0, 20)))["ok"]


def test_the_nightly_purge_buries_what_is_ten_years_old(sealed: list[Entry]) -> None:
    rule = keeping.get("audit_log")
    assert rule.least == 1095
    later = timezone.now() + timedelta(days=rule.days + 1)
    count = Entry.objects.count()
    outcome = purging.purge(later)
    assert outcome.ok
    assert outcome.removed["audit_log"]["audit.Entry"] >= 30
    assert Entry.objects.count() < count
    trail.seal_all(timezone.now())
    assert verifying.verify().ok


# --- outside the database ---------------------------------------------------------------------------------------------
def test_an_old_backup_put_back_is_noticed_until_it_is_owned_to(sealed: list[Entry]) -> None:
    anchor.put({"size": 10_000, "root": "0" * 64, "signature": ""})
    try:
        verdict = verifying.verify()
        assert (verdict.ok, "旧的备份" in verdict.problem) == (False, True)
        call_command("audit", "forget-anchor", "--reason", "恢复演练", stdout=io.StringIO())
        assert verifying.verify().ok
        assert Entry.objects.get(action="forget_anchor").reason == "恢复演练"
    finally:
        anchor.forget()


@pytest.mark.django_db
def test_proofs_hold_across_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merkle, "LEVELS", 3)
    monkeypatch.setattr(merkle, "CHUNK", 8)
    for number in range(45):
        log.write("view", target=("residents.person", str(number)))
        if number in (3, 8, 20, 31):
            trail.seal_pending(timezone.now())
    trail.seal_all(timezone.now())
    head = Head.objects.order_by("-size").first()
    tree, root = proofs.Tree(head), bytes.fromhex(head.root)
    leaves = [bytes.fromhex(one) for one in Leaf.objects.order_by("index").values_list("hash", flat=True)]
    assert tree._chunks
    for index in range(head.size):
        assert merkle.includes(leaves[index], index, head.size, tree.inclusion(index), root)
    for old in range(1, head.size + 1):
        assert merkle.extends(old, merkle.root(leaves[:old]), head.size, root, tree.consistency(old))
    assert verifying.verify().ok
    tampering.triggers_off()
    tampering.run('UPDATE audit_chunk SET root = %s WHERE "index" = 2', "0" * 64)
    assert not verifying.verify().ok
