"""The fixed bytes of an entry."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.log.entry import (
    BODY_BYTES_MAX,
    ENTRY_BYTES_MAX,
    Entry,
    MalformedEntry,
    decode_entry,
    encode_entry,
    leaf_hash,
)

U64 = st.integers(0, 2**64 - 1)


def test_the_bytes_of_an_entry_are_fixed() -> None:
    entry = encode_entry(117, 1_767_225_600_000_000, b'{"type":"x"}')
    assert entry == bytes.fromhex("0100000000000000750006474846204000") + b'{"type":"x"}'
    assert leaf_hash(entry) == sha256(b"\x00" + entry).digest()


@given(U64, U64, st.binary(min_size=1, max_size=100))
def test_what_was_encoded_decodes(seq: int, recorded_us: int, body: bytes) -> None:
    assert decode_entry(encode_entry(seq, recorded_us, body)) == Entry(seq, recorded_us, body)


def test_the_largest_body_makes_the_largest_entry() -> None:
    assert BODY_BYTES_MAX == 65_518
    assert len(encode_entry(0, 0, bytes(BODY_BYTES_MAX))) == ENTRY_BYTES_MAX == 2**16 - 1
    with pytest.raises(MalformedEntry, match="at most 65,518 bytes"):
        encode_entry(0, 0, bytes(BODY_BYTES_MAX + 1))


@pytest.mark.parametrize(("seq", "recorded_us"), [(-1, 0), (0, -1), (2**64, 0), (0, 2**64)])
def test_numbers_are_u64(seq: int, recorded_us: int) -> None:
    with pytest.raises(MalformedEntry, match="from 0 to"):
        encode_entry(seq, recorded_us, b"{}")


def test_an_entry_has_a_body() -> None:
    with pytest.raises(MalformedEntry, match="has a body"):
        encode_entry(0, 0, b"")


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "more than 17 bytes"),
        (b"\x01" + bytes(16), "more than 17 bytes"),
        (b"\x02" + bytes(17), "begins with 0x01"),
        (b"\x01" + bytes(ENTRY_BYTES_MAX), "at most 65,535 bytes"),
    ],
)
def test_other_bytes_are_no_entry(raw: bytes, words: str) -> None:
    with pytest.raises(MalformedEntry, match=words):
        decode_entry(raw)
