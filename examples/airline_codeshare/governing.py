"""Chapter 2. The alliance is proposed and accepted, owners are named, and both sides sign the same governance model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from examples.airline_codeshare import papers
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
    draft = united.manager.post(f"/governance/v1/alliances/{alliance}/governance-model-drafts", {"starter": True})
    own = f"/governance/v1/governance-model-drafts/{draft['id']}"
    united.manager.change(f"{own}/propose", of=own)
    path = f"/governance/v1/governance-models/{draft['id']}"
    for signatory in (united.manager, express.sponsor):
        read = signatory.get(path)
        signatory.change(f"{path}/sign", {"content_sha256": read["content_sha256"]}, of=path)
    return str(united.manager.get(path)["content_sha256"])


def sign_papers(alliance: str, united: Side, express: Side) -> None:
    """What a launch takes beside the governance model: why, what for what, and the deal."""
    orgs = united.owner.org, express.owner.org
    agree(alliance, papers.value_thesis(*orgs, "2013-03-31"), united, express)
    agree(alliance, papers.value_exchange(*orgs), united, express)
    agree(alliance, papers.term_sheet("2013-01-01", "2015-12-31"), united, express)


def sign_plan(alliance: str, united: Side, express: Side, starts_on: str) -> None:
    owners = tuple({"side": side.owner.org, "person_id": side.manager.id} for side in (united, express))
    agree(alliance, papers.operating_plan(owners, starts_on), united, express)


def agree(alliance: str, content: papers.Paper, drafter: Side, other: Side) -> dict[str, Any]:
    """Draft, propose, and sign on both sides by the hash that each has read; the agreement in force."""
    draft = drafter.manager.post(f"/governance/v1/alliances/{alliance}/agreement-drafts", {"content": content})
    drafts = f"/governance/v1/agreement-drafts/{draft['id']}"
    drafter.manager.change(f"{drafts}/propose", of=drafts)
    path = f"/governance/v1/agreements/{draft['id']}"
    for signatory in (drafter.sponsor, other.sponsor):
        read = signatory.get(path)
        signatory.change(f"{path}/sign", {"content_sha256": read["content_sha256"]}, of=path)
    signed: dict[str, Any] = drafter.manager.get(path)
    return signed


def reach_milestones(alliance: str, side: Side) -> None:
    """Report the whole plan as reached, in the order in which its parts depend on each other."""
    listed = side.manager.all(f"/governance/v1/alliances/{alliance}/milestones")
    for milestone in sorted(listed, key=lambda one: (one["due_on"], len(one["depends_on"]))):
        path = f"/governance/v1/milestones/{milestone['id']}"
        for place in range(len(milestone["deliverables"])):
            side.manager.change(f"{path}/deliverables", {"place": place}, of=path)
        side.manager.change(f"{path}/report", {"status": "reached"}, of=path)


def advance(alliance: str, side: Side, stage: str) -> None:
    path = f"/governance/v1/alliances/{alliance}"
    side.manager.change(f"{path}/advance", {"stage": stage}, of=path)
