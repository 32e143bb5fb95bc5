import json
import os
import stat
import subprocess
import sys
import time

import pytest

from guomi import keyring, sm2
from guomi.keyfiles import FileStore, ValueProvider, parse_kek, provider_at

KEK = "00112233445566778899aabbccddeeff"
START = """
import sys, time
from guomi import keyring
while time.time() < float(sys.argv[1]): pass
ring = keyring.get()
print(ring.seal("person", b"x", b"c").hex(), ring.index("a.b", "v"), ring.sm2("audit").public.hex(), ring.stored_keys()[0].id)
"""


def mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


def test_sealing_and_opening(ring):
    blob = ring.seal("person", "张小三".encode(), b"row 1")
    assert blob[0] == 1
    assert len(blob) == 1 + 4 + 12 + 9 + 16
    assert ring.open(blob, b"row 1") == "张小三".encode()
    assert blob[1:5].hex() in {key.id for key in ring.stored_keys()}


def test_every_altered_byte_and_a_moved_text_are_refused(ring):
    blob = ring.seal("person", b"text", b"row 1")
    for place in range(len(blob)):
        with pytest.raises(keyring.OpenError):
            ring.open(blob[:place] + bytes([blob[place] ^ 1]) + blob[place + 1 :], b"row 1")
    for bad, context in ((blob, b"row 2"), (b"", b"row 1"), (blob[:20], b"row 1")):
        with pytest.raises(keyring.OpenError):
            ring.open(bad, context)


def test_a_text_of_one_purpose_is_under_its_own_key(ring):
    assert ring.seal("person", b"x", b"")[1:5] != ring.seal("place", b"x", b"")[1:5]


def test_the_files_are_private_and_hold_no_clear_key(ring, tmp_path):
    ring.seal("person", b"x", b"")
    pair = ring.sm2("audit")
    keys = tmp_path / "keys"
    assert (mode(keys), mode(keys / "kek"), mode(keys / "ring.json")) == (0o700, 0o600, 0o600)
    text = (keys / "ring.json").read_text()
    assert pair.private.hex() not in text
    assert {entry["purpose"] for entry in json.loads(text)["keys"]} == {"person", "audit"}
    assert not [name for name in os.listdir(keys) if name.startswith(".") and name != ".lock"]


def test_another_process_reads_what_the_first_made(ring, tmp_path):
    blob, pair = ring.seal("person", b"x", b""), ring.sm2("audit")
    other = keyring.KeyRing(provider_at(tmp_path), FileStore(tmp_path))
    assert other.open(blob, b"") == b"x"
    assert other.sm2("audit") == pair
    assert other.index("a.b", "v") == ring.index("a.b", "v") != ring.index("a.c", "v")


@pytest.mark.processes
def test_eight_processes_starting_at_once_make_one_ring(tmp_path):
    environment = {**os.environ, "ANJU_HOME": str(tmp_path)}
    environment.pop("ANJU_KEK", None)
    command = [sys.executable, "-c", START, str(time.time() + 2)]
    started = [
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(8)
    ]
    answers = [process.communicate(timeout=60) for process in started]
    lines = [out.split() for out, _ in answers]
    assert all(len(line) == 4 for line in lines), answers
    assert len({tuple(line[1:]) for line in lines}) == 1
    assert len({line[0][2:10] for line in lines}) == 1
    assert sum("请立即离线备份" in error for _, error in answers) == 1
    assert len(json.loads((tmp_path / "keys" / "ring.json").read_text())["keys"]) == 3


def test_the_first_start_says_to_back_up_and_the_second_does_not(tmp_path, capsys):
    provider_at(tmp_path)
    provider_at(tmp_path)
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert str(tmp_path / "keys") in said


def test_a_lost_kek_is_never_replaced_by_a_new_one(ring, tmp_path):
    ring.seal("person", b"x", b"")
    (tmp_path / "keys" / "kek").unlink()
    with pytest.raises(keyring.KeyringError, match="恢复备份"):
        provider_at(tmp_path)
    assert not (tmp_path / "keys" / "kek").exists()


def test_a_wrong_kek_and_a_damaged_ring_say_so(ring, tmp_path):
    blob = ring.seal("person", b"x", b"")
    other = keyring.KeyRing(ValueProvider(bytes(16)), FileStore(tmp_path))
    with pytest.raises(keyring.KeyringError, match="主密钥与密钥环不符"):
        other.open(blob, b"")
    (tmp_path / "keys" / "ring.json").write_text("{")
    with pytest.raises(keyring.KeyringError, match="已损坏"):
        keyring.KeyRing(provider_at(tmp_path), FileStore(tmp_path)).open(blob, b"")


def test_a_wrapped_key_moved_to_another_purpose_is_refused(ring, tmp_path):
    ring.seal("person", b"x", b"")
    path = tmp_path / "keys" / "ring.json"
    path.write_text(path.read_text().replace('"person"', '"place"'))
    with pytest.raises(keyring.KeyringError):
        keyring.KeyRing(provider_at(tmp_path), FileStore(tmp_path)).seal("place", b"x", b"")


@pytest.mark.parametrize("text", [KEK, KEK.upper(), "ABEiM0RVZneImaq7zN3u/w==", f" {KEK}\n"])
def test_a_kek_may_be_hexadecimal_or_base64(text):
    assert parse_kek(text, "ANJU_KEK").hex() == KEK


@pytest.mark.parametrize("text", ["", "short", KEK[:-2], "z" * 32, "三" * 16])
def test_a_kek_that_is_none_is_refused_without_showing_it(text):
    with pytest.raises(keyring.KeyringError) as caught:
        parse_kek(text, "ANJU_KEK")
    assert not text or text not in str(caught.value)


@pytest.mark.parametrize("by_file", [False, True])
def test_the_environment_brings_the_kek(tmp_path, by_file):
    (tmp_path / "elsewhere").write_text(KEK)
    given = {"ANJU_KEK_FILE": str(tmp_path / "elsewhere")} if by_file else {"ANJU_KEK": KEK}
    script = "from guomi import keyring; print(keyring.get().seal('person', b'x', b'').hex())"
    environment = {**os.environ, "ANJU_HOME": str(tmp_path / "home"), **given}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert not (tmp_path / "home" / "keys" / "kek").exists()
    ring = keyring.KeyRing(ValueProvider(bytes.fromhex(KEK)), FileStore(tmp_path / "home"))
    assert ring.open(bytes.fromhex(done.stdout.strip()), b"") == b"x"


def test_after_a_renewal_old_texts_open_and_new_ones_are_under_the_new_key(ring, tmp_path):
    slow = keyring.KeyRing(provider_at(tmp_path), FileStore(tmp_path))
    old = ring.seal("person", b"x", b"")
    assert slow.open(old, b"") == b"x"
    new_id = ring.renew("person")
    new = ring.seal("person", b"y", b"")
    assert new[1:5].hex() == new_id != old[1:5].hex()
    assert (ring.open(old, b""), ring.is_current("person", old), ring.is_current("person", new)) == (b"x", False, True)
    assert keyring.KeyRing(provider_at(tmp_path), FileStore(tmp_path)).open(new, b"") == b"y"
    with pytest.raises(keyring.KeyringError):
        ring.renew("index")


def test_the_faster_of_two_renewals_wins(ring, tmp_path):
    ring.seal("person", b"x", b"")
    store = FileStore(tmp_path)
    before = store.read()[-1]
    first = store.add(ring._make("person", "sm4"), after=before.id)
    assert store.add(ring._make("person", "sm4"), after=before.id) == first
    assert len(store.read()) == 2


def test_another_provider_and_store_can_take_over(tmp_path):
    class InMemory:
        def __init__(self):
            self.kept = []

        def read(self):
            return list(self.kept)

        def add(self, key, *, after):
            self.kept.append(key)
            return key

    store = InMemory()
    ring = keyring.KeyRing(ValueProvider(bytes(16)), store)
    assert ring.open(ring.seal("device", b"x", b"c"), b"c") == b"x"
    assert isinstance(ring.sm2("audit"), sm2.KeyPair)
    assert [key.kind for key in store.kept] == ["sm4", "sm2"]
    assert not (tmp_path / "keys").exists()
