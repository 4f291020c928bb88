"""The rows of a batch as stored: NDJSON, one array a row, in the order of `ObservationRow` without its remarks.

    ["ua-1","on_time","2013-03-01","0.547826","63","115",{"region":"emea"},"","ua-0"]

A written row has one spelling (no spaces, UTF-8, dimensions sorted by name), so equal rows have equal digests.
Remarks travel in the event, where they can be erased.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from services.metrics.domain.observation import ObservationRow
from shared.events.values import Attachment

MEDIA_TYPE = "application/x-ndjson"

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


def encode_rows(rows: Iterable[ObservationRow]) -> bytes:
    """The rows as bytes, each line ended by a newline; no rows are no bytes."""
    lines = [_encode((*row[:6], dict(row[6]), row[7], row[8])) for row in rows]
    return ("\n".join(lines) + "\n").encode() if lines else b""


def decode_rows(content: bytes) -> list[ObservationRow]:
    """The rows as they were encoded, remarks empty. Raises ValueError for bytes that `encode_rows` did not make."""
    text = content.decode()
    if not text:
        return []
    return [_row(fields) for fields in json.loads(f"[{text.rstrip(chr(10)).replace(chr(10), ',')}]")]


def describe(content: bytes) -> Attachment:
    """The digest, length and media type by which an event refers to encoded rows."""
    return Attachment(hashlib.sha256(content).hexdigest(), len(content), MEDIA_TYPE)


def _row(fields: list[Any]) -> ObservationRow:
    identity, kpi, period, value, numerator, denominator, dimensions, occurred_at, supersedes = fields
    return ObservationRow(
        identity, kpi, period, value, numerator, denominator, tuple(dimensions.items()), occurred_at, supersedes
    )
