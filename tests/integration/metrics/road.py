"""From an alliance to its figures, by HTTP: what the tests of metrics begin with."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from services.metrics.app import METRICS
from shared.log.followers import Following
from shared.testing.api import Api, Member

ROOM = "/metrics/v1"
EXAMPLE = Path(__file__).parents[3] / "examples" / "airline_codeshare"
MORNING = "2013-06-03T15:00:00Z"
CSV, JSON, NDJSON = "text/csv", "application/json", "application/x-ndjson"
NOBODY = UUID(int=7)

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Joint:
    """An alliance of United and ExpressJet, and what the tests do in it."""

    api: Api
    id: str
    united: Member
    express: Member

    def path(self, below: str) -> str:
        return f"{ROOM}/alliances/{self.id}/{below}"

    def terms(self, key: str, **changes: Any) -> dict[str, Any]:
        """A count that both sides report by day."""
        terms = example_terms(self.united, self.express)["regional_flights_operated"]
        both = [self.united.org, self.express.org]
        return {**terms, "key": key, "reported_by": both, "until_settled": "mean", **changes}

    def propose(self, terms: dict[str, Any], *, expect: int = 201) -> Any:
        return self.united.post(self.path("kpis"), {"terms": terms}, expect=expect)

    def agree(self, terms: dict[str, Any]) -> dict[str, Any]:
        made = self.propose(terms)
        agreed: dict[str, Any] = self.express.change(self.path(f"kpis/{made['id']}/accept"), None, made["version"])
        return agreed

    def send(self, who: Member, content: Any, kind: str = JSON, *, below: str = "observations", **query: Any) -> Any:
        """The response to a batch, whatever it is; rows are sent as JSON, bytes as they are."""
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        headers = who.headers({"Content-Type": kind})
        return self.api.client.post(self.path(below), content=body, params=query, headers=headers)

    def push(self, who: Member, content: Any, kind: str = JSON, **query: Any) -> dict[str, Any]:
        """The batch that came of it."""
        response = self.send(who, content, kind, **query)
        assert response.status_code == 201, response.text
        made: dict[str, Any] = response.json()
        return made

    def close(self, month: str) -> None:
        """Both sides confirm a month."""
        for who in (self.united, self.express):
            month_path = self.path(f"months/{month}")
            who.change(f"{month_path}/confirm", None, who.get(month_path)["version"])


def settle(api: Api) -> None:
    """Let followers and time do what there is to do."""
    followings = [Following(api.runtime.engine, follower) for follower in METRICS.followers]
    while sum(following.turn() for following in followings) or sum(
        worker.turn(api.runtime) for worker in METRICS.workers
    ):
        pass


def example_terms(united: Member, express: Member) -> dict[str, dict[str, Any]]:
    """The terms of the airline example by key, reported by these two."""
    text = (EXAMPLE / "kpis.json").read_text()
    text = text.replace('"united"', f'"{united.org}"').replace('"expressjet"', f'"{express.org}"')
    return {terms["key"]: terms for terms in json.loads(text)}


def ally(api: Api, united: Member, *others: Member) -> str:
    """An alliance proposed by one and accepted by all others; its id."""
    proposal = {
        "name": "United Express",
        "intent": "capability_extension",
        "type": "codeshare",
        "structure": "contractual",
        "parties": [other.org for other in others],
    }
    made = united.post("/governance/v1/alliances", proposal)
    for other in others:
        path = f"/governance/v1/alliances/{made['id']}"
        other.change(f"{path}/accept", None, other.get(path)["version"])
    return str(made["id"])


def system(member: Member, *scopes: str, alliances: Iterable[str] = ()) -> Member:
    """A system of the member's organisation, by its API key."""
    body = {"name": "A system", "scopes": scopes, "alliances": list(alliances), "expires_at": "2030-01-01T00:00:00Z"}
    made = member.post("/directory/v1/api-keys", body)
    return Member(member.api, member.org, made["id"], made["key"])


def row(identity: str, kpi: str, period: str = "2013-03-01", value: str = "115", **more: Any) -> dict[str, Any]:
    return {"observation_id": identity, "kpi": kpi, "period": period, "value": value, **more}


def outcomes(batch: dict[str, Any]) -> list[str]:
    """The outcome of each row, or why it was rejected."""
    return [one["code"] or one["outcome"] for one in batch["outcomes"]]


def everything(member: Member, path: str, **query: Any) -> Rows:
    """All items of a list, two hundred at a time unless told otherwise."""
    query, items, cursor = {"limit": 200, **query}, [], None
    while True:
        page = member.get(path, **query, **({"cursor": cursor} if cursor else {}))
        items += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return items


def problem(response: httpx.Response) -> tuple[int, str, str]:
    """Status, pointer and code of the first fault."""
    document = response.json()
    errors = document.get("errors") or [{"pointer": "", "code": document.get("refusal", "")}]
    return response.status_code, errors[0]["pointer"], errors[0]["code"]


def status(member: Member, path: str, method: str = "GET", body: Any = None, **query: Any) -> int:
    headers = member.headers({"If-Match": "*"})
    return member.api.client.request(method, path, json=body, params=query, headers=headers).status_code


def size(api: Api, ledger_id: str) -> int:
    """How many events a ledger has."""
    with api.runtime.engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT size FROM log.ledgers WHERE ledger_id = %s", (UUID(ledger_id),))
        return int(found.scalar_one())
