"""SM4-GCM (GB/T 32907, RFC 8998): seal bytes so that they open only under the same key and in the same context."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

KEY_BYTES, NONCE_BYTES, TAG_BYTES = 16, 12, 16


class Sm4Error(ValueError):
    """A sealed text did not open: altered, cut short, moved elsewhere or under another key. Carries no values."""


def seal(key: bytes, data: bytes, context: bytes) -> bytes:
    """nonce (12) | ciphertext | tag (16). The context is bound, not stored: opening needs the same one."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + seal_with_nonce(key, nonce, data, context)


def seal_with_nonce(key: bytes, nonce: bytes, data: bytes, context: bytes) -> bytes:
    """ciphertext | tag under a nonce of the caller's, for the standard's vectors: a nonce must never come twice."""
    encryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(context)
    return encryptor.update(data) + encryptor.finalize() + encryptor.tag


def open_sealed(key: bytes, blob: bytes, context: bytes) -> bytes:
    """The clear bytes of `seal`, or Sm4Error; nothing is handed out before the tag has been checked."""
    if len(blob) < NONCE_BYTES + TAG_BYTES:
        raise Sm4Error("密文不完整")
    nonce, body, tag = blob[:NONCE_BYTES], blob[NONCE_BYTES:-TAG_BYTES], blob[-TAG_BYTES:]
    decryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce, tag)).decryptor()
    decryptor.authenticate_additional_data(context)
    clear = decryptor.update(body)
    try:
        return clear + decryptor.finalize()
    except InvalidTag:
        raise Sm4Error("密文无法解开：内容被改动、被移动或密钥不符") from None
