"""Isolation of ledger's operations; expect.py says how to add a line."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp
from uuid import UUID

from shared.auth.caller import ADMINS
from shared.events.metrics import BatchCounts, BatchIngested
from shared.ids import uuid7
from shared.log.envelope import Actor, Cause
from shared.log.log import Log
from tests.acceptance.isolation.expect import joint, own
from tests.acceptance.isolation.world import World
from tests.signing import sign, workers_of

WITNESS = "witness.example/w1+7e136b5c+BAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"

LINES = {
    "list_ledgers": own("ledger:read", bound=True),
    "get_ledger": joint("ledger:read"),
    "get_ledger_checkpoint": joint("ledger:read"),
    "compare_ledger": joint("ledger:read", query={"from": "0"}),
    "list_ledger_events": joint("ledger:read"),
    "get_ledger_event": joint("ledger:read"),
    "export_ledger": joint("ledger:read"),
    "prove_consistency": joint("ledger:read", query={"from": "1"}),
    "prove_inclusion": joint("ledger:read", query={"seq": "0"}),
    "get_ledger_root": joint("ledger:read"),
    "get_ledger_state": joint("ledger:read"),
    "get_ledger_signing": joint("ledger:read"),
    "get_ledger_policy": joint("ledger:read"),
    "prove_inclusion_as_text": joint("ledger:read", query={"seq": "0"}),
    "prove_consistency_as_text": joint("ledger:read", query={"from": "1"}),
    "get_entry_bundle": joint("ledger:read"),
    "get_disclosures": joint("ledger:read"),
    "get_attachment": joint("ledger:read"),
    "get_tile": joint("ledger:read"),
    "list_witnesses": joint("ledger:read"),
    "get_witness": joint("ledger:read"),
    "name_witness": joint(roles=ADMINS),
    "withdraw_witness": joint(roles=ADMINS),
}


def seed(world: World) -> dict[str, str]:
    named = {"vkey": WITNESS, "url": "http://127.0.0.1:9"}
    witness = world.owner.post(f"/ledger/v1/ledgers/{world.alliance}/witnesses", named)
    seq, digest = report_with_attachment(world)
    sign(workers_of(world.api.runtime, Path(mkdtemp())), UUID(world.alliance))
    return {"seq": str(seq), "sha256": digest, "witness_id": witness["id"], "level": "0", "index": "000.p/1"}


def report_with_attachment(world: World) -> tuple[int, str]:
    """An event that names an attachment; its seq, and the attachment's SHA-256."""
    ledger_id, org = UUID(world.alliance), UUID(world.owner.org)
    counts = BatchCounts(accepted=0, corrected=0, duplicate=0, rejected=0)
    with world.api.runtime.engine.begin() as connection:
        log = Log(connection)
        rows = log.attach(ledger_id, b"kpi,period,value", "text/csv")
        event = BatchIngested(side=org, source=None, counts=counts, kpis=(), rows=rows, rest=None, remarks=())
        recorded = log.append(
            ledger_id,
            f"batch/{uuid7()}",
            0,
            [event],
            actor=Actor(org=org, sub=UUID(world.owner.person)),
            effective_at=datetime(2026, 3, 1, tzinfo=UTC),
            cause=Cause(command="seed"),
        )
    return recorded[0].seq, rows.sha256
