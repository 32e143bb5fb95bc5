"""SM2 (GB/T 32918): encrypt one value for the upper platform, decrypt, sign, verify, and read keys in every spelling.

gmssl-pyx does the arithmetic where its wheel exists; the system's libcrypto takes over where it does not and for texts
of more than 255 bytes. Keys and forms are told apart by length, never by a leading 04: one coordinate in 256 starts so.
"""

import base64
import binascii
import re
import secrets
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Literal

from guomi import curve, der, sm3
from guomi.backends import BackendError, libcrypto

try:
    from guomi.backends import gmssl_c as fast
except ImportError:  # no wheel for this machine
    fast = None

MAX_CLEAR_BYTES = 4096
MAX_CIPHER_CHARS = 4 * MAX_CLEAR_BYTES
MAX_KEY_CHARS = 4096
SIGNER_ID = b"1234567812345678"  # the standard's default; some OpenSSL releases use an empty one unless told


class Sm2Error(ValueError):
    """A key, a ciphertext or a signature that is not acceptable. Says what kind of wrong; never carries a value."""


@dataclass(frozen=True)
class KeyPair:
    """private: 32 bytes; public: 64 bytes x||y."""

    private: bytes
    public: bytes

    def __repr__(self) -> str:
        return f"<KeyPair {self.public.hex()[:16]}…>"


@dataclass(frozen=True)
class CipherForm:
    """How a ciphertext is written: the order of its parts, its prefix (or ASN.1 DER), its text encoding."""

    order: Literal["C1C3C2", "C1C2C3"] = "C1C3C2"
    prefix: Literal["04", "none", "der"] = "04"
    encoding: Literal["hex", "base64"] = "hex"

    def __post_init__(self) -> None:
        if (
            self.order not in ("C1C3C2", "C1C2C3")
            or self.prefix not in ("04", "none", "der")
            or self.encoding not in ("hex", "base64")
        ):
            raise Sm2Error("未知的密文格式")


DEFAULT_FORM = CipherForm()
FORMS = tuple(CipherForm(*parts) for parts in product(("C1C3C2", "C1C2C3"), ("04", "none", "der"), ("hex", "base64")))


def generate() -> KeyPair:
    """A new key pair from the system's random source."""
    private = (secrets.randbelow(curve.N - 2) + 1).to_bytes(32, "big")
    return KeyPair(private, public_of(private))


@lru_cache(maxsize=64)
def public_of(private: bytes) -> bytes:
    """The 64-byte public key x||y of a 32-byte private key."""
    return curve.multiply_base(int.from_bytes(_checked_private(private), "big"))


# --- keys as text ----------------------------------------------------------------------------------------------------
def load_public_key(text: str) -> bytes:
    """PEM or base64 SPKI, or hex or base64 of 04||x||y, x||y or the compressed point -> 64 bytes, checked on the curve."""
    raw = _key_bytes(text, hex_lengths=(66, 128, 130, 182))
    if len(raw) == 91 and raw.startswith(der.SPKI_HEAD):
        raw = raw[26:]
    if len(raw) == 65 and raw[0] == 4:
        raw = raw[1:]
    elif len(raw) == 33:
        raw = curve.decompress(raw) or b""
    if not curve.contains(raw):
        raise Sm2Error("不是 SM2 公钥：长度不符或点不在曲线上")
    return raw


def load_private_key(text: str) -> bytes:
    """32 bytes in hex or base64, a DER-style hex with a leading 00, PKCS#8 or SEC1 (PEM or base64) -> 32 bytes, in range."""
    raw = _key_bytes(text, hex_lengths=None)
    if len(raw) == 33 and raw[0] == 0:
        raw = raw[1:]
    elif len(raw) > 33:
        raw = _private_in_der(raw)
    return _checked_private(raw)


def _key_bytes(text: str, hex_lengths: tuple[int, ...] | None) -> bytes:
    if len(text) > MAX_KEY_CHARS:
        raise Sm2Error("密钥文本过长")
    bare = re.sub(r"-----[A-Z0-9 ]+-----|\s+", "", text)
    if re.fullmatch(r"(?:[0-9a-fA-F]{2})+", bare) and (hex_lengths is None or len(bare) in hex_lengths):
        return bytes.fromhex(bare)
    try:
        return base64.b64decode(bare, validate=True)
    except (binascii.Error, ValueError):
        raise Sm2Error("密钥不是十六进制、Base64 或 PEM 文本") from None


def _private_in_der(raw: bytes) -> bytes:
    """The 32 bytes behind the version number 1: `02 01 01 04 20 d` is how SEC1 and PKCS#8 both hold them."""
    place = raw.find(bytes.fromhex("0201010420"))
    if raw[:1] != b"\x30" or place < 0 or bytes.fromhex("06082a811ccf5501822d") not in raw:
        raise Sm2Error("不是 SM2 私钥")
    return raw[place + 5 : place + 37]


def _checked_private(raw: bytes) -> bytes:
    if len(raw) != 32 or not 0 < int.from_bytes(raw, "big") < curve.N - 1:
        raise Sm2Error("不是 SM2 私钥：长度不符或超出范围")
    return raw


@lru_cache(maxsize=256)
def _checked_public(public: bytes) -> bytes:
    if not curve.contains(public):
        raise Sm2Error("不是 SM2 公钥：长度不符或点不在曲线上")
    return public


# --- encrypt and decrypt ---------------------------------------------------------------------------------------------
def encrypt(public: bytes, data: bytes, form: CipherForm = DEFAULT_FORM) -> str:
    """1 .. 4096 bytes -> ciphertext text in the form wanted; a different one at every call."""
    if not 0 < len(data) <= MAX_CLEAR_BYTES:
        raise Sm2Error(f"SM2 明文长度须为 1 至 {MAX_CLEAR_BYTES} 字节")
    try:
        encoded = _backend(len(data)).encrypt(_checked_public(public), data)
        point, check, body = der.cipher_from_der(encoded)
    except (BackendError, ValueError) as error:
        raise error if isinstance(error, Sm2Error) else Sm2Error("SM2 加密失败") from None
    return _write(point, check, body, form)


def decrypt(private: bytes, text: str, form: CipherForm = DEFAULT_FORM) -> bytes:
    """The clear bytes; Sm2Error when the text is not of this form, was altered, or was made for another key."""
    _checked_private(private)
    point, check, body = _read(text, form)
    if not curve.contains(point) or len(check) != 32 or not body:
        raise Sm2Error("密文格式不符")
    try:
        return _backend(len(body)).decrypt(private, der.cipher_to_der(point, check, body))
    except BackendError:
        raise Sm2Error("密文无法解开：内容被改动或密钥不符") from None


def recognise(private: bytes, text: str) -> list[CipherForm]:
    """Every form under which the text opens with this key (an empty list when none does)."""
    found = []
    for form in FORMS:
        try:
            decrypt(private, text, form)
        except Sm2Error:
            continue
        found.append(form)
    return found


def _backend(size: int):
    if fast is not None and size <= fast.LIMIT:
        return fast
    return libcrypto


def _write(point: bytes, check: bytes, body: bytes, form: CipherForm) -> str:
    second, third = (check, body) if form.order == "C1C3C2" else (body, check)
    if form.prefix == "der":
        raw = der.cipher_to_der(point, second, third)
    else:
        raw = (b"\x04" if form.prefix == "04" else b"") + point + second + third
    return raw.hex() if form.encoding == "hex" else base64.b64encode(raw).decode("ascii")


def _read(text: str, form: CipherForm) -> tuple[bytes, bytes, bytes]:
    """Ciphertext text -> C1 (64 bytes), C3, C2; the caller checks the point and the sizes."""
    if len(text) > MAX_CIPHER_CHARS:
        raise Sm2Error("密文过长")
    try:
        raw = _unhex(text) if form.encoding == "hex" else base64.b64decode(text, validate=True)
        if form.prefix == "der":
            point, second, third = der.cipher_from_der(raw)
            return (point, second, third) if form.order == "C1C3C2" else (point, third, second)
    except ValueError:
        raise Sm2Error("密文格式不符") from None
    if form.prefix == "04":
        if raw[:1] != b"\x04":
            raise Sm2Error("密文格式不符")
        raw = raw[1:]
    if len(raw) <= 96:
        raise Sm2Error("密文不完整")
    if form.order == "C1C3C2":
        return raw[:64], raw[64:96], raw[96:]
    return raw[:64], raw[-32:], raw[64:-32]


def _unhex(text: str) -> bytes:
    if not re.fullmatch(r"[0-9a-fA-F]*", text):
        raise ValueError("not hexadecimal")
    return bytes.fromhex(text)


# --- sign and verify -------------------------------------------------------------------------------------------------
def sign(private: bytes, message: bytes) -> bytes:
    """64 bytes r||s over the message, with the standard's default signer id."""
    public = public_of(_checked_private(private))
    try:
        return der.signature_from_der(_backend(0).sign_digest(private, _message_digest(public, message)))
    except (BackendError, ValueError):
        raise Sm2Error("SM2 签名失败") from None


def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the 64-byte signature was made over the message by the owner of the public key."""
    if len(signature) != 64:
        return False
    digest = _message_digest(_checked_public(public), message)
    try:
        return _backend(0).verify_digest(public, digest, der.signature_to_der(signature))
    except BackendError:
        return False


def _message_digest(public: bytes, message: bytes) -> bytes:
    """e = SM3(Z || message), Z binding the signer id, the curve and the public key (GB/T 32918.2, 5.5)."""
    numbers = (curve.A, curve.B, curve.GX, curve.GY)
    head = (len(SIGNER_ID) * 8).to_bytes(2, "big") + SIGNER_ID
    z = sm3.digest(head + b"".join(number.to_bytes(32, "big") for number in numbers) + public)
    return sm3.digest(z + message)
