"""Isolation of scoring's operations; expect.py says how to add a line."""

from __future__ import annotations

from services.scoring.api.schemas.gaps import IdentifyGap
from shared.auth.caller import ADMINS, READERS
from tests.acceptance.isolation.expect import joint, own, private
from tests.acceptance.isolation.world import World
from tests.integration.scoring.road import ROOM, assessed, brief, candidate, example, looked_into, opened

RATINGS = {
    "csv": "Who,What,Points\r\nCore,strategic_fit,4\r\n",
    "columns": {"candidate": "Who", "criterion": "What", "score": "Points"},
    "template": "landscape",
}
WHY = {"title": "Why we ally", "include": ["objectives"], "confirm_other_company": True}

LINES = {
    "identify_gap": own("scoring:write"),
    "list_gaps": own("scoring:read"),
    "get_gap": private("scoring:read"),
    "revise_gap": private("scoring:write"),
    "choose_gap_route": private("scoring:write"),
    "close_gap": private("scoring:write"),
    "get_rule_book": own("scoring:read", bound=True),
    "review_brief": private("scoring:write"),
    "estimate_overlap": private("scoring:write"),
    "rate_opportunity": private("scoring:write"),
    "get_opportunity_matrix": private("scoring:read"),
    "get_opportunity_thresholds": own("scoring:read"),
    "set_opportunity_thresholds": own("scoring:write"),
    "begin_diligence": private("scoring:write"),
    "get_diligence": private("scoring:read"),
    "add_diligence_item": private("scoring:write"),
    "answer_diligence_item": private("scoring:write"),
    "open_partner_risk": private("scoring:write"),
    "list_partner_risks": private("scoring:read"),
    "get_partner_risk": private("scoring:read"),
    "revise_partner_risk": private("scoring:write"),
    "take_signing_tests": private("scoring:write"),
    "get_signing_tests": private("scoring:read"),
    "share_summary": joint(body={"candidate_id": "{candidate_id}", **WHY}),
    "list_shared_summaries": joint("scoring:read"),
    "get_shared_summary": joint("scoring:read"),
    "try_ranking": private("scoring:read", roles=READERS, dry=True, body={"template": "landscape"}),
    "draw_opportunity_matrix": private("scoring:read"),
    "draw_ranked_scores": private("scoring:read"),
    "draw_rank_shares": private("scoring:read"),
    "draw_assessor_spread": private("scoring:read"),
    "list_reassessments": own("scoring:read"),
    "import_candidates": private("scoring:write"),
    "import_ratings": private(body=RATINGS),
    "export_candidates": private("scoring:read"),
    "export_placings": private("scoring:read"),
    "export_ratings": private("scoring:read"),
    "add_evidence_file": own("scoring:write", body="A file.", query={"media_type": "text/plain"}),
    "get_evidence_file": private("scoring:read"),
    "get_assessment": private("scoring:read"),
    "excuse_assessor": private("scoring:write"),
    "submit_ratings": private(),
    "waive_concern": private(roles=ADMINS),
    "list_briefs": own("scoring:read"),
    "write_brief": own("scoring:write"),
    "get_brief": private("scoring:read"),
    "revise_brief": private("scoring:write"),
    "list_candidates": private("scoring:read"),
    "add_candidate": private("scoring:write"),
    "list_rankings": private("scoring:read"),
    "make_ranking": private("scoring:write"),
    "get_partner_selection": private("scoring:read"),
    "select_partners": private("scoring:write"),
    "get_candidate": private("scoring:read"),
    "list_assessments": private("scoring:read"),
    "open_assessment": private("scoring:write"),
    "move_candidate": private("scoring:write"),
    "get_ranking": private("scoring:read"),
    "list_scorecard_templates": own("scoring:read"),
    "publish_scorecard_template": own("scoring:write"),
    "get_scorecard_template": own("scoring:read", bound=True),
}


def seed(world: World) -> dict[str, str]:
    ana = world.owner
    brief_id = brief(ana)["id"]
    first, second = assessed(ana, brief_id, "Acme", 5, 4, 4), assessed(ana, brief_id, "Bolt", 3, 3, 3)
    ranking = ana.post(f"{ROOM}/briefs/{brief_id}/rankings", {"template": "landscape", "seed": 1})
    chosen = {"ranking_id": ranking["id"], "primary": first, "backup": second}
    ana.post(f"{ROOM}/briefs/{brief_id}/selection", chosen)
    other = candidate(ana, brief_id, "Core")["id"]
    looked = looked_into(ana, second)
    gap = ana.post(f"{ROOM}/gaps", example(IdentifyGap))
    summary = ana.post(f"{ROOM}/alliances/{world.alliance}/summaries", {"candidate_id": second, **WHY})
    path, told = f"{ROOM}/evidence-files", ana.headers({"Content-Type": "application/octet-stream"})
    kept = ana.api.client.post(path, params={"media_type": "text/plain"}, content=b"Kept.", headers=told)
    return {
        "sha256": kept.json()["sha256"],
        "gap_id": gap["id"],
        "risk_id": looked["risk_id"],
        "item_key": looked["item_key"],
        "summary_id": summary["id"],
        "brief_id": brief_id,
        "candidate_id": second,
        "ranking_id": ranking["id"],
        "assessment_id": opened(ana, other, ana)["id"],
        "key": "landscape",
    }
