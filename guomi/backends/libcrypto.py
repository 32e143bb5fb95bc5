"""SM2 by the system's libcrypto (OpenSSL 3.0 or later) through ctypes: where gmssl-pyx has no wheel, and for long texts.

An EVP_PKEY may be shared between threads, an EVP_PKEY_CTX may not: keys are kept, contexts live for one call.
"""

import ctypes
import ctypes.util
from ctypes import POINTER, c_char_p, c_int, c_long, c_size_t, c_void_p
from functools import lru_cache

from guomi import curve, der
from guomi.backends import BackendError

LIMIT = 60_000
NAME = "libcrypto"
_SIGNATURES = {
    "d2i_PUBKEY": (c_void_p, c_void_p, POINTER(c_char_p), c_long),
    "d2i_AutoPrivateKey": (c_void_p, c_void_p, POINTER(c_char_p), c_long),
    "EVP_PKEY_free": (None, c_void_p),
    "EVP_PKEY_is_a": (c_int, c_void_p, c_char_p),
    "EVP_PKEY_CTX_new": (c_void_p, c_void_p, c_void_p),
    "EVP_PKEY_CTX_free": (None, c_void_p),
    "EVP_PKEY_encrypt_init": (c_int, c_void_p),
    "EVP_PKEY_encrypt": (c_int, c_void_p, c_char_p, POINTER(c_size_t), c_char_p, c_size_t),
    "EVP_PKEY_decrypt_init": (c_int, c_void_p),
    "EVP_PKEY_decrypt": (c_int, c_void_p, c_char_p, POINTER(c_size_t), c_char_p, c_size_t),
    "EVP_PKEY_sign_init": (c_int, c_void_p),
    "EVP_PKEY_sign": (c_int, c_void_p, c_char_p, POINTER(c_size_t), c_char_p, c_size_t),
    "EVP_PKEY_verify_init": (c_int, c_void_p),
    "EVP_PKEY_verify": (c_int, c_void_p, c_char_p, c_size_t, c_char_p, c_size_t),
    "ERR_clear_error": (None,),
}


@lru_cache(maxsize=1)
def _library() -> ctypes.CDLL:
    for name in ("libcrypto.so.3", "libcrypto.so.4", ctypes.util.find_library("crypto")):
        try:
            library = ctypes.CDLL(name) if name else None
            if library is not None:
                for symbol, (result, *arguments) in _SIGNATURES.items():
                    function = getattr(library, symbol)
                    function.restype, function.argtypes = result, arguments
                return library
        except (OSError, AttributeError):
            continue
    raise BackendError("no libcrypto of OpenSSL 3.0 or later")


def available() -> bool:
    """Whether this machine's libcrypto exists and was built with SM2."""
    try:
        _public(curve.multiply_base(1))
    except BackendError:
        return False
    return True


class _Key:
    """One EVP_PKEY, freed with its last user."""

    def __init__(self, encoded: bytes, private: bool) -> None:
        self.library = _library()
        read = self.library.d2i_AutoPrivateKey if private else self.library.d2i_PUBKEY
        self.pointer = read(None, ctypes.byref(c_char_p(encoded)), len(encoded))
        if not self.pointer or self.library.EVP_PKEY_is_a(self.pointer, b"SM2") != 1:
            self.library.ERR_clear_error()
            raise BackendError

    def __del__(self) -> None:
        if getattr(self, "pointer", None):
            self.library.EVP_PKEY_free(self.pointer)

    def run(self, operation: str, data: bytes, room: int) -> bytes:
        """One of encrypt, decrypt, sign over the data; the result is at most `room` bytes."""
        library = self.library
        context = library.EVP_PKEY_CTX_new(self.pointer, None)
        try:
            size, buffer = c_size_t(room), ctypes.create_string_buffer(room)
            call = getattr(library, f"EVP_PKEY_{operation}")
            if (
                getattr(library, f"EVP_PKEY_{operation}_init")(context) != 1
                or call(context, buffer, ctypes.byref(size), data, len(data)) != 1
            ):
                library.ERR_clear_error()
                raise BackendError
            return buffer.raw[: size.value]
        finally:
            library.EVP_PKEY_CTX_free(context)

    def verify(self, signature: bytes, digest: bytes) -> bool:
        library = self.library
        context = library.EVP_PKEY_CTX_new(self.pointer, None)
        try:
            if library.EVP_PKEY_verify_init(context) != 1:
                raise BackendError
            return library.EVP_PKEY_verify(context, signature, len(signature), digest, len(digest)) == 1
        finally:
            library.ERR_clear_error()
            library.EVP_PKEY_CTX_free(context)


@lru_cache(maxsize=64)
def _public(public: bytes) -> _Key:
    return _Key(der.public_key(public), False)


@lru_cache(maxsize=64)
def _private(private: bytes) -> _Key:
    return _Key(der.private_key(private), True)


def encrypt(public: bytes, data: bytes) -> bytes:
    return _public(public).run("encrypt", data, len(data) + 160)


def decrypt(private: bytes, encoded: bytes) -> bytes:
    return _private(private).run("decrypt", encoded, len(encoded))


def sign_digest(private: bytes, digest: bytes) -> bytes:
    return _private(private).run("sign", digest, 80)


def verify_digest(public: bytes, digest: bytes, signature: bytes) -> bool:
    return _public(public).verify(signature, digest)
