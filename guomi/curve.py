"""The curve of GB/T 32918.5 (sm2p256v1) in plain integers: is a point on it, which point belongs to a private key.

Only rare steps use this module (reading a key, making one without the C library); encrypting, decrypting and signing
are the libraries' work. The multiplication takes the same number of steps for every key, but Python's integers are
not constant in time, so nothing a stranger can trigger and time may call it with a secret.
"""

P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = P - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
GX = 0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7
GY = 0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0

Point = tuple[int, int, int]  # Jacobian: x = X/Z**2, y = Y/Z**3; Z = 0 is the point at infinity
INFINITY: Point = (1, 1, 0)


def contains(public: bytes) -> bool:
    """Whether 64 bytes x||y are a point of the curve."""
    if len(public) != 64:
        return False
    x, y = int.from_bytes(public[:32], "big"), int.from_bytes(public[32:], "big")
    return x < P and y < P and (y * y - (x * x * x + A * x + B)) % P == 0


def decompress(compressed: bytes) -> bytes | None:
    """33 bytes (02 or 03, then x) -> 64 bytes x||y, or None when no such point exists."""
    if len(compressed) != 33 or compressed[0] not in (2, 3):
        return None
    x = int.from_bytes(compressed[1:], "big")
    if x >= P:
        return None
    square = (x * x * x + A * x + B) % P
    y = pow(square, (P + 1) // 4, P)
    if y * y % P != square:
        return None
    if y % 2 != compressed[0] % 2:
        y = P - y
    return x.to_bytes(32, "big") + y.to_bytes(32, "big")


def multiply_base(scalar: int) -> bytes:
    """scalar x G as 64 bytes x||y; the scalar is 1 .. n-1."""
    low, high = INFINITY, (GX, GY, 1)
    for bit in range(N.bit_length() - 1, -1, -1):
        if scalar >> bit & 1:
            low, high = _add(low, high), _double(high)
        else:
            low, high = _double(low), _add(low, high)
    x, y, z = low
    inverse = pow(z, -1, P)
    square = inverse * inverse % P
    return (x * square % P).to_bytes(32, "big") + (y * square * inverse % P).to_bytes(32, "big")


def _double(point: Point) -> Point:
    x, y, z = point
    if not z or not y:
        return INFINITY
    s = 4 * x * y * y % P
    m = 3 * (x - z * z) * (x + z * z) % P  # because a = -3
    x3 = (m * m - 2 * s) % P
    return x3, (m * (s - x3) - 8 * pow(y, 4, P)) % P, 2 * y * z % P


def _add(one: Point, two: Point) -> Point:
    if not one[2]:
        return two
    if not two[2]:
        return one
    (x1, y1, z1), (x2, y2, z2) = one, two
    u1, u2 = x1 * z2 * z2 % P, x2 * z1 * z1 % P
    s1, s2 = y1 * z2 * z2 * z2 % P, y2 * z1 * z1 * z1 % P
    h, r = (u2 - u1) % P, (s2 - s1) % P
    if not h:
        return _double(one) if not r else INFINITY
    h2 = h * h % P
    h3, v = h * h2 % P, u1 * h2 % P
    x3 = (r * r - h3 - 2 * v) % P
    return x3, (r * (v - x3) - s1 * h3) % P, h * z1 * z2 % P
