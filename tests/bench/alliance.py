"""Two airlines and the alliance they run, made through the API: what most benchmarks begin with."""

from __future__ import annotations

from dataclasses import dataclass

from shared.testing.api import Api, Member
from tests.integration.governance.road import Side, governed


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


def alliance(api: Api) -> Alliance:
    ours, theirs = side(api, "United"), side(api, "ExpressJet")
    return Alliance(governed(ours, theirs), ours, theirs)


def side(api: Api, name: str) -> Side:
    sponsor = api.organisation(name)
    return Side(sponsor, api.colleague(sponsor, f"Manager of {name}"), api.colleague(sponsor, f"Planner of {name}"))
