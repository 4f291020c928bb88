"""UUIDv7 (RFC 9562, section 5.7): ids that sort by the time they were made."""

from __future__ import annotations

import os
import time
from uuid import UUID


def uuid7() -> UUID:
    """A new id: 48 bits of Unix milliseconds, then 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    high = (milliseconds << 16) | 0x7000 | (random >> 68 & 0x0FFF)
    low = (0b10 << 62) | (random & ((1 << 62) - 1))
    return UUID(int=high << 64 | low)
