"""What the endpoints of rankings and selections take and give."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import ConfigDict, Field

from services.scoring.api.schemas.templates import ScoringKey, TemplateVersion
from services.scoring.domain.ranking import SEED_MAX
from services.scoring.domain.template import CRITERIA_MAX
from shared.http.types import Answer, Count, DecimalText, Id, Schema, Text, Timestamp

Weights = Annotated[
    dict[ScoringKey, DecimalText],
    Field(min_length=1, max_length=CRITERIA_MAX, json_schema_extra={"additionalProperties": False}),
]


class MakeRanking(Schema):
    """Rank by this template; all but its key is optional."""

    model_config = ConfigDict(json_schema_extra={"example": {"template": "star", "seed": 7}})

    template: ScoringKey
    template_version: TemplateVersion | None = Field(default=None, description="The newest unless given.")
    weights: Weights | None = Field(default=None, description="In place of the template's own; they sum to 1.")
    concentration: DecimalText = Field(
        default=Decimal(50), description="How close to the weights others are drawn, from 1 (far) to 10000 (close)."
    )
    seed: Annotated[int, Field(ge=0, le=SEED_MAX)] | None = Field(
        default=None, description="Of the draws; by the server's own randomness unless given. It is recorded."
    )


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
    """What added to this weight alone lets the runner-up draw level; null where no change does."""

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
    too_close_to_call: bool
    made_at: Timestamp
    version: Count


class Ranking(RankingSummary):
    """The order, and how much to trust it."""

    weights: dict[str, DecimalText]
    draws: Count
    concentration: DecimalText
    seed: Count
    seq: Count = Field(description="Where it stands in your organisation's ledger.")
    placings: list[RankingPlace]
    weight_changes: list[WeightChange]
    hangs_on: str | None = Field(description="The criterion whose weight needs the smallest change of itself.")


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
    version: Count
