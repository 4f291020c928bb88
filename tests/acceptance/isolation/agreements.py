"""Isolation of governance's operations on agreements, joint work, promises and exits; see expect.py."""

from __future__ import annotations

from examples.airline_codeshare import papers
from tests.acceptance.isolation.expect import joint
from tests.acceptance.isolation.world import World
from tests.integration.governance.own_keys import register
from tests.integration.governance.road import agreed, drafted_paper, plan_signed, proposed_paper

READS, WRITES = "governance:read", "governance:write"

LINES = {
    "get_alliance_gates": joint(READS),
    "list_agreement_drafts": joint(READS, bound=False),
    "draft_agreement": joint(WRITES, bound=False),
    "get_agreement_draft": joint(READS, bound=False),
    "revise_agreement_draft": joint(WRITES, bound=False),
    "discard_agreement_draft": joint(WRITES, bound=False),
    "propose_agreement": joint(WRITES, bound=False),
    "list_agreements": joint(READS),
    "get_agreement": joint(READS),
    "counter_agreement": joint(WRITES),
    "sign_agreement": joint(),
    "withdraw_agreement": joint(WRITES),
    "terminate_agreement": joint(),
    "reaffirm_governance_model": joint(),
    "list_signing_keys": joint(READS),
    "register_signing_key": joint(),
    "get_signing_key": joint(READS),
    "withdraw_signing_key": joint(),
    "list_reviews": joint(READS),
    "get_review": joint(READS),
    "give_review_outcome": joint(),
    "list_milestones": joint(READS),
    "plan_milestone": joint(WRITES),
    "get_milestone": joint(READS),
    "report_milestone": joint(WRITES),
    "deliver_deliverable": joint(WRITES),
    "move_milestone": joint(),
    "list_tracks": joint(READS),
    "open_track": joint(WRITES),
    "get_track": joint(READS),
    "replan_track": joint(WRITES),
    "report_track_deliverable": joint(WRITES),
    "close_track": joint(WRITES),
    "list_pilots": joint(READS),
    "propose_pilot": joint(WRITES),
    "get_pilot": joint(READS),
    "accept_pilot": joint(),
    "decline_pilot": joint(),
    "give_pilot_verdict": joint(),
    "list_commitments": joint(READS),
    "promise_commitment": joint(),
    "get_commitment": joint(READS),
    "deliver_commitment": joint(WRITES),
    "confirm_delivery": joint(),
    "contest_delivery": joint(),
    "list_risks": joint(READS),
    "register_risk": joint(WRITES),
    "get_risk": joint(READS),
    "reassess_risk": joint(WRITES),
    "close_risk": joint(WRITES),
    "get_relationships": joint(READS),
    "pair_counterparts": joint(WRITES),
    "get_counterparts": joint(READS),
    "part_counterparts": joint(WRITES),
    "list_announcements": joint(READS),
    "announce_alliance": joint(),
    "list_exits": joint(READS),
    "trigger_exit": joint(),
    "get_exit": joint(READS),
    "confirm_cure": joint(),
    "withdraw_exit": joint(),
    "give_receipt": joint(),
    "ask_closing": joint(),
    "answer_closing": joint(),
    "rehearse_exit": joint(dry=True),
}


def seed(world: World) -> dict[str, str]:
    sides, path = (world.united, world.hansa), f"/governance/v1/alliances/{world.alliance}"
    agreed(world.alliance, papers.value_exchange(world.united.org, world.hansa.org), *sides)
    agreed(world.alliance, papers.term_sheet("2026-03-01", "2029-02-28"), *sides)
    plan_signed(world.alliance, *sides)
    owners = tuple({"side": side.org, "person_id": side.manager.person} for side in sides)
    return {
        "draft_id": drafted_paper(world.united, world.alliance, papers.change_request())["id"],
        "agreement_id": proposed_paper(world.united, world.alliance, papers.change_request())["id"],
        "review_id": world.owner.get(f"{path}/reviews")["items"][0]["id"],
        "milestone_id": world.owner.get(f"{path}/milestones")["items"][0]["id"],
        "track_id": world.owner.post(f"{path}/tracks", papers.track(owners))["id"],
        "pilot_id": world.owner.post(f"{path}/pilots", papers.pilot("2026-06-30"))["id"],
        "commitment_id": world.owner.post(f"{path}/commitments", papers.commitment("2026-06-30"))["id"],
        "risk_id": world.owner.post(f"{path}/risks", papers.RISK)["id"],
        "signing_key_id": register(world.owner, world.alliance, 1)["id"],
        "pair_id": world.owner.post(f"{path}/counterparts", papers.counterparts(owners))["id"],
        "exit_id": world.owner.post(f"{path}/exits", {"ground": "no_fault"})["id"],
    }
