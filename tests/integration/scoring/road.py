"""From a brief to a ranking, by HTTP: what the tests of scoring begin with."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from services.scoring.api.schemas.diligence import (
    AddDiligenceItem,
    AnswerDiligenceItem,
    OpenPartnerRisk,
    RevisePartnerRisk,
)
from services.scoring.api.schemas.opportunities import EstimateOverlap, RateOpportunity
from services.scoring.api.schemas.signing import TakeSigningTests
from shared.testing.api import Api, Member

ROOM = "/scoring/v1"
NOBODY = UUID(int=7)
BRIEF = {
    "title": "Into Iberia",
    "intent": "market_access",
    "objectives": [{"metric": "New customers", "target": "200", "unit": "customers", "by": "2027-06-30"}],
    "non_negotiables": [{"topic": "ip", "text": "What we bring stays ours."}],
    "timeline": {"starts_on": "2026-04-01", "ends_on": "2027-06-30"},
    "budget": {"amount": "250000.00", "currency": "EUR"},
    "gaps": [],
}
LANDSCAPE = ("strategic_fit", "operational_compatibility", "risk_profile")


def brief(member: Member) -> dict[str, Any]:
    found: dict[str, Any] = member.post(f"{ROOM}/briefs", BRIEF)
    return found


def candidate(member: Member, brief_id: str, name: str = "Acme") -> dict[str, Any]:
    found: dict[str, Any] = member.post(f"{ROOM}/briefs/{brief_id}/candidates", {"name": name})
    return found


def opened(member: Member, candidate_id: str, *assessors: Member, template: str = "landscape") -> dict[str, Any]:
    body = {"template": template, "assessors": [assessor.person for assessor in assessors]}
    found: dict[str, Any] = member.post(f"{ROOM}/candidates/{candidate_id}/assessments", body)
    return found


def rating(criterion: str, score: int, **more: Any) -> dict[str, Any]:
    return {"criterion": criterion, "score": score, "confidence": "high", **more}


def submit(member: Member, assessment: dict[str, Any], ratings: list[dict[str, Any]], expect: int = 200) -> Any:
    path = f"{ROOM}/assessments/{assessment['id']}/submit"
    return member.change(path, {"ratings": ratings}, assessment["version"], expect=expect)


def assessed(member: Member, brief_id: str, name: str, *scores: int) -> str:
    """A candidate of the brief whom the member alone has rated under `landscape`; its id."""
    made = candidate(member, brief_id, name)
    said = [rating(criterion, score) for criterion, score in zip(LANDSCAPE, scores, strict=False)]
    submit(member, opened(member, made["id"], member), said)
    return str(made["id"])


def system(member: Member, *scopes: str) -> Member:
    """A system of the member's organisation, by its API key."""
    body = {"name": "A system", "scopes": scopes, "expires_at": "2030-01-01T00:00:00Z"}
    made = member.post("/directory/v1/api-keys", body)
    return Member(member.api, member.org, made["id"], made["key"])


def status(member: Member, path: str, method: str = "GET", body: Any = None, **query: Any) -> int:
    asked = member.api.client.request(method, path, json=body, params=query, headers=member.headers({"If-Match": "*"}))
    return asked.status_code


def position(api: Api, org: str) -> int:
    """How many events the organisation's ledger has."""
    with api.runtime.engine.connect() as connection:
        row = connection.exec_driver_sql("SELECT size FROM log.ledgers WHERE ledger_id = %s", (UUID(org),)).one()
        return int(row[0])


def example(schema: Any, **other: Any) -> dict[str, Any]:
    """The example that the document shows of a body, with some of it replaced."""
    return {**schema.model_config["json_schema_extra"]["example"], **other}


def do(member: Member, path: str, body: Any = None, method: str = "POST", expect: int = 200) -> Any:
    """A command to a thing, whatever its version."""
    sent = member.headers({"If-Match": "*"})
    return member.api.expect(expect, member.api.client.request(method, f"{ROOM}/{path}", json=body, headers=sent))


def allied(one: Member, other: Member) -> str:
    """An alliance of two organisations that both have accepted; its id."""
    proposal = {
        "name": "Iberia with Lusitania",
        "intent": "market_access",
        "type": "codeshare",
        "structure": "contractual",
        "parties": [other.org],
    }
    alliance = one.post("/governance/v1/alliances", proposal)
    sent = other.headers({"If-Match": "*"})
    other.api.expect(200, other.api.client.post(f"/governance/v1/alliances/{alliance['id']}/accept", headers=sent))
    return str(alliance["id"])


def looked_into(member: Member, candidate_id: str) -> dict[str, str]:
    """A candidate's overlap, opportunity, diligence with one finding and its risk, and the tests before signing."""
    do(member, f"candidates/{candidate_id}/overlap", example(EstimateOverlap))
    do(member, f"candidates/{candidate_id}/opportunity", example(RateOpportunity))
    member.post(f"{ROOM}/candidates/{candidate_id}/diligence", None)
    do(member, f"candidates/{candidate_id}/diligence/items", example(AddDiligenceItem))
    do(member, f"candidates/{candidate_id}/diligence/items/finance/answer", example(AnswerDiligenceItem))
    risk = member.post(f"{ROOM}/candidates/{candidate_id}/risks", example(OpenPartnerRisk, owner=member.person))
    do(member, f"risks/{risk['id']}", example(RevisePartnerRisk, owner=member.person), method="PUT")
    member.post(f"{ROOM}/candidates/{candidate_id}/signing-tests", example(TakeSigningTests))
    return {"candidate_id": candidate_id, "risk_id": risk["id"], "item_key": "finance"}
