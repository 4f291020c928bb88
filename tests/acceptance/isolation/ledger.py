"""Isolation of ledger's operations; expect.py says how to add a line."""

from __future__ import annotations

from pathlib import Path
from tempfile import mkdtemp
from uuid import UUID

from shared.auth.caller import ADMINS
from tests.acceptance.isolation.expect import joint, own
from tests.acceptance.isolation.world import World
from tests.signing import sign, workers_of

WITNESS = "witness.example/w1+7e136b5c+BAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"

LINES = {
    "list_ledgers": own("ledger:read"),
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
    "get_tile": joint("ledger:read"),
    "list_witnesses": joint("ledger:read"),
    "get_witness": joint("ledger:read"),
    "name_witness": joint(roles=ADMINS),
    "withdraw_witness": joint(roles=ADMINS),
}


def seed(world: World) -> dict[str, str]:
    named = {"vkey": WITNESS, "url": "http://127.0.0.1:9"}
    witness = world.owner.post(f"/ledger/v1/ledgers/{world.alliance}/witnesses", named)
    sign(workers_of(world.api.runtime, Path(mkdtemp())), UUID(world.alliance))
    return {"seq": "0", "witness_id": witness["id"], "level": "0", "index": "000.p/1"}
