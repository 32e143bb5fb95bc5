"""SM2 against the standard, against gmssl and against OpenSSL, both directions."""

import base64
import shutil
import subprocess
import sys

import pytest
from gmssl import sm2 as gmssl_sm2

from guomi import curve, der, selftest, sm2
from guomi.backends import BackendError, gmssl_c, libcrypto

BARE = sm2.CipherForm(prefix="none")
DER = sm2.CipherForm(prefix="der")
TEXTS = ["张小三".encode(), b"12010119900307123X", b"13812341234", b"\0\0leading", b"x", bytes(range(255))]
FOREIGN = [gmssl_c, libcrypto] if libcrypto.available() else [gmssl_c]
needs_libcrypto = pytest.mark.skipif(not libcrypto.available(), reason="this machine's libcrypto has no SM2")
needs_openssl = pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl command on this machine")


def pair_where(fits) -> sm2.KeyPair:
    while True:
        pair = sm2.generate()
        if fits(pair.public):
            return pair


@pytest.fixture(scope="session")
def pairs():
    """200 keys, among them some whose coordinates start with 00 and 04."""
    odd = [
        lambda public: public[0] == 0,
        lambda public: public[0] == 4,
        lambda public: public[32] == 0,
        lambda public: public[0] >> 4 in (0, 4),
    ]
    keys = [pair_where(fits) for fits in odd for _ in range(2)]
    return keys + [sm2.generate() for _ in range(200 - len(keys))]


def reference(pair: sm2.KeyPair, mode: int = 1) -> gmssl_sm2.CryptSM2:
    """gmssl with both guards: C1C3C2 said aloud, and the key set where nothing strips its zeros."""
    other = gmssl_sm2.CryptSM2(private_key=pair.private.hex(), public_key="", mode=mode)
    other.public_key = pair.public.hex()
    return other


def test_the_standards_vectors_hold():
    assert selftest.run() == []
    assert sm2.decrypt(selftest.PRIVATE, selftest.CIPHERTEXT, BARE) == b"encryption standard"
    assert sm2.public_of(selftest.PRIVATE) == selftest.PUBLIC
    assert sm2.verify(selftest.PUBLIC, b"message digest", selftest.SIGNATURE)
    assert not sm2.verify(selftest.PUBLIC, b"message digesT", selftest.SIGNATURE)


@needs_libcrypto
def test_libcrypto_opens_the_standards_ciphertext_too():
    raw = bytes.fromhex(selftest.CIPHERTEXT)
    assert (
        libcrypto.decrypt(selftest.PRIVATE, der.cipher_to_der(raw[:64], raw[64:96], raw[96:])) == b"encryption standard"
    )


def test_two_hundred_keys_round_trip_in_their_spellings(pairs):
    for pair in pairs:
        xy = pair.public
        compressed = bytes([2 + xy[63] % 2]) + xy[:32]
        for raw in (xy, b"\x04" + xy, compressed, der.public_key(xy)):
            assert sm2.load_public_key(raw.hex()) == xy
            assert sm2.load_public_key(raw.hex().upper()) == xy
            assert sm2.load_public_key(base64.b64encode(raw).decode()) == xy
        assert sm2.load_private_key(pair.private.hex()) == pair.private
        assert sm2.load_private_key("00" + pair.private.hex()) == pair.private
        assert sm2.load_private_key(base64.b64encode(der.private_key(pair.private)).decode()) == pair.private
        assert sm2.decrypt(pair.private, sm2.encrypt(xy, b"12010119900307123X")) == b"12010119900307123X"


def test_gmssl_and_we_read_each_other(pairs):
    for pair, text in zip(pairs[:12], TEXTS * 2, strict=True):
        if len(text) > 1:  # gmssl gives up on some one-byte texts
            theirs = reference(pair).encrypt(text).hex()
            assert sm2.decrypt(pair.private, theirs, BARE) == text
        assert reference(pair).decrypt(bytes.fromhex(sm2.encrypt(pair.public, text, BARE))) == text
        old_order = sm2.CipherForm("C1C2C3", "none", "hex")
        assert reference(pair, mode=0).decrypt(bytes.fromhex(sm2.encrypt(pair.public, text, old_order))) == text


def test_gmssl_and_we_verify_each_others_signatures(pairs):
    for pair in pairs[:6]:
        assert reference(pair).verify_with_sm3(sm2.sign(pair.private, b"head").hex(), b"head")
        assert sm2.verify(pair.public, b"head", bytes.fromhex(reference(pair).sign_with_sm3(b"head")))


@pytest.fixture
def key_files(tmp_path, pairs):
    """One pair (x starting 00) as the PEM files openssl reads."""
    pair = pairs[0]
    for name, encoded in (("PUBLIC", der.public_key(pair.public)), ("PRIVATE", der.private_key(pair.private))):
        body = base64.encodebytes(encoded).decode()
        (tmp_path / name).write_text(f"-----BEGIN {name} KEY-----\n{body}-----END {name} KEY-----\n")
    return pair, tmp_path


def openssl(folder, *arguments: str) -> bytes:
    return subprocess.run(["openssl", "pkeyutl", *arguments], cwd=folder, capture_output=True, check=True).stdout


@needs_openssl
def test_openssl_and_we_read_each_other(key_files):
    pair, folder = key_files
    assert sm2.load_public_key((folder / "PUBLIC").read_text()) == pair.public
    assert sm2.load_private_key((folder / "PRIVATE").read_text()) == pair.private
    for text in TEXTS:
        (folder / "ours").write_bytes(bytes.fromhex(sm2.encrypt(pair.public, text, DER)))
        assert openssl(folder, "-decrypt", "-inkey", "PRIVATE", "-in", "ours") == text
        (folder / "clear").write_bytes(text)
        theirs = openssl(folder, "-encrypt", "-pubin", "-inkey", "PUBLIC", "-in", "clear")
        assert sm2.decrypt(pair.private, theirs.hex(), DER) == text


@needs_openssl
def test_openssl_and_we_verify_each_others_signatures(key_files):
    pair, folder = key_files
    (folder / "head").write_bytes(b"tree head 7")
    options = ["-rawin", "-digest", "sm3", "-pkeyopt", "distid:1234567812345678", "-in", "head"]
    theirs = openssl(folder, "-sign", "-inkey", "PRIVATE", *options)
    assert sm2.verify(pair.public, b"tree head 7", der.signature_from_der(theirs))
    (folder / "ours").write_bytes(der.signature_to_der(sm2.sign(pair.private, b"tree head 7")))
    assert b"Verified" in openssl(folder, "-verify", "-pubin", "-inkey", "PUBLIC", "-sigfile", "ours", *options)


@needs_libcrypto
def test_both_backends_agree(pairs):
    for pair in pairs[:20]:
        assert libcrypto.decrypt(pair.private, gmssl_c.encrypt(pair.public, b"clear")) == b"clear"
        assert gmssl_c.decrypt(pair.private, libcrypto.encrypt(pair.public, b"clear")) == b"clear"
        digest = bytes(range(32))
        assert libcrypto.verify_digest(pair.public, digest, gmssl_c.sign_digest(pair.private, digest))
        assert gmssl_c.verify_digest(pair.public, digest, libcrypto.sign_digest(pair.private, digest))
        assert not libcrypto.verify_digest(pair.public, digest[::-1], libcrypto.sign_digest(pair.private, digest))


def test_without_the_wheel_libcrypto_takes_over():
    """As on a machine of another kind: an interpreter that cannot import gmssl_pyx."""
    script = (
        "import sys; sys.modules['gmssl_pyx'] = None\n"
        "from guomi import selftest, sm2\n"
        "assert sm2.fast is None\n"
        "print(selftest.run())"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_all_twelve_forms_round_trip_and_are_recognised(pairs):
    assert len(sm2.FORMS) == 12
    for pair in pairs[:10]:
        for form in sm2.FORMS:
            text = sm2.encrypt(pair.public, b"12010119900307123X", form)
            assert sm2.decrypt(pair.private, text, form) == b"12010119900307123X"
            assert form in sm2.recognise(pair.private, text)
    assert len(sm2.encrypt(pairs[0].public, b"1" * 18, BARE)) == 228


@needs_libcrypto
@pytest.mark.parametrize("size", [1, 255, 256, 4096])
def test_long_texts_are_encrypted_too(pairs, size):
    for form in (sm2.DEFAULT_FORM, sm2.CipherForm("C1C2C3", "der", "base64")):
        assert sm2.decrypt(pairs[0].private, sm2.encrypt(pairs[0].public, b"m" * size, form), form) == b"m" * size


@pytest.mark.parametrize("size", [0, 4097])
def test_empty_and_overlong_texts_are_refused(pairs, size):
    with pytest.raises(sm2.Sm2Error):
        sm2.encrypt(pairs[0].public, b"m" * size)


@pytest.mark.parametrize("form", sm2.FORMS, ids=str)
def test_every_altered_byte_is_refused(pairs, form):
    raw_form = sm2.CipherForm(form.order, form.prefix, "hex")
    raw = bytes.fromhex(sm2.encrypt(pairs[1].public, b"12010119900307123X", raw_form))
    for place in range(len(raw)):
        changed = raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
        text = changed.hex() if form.encoding == "hex" else base64.b64encode(changed).decode()
        with pytest.raises(sm2.Sm2Error) as caught:
            sm2.decrypt(pairs[1].private, text, form)
        assert "12010119900307123X" not in str(caught.value)


@pytest.mark.parametrize(
    "text", ["", "04", "zz" * 120, "04" * 97, "0" * 231, "三" * 100, "AAAA" * 50, "30" * 100, "ab " * 80, "0" * 100_000]
)
@pytest.mark.parametrize("form", [sm2.DEFAULT_FORM, DER, sm2.CipherForm(encoding="base64")], ids=str)
def test_rubbish_is_refused_in_every_form(pairs, form, text):
    with pytest.raises(sm2.Sm2Error):
        sm2.decrypt(pairs[0].private, text, form)


def test_a_ciphertext_for_another_key_is_refused(pairs):
    with pytest.raises(sm2.Sm2Error):
        sm2.decrypt(pairs[1].private, sm2.encrypt(pairs[0].public, b"text"))


def test_points_off_the_curve_are_refused_everywhere(pairs):
    off = pairs[0].public[:63] + bytes([pairs[0].public[63] ^ 1])
    with pytest.raises(sm2.Sm2Error):
        sm2.load_public_key(off.hex())
    with pytest.raises(sm2.Sm2Error):
        sm2.encrypt(off, b"text")
    with pytest.raises(sm2.Sm2Error):
        sm2.verify(off, b"text", bytes(64))
    for backend in FOREIGN:
        with pytest.raises(BackendError):
            backend.encrypt(off, b"text")


@pytest.mark.parametrize(
    "text",
    ["", "04", "ab" * 64, "00" * 64, "三" * 64, "x" * 10_000, "02" + "ff" * 32, base64.b64encode(b"k" * 91).decode()],
)
def test_what_is_no_public_key_is_refused(text):
    with pytest.raises(sm2.Sm2Error):
        sm2.load_public_key(text)


@pytest.mark.parametrize("text", ["", "00" * 32, "ff" * 32, f"{curve.N - 1:064x}", "ab" * 31, "三" * 32, "30" * 60])
def test_what_is_no_private_key_is_refused(text):
    with pytest.raises(sm2.Sm2Error):
        sm2.load_private_key(text)


def test_one_byte_texts_are_never_sent_in_clear(pairs):
    """The key stream of one byte is zero once in 256 times; then another random number must be taken."""
    for _ in range(1500):
        raw = bytes.fromhex(sm2.encrypt(pairs[0].public, b"A", BARE))
        assert raw[96:] != b"A"


def test_altered_signatures_are_refused(pairs):
    signature = sm2.sign(pairs[0].private, b"head")
    for place in range(64):
        changed = signature[:place] + bytes([signature[place] ^ 1]) + signature[place + 1 :]
        assert not sm2.verify(pairs[0].public, b"head", changed)
    assert not any(
        sm2.verify(pairs[0].public, b"head", bad) for bad in (b"", bytes(64), b"\xff" * 64, signature + b"\0")
    )


def test_a_key_pair_does_not_show_its_private_half(pairs):
    assert pairs[0].private.hex() not in repr(pairs[0])


def test_nothing_served_imports_gmssl():
    script = "import sys\nimport guomi.keyring, guomi.sm2, guomi.selftest\nprint('gmssl' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.strip()
        == "False"
    )
