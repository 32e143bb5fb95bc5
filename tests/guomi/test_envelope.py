"""The envelope between the desk's browser and the portal."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from hypothesis import given, strategies

from guomi import envelope, keyring

pytestmark = pytest.mark.django_db
BUNDLE = Path(settings.BASE_DIR, "static/vendor/sm-crypto-v2-1.15.1/sm-crypto.js")
SENDER = """
const { sm2, sm4 } = await import(process.argv[2]);
const given = JSON.parse(process.argv[3]), bytes = (text) => new TextEncoder().encode(text);
const key = crypto.getRandomValues(new Uint8Array(16)), nonce = crypto.getRandomValues(new Uint8Array(12));
const done = sm4.encrypt(bytes(given.data), key, { mode: "gcm", iv: nonce, output: "array", outputTag: true,
  associatedData: bytes(`anju envelope\\0${given.address}\\0${given.name}`) });
const hex = (parts) => parts.map((part) => Buffer.from(part).toString("hex")).join("");
console.log(JSON.stringify({ key: `${given.id}.${sm2.doEncrypt(key, given.hex, 1)}`, part: hex([nonce, done.output, done.tag]) }));
"""


@given(strategies.binary(max_size=300))
def test_what_is_sealed_opens_where_it_was_sent(data: bytes) -> None:
    sealer = envelope.Sealer("/collect/submit/", envelope.public_key())
    assert envelope.Opener(sealer.key, "/collect/submit/").part("fields", sealer.part("fields", data)) == data


def test_a_part_opens_neither_elsewhere_nor_as_another_nor_altered() -> None:
    sealer = envelope.Sealer("/collect/submit/", envelope.public_key())
    part = sealer.part("fields", b"{}")
    for address, name, blob in (
        ("/collect/check/", "fields", part),
        ("/collect/submit/", "picture.photo", part),
        ("/collect/submit/", "fields", part[:-1] + bytes([part[-1] ^ 1])),
        ("/collect/submit/", "fields", b""),
    ):
        with pytest.raises(envelope.EnvelopeError):
            envelope.Opener(sealer.key, address).part(name, blob)


@pytest.mark.parametrize("key", ["", "x", "00000000." + "0" * 224, "é" * 233, "ffffffff." + "ab" * 112])
def test_a_key_that_is_none_is_refused(key: str) -> None:
    with pytest.raises(envelope.EnvelopeError):
        envelope.Opener(key, "/")


def test_the_key_of_another_purpose_opens_nothing() -> None:
    ring = keyring.get()
    stolen = envelope.PublicKey(ring.sm2_id("audit"), "04" + ring.sm2("audit").public.hex())
    with pytest.raises(envelope.EnvelopeError):
        envelope.Opener(envelope.Sealer("/", stolen).key, "/")


def test_the_vendored_javascript_seals_what_the_portal_opens(tmp_path: Path) -> None:
    if shutil.which("node") is None:
        pytest.skip("node is not on this machine; the journeys seal in Chromium")
    public, text = envelope.public_key(), "张三丰 12010019800101001X"
    script = tmp_path / "sender.mjs"
    script.write_text(SENDER, encoding="utf-8")
    bundle = shutil.copyfile(BUNDLE, tmp_path / "bundle.mjs")  # what node takes for a module by its name
    for length in (0, 1, 15, 16, 17, 1000):
        facts = {"id": public.id, "hex": public.hex, "address": "/a/", "name": "fields", "data": (text * 50)[:length]}
        command = ["node", str(script), str(bundle), json.dumps(facts)]
        sent = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        clear = envelope.Opener(sent["key"], "/a/").part("fields", bytes.fromhex(sent["part"]))
        assert clear.decode() == facts["data"]
