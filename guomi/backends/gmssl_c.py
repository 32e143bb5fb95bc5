"""SM2 by gmssl-pyx (GmSSL in C): the one on the live path where its wheel exists."""

import gmssl_pyx

from guomi.backends import BackendError

LIMIT = 255
NAME = "gmssl-pyx"
_FAILURES = (gmssl_pyx.GmsslInnerError, gmssl_pyx.InvalidValueError, ValueError)


def encrypt(public: bytes, data: bytes) -> bytes:
    try:
        return gmssl_pyx.sm2_encrypt(public, data)
    except _FAILURES:
        raise BackendError from None


def decrypt(private: bytes, der: bytes) -> bytes:
    try:
        return gmssl_pyx.sm2_decrypt(private, der)
    except _FAILURES:
        raise BackendError from None


def sign_digest(private: bytes, digest: bytes) -> bytes:
    try:
        return gmssl_pyx.sm2_sign_sm3_digest(private, digest)
    except _FAILURES:
        raise BackendError from None


def verify_digest(public: bytes, digest: bytes, signature: bytes) -> bool:
    try:
        return bool(gmssl_pyx.sm2_verify_sm3_digest(public, digest, signature))
    except _FAILURES:
        return False
