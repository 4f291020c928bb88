"""Due diligence and its risks over HTTP."""

from __future__ import annotations

from services.scoring.api.schemas.diligence import AddDiligenceItem, AnswerDiligenceItem, OpenPartnerRisk
from shared.testing.api import Api, Member
from tests.integration.scoring.road import ROOM, brief, candidate, do, example, looked_into, position, status


def test_goes_from_questions_to_a_finding_to_a_risk(api: Api, ana: Member) -> None:
    path = f"candidates/{candidate(ana, brief(ana)['id'])['id']}"
    assert status(ana, f"{ROOM}/{path}/diligence") == 404
    begun = ana.post(f"{ROOM}/{path}/diligence", None)
    assert begun["by_status"] == {"open": 15}
    assert ana.post(f"{ROOM}/{path}/diligence", None, expect=409)["refusal"] == "diligence-begun"
    asked = position(api, ana.org) - 1
    risk = example(OpenPartnerRisk, owner=ana.person)
    assert ana.post(f"{ROOM}/{path}/risks", risk, expect=409)["refusal"] == "no-finding"
    answered = do(ana, f"{path}/diligence/items/finance/answer", example(AnswerDiligenceItem))
    assert answered["by_status"] == {"open": 14, "concern": 1}
    (finance,) = [item for item in answered["items"] if item["key"] == "finance"]
    assert finance["evidence"]["links"] == ["https://example.com/report"]
    opened = ana.post(f"{ROOM}/{path}/risks", risk)
    assert (opened["area"], opened["exposure"], opened["status"]) == ("finance", 12, "open")
    assert ana.get(f"{ROOM}/{path}/risks")["items"] == [opened]
    assert ana.get(f"{ROOM}/{path}/diligence", as_of=asked) == begun


def test_own_questions_have_keys_of_their_own(ana: Member) -> None:
    path = f"candidates/{candidate(ana, brief(ana)['id'])['id']}"
    ana.post(f"{ROOM}/{path}/diligence", None)
    more = do(ana, f"{path}/diligence/items", example(AddDiligenceItem))
    assert more["items"][-1]["key"] == "audit_2026"
    assert do(ana, f"{path}/diligence/items", example(AddDiligenceItem), expect=409)["refusal"] == "item-exists"
    found = do(ana, f"{path}/diligence/items/audit_2026/answer", {"status": "clear"}, expect=422)
    assert found["errors"][0]["pointer"] == "/answer"


def test_a_risk_keeps_what_is_left_of_it(ana: Member, stranger: Member) -> None:
    looked = looked_into(ana, candidate(ana, brief(ana)["id"])["id"])
    risk = ana.get(f"{ROOM}/risks/{looked['risk_id']}")
    assert (risk["exposure"], risk["residual_exposure"], risk["status"]) == (12, 6, "mitigating")
    body = {name: risk[name] for name in ("title", "likelihood", "impact", "owner", "due_on", "residual")}
    found = do(ana, f"risks/{risk['id']}", {**body, "status": "closed"}, "PUT", expect=422)
    assert found["errors"][0]["pointer"] == "/reason"
    other = {**body, "owner": stranger.person}
    assert do(ana, f"risks/{risk['id']}", other, "PUT", expect=422)["errors"][0]["pointer"] == "/owner"
    closed = do(ana, f"risks/{risk['id']}", {**body, "status": "closed", "reason": "They found more."}, "PUT")
    assert do(ana, f"risks/{risk['id']}", body, "PUT", expect=409)["refusal"] == "risk-closed"
    assert ana.get(f"{ROOM}/risks/{risk['id']}") == closed
