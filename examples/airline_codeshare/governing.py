"""Chapter 2. The alliance is proposed and accepted, owners are named, and both sides sign the same governance model."""

from __future__ import annotations

from dataclasses import dataclass

from examples.airline_codeshare.partner import Partner

PROPOSAL = {
    "name": "United Express in New York",
    "intent": "capability_extension",
    "type": "codeshare",
    "structure": "contractual",
    "scope": {
        "inside": ["Regional flights out of Newark, LaGuardia and Kennedy"],
        "outside": ["Cargo"],
        "not_a_goal": ["A merger of the two operations"],
    },
}


@dataclass(frozen=True)
class Side:
    """One party as this story needs it: who owns its account, who manages the alliance, and who sponsors it."""

    name: str
    owner: Partner
    manager: Partner
    sponsor: Partner


def ally(united: Side, express: Side) -> str:
    """Propose, accept, name owners on both sides; the alliance's id."""
    proposed = united.manager.post("/governance/v1/alliances", {**PROPOSAL, "parties": [express.owner.org]})
    path = f"/governance/v1/alliances/{proposed['id']}"
    express.manager.change(f"{path}/accept", of=path)
    for side in (united, express):
        for role, person in (("alliance_manager", side.manager), ("executive_sponsor", side.sponsor)):
            side.manager.change(f"{path}/owners", {"role": role, "person_id": person.id}, of=path)
            body = {"person_id": person.id, "role": role, "starts_on": "2012-12-01"}
            side.manager.post(f"/directory/v1/alliances/{proposed['id']}/roles", body)
    return str(proposed["id"])


def sign_governance_model(alliance: str, united: Side, express: Side) -> str:
    """The shipped starter matrix, proposed by one side and signed by both by its hash; the hash."""
    draft = united.manager.post(f"/governance/v1/alliances/{alliance}/governance-models", {"starter": True})
    path = f"/governance/v1/governance-models/{draft['id']}"
    united.manager.change(f"{path}/propose", of=path)
    for signatory in (united.manager, express.sponsor):
        read = signatory.get(path)
        signatory.change(f"{path}/sign", {"content_sha256": read["content_sha256"]}, of=path)
    return str(united.manager.get(path)["content_sha256"])


def advance(alliance: str, side: Side, stage: str) -> None:
    path = f"/governance/v1/alliances/{alliance}"
    side.manager.change(f"{path}/advance", {"stage": stage}, of=path)
