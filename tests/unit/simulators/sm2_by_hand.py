"""SM2 verification from the standard's formulas (GB/T 32918.2, 7.1), on integers: nothing shared with GmSSL."""

P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = P - 3
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
Point = tuple[int, int] | None


def add(one: Point, two: Point) -> Point:
    """Sum of two points of the curve; None is the point at infinity."""
    if one is None or two is None:
        return one or two
    (x1, y1), (x2, y2) = one, two
    if x1 == x2 and (y1 + y2) % P == 0:
        return None
    slope = (3 * x1 * x1 + A) * pow(2 * y1, -1, P) if one == two else (y2 - y1) * pow(x2 - x1, -1, P)
    x = (slope * slope - x1 - x2) % P
    return x, (slope * (x1 - x) - y1) % P


def times(count: int, point: Point) -> Point:
    """`count` times a point."""
    result: Point = None
    while count:
        result = add(result, point) if count & 1 else result
        point, count = add(point, point), count >> 1
    return result


def public_key(private: bytes) -> Point:
    """The point that belongs to a private key."""
    return times(int.from_bytes(private, "big"), G)


def verify(public: Point, digest: bytes, signature: bytes) -> bool:
    """Is this r and s (32 bytes each) over the digest e?"""
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    point = add(times(s, G), times((r + s) % N, public))
    return 0 < r < N and 0 < s < N and point is not None and (int.from_bytes(digest, "big") + point[0]) % N == r
