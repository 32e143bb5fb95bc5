"""Start-up self-test with the standards' vectors: a portal whose ciphers are wrong must not serve.

`run()` returns the names of what failed (empty: all right); `require()` raises SelfTestError naming them.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from guomi import sm2, sm3, sm4


class SelfTestError(RuntimeError):
    """One of the national ciphers computes something else than its standard."""


PRIVATE = bytes.fromhex("3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8")
PUBLIC = bytes.fromhex(
    "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
    "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
)
BARE = sm2.CipherForm(prefix="none")  # this point's x happens to begin with 04: the prefix is not there
CIPHERTEXT = (
    "04EBFC718E8D1798620432268E77FEB6415E2EDE0E073C0F4F640ECD2E149A73E8"
    "58F9D81E5430A57B36DAAB8F950A3C64E6EE6A63094D99283AFF767E124DF0"
    "59983C18F809E262923C53AEC295D30383B54E39D609D160AFCB1908D0BD8766"
    "21886CA989CA9C7D58087307CA93092D651EFA"
)
SIGNATURE = bytes.fromhex(
    "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3"
    "B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA"
)
SM3_ABC = bytes.fromhex("66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0")
GCM_KEY = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
GCM_NONCE = bytes.fromhex("00001234567800000000ABCD")
GCM_CONTEXT = bytes.fromhex("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2")
GCM_CLEAR = b"".join(bytes([value]) * 8 for value in (0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF, 0xEE, 0xAA))
GCM_SEALED = bytes.fromhex(
    "17F399F08C67D5EE19D0DC9969C4BB7D5FD46FD3756489069157B282BB200735"
    "D82710CA5C22F0CCFA7CBF93D496AC15A56834CBCF98C397B4024A2691233B8D"
    "83DE3541E4C2B58177E065A9BF7B62EC"
)


@contextmanager
def _quiet() -> Iterator[None]:
    """The C library reports each refusal on stderr with file and line; here refusing is what we want to see.

    Swaps the process's descriptor 2, so it belongs to start-up, before there are threads.
    """
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _sm2_encryption() -> bool:
    """GB/T 32918.5 annex C, and one own round trip in every form."""
    if sm2.decrypt(PRIVATE, CIPHERTEXT, BARE) != b"encryption standard" or sm2.public_of(PRIVATE) != PUBLIC:
        return False
    return sm2.decrypt(PRIVATE, sm2.encrypt(PUBLIC, b"\0a")) == b"\0a"


def _sm2_alteration() -> bool:
    altered = CIPHERTEXT[:-1] + "B"
    try:
        sm2.decrypt(PRIVATE, altered, BARE)
    except sm2.Sm2Error:
        return True
    return False


def _sm2_signature() -> bool:
    """GB/T 32918.5 annex A, and one own signature."""
    own = sm2.sign(PRIVATE, b"anju")
    return (
        sm2.verify(PUBLIC, b"message digest", SIGNATURE)
        and sm2.verify(PUBLIC, b"anju", own)
        and not sm2.verify(PUBLIC, b"anjv", own)
    )


def _sm3() -> bool:
    """GB/T 32905 annex A, and agreement of both implementations of the HMAC."""
    return sm3.digest(b"abc") == SM3_ABC and sm3.hmac(b"k", b"abc") == sm3.hmac_without_hashlib(b"k", b"abc")


def _sm4_gcm() -> bool:
    """RFC 8998 A.1, and a changed tag refused."""
    if sm4.seal_with_nonce(GCM_KEY, GCM_NONCE, GCM_CLEAR, GCM_CONTEXT) != GCM_SEALED:
        return False
    if sm4.open_sealed(GCM_KEY, GCM_NONCE + GCM_SEALED, GCM_CONTEXT) != GCM_CLEAR:
        return False
    try:
        sm4.open_sealed(GCM_KEY, GCM_NONCE + GCM_SEALED[:-1] + b"\0", GCM_CONTEXT)
    except sm4.Sm4Error:
        return True
    return False


PARTS: dict[str, Callable[[], bool]] = {
    "SM2 加解密": _sm2_encryption,
    "SM2 完整性校验": _sm2_alteration,
    "SM2 签名": _sm2_signature,
    "SM3": _sm3,
    "SM4-GCM": _sm4_gcm,
}


def run(parts: dict[str, Callable[[], bool]] = PARTS) -> list[str]:
    """The names of the parts that do not compute what their standard says; a few milliseconds."""
    with _quiet():
        return [name for name, part in parts.items() if not _holds(part)]


def _holds(part: Callable[[], bool]) -> bool:
    try:
        return part()
    except Exception:  # whatever a broken library throws means the same: it may not be used
        return False


def require(parts: dict[str, Callable[[], bool]] = PARTS) -> None:
    """Raise SelfTestError unless everything is right."""
    if failed := run(parts):
        raise SelfTestError("国密算法自检未通过，拒绝启动：" + "、".join(failed))
