"""Isolation of metrics' operations; expect.py says how to add a line."""

from __future__ import annotations

from tests.acceptance.isolation.expect import joint
from tests.acceptance.isolation.world import World
from tests.integration.metrics.road import Joint, row, settle

LINES = {
    "list_batches": joint("metrics:read"),
    "get_batch": joint("metrics:read"),
    "list_outcomes": joint("metrics:read"),
    "list_kpis": joint("metrics:read"),
    "propose_kpi": joint(),
    "get_kpi": joint("metrics:read"),
    "accept_kpi": joint(),
    "counter_kpi": joint(),
    "revise_kpi": joint(),
    "withdraw_kpi_offer": joint(),
    "retire_kpi": joint(),
    "note_definition": joint(),
    "reconcile_kpi": joint("metrics:read"),
    "list_cases": joint("metrics:read"),
    "get_case": joint("metrics:read"),
    "propose_settlement": joint(),
    "dispute_settlement": joint(),
    "accept_settlement": joint(),
    "list_observations": joint("metrics:read"),
    "push_observations": joint("metrics:push"),
    "validate_observations": joint("metrics:push", dry=True),
    "open_upload": joint("metrics:push"),
    "list_uploads": joint("metrics:push"),
    "get_upload": joint("metrics:push"),
    "send_part": joint("metrics:push", query={"offset": "0"}),
    "list_months": joint("metrics:read"),
    "get_month": joint("metrics:read"),
    "confirm_month": joint(),
    "withdraw_month_confirmation": joint(),
    "list_published_figures": joint("metrics:read"),
    "get_scorecard": joint("metrics:read", query={"month": "2026-02"}),
}


def seed(world: World) -> dict[str, str]:
    here = Joint(world.api, world.alliance, world.owner, world.hansa.sponsor)
    kpi = here.agree(here.terms("flights_operated"))
    batch = here.push(world.owner, [row("1", "flights_operated", "2026-02-01")])
    here.push(world.hansa.sponsor, [row("1", "flights_operated", "2026-02-01", "900")])
    settle(world.api)
    upload = world.owner.post(here.path("uploads"), {"media_type": "text/csv"})
    case = world.owner.get(here.path("cases"))["items"][0]
    return {
        "kpi_id": kpi["id"],
        "batch_id": batch["id"],
        "upload_id": upload["id"],
        "case_id": case["id"],
        "month": "2026-02",
    }
