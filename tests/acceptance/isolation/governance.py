"""Isolation of governance's operations; expect.py says how to add a line."""

from __future__ import annotations

from tests.acceptance.isolation import agreements, rhythm
from tests.acceptance.isolation.expect import joint, own
from tests.acceptance.isolation.world import World
from tests.integration.governance.road import raised

LINES = {
    "list_alliances": own("governance:read", bound=True),
    "propose_alliance": own(),
    "get_alliance": joint("governance:read"),
    "accept_alliance": joint(),
    "advance_alliance": joint(),
    "decline_alliance": joint(),
    "name_alliance_owner": joint(),
    "waive_gate": joint(),
    "list_decisions": joint("governance:read"),
    "raise_decision": joint("governance:write"),
    "list_governance_models": joint("governance:read"),
    "list_governance_model_drafts": joint("governance:read", bound=False),
    "draft_governance_model": joint("governance:write", bound=False),
    "get_governance_model_draft": joint("governance:read", bound=False),
    "revise_governance_model_draft": joint("governance:write", bound=False),
    "discard_governance_model_draft": joint("governance:write", bound=False),
    "get_decision": joint("governance:read"),
    "acknowledge_escalation": joint(),
    "get_decision_clock": joint("governance:read"),
    "give_information": joint("governance:write"),
    "consent_to_pause": joint(),
    "request_pause": joint(),
    "reopen_decision": joint("governance:write"),
    "resume_clock": joint(),
    "cast_vote": joint(),
    "assign_decision": joint(),
    "resubmit_decision": joint("governance:write"),
    "propose_rebaseline": joint("governance:write"),
    "agree_rebaseline": joint("governance:write"),
    "withdraw_decision": joint("governance:write"),
    "get_starter_governance_model": own("governance:read", bound=True),
    "get_governance_model": joint("governance:read"),
    "counter_governance_model": joint("governance:write"),
    "propose_governance_model": joint("governance:write", bound=False),
    "sign_governance_model": joint(),
    **agreements.LINES,
    **rhythm.LINES,
}


def seed(world: World) -> dict[str, str]:
    models = world.owner.get(f"/governance/v1/alliances/{world.alliance}/governance-models")
    decision = raised(world.united, world.alliance)
    return {
        "model_draft_id": world.owner.post(
            f"/governance/v1/alliances/{world.alliance}/governance-model-drafts", {"starter": True}
        )["id"],
        "model_id": models["items"][0]["id"],
        "decision_id": decision["id"],
        **agreements.seed(world),
        **rhythm.seed(world),
    }
