import pytest

from guomi import selftest, sm3, sm4


def test_sm3_gives_the_standards_digests():
    assert sm3.digest(b"abc") == selftest.SM3_ABC
    long = "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"
    assert sm3.digest(b"abcd" * 16).hex() == long
    assert sm3.digest_without_hashlib(b"abcd" * 16).hex() == long


@pytest.mark.parametrize("size", [0, 1, 63, 64, 65, 1000])
def test_both_ways_to_sm3_agree(size):
    data = bytes(n % 251 for n in range(size))
    assert sm3.digest(data) == sm3.digest_without_hashlib(data)
    assert sm3.hmac(b"key" * 30, data) == sm3.hmac_without_hashlib(b"key" * 30, data)


def test_sm4_gcm_gives_the_vector_of_rfc_8998():
    sealed = sm4.seal_with_nonce(selftest.GCM_KEY, selftest.GCM_NONCE, selftest.GCM_CLEAR, selftest.GCM_CONTEXT)
    assert sealed == selftest.GCM_SEALED


def test_every_altered_byte_and_context_is_refused():
    key = bytes(range(16))
    blob = sm4.seal(key, "张小三".encode(), b"here")
    assert sm4.open_sealed(key, blob, b"here") == "张小三".encode()
    for place in range(len(blob)):
        with pytest.raises(sm4.Sm4Error):
            sm4.open_sealed(key, blob[:place] + bytes([blob[place] ^ 128]) + blob[place + 1 :], b"here")
    for key_used, changed, context in (
        (key, blob, b"there"),
        (key[::-1], blob, b"here"),
        (key, blob[:-1], b"here"),
        (key, b"", b""),
    ):
        with pytest.raises(sm4.Sm4Error):
            sm4.open_sealed(key_used, changed, context)


def test_no_nonce_comes_twice():
    assert len({sm4.seal(bytes(16), b"same", b"")[:12] for _ in range(2000)}) == 2000


def test_a_wrong_cipher_stops_the_start():
    broken = {"SM3": lambda: False, "SM4-GCM": lambda: 1 / 0, "SM2 签名": lambda: True}
    assert selftest.run(broken) == ["SM3", "SM4-GCM"]
    with pytest.raises(selftest.SelfTestError, match="SM3、SM4-GCM"):
        selftest.require(broken)
    assert selftest.require() is None
