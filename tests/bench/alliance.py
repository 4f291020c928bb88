"""Two airlines and the alliance they run, made through the API: what most benchmarks begin with."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from shared.testing.api import Api, Member
from tests.bench.places import EXAMPLES
from tests.integration.governance.road import Side, governed, raised, system, vote

KPIS = EXAMPLES / "airline_codeshare" / "kpis.json"


@dataclass(frozen=True)
class Alliance:
    """An alliance with owners on both sides and a governance model in force."""

    id: str
    ours: Side
    theirs: Side

    @property
    def member(self) -> Member:
        """Who acts in the benchmarks: the alliance manager of the first side."""
        return self.ours.manager

    @property
    def path(self) -> str:
        return f"/alliances/{self.id}"

    def machine(self) -> Member:
        """A system of the first side that reports figures."""
        return system(self.ours.sponsor, "metrics:push", "metrics:read")

    def decide(self) -> Any:
        """A decision that both sides approve."""
        decision = raised(self.ours, self.id)
        for side in (self.ours, self.theirs):
            decision = vote(side.sponsor, decision)
        return decision

    def agree_on_kpis(self, **more: Any) -> list[str]:
        """The KPIs of the airline example, agreed by both; their keys. `more` replaces terms of each."""
        orgs = {"united": self.ours.org, "expressjet": self.theirs.org}
        keys = []
        for terms in json.loads(KPIS.read_text()):
            named = {**terms, "reported_by": [orgs[name] for name in terms["reported_by"]], **more}
            kpi = self.ours.manager.post(f"/metrics/v1{self.path}/kpis", {"terms": named})
            accepted = self.theirs.manager.headers({"If-Match": "*"})
            path = f"/metrics/v1{self.path}/kpis/{kpi['id']}/accept"
            self.member.api.expect(200, self.member.api.client.post(path, headers=accepted))
            keys.append(str(terms["key"]))
        return keys

    def agree_on_counts(self) -> list[str]:
        """The same KPIs as counts by route that our side alone reports, so that a batch may say anything of any day."""
        return self.agree_on_kpis(
            unit="count",
            aggregation="sum",
            reported_by=[self.ours.org],
            until_settled="reporter",
            dimensions=["route"],
            targets=[],
        )


def alliance(api: Api) -> Alliance:
    ours, theirs = side(api, "United"), side(api, "ExpressJet")
    return Alliance(governed(ours, theirs), ours, theirs)


def side(api: Api, name: str) -> Side:
    sponsor = api.organisation(name)
    return Side(sponsor, api.colleague(sponsor, f"Manager of {name}"), api.colleague(sponsor, f"Planner of {name}"))
