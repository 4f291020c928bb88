"""Isolation of metrics' operations; expect.py says how to add a line."""

from __future__ import annotations

from typing import Any

from shared.auth.caller import ADMINS
from tests.acceptance.isolation.expect import joint, own
from tests.acceptance.isolation.world import NOON_OF_MONDAY, World
from tests.integration.metrics.road import Joint, row, settle

CLAIM: dict[str, Any] = {
    "external_id": "d-1",
    "terms": {
        "partner": "0190c5a2-7d3b-7c1e-9d55-0d8f6a1b2c3d",
        "role": "sourced",
        "amount": {"amount": "10", "currency": "EUR"},
        "stage": "open",
        "opened_on": "2026-01-05",
    },
}
LINES = {
    "list_batches": joint("metrics:read"),
    "get_batch": joint("metrics:read"),
    "list_outcomes": joint("metrics:read"),
    "list_kpi_starters": own("metrics:read", bound=True),
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
    "claim_deal": joint("metrics:push", body=CLAIM),
    "list_deals": joint("metrics:read"),
    "get_deal": joint("metrics:read"),
    "update_deal": joint("metrics:push", body={"terms": CLAIM["terms"]}),
    "link_deal": joint("metrics:push"),
    "confirm_deal": joint(),
    "contest_deal": joint(),
    "withdraw_deal": joint(),
    "get_attribution": joint("metrics:read"),
    "open_pulse": joint(),
    "list_pulses": joint("metrics:read"),
    "get_pulse": joint("metrics:read"),
    "answer_pulse": joint(),
    "get_planning_cycles": joint("metrics:read"),
    "tell_planning_cycle": joint(),
    "list_signals": own("metrics:read"),
    "list_signal_rules": own("metrics:read", bound=True),
    "get_signal_thresholds": own("metrics:read"),
    "set_signal_thresholds": own(roles=ADMINS),
    "get_kpi_series": joint("metrics:read"),
    "get_quarterly_review": joint("metrics:read", query={"quarter": "2026-Q1"}),
    "export_list": joint("metrics:read"),
    "export_outcomes": joint("metrics:read"),
    "export_scorecard": joint("metrics:read", query={"month": "2026-02"}),
    "export_reconciliation": joint("metrics:read"),
    "export_series": joint("metrics:read"),
    "export_own_list": own("metrics:read"),
    "get_health": joint("metrics:read", query={"month": "2026-02"}),
    "get_value_curve": joint("metrics:read"),
    "get_fairness": joint("metrics:read"),
    "get_portfolio": own("metrics:read"),
    "place_alliance": joint(),
    "record_investment": joint(),
    "limit_concentration": own(roles=ADMINS),
    "open_portfolio_review": own(),
    "list_portfolio_reviews": own("metrics:read"),
    "get_portfolio_review": own("metrics:read"),
    "give_portfolio_verdict": joint(),
    "close_portfolio_review": own(),
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
    terms = {**CLAIM["terms"], "partner": world.owner.org}
    deal = world.hansa.sponsor.post(here.path("deals"), {"external_id": "d-2", "terms": terms})
    closes_at = NOON_OF_MONDAY[:8] + "28T00:00:00Z"
    pulse = world.owner.post(here.path("pulses"), {"closes_at": closes_at})
    for party in (world.owner, world.hansa.sponsor):
        party.post("/metrics/v1/portfolio/reviews", {"quarter": "2026-Q1"})
    return {
        "quarter": "2026-Q1",
        "deal_id": deal["id"],
        "pulse_id": pulse["id"],
        "kpi_id": kpi["id"],
        "batch_id": batch["id"],
        "upload_id": upload["id"],
        "case_id": case["id"],
        "month": "2026-02",
        "list_name": "kpis",
        "own_list": "signals",
    }
