"""The bytes of an entry and its leaf hash: a fixed public format, so that others' tools can verify a ledger.

    entry = 0x01 ‖ seq (u64 big-endian) ‖ recorded (u64 big-endian, µs since 1970 UTC) ‖ body
    leaf  = SHA-256(0x00 ‖ entry)                                       RFC 6962 §2.1, RFC 9162 §2.1.1

Body: RFC 8785 canonical JSON in UTF-8. Whether it is canonical is the business of those who write and verify it.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from hashlib import sha256

ENTRY_FORMAT = 0x01
HEADER = struct.Struct(">BQQ")
U64_MAX = 2**64 - 1
ENTRY_BYTES_MAX = 65_535
"""A tlog-tiles entry bundle gives an entry's length as a uint16."""
BODY_BYTES_MAX = ENTRY_BYTES_MAX - HEADER.size
"""65,518 bytes; what is larger is stored as an attachment."""
LEAF_PREFIX = b"\x00"


class MalformedEntry(ValueError):
    """These bytes are no entry, or these values fit in none."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One decoded entry: its place in its ledger, when it was recorded (µs since 1970 UTC), and the bytes written."""

    seq: int
    recorded_us: int
    body: bytes


def encode_entry(seq: int, recorded_us: int, body: bytes) -> bytes:
    """The bytes that are stored and hashed: 17 of header, then `body` as it is.

    Raises MalformedEntry when a number is no u64, or the body is empty or above BODY_BYTES_MAX.
    """
    require_u64("seq", seq)
    require_u64("recorded_us", recorded_us)
    if not body:
        raise MalformedEntry("An entry has a body.")
    if len(body) > BODY_BYTES_MAX:
        raise MalformedEntry(f"A body has at most {BODY_BYTES_MAX:,} bytes, this one {len(body):,}.")
    return HEADER.pack(ENTRY_FORMAT, seq, recorded_us) + body


def decode_entry(entry: bytes) -> Entry:
    """The inverse of `encode_entry`. Raises MalformedEntry for another format, or too few or too many bytes."""
    if len(entry) <= HEADER.size:
        raise MalformedEntry(f"An entry has more than {HEADER.size} bytes, this one {len(entry)}.")
    if len(entry) > ENTRY_BYTES_MAX:
        raise MalformedEntry(f"An entry has at most {ENTRY_BYTES_MAX:,} bytes, this one {len(entry):,}.")
    form, seq, recorded_us = HEADER.unpack_from(entry)
    if form != ENTRY_FORMAT:
        raise MalformedEntry(f"An entry begins with 0x{ENTRY_FORMAT:02x}, this one with 0x{form:02x}.")
    return Entry(seq, recorded_us, entry[HEADER.size :])


def leaf_hash(entry: bytes) -> bytes:
    """The 32 bytes that stand for an entry in its ledger's Merkle tree."""
    return sha256(LEAF_PREFIX + entry).digest()


def require_u64(name: str, number: int) -> None:
    if not 0 <= number <= U64_MAX:
        raise MalformedEntry(f"{name} is from 0 to 2^64 - 1, not {number}.")
