"""SM3 (GB/T 32905) and HMAC-SM3: the interpreter's own OpenSSL where it has SM3, else the `cryptography` package's."""

import hashlib
import hmac as stdlib_hmac

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC


def _in_hashlib() -> bool:
    try:
        hashlib.new("sm3", b"")
    except ValueError:
        return False
    return True


IN_HASHLIB = _in_hashlib()


def digest(data: bytes) -> bytes:
    """The 32-byte digest."""
    return hashlib.new("sm3", data).digest() if IN_HASHLIB else digest_without_hashlib(data)


def hmac(key: bytes, data: bytes) -> bytes:
    """The 32-byte HMAC."""
    return stdlib_hmac.digest(key, data, "sm3") if IN_HASHLIB else hmac_without_hashlib(key, data)


def digest_without_hashlib(data: bytes) -> bytes:
    """The same digest by `cryptography`."""
    state = hashes.Hash(hashes.SM3())
    state.update(data)
    return state.finalize()


def hmac_without_hashlib(key: bytes, data: bytes) -> bytes:
    """The same HMAC by `cryptography`."""
    state = HMAC(key, hashes.SM3())
    state.update(data)
    return state.finalize()


class Streaming:
    """The digest of data that comes in parts."""

    def __init__(self) -> None:
        self._state = hashlib.new("sm3") if IN_HASHLIB else hashes.Hash(hashes.SM3())

    def update(self, data: bytes) -> None:
        """More data."""
        self._state.update(data)

    def digest(self) -> bytes:
        """The 32-byte digest of all of it."""
        return self._state.digest() if IN_HASHLIB else self._state.copy().finalize()
