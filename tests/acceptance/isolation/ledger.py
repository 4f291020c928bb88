"""Isolation of ledger's operations; expect.py says how to add a line."""

from __future__ import annotations

from tests.acceptance.isolation.expect import joint, own
from tests.acceptance.isolation.world import World

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
}


def seed(world: World) -> dict[str, str]:
    return {"seq": "0"}
