"""How the password travels in B.1.1 (`mm`): the standard leaves it open, so it is a setting of the platform (DESIGN §5)."""

import base64
import hashlib
from collections.abc import Callable

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from guomi import sm3


class WrapError(ValueError):
    """The password can't be wrapped as configured; the message is Chinese."""


def wrap(method: str, password: str, *, key: str = "", encrypt: Callable[[str], str] | None = None) -> str:
    """The password as it is sent. `key`: 32 hex digits for sm4-ecb-base64; `encrypt`: the platform's SM2 for sm2.

    >>> wrap("md5-base64", "abc")
    'kAFQmDzST7DWlj99KOF/cg=='
    """
    data = password.encode()
    if method == "plain":
        return password
    if method == "md5-base64":
        return base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()
    if method == "sm3-hex":
        return sm3.digest(data).hex()
    if method == "sm4-ecb-base64":
        return base64.b64encode(_sm4_ecb(data, key)).decode()
    if method == "sm2" and encrypt is not None:
        return encrypt(password)
    raise WrapError(f"未知的密码包装方式:{method}")


def _sm4_ecb(data: bytes, key: str) -> bytes:
    """ECB only because platforms ask for it: one short secret, nothing of ours is ever stored this way."""
    try:
        secret = bytes.fromhex(key)
    except ValueError:
        secret = b""
    if len(secret) != 16:
        raise WrapError("密码包装密钥应为 32 位十六进制数")
    padder = PKCS7(128).padder()
    encryptor = Cipher(algorithms.SM4(secret), modes.ECB()).encryptor()  # noqa: S305
    return encryptor.update(padder.update(data) + padder.finalize()) + encryptor.finalize()
