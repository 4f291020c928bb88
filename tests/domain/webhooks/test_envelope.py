"""The body a receiver gets."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.webhooks.domain.envelope import BODY_BYTES_MAX, Notice, cloud_event

LEDGER, EVENT, THING = UUID(int=1), UUID(int=2), UUID(int=3)
NOTICE = Notice(
    type="governance.vote-cast.v1",
    event_id=EVENT,
    ledger=LEDGER,
    seq=117,
    stream=f"decision/{THING}",
    recorded_at=datetime(2026, 3, 1, 12, tzinfo=UTC),
    data={"choice": "approve", "reason": "ja, für alle"},
)
BASE = "https://concord.example"


def test_the_body_is_a_cloud_event() -> None:
    assert json.loads(cloud_event(NOTICE, BASE)) == {
        "specversion": "1.0",
        "type": "governance.vote-cast.v1",
        "source": f"{BASE}/ledger/v1/ledgers/{LEDGER}",
        "id": str(EVENT),
        "time": "2026-03-01T12:00:00.000000Z",
        "subject": f"decision/{THING}",
        "datacontenttype": "application/json",
        "dataschema": f"{BASE}/webhooks/v1/event-types/governance.vote-cast.v1/schema",
        "ledgerid": str(LEDGER),
        "ledgerseq": 117,
        "data": {"choice": "approve", "reason": "ja, für alle"},
    }


def test_the_same_event_has_the_same_bytes() -> None:
    elsewhere = replace(NOTICE, recorded_at=NOTICE.recorded_at.astimezone(timezone(timedelta(hours=2))))
    assert cloud_event(elsewhere, f"{BASE}/") == cloud_event(NOTICE, BASE)


def test_what_would_be_too_large_is_linked() -> None:
    room = BODY_BYTES_MAX - len(cloud_event(replace(NOTICE, data={"x": ""}), BASE))
    fits = cloud_event(replace(NOTICE, data={"x": "x" * room}), BASE)
    assert len(fits) == BODY_BYTES_MAX
    linked = json.loads(cloud_event(replace(NOTICE, data={"x": "x" * (room + 1)}), BASE))
    assert "data" not in linked
    assert linked["dataref"] == f"{BASE}/ledger/v1/ledgers/{LEDGER}/events/117"
    assert linked["id"] == str(EVENT)


@given(st.dictionaries(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8")), max_size=5))
def test_any_data_fits_or_is_linked(data: dict[str, str]) -> None:
    body = cloud_event(replace(NOTICE, data=data), BASE)
    assert len(body) <= BODY_BYTES_MAX
    assert json.loads(body)["data"] == data
