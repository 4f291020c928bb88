"""Chapter 1. United looks for who can fly its regional routes, scores three candidates and selects two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from examples.airline_codeshare.partner import Partner

BRIEF = {
    "title": "Regional feed at the New York airports",
    "intent": "capability_extension",
    "objectives": [{"metric": "Regional completion rate", "target": "0.95", "unit": "ratio", "by": "2013-12-31"}],
    "non_negotiables": [{"topic": "compliance", "text": "Same safety reporting as our mainline flights."}],
    "timeline": {"starts_on": "2013-01-01", "ends_on": "2014-12-31"},
    "budget": {"amount": "250000000", "currency": "USD"},
}
CRITERIA = ("strategic_fit", "trust_and_culture", "asset_complementarity", "relationship_economics")
CANDIDATES = {
    "ExpressJet": ((5, 4, 5, 4), (4, 4, 5, 4)),
    "Republic": ((4, 3, 4, 4), (4, 3, 4, 3)),
    "Mesa": ((3, 3, 3, 4), (3, 2, 3, 4)),
}
"""Two assessors' ratings of each, in the order of the criteria."""


@dataclass(frozen=True)
class Choice:
    """What came of it."""

    ranking: dict[str, Any]
    names: dict[str, str]
    selection: dict[str, Any]

    @property
    def primary(self) -> str:
        return self.names[self.selection["primary"]]


def choose(united: Partner, assessors: tuple[Partner, Partner]) -> Choice:
    brief = united.post("/scoring/v1/briefs", BRIEF)
    candidates = {}
    for name, ratings in CANDIDATES.items():
        reason = "Flies regional jets out of New York."
        made = united.post(f"/scoring/v1/briefs/{brief['id']}/candidates", {"name": name, "reason": reason})
        candidates[made["id"]] = name
        assess(united, made["id"], assessors, ratings)
    ranking = united.post(f"/scoring/v1/briefs/{brief['id']}/rankings", {"template": "star", "seed": 2013})
    first, second = (place["candidate_id"] for place in ranking["placings"][:2])
    selection = united.post(
        f"/scoring/v1/briefs/{brief['id']}/selection",
        {"ranking_id": ranking["id"], "primary": first, "backup": second},
    )
    return Choice(ranking, candidates, selection)


def assess(
    united: Partner, candidate_id: str, assessors: tuple[Partner, Partner], ratings: tuple[tuple[int, ...], ...]
) -> None:
    """A round with two assessors, neither of whom sees the other's ratings before their own are in."""
    body = {"template": "star", "assessors": [a.id for a in assessors]}
    opened = united.post(f"/scoring/v1/candidates/{candidate_id}/assessments", body)
    path = f"/scoring/v1/assessments/{opened['id']}"
    for assessor, scores in zip(assessors, ratings, strict=True):
        given = [{"criterion": c, "score": s, "confidence": "high"} for c, s in zip(CRITERIA, scores, strict=True)]
        assessor.change(f"{path}/submit", {"ratings": given}, of=path)
