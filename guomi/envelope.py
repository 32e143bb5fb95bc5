"""An envelope from a browser to the portal: an SM4 key of its own under the portal's SM2 key, parts sealed by it.

A proxy that writes down what passes sees ciphertext. `key` is "<id of the portal's key>.<SM2 ciphertext in hexadecimal>",
a part is nonce (12) | ciphertext | tag (16), bound to where it is sent and to its name: no part opens as another one.
"""

import re
import secrets
from dataclasses import dataclass

from guomi import keyring, sm2, sm4

PURPOSE = "person"
FORM = sm2.CipherForm("C1C3C2", "none", "hex")  # what sm-crypto writes
KEY = re.compile(r"([0-9a-f]{8})\.([0-9a-f]{224})")


class EnvelopeError(ValueError):
    """The envelope does not open: altered, sent elsewhere, or for a key the portal does not have. Carries no values."""


@dataclass(frozen=True)
class PublicKey:
    """What a sender needs: the key's id and 04 | x | y in hexadecimal."""

    id: str
    hex: str


def public_key() -> PublicKey:
    """The key to seal for, now."""
    ring = keyring.get()
    return PublicKey(ring.sm2_id(PURPOSE), "04" + ring.sm2(PURPOSE).public.hex())


class Opener:
    """Opens the parts of one envelope."""

    def __init__(self, key: str, address: str) -> None:
        """`key` as it came, `address` the path it was sent to; EnvelopeError."""
        match = KEY.fullmatch(key)
        if match is None:
            raise EnvelopeError("信封格式不符")
        try:
            pair = keyring.get().sm2_named(PURPOSE, match[1])
            self._key = sm2.decrypt(pair.private, match[2], FORM)
        except (keyring.OpenError, sm2.Sm2Error):
            raise EnvelopeError("信封无法解开") from None
        if len(self._key) != sm4.KEY_BYTES:
            raise EnvelopeError("信封格式不符")
        self._address = address

    def part(self, name: str, blob: bytes) -> bytes:
        """The clear bytes of a part; EnvelopeError."""
        try:
            return sm4.open_sealed(self._key, blob, context(self._address, name))
        except sm4.Sm4Error:
            raise EnvelopeError("信封的内容无法解开") from None


class Sealer:
    """Seals as the browser does, for programs that send what a browser would."""

    def __init__(self, address: str, public: PublicKey) -> None:
        self._key, self._address = secrets.token_bytes(sm4.KEY_BYTES), address
        self.key = f"{public.id}.{sm2.encrypt(sm2.load_public_key(public.hex), self._key, FORM)}"

    def part(self, name: str, data: bytes) -> bytes:
        """What goes over the wire of a part."""
        return sm4.seal(self._key, data, context(self._address, name))


def context(address: str, name: str) -> bytes:
    """What a part is bound to."""
    return f"anju envelope\0{address}\0{name}".encode()
