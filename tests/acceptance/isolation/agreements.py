"""Isolation of governance's operations on agreements, joint work, promises and exits; see expect.py."""

from __future__ import annotations

from examples.airline_codeshare import papers
from tests.acceptance.isolation.expect import joint
from tests.acceptance.isolation.world import World
from tests.integration.governance.road import agreed, drafted_paper, plan_signed, proposed_paper

READS, WRITES = "governance:read", "governance:write"

LINES = {
    "get_alliance_gates": joint(READS),
    "list_agreement_drafts": joint(READS),
    "draft_agreement": joint(WRITES),
    "get_agreement_draft": joint(READS),
    "revise_agreement_draft": joint(WRITES),
    "discard_agreement_draft": joint(WRITES),
    "propose_agreement": joint(WRITES),
    "list_agreements": joint(READS),
    "get_agreement": joint(READS),
    "counter_agreement": joint(WRITES),
    "sign_agreement": joint(),
    "withdraw_agreement": joint(WRITES),
    "terminate_agreement": joint(),
    "list_reviews": joint(READS),
    "get_review": joint(READS),
    "give_review_outcome": joint(),
    "list_milestones": joint(READS),
    "plan_milestone": joint(WRITES),
    "get_milestone": joint(READS),
    "report_milestone": joint(WRITES),
    "deliver_deliverable": joint(WRITES),
    "move_milestone": joint(),
}


def seed(world: World) -> dict[str, str]:
    sides, path = (world.united, world.hansa), f"/governance/v1/alliances/{world.alliance}"
    agreed(world.alliance, papers.value_exchange(world.united.org, world.hansa.org), *sides)
    agreed(world.alliance, papers.term_sheet("2026-03-01", "2029-02-28"), *sides)
    plan_signed(world.alliance, *sides)
    return {
        "draft_id": drafted_paper(world.united, world.alliance, papers.change_request())["id"],
        "agreement_id": proposed_paper(world.united, world.alliance, papers.change_request())["id"],
        "review_id": world.owner.get(f"{path}/reviews")["items"][0]["id"],
        "milestone_id": world.owner.get(f"{path}/milestones")["items"][0]["id"],
    }
