"""Every form of the ciphertext, to and from three implementations that are not ours: gmssl, openssl, sm-crypto.

Each of them speaks one form of its own; a ciphertext is rewritten, never opened, between that and the form under test.
sm-crypto is asked where `node` finds it (NODE_PATH); the others are always there.
"""

import shutil
import subprocess

import pytest

from guomi import sm2
from guomi.sm2 import CipherForm
from tests.guomi.test_sm2 import key_files, needs_openssl, openssl, pairs, reference  # noqa: F401 -- fixtures

TEXTS = ["试".encode(), "天津市示范区幸福路1号".encode() * 6, b"13812345678"]
BARE = {"C1C3C2": CipherForm("C1C3C2", "none", "hex"), "C1C2C3": CipherForm("C1C2C3", "none", "hex")}
DER = CipherForm("C1C3C2", "der", "hex")


def has_sm_crypto() -> bool:
    node = shutil.which("node")
    return bool(node) and subprocess.run([node, "-e", "require('sm-crypto')"], capture_output=True).returncode == 0


needs_sm_crypto = pytest.mark.skipif(not has_sm_crypto(), reason="node finds no sm-crypto on this machine")
every_form = pytest.mark.parametrize("form", sm2.FORMS, ids=lambda form: f"{form.order}-{form.prefix}-{form.encoding}")


def rewritten(text: str, source: CipherForm, target: CipherForm) -> str:
    """The same point, check and body in another form."""
    return sm2._write(*sm2._read(text, source), target)


@every_form
def test_gmssl_reads_and_writes_it(form: CipherForm, pairs) -> None:  # noqa: F811
    for pair in pairs[:3]:
        other = reference(pair)
        for text in TEXTS:
            ours = rewritten(sm2.encrypt(pair.public, text, form), form, BARE["C1C3C2"])
            assert other.decrypt(bytes.fromhex(ours)) == text
            theirs = rewritten(other.encrypt(text).hex(), BARE["C1C3C2"], form)
            assert sm2.decrypt(pair.private, theirs, form) == text


@needs_openssl
@every_form
def test_openssl_reads_and_writes_it(form: CipherForm, key_files) -> None:  # noqa: F811
    pair, folder = key_files
    for text in TEXTS:
        ours = rewritten(sm2.encrypt(pair.public, text, form), form, DER)
        (folder / "ours").write_bytes(bytes.fromhex(ours))
        assert openssl(folder, "-decrypt", "-inkey", "PRIVATE", "-in", "ours") == text
        (folder / "clear").write_bytes(text)
        theirs = openssl(folder, "-encrypt", "-pubin", "-inkey", "PUBLIC", "-in", "clear")
        assert sm2.decrypt(pair.private, rewritten(theirs.hex(), DER, form), form) == text


def node(script: str, *arguments: str) -> str:
    command = [shutil.which("node") or "node", "-e", f"const {{sm2}} = require('sm-crypto'); {script}", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@needs_sm_crypto
@every_form
def test_sm_crypto_reads_and_writes_it(form: CipherForm, pairs) -> None:  # noqa: F811
    pair, mode = pairs[0], {"C1C3C2": "1", "C1C2C3": "0"}[form.order]
    own = BARE[form.order]
    for text in TEXTS[:2]:
        ours = rewritten(sm2.encrypt(pair.public, text, form), form, own)
        opened = node("const [c, k, m] = process.argv.slice(1); console.log(sm2.doDecrypt(c, k, Number(m)))",
                      ours, pair.private.hex(), mode)  # fmt: skip
        assert opened.encode() == text
        sealed = node("const [t, k, m] = process.argv.slice(1); console.log(sm2.doEncrypt(t, k, Number(m)))",
                      text.decode(), "04" + pair.public.hex(), mode)  # fmt: skip
        assert sm2.decrypt(pair.private, rewritten(sealed, own, form), form) == text
