"""Which 32 bytes are a public key that can bind anybody, and that signatures under it hold or do not."""

from __future__ import annotations

import pytest

from shared.ed25519 import PRIME, is_public_key, verify_ed25519
from tests.signing import private_key_of

ORDER_EIGHT = "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"
OTHER_ORDER_EIGHT = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"


def point(y: int, sign: int = 0) -> bytes:
    return (y | sign << 255).to_bytes(32, "little")


@pytest.mark.parametrize("number", range(20))
def test_a_key_that_was_made_as_keys_are_is_one(number: int) -> None:
    key = private_key_of(number)
    public = key.public_key().public_bytes_raw()
    assert is_public_key(public)
    assert verify_ed25519(public, key.sign(b"approve"), b"approve")
    assert not verify_ed25519(public, key.sign(b"approve"), b"reject")
    assert not verify_ed25519(public, b"short", b"approve")


@pytest.mark.parametrize(
    "public",
    [
        point(1),
        point(1, sign=1),
        point(PRIME - 1),
        point(0),
        point(0, sign=1),
        bytes.fromhex(ORDER_EIGHT),
        bytes.fromhex(OTHER_ORDER_EIGHT),
    ],
)
def test_a_point_of_small_order_is_none(public: bytes) -> None:
    assert not is_public_key(public)


def test_under_a_point_of_small_order_one_signature_holds_for_any_message() -> None:
    """Why it is refused: this signature was made without any private key."""
    neutral, nothing = point(1), point(1) + bytes(32)
    assert verify_ed25519(neutral, nothing, b"approve")
    assert verify_ed25519(neutral, nothing, b"reject")


def test_what_is_no_point_or_another_spelling_of_one_is_none() -> None:
    assert not is_public_key(point(2))
    base = private_key_of(1).public_key().public_bytes_raw()
    assert is_public_key(base)
    assert not is_public_key(point(PRIME + 3))  # 3 spelt with the prime added
    assert is_public_key(point(3))
    assert not is_public_key(bytes([255]) * 32)
