"""Isolation of metrics' operations; expect.py says how to add a line."""

from __future__ import annotations

from tests.acceptance.isolation.expect import joint
from tests.acceptance.isolation.world import World
from tests.integration.metrics.road import Joint, row

LINES = {
    "list_batches": joint("metrics:read"),
    "get_batch": joint("metrics:read"),
    "list_outcomes": joint("metrics:read"),
    "list_kpis": joint("metrics:read"),
    "propose_kpi": joint(),
    "get_kpi": joint("metrics:read"),
    "accept_kpi": joint(),
    "counter_kpi": joint(),
    "reconcile_kpi": joint("metrics:read"),
    "list_observations": joint("metrics:read"),
    "push_observations": joint("metrics:push"),
    "validate_observations": joint("metrics:push", dry=True),
    "get_scorecard": joint("metrics:read", query={"month": "2026-02"}),
}


def seed(world: World) -> dict[str, str]:
    here = Joint(world.api, world.alliance, world.owner, world.hansa.sponsor)
    kpi = here.agree(here.terms("flights_operated"))
    batch = here.push(world.owner, [row("1", "flights_operated", "2026-02-01")])
    return {"kpi_id": kpi["id"], "batch_id": batch["id"]}
