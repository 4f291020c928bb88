"""Isolation of scoring's operations; expect.py says how to add a line."""

from __future__ import annotations

from tests.acceptance.isolation.expect import own, private
from tests.acceptance.isolation.world import World
from tests.integration.scoring.road import ROOM, assessed, brief, candidate, opened

LINES = {
    "get_assessment": private("scoring:read"),
    "excuse_assessor": private("scoring:write"),
    "submit_ratings": private(),
    "waive_concern": private(),
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
    "get_scorecard_template": own("scoring:read"),
}


def seed(world: World) -> dict[str, str]:
    ana = world.owner
    brief_id = brief(ana)["id"]
    first, second = assessed(ana, brief_id, "Acme", 5, 4, 4), assessed(ana, brief_id, "Bolt", 3, 3, 3)
    ranking = ana.post(f"{ROOM}/briefs/{brief_id}/rankings", {"template": "landscape", "seed": 1})
    chosen = {"ranking_id": ranking["id"], "primary": first, "backup": second}
    ana.post(f"{ROOM}/briefs/{brief_id}/selection", chosen)
    other = candidate(ana, brief_id, "Core")["id"]
    return {
        "brief_id": brief_id,
        "candidate_id": first,
        "ranking_id": ranking["id"],
        "assessment_id": opened(ana, other, ana)["id"],
        "key": "landscape",
    }
