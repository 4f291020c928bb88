"""Ed25519 (RFC 8032): whether a signature holds, and whether 32 bytes are a public key that anybody should trust."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

PRIME = 2**255 - 19
CURVE_D = -121_665 * pow(121_666, -1, PRIME) % PRIME
DOUBLINGS = 3
"""Eight times a point of small order is the neutral element."""


def verify_ed25519(public: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def is_public_key(public: bytes) -> bool:
    """Whether these 32 bytes are a point of the curve in its one spelling, and not of small order.

    Libraries do not ask. Under a key of small order one signature holds for many messages, so it binds nobody.
    """
    y = int.from_bytes(public, "little") & (2**255 - 1)
    if y >= PRIME:
        return False
    yy = y * y % PRIME
    xx = (yy - 1) * pow(CURVE_D * yy + 1, -1, PRIME) % PRIME
    if xx != 0 and pow(xx, (PRIME - 1) // 2, PRIME) != 1:
        return False
    for _ in range(DOUBLINGS):
        xx, yy = doubled(xx, yy)
    return xx != 0


def doubled(xx: int, yy: int) -> tuple[int, int]:
    """The squares of the coordinates of twice a point, from the squares of its own."""
    part = CURVE_D * xx * yy % PRIME
    twice_xx = 4 * xx * yy * pow(1 + part, -2, PRIME) % PRIME
    twice_yy = (xx + yy) * (xx + yy) * pow(1 - part, -2, PRIME) % PRIME
    return twice_xx, twice_yy
