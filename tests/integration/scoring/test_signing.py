"""The tests before signing, and sharing a summary into an alliance, over HTTP."""

from __future__ import annotations

from services.scoring.api.schemas.signing import TakeSigningTests
from shared.testing.api import Api, Member
from tests.integration.scoring.road import ROOM, allied, assessed, brief, candidate, example, looked_into, status


def test_each_verdict_lists_its_rules_and_answers(ana: Member) -> None:
    path = f"{ROOM}/candidates/{candidate(ana, brief(ana)['id'])['id']}/signing-tests"
    taken = ana.post(path, example(TakeSigningTests))
    outcomes = {verdict["test"]: verdict["outcome"] for verdict in taken["verdicts"]}
    assert outcomes == {
        "strategic": "strategic",
        "formalise": "formal_agreement",
        "type": "technology_integration",
        "structure": "distribution_and_market_access",
        "pattern": "market_access",
        "contribution": "complementary",
        "commitment": "balanced",
    }
    assert (taken["contribution_asymmetry"], taken["commitment_asymmetry"]) == ("1.0000", "0.0000")
    assert all(rule["answers"] for verdict in taken["verdicts"] for rule in verdict["fired"])
    assert len(taken["checklist"]) == 7
    assert ana.get(path) == taken


def test_no_joint_venture_without_exit_terms(ana: Member) -> None:
    path = f"{ROOM}/candidates/{candidate(ana, brief(ana)['id'])['id']}/signing-tests"
    answers = {**example(TakeSigningTests)["answers"], "shared_equity_or_assets": True}
    taken = ana.post(path, {"answers": answers})
    assert "joint_venture" not in [verdict["outcome"] for verdict in taken["verdicts"]]
    assert [caution["outcome"] for caution in taken["cautions"]] == ["no_exit_terms"]
    agreed = ana.post(path, {"answers": {**answers, "exit_terms_agreed": True}})
    assert "joint_venture" in [verdict["outcome"] for verdict in agreed["verdicts"]]


def test_only_what_is_named_is_shared(api: Api, ana: Member, stranger: Member) -> None:
    partner = api.organisation("Partner")
    brief_id = brief(ana)["id"]
    first = assessed(ana, brief_id, "Partner", 5, 4, 4)
    looked = looked_into(ana, first)
    assessment = ana.get(f"{ROOM}/candidates/{first}/assessments")["items"][0]["id"]
    path = f"{ROOM}/alliances/{allied(ana, partner)}/summaries"
    of = {"candidate_id": first, "confirm_other_company": True}
    assert ana.post(path, {"title": "Nothing", **of}, expect=409)["refusal"] == "nothing-to-share"
    share = {"title": "Scores", **of, "assessment_id": assessment, "risk_ids": [looked["risk_id"]]}
    shared = ana.post(path, share)
    (seen,) = partner.get(path)["items"]
    assert seen == shared == partner.get(f"{path}/{shared['id']}")
    assert [score["criterion"] for score in seen["scores"]] == [
        "strategic_fit", "operational_compatibility", "risk_profile",
    ]  # fmt: skip
    assert [risk["title"] for risk in seen["risks"]] == ["Loses its largest client"]
    assert (seen["objectives"], seen["recommendations"], seen["note"]) == ([], [], None)
    for secret in (first, brief_id, assessment, looked["risk_id"]):
        assert secret not in str(seen)
    more = ana.post(path, {"title": "Why", **of, "include": ["objectives", "recommendations"]})
    assert more["objectives"]
    assert all(rule["answers"] == {} for verdict in more["recommendations"] for rule in verdict["fired"])
    assert status(stranger, path) == 404
    stranger.post(path, share, expect=404)


def test_who_shares_has_a_seat_in_the_alliance(api: Api, ana: Member, ben: Member, eve: Member) -> None:
    partner = api.organisation("Seated")
    brief_id, alliance = brief(ana)["id"], allied(ana, partner)
    listed = {"name": "Seated", "organisation_id": partner.org}
    first = ana.post(f"{ROOM}/briefs/{brief_id}/candidates", listed)["id"]
    path = f"{ROOM}/alliances/{alliance}/summaries"
    share = {"title": "Why", "candidate_id": first, "include": ["objectives"]}
    for member in (ben, eve):
        member.post(path, share, expect=403)
    role = {"person_id": ben.person, "role": "delivery_lead", "starts_on": "2026-01-01"}
    ana.post(f"/directory/v1/alliances/{alliance}/roles", role)
    owner = {"role": "executive_sponsor", "person_id": eve.person}
    sent = ana.headers({"If-Match": "*"})
    api.expect(200, api.client.post(f"/governance/v1/alliances/{alliance}/owners", json=owner, headers=sent))
    for member in (ben, eve, ana):
        member.post(path, share)
    assert len(partner.get(path)["items"]) == 3


def test_of_a_company_that_is_no_party_it_is_shared_only_when_that_is_meant(api: Api, ana: Member) -> None:
    partner, other = api.organisation("Confirmed"), api.organisation("Elsewhere")
    brief_id = brief(ana)["id"]
    path = f"{ROOM}/alliances/{allied(ana, partner)}/summaries"
    for about in (other.org, None):
        listed = {"name": "X", "organisation_id": about}
        first = ana.post(f"{ROOM}/briefs/{brief_id}/candidates", listed)["id"]
        share = {"title": "Why", "candidate_id": first, "include": ["objectives"]}
        assert ana.post(path, share, expect=409)["refusal"] == "other-company"
        ana.post(path, {**share, "confirm_other_company": True})


def test_what_is_not_there_is_not_shared(api: Api, ana: Member) -> None:
    first, other = (candidate(ana, brief(ana)["id"])["id"] for _ in range(2))
    path = f"{ROOM}/alliances/{allied(ana, api.organisation('Another'))}/summaries"
    untested = {"title": "Why", "candidate_id": first, "include": ["recommendations"]}
    assert ana.post(path, untested, expect=409)["refusal"] == "tests-not-taken"
    risk = looked_into(ana, other)["risk_id"]
    found = ana.post(path, {"title": "Risks", "candidate_id": first, "risk_ids": [risk]}, expect=422)
    assert found["errors"][0]["pointer"] == "/risk_ids/0"
    assert status(ana, f"{ROOM}/alliances/{ana.org}/summaries") == 404
