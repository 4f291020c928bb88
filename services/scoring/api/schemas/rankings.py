"""What the endpoints of rankings and selections take and give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field

from services.scoring.api.schemas.candidates import Stage
from services.scoring.api.schemas.templates import ScoringKey, TemplateVersion
from services.scoring.domain.ranking import CANDIDATES_MAX, SEED_MAX, recommended
from services.scoring.domain.supposition import SUPPOSED_MAX
from services.scoring.domain.template import CRITERIA_MAX
from shared.events.scoring import RankingMade
from shared.events.scoring_terms import Placing
from shared.http.types import Answer, Count, DecimalText, Id, Schema, Text, Timestamp

Weights = Annotated[
    dict[ScoringKey, DecimalText],
    Field(min_length=1, max_length=CRITERIA_MAX, json_schema_extra={"additionalProperties": False}),
]


class RankBy(Schema):
    """By which template, weights and draws; all but the template's key is optional."""

    template: ScoringKey
    template_version: TemplateVersion | None = Field(default=None, description="The newest unless given.")
    weights: Weights | None = Field(default=None, description="In place of the template's own; they sum to 1.")
    concentration: DecimalText = Field(
        default=Decimal(50), description="How close to the weights others are drawn, from 1 (far) to 10000 (close)."
    )
    seed: Annotated[int, Field(ge=0, le=SEED_MAX)] | None = Field(
        default=None, description="Of the draws; by the server's own randomness unless given. It is recorded."
    )


class MakeRanking(RankBy):
    """Rank by this template; all but its key is optional."""

    model_config = ConfigDict(json_schema_extra={"example": {"template": "star", "seed": 7}})


class SupposedScore(Schema):
    """A score, on the template's scale, in place of what the assessment says."""

    candidate_id: Id
    criterion: ScoringKey
    score: DecimalText


class TryRanking(RankBy):
    """Other weights, or other scores, to see what would change."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "template": "landscape",
                "weights": {"strategic_fit": "0.2", "operational_compatibility": "0.4", "risk_profile": "0.4"},
            }
        }
    )

    scores: list[SupposedScore] = Field(default_factory=list, max_length=SUPPOSED_MAX)


class RankingPlace(Answer):
    """One candidate's place; `shares[n]` of the weight draws put it at place n + 1."""

    place: Count
    candidate_id: Id
    assessment_id: Id
    low: DecimalText
    high: DecimalText
    shares: list[DecimalText] = Field(description="The first ten places.")
    dominated_by: Id | None = Field(description="A candidate at least as good on all criteria and better on one.")
    not_recommended: bool


class WeightChange(Answer):
    """What added to this weight alone lets the runner-up draw level, of those who may be recommended; or null."""

    criterion: str
    change: DecimalText | None
    becomes: DecimalText | None = Field(description="The weight after all are scaled to sum to 1 again.")


class RankingSummary(Answer):
    """A ranking in a list."""

    id: Id
    brief_id: Id
    template: str
    template_version: Count
    candidates: Count
    leader: Id
    too_close_to_call: bool = Field(
        description="Of those who may be recommended, the best wins under 60 % of draws, or may be overtaken."
    )
    made_at: Timestamp
    version: Count


class Ranking(RankingSummary):
    """The order, and how much to trust it."""

    recommended: Id | None = Field(
        description="The best without a standing concern when it was made; null while it is too close to call."
    )
    weights: dict[str, DecimalText]
    draws: Count
    concentration: DecimalText
    seed: Count
    seq: Count = Field(description="Where it stands in your organisation's ledger.")
    placings: list[RankingPlace]
    weight_changes: list[WeightChange]
    hangs_on: str | None = Field(description="The criterion whose weight needs the smallest change of itself.")


class TriedPlace(RankingPlace):
    """A place, and the one it has by the template's own weights and the assessments as they are."""

    place_now: Count


class TriedRanking(Answer):
    """What the ranking would be. It is recorded nowhere."""

    template: str
    template_version: Count
    weights: dict[str, DecimalText]
    draws: Count
    concentration: DecimalText
    seed: Count
    leader: Id
    recommended: Id | None
    too_close_to_call: bool
    placings: list[TriedPlace] = Field(max_length=CANDIDATES_MAX)
    weight_changes: list[WeightChange]
    hangs_on: str | None

    @classmethod
    def of(cls, made: RankingMade, placings: Sequence[Placing], now: Mapping[UUID, int]) -> TriedRanking:
        best = recommended(placings, too_close=made.too_close_to_call)
        return cls(
            template=made.template,
            template_version=made.template_version,
            weights=made.weights,
            draws=made.draws,
            concentration=made.concentration,
            seed=made.seed,
            leader=placings[0].candidate,
            recommended=None if best is None else best.candidate,
            too_close_to_call=made.too_close_to_call,
            placings=[tried_place(each, now[each.candidate]) for each in placings],
            weight_changes=[WeightChange.model_validate(each) for each in made.weight_changes],
            hangs_on=made.hangs_on,
        )


def tried_place(placing: Placing, place_now: int) -> TriedPlace:
    return TriedPlace(
        place=placing.place,
        candidate_id=placing.candidate,
        assessment_id=placing.assessment,
        low=placing.low,
        high=placing.high,
        shares=list(placing.shares),
        dominated_by=placing.dominated_by,
        not_recommended=placing.not_recommended,
        place_now=place_now,
    )


class SelectPartners(Schema):
    """A primary and a backup, from a ranking; with the reason where they differ from its order."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "ranking_id": "0190c5a2-7d3b-7c1e-9d55-0d8f6a1b2c3d",
                "primary": "0190c5a2-7d3b-7c1e-9d55-0d8f6a1b2c3e",
                "backup": "0190c5a2-7d3b-7c1e-9d55-0d8f6a1b2c3f",
            }
        }
    )

    ranking_id: Id
    primary: Id
    backup: Id | None = None
    reason: Text | None = None


class SelectionWarning(Answer):
    """A candidate was selected without going through these stages of the funnel. Nothing is refused for it."""

    candidate_id: Id
    skipped: list[Stage]


class PartnerSelection(Answer):
    """The partners selected, and the ranking they were selected from, with its seq in your organisation's ledger."""

    brief_id: Id
    primary: Id
    backup: Id | None
    ranking_id: Id
    ranking_seq: Count
    reason: str | None
    selected_by: Id | None
    selected_at: Timestamp
    warnings: list[SelectionWarning]
    version: Count
