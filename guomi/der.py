"""The two ASN.1 shapes SM2 knows (GM/T 0009): a ciphertext and a signature. Strict: one way to write each, or ValueError."""

from guomi import curve


def length(size: int) -> bytes:
    """A DER length of 0 .. 65535."""
    if size < 128:
        return bytes([size])
    if size < 256:
        return bytes([0x81, size])
    return bytes([0x82, size >> 8, size & 255])


def piece(tag: int, body: bytes) -> bytes:
    return bytes([tag]) + length(len(body)) + body


def integer(fixed: bytes) -> bytes:
    """An unsigned big-endian number as INTEGER: no leading zeros but the one that keeps it positive."""
    body = fixed.lstrip(b"\0") or b"\0"
    return piece(2, b"\0" + body if body[0] & 128 else body)


def cipher_to_der(point: bytes, second: bytes, third: bytes) -> bytes:
    """C1 (64 bytes x||y) and two octet strings, in the order given, as one SEQUENCE."""
    return piece(0x30, integer(point[:32]) + integer(point[32:]) + piece(4, second) + piece(4, third))


def cipher_from_der(der: bytes) -> tuple[bytes, bytes, bytes]:
    """SEQUENCE{x, y, octets, octets} -> (64 bytes x||y with the zeros DER drops put back, octets, octets)."""
    body = _whole(der)
    x, body = _integer(body)
    y, body = _integer(body)
    second, body = _take(body, 4)
    third, body = _take(body, 4)
    if body:
        raise ValueError("trailing bytes")
    return x + y, second, third


def signature_to_der(signature: bytes) -> bytes:
    """64 bytes r||s -> SEQUENCE{r, s}."""
    return piece(0x30, integer(signature[:32]) + integer(signature[32:]))


def signature_from_der(der: bytes) -> bytes:
    """SEQUENCE{r, s} -> 64 bytes r||s."""
    r, rest = _integer(_whole(der))
    s, rest = _integer(rest)
    if rest:
        raise ValueError("trailing bytes")
    return r + s


SPKI_HEAD = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200")


def public_key(public: bytes) -> bytes:
    """64 bytes x||y -> SubjectPublicKeyInfo (91 bytes)."""
    return SPKI_HEAD + b"\x04" + public


def private_key(private: bytes) -> bytes:
    """32 bytes -> PKCS#8 (id-ecPublicKey, sm2p256v1) with the public point, as OpenSSL reads it."""
    point = piece(3, b"\0\x04" + curve.multiply_base(int.from_bytes(private, "big")))
    inner = piece(0x30, b"\x02\x01\x01" + piece(4, private) + piece(0xA1, point))
    return piece(0x30, b"\x02\x01\x00" + SPKI_HEAD[2:23] + piece(4, inner))


def _whole(der: bytes) -> bytes:
    body, rest = _take(der, 0x30)
    if rest:
        raise ValueError("trailing bytes")
    return body


def _integer(data: bytes) -> tuple[bytes, bytes]:
    body, rest = _take(data, 2)
    if not body or body[0] & 128 or (len(body) > 1 and body[0] == 0 and not body[1] & 128):
        raise ValueError("not a minimal positive integer")
    number = body.lstrip(b"\0")
    if len(number) > 32:
        raise ValueError("integer over 32 bytes")
    return number.rjust(32, b"\0"), rest


def _take(data: bytes, tag: int) -> tuple[bytes, bytes]:
    if len(data) < 2 or data[0] != tag:
        raise ValueError("unexpected tag")
    size, start = data[1], 2
    if size & 128:
        digits = size & 127
        if digits not in (1, 2) or len(data) < 2 + digits:
            raise ValueError("unsupported length")
        size, start = int.from_bytes(data[2 : 2 + digits], "big"), 2 + digits
        if length(size) != data[1:start]:
            raise ValueError("length not minimal")
    if start + size > len(data):
        raise ValueError("cut short")
    return data[start : start + size], data[start + size :]
