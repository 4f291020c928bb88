"""What a receiver gets: one event as a CloudEvents 1.0 JSON document."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

BODY_BYTES_MAX = 20_000
"""Standard Webhooks asks for payloads under 20 KB, however one counts a KB."""


@dataclass(frozen=True, slots=True)
class Notice:
    """An event as it is told to others. `data` is JSON, mapped on purpose: never the event dumped.

    `stream` is `noun/id`; `recorded_at` is aware. `seq` is None for a test, which is in no ledger.
    """

    type: str
    event_id: UUID
    ledger: UUID
    seq: int | None
    stream: str
    recorded_at: datetime
    data: dict[str, Any]


def cloud_event(notice: Notice, base_url: str) -> bytes:
    """The body: at most BODY_BYTES_MAX bytes of UTF-8 JSON, always the same for the same event.

    Data that would not fit is left out, and `dataref` (CloudEvents' extension for this) says where to get it.
    `base_url`: of Concord's API, such as `https://concord.example`.
    """
    base = base_url.rstrip("/")
    source = f"{base}/ledger/v1/ledgers/{notice.ledger}"
    told: dict[str, Any] = {
        "specversion": "1.0",
        "type": notice.type,
        "source": source,
        "id": str(notice.event_id),
        "time": notice.recorded_at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "subject": notice.stream,
        "datacontenttype": "application/json",
        "dataschema": f"{base}/webhooks/v1/event-types/{notice.type}/schema",
        "ledgerid": str(notice.ledger),
    }
    if notice.seq is not None:
        told["ledgerseq"] = notice.seq
    body = as_json({**told, "data": notice.data})
    if len(body) <= BODY_BYTES_MAX:
        return body
    return as_json({**told, "dataref": f"{source}/events/{notice.seq}"})


def as_json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8")
