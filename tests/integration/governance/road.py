"""From a proposal to a decision, by HTTP: what the tests of governance begin with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from examples.airline_codeshare import papers
from shared.log.log import Log
from shared.testing.api import Api, Member

ROOM = "/governance/v1"
MONDAY = "2026-03-02T15:00:00Z"
"""09:00 in Chicago, 16:00 in Frankfurt."""
DUE = "2026-03-16T22:00:00Z"
"""When ten business days from MONDAY are over for both: 17:00 in Chicago, where clocks go forward on 8 March."""
NOBODY = UUID(int=7)


@dataclass(frozen=True)
class Side:
    """The people of a party: who sponsors the alliance, who manages it, and somebody else."""

    sponsor: Member
    manager: Member
    worker: Member

    @property
    def org(self) -> str:
        return self.sponsor.org


def do(member: Member, thing: str, command: str, body: Any = None, *, expect: int = 200) -> Any:
    """A command to a thing, whatever its version."""
    sent = member.headers({"If-Match": "*"})
    return member.api.expect(expect, member.api.client.post(f"{ROOM}/{thing}/{command}", json=body, headers=sent))


def proposed(by: Side, *others: Side) -> str:
    body = {
        "name": "Transatlantic codeshare",
        "intent": "market_access",
        "type": "codeshare",
        "structure": "contractual",
        "parties": [other.org for other in others],
        "scope": {"inside": ["Chicago to Frankfurt"], "outside": ["Cargo"], "not_a_goal": []},
    }
    return str(by.manager.post(f"{ROOM}/alliances", body)["id"])


def formed(by: Side, *others: Side) -> str:
    """An alliance that every party has accepted; its id."""
    alliance_id = proposed(by, *others)
    for other in others:
        do(other.manager, f"alliances/{alliance_id}", "accept")
    return alliance_id


def led(by: Side, *others: Side) -> str:
    """An alliance with its owners named on every side."""
    alliance_id = formed(by, *others)
    for side in (by, *others):
        for role, person in (("alliance_manager", side.manager), ("executive_sponsor", side.sponsor)):
            body = {"role": role, "person_id": person.person}
            do(side.worker, f"alliances/{alliance_id}", "owners", body)
    return alliance_id


def drafted(by: Side, alliance_id: str, content: Any = None) -> Any:
    """A governance model on the table."""
    body = {"starter": True} if content is None else {"content": content}
    made = by.manager.post(f"{ROOM}/alliances/{alliance_id}/governance-model-drafts", body)
    return do(by.manager, f"governance-model-drafts/{made['id']}", "propose")


def meeting_as_needed(by: Side, alliance_id: str) -> Any:
    """The starter's content for this alliance, with forums that meet as needed: nothing comes due but clocks."""
    content = by.manager.post(f"{ROOM}/alliances/{alliance_id}/governance-model-drafts", {"starter": True})["content"]
    forums = [{**forum, "cadence": None, "early_cadence": None} for forum in content["forums"]]
    return {**content, "forums": forums}


def quietly_governed(by: Side, *others: Side) -> str:
    """An alliance with a governance model in force whose forums meet as needed."""
    alliance_id = led(by, *others)
    model = drafted(by, alliance_id, meeting_as_needed(by, alliance_id))
    for side in (by, *others):
        sign(side, model)
    return alliance_id


def sign(side: Side, model: Any, *, expect: int = 200) -> Any:
    body = {"content_sha256": model["content_sha256"]}
    return do(side.sponsor, f"governance-models/{model['id']}", "sign", body, expect=expect)


def governed(by: Side, *others: Side, content: Any = None) -> str:
    """An alliance with owners and a governance model in force: the starter unless other content is given."""
    alliance_id = led(by, *others)
    model = drafted(by, alliance_id, content)
    for side in (by, *others):
        sign(side, model)
    return alliance_id


def drafted_paper(by: Side, alliance: str, content: Any, *, expect: int = 201) -> Any:
    return by.manager.post(f"{ROOM}/alliances/{alliance}/agreement-drafts", {"content": content}, expect=expect)


def proposed_paper(by: Side, alliance: str, content: Any) -> Any:
    return do(by.manager, f"agreement-drafts/{drafted_paper(by, alliance, content)['id']}", "propose")


def sign_paper(side: Side, agreement: Any, *, expect: int = 200) -> Any:
    body = {"content_sha256": agreement["content_sha256"]}
    return do(side.sponsor, f"agreements/{agreement['id']}", "sign", body, expect=expect)


def agreed(alliance: str, content: Any, *sides: Side) -> Any:
    made = proposed_paper(sides[0], alliance, content)
    for side in sides:
        made = sign_paper(side, made)
    return made


def papers_signed(alliance: str, *sides: Side) -> None:
    """What a launch takes beside a governance model: value thesis, value exchange and term sheet, of two sides."""
    orgs = sides[0].org, sides[1].org
    agreed(alliance, papers.value_thesis(*orgs, "2026-06-01"), *sides)
    agreed(alliance, papers.value_exchange(*orgs), *sides)
    agreed(alliance, papers.term_sheet("2026-03-01", "2029-02-28"), *sides)


def plan_signed(alliance: str, *sides: Side, starts_on: str = "2026-03-02") -> Any:
    owners = tuple({"side": side.org, "person_id": side.manager.person} for side in sides)
    return agreed(alliance, papers.operating_plan(owners, starts_on), *sides)


def raised(by: Side, alliance_id: str, decision_type: str = "roadmap_change", **more: Any) -> Any:
    body = {"type": decision_type, "subject": "Move the launch", **more}
    return by.manager.post(f"{ROOM}/alliances/{alliance_id}/decisions", body)


def vote(member: Member, decision: Any, choice: str = "approve", *, expect: int = 200, **more: Any) -> Any:
    return do(member, f"decisions/{decision['id']}", "votes", {"choice": choice, **more}, expect=expect)


def clock(member: Member, decision: Any, **query: Any) -> Any:
    return member.get(f"{ROOM}/decisions/{decision['id']}/clock", **query)


def shown(member: Member, decision: Any, **query: Any) -> Any:
    return member.get(f"{ROOM}/decisions/{decision['id']}", **query)


def status(member: Member, path: str, method: str = "GET", body: Any = None, **query: Any) -> int:
    headers = member.headers({"If-Match": "*"} if method != "GET" else {})
    sent = member.api.client.request(method, f"{ROOM}/{path}", json=body, params=query, headers=headers)
    return int(sent.status_code)


def system(member: Member, *scopes: str) -> Member:
    """A system of the member's organisation, by its API key."""
    body = {"name": "A system", "scopes": scopes, "expires_at": "2036-01-01T00:00:00Z"}
    made = member.post("/directory/v1/api-keys", body)
    return replace(member, person=made["id"], token=made["key"])


def events(api: Api, ledger_id: str, stream: str) -> list[Any]:
    """The stored events of a thing, in order, as Concord itself reads them."""
    with api.runtime.engine.connect() as connection:
        connection.exec_driver_sql("SELECT set_config('concord.org', 'system', true)")
        return [e for e in Log(connection).read_all(UUID(ledger_id)) if e.stream == stream]
