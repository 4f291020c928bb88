"""What the endpoints of opportunities take and give."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import ConfigDict, Field

from services.scoring.api.schemas.gaps import Points
from services.scoring.api.schemas.rules import FiredRule
from services.scoring.domain.opportunity import SUB_SCORES_MAX
from shared.events import scoring_gaps as terms
from shared.http.types import Answer, Count, DecimalText, Id, Name, Schema, Text

Quadrant = Literal["pursue", "build_up", "quick_win", "leave"]
OPPORTUNITIES_MAX = 1_000


class SubScore(Schema):
    """One named part of a measure."""

    name: Name
    score: Points

    def value(self) -> terms.SubScore:
        return terms.SubScore(self.name, self.score)


class EstimateOverlap(Schema):
    """Per cent of our business that theirs overlaps with, now and as expected in three years."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"now_percent": "10", "in_three_years_percent": "25", "basis": "Their product plan."}
        }
    )

    now_percent: DecimalText
    in_three_years_percent: DecimalText
    basis: Text | None = None


class RateOpportunity(Schema):
    """Strategic importance and feasibility, each from its named parts."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "importance": [{"name": "Size of the market", "score": 4}, {"name": "Fit with our plan", "score": 5}],
                "feasibility": [{"name": "Access to their board", "score": 3}],
            }
        }
    )

    importance: list[SubScore] = Field(min_length=1, max_length=SUB_SCORES_MAX)
    feasibility: list[SubScore] = Field(min_length=1, max_length=SUB_SCORES_MAX)
    note: Text | None = None


class SetOpportunityThresholds(Schema):
    """From which mean, of 1 to 5, on something is high."""

    model_config = ConfigDict(json_schema_extra={"example": {"importance": "3.5", "feasibility": "3"}})

    importance: DecimalText
    feasibility: DecimalText


class OpportunityThresholds(Answer):
    """Your organisation's own thresholds; 3 and 3 until they are set."""

    importance: DecimalText = Decimal(3)
    feasibility: DecimalText = Decimal(3)
    version: Count = 0


class Opportunity(Answer):
    """A candidate's place in the matrix, and the rule that put it into its quadrant."""

    candidate_id: Id
    name: str
    importance: DecimalText
    feasibility: DecimalText
    importance_parts: list[SubScore]
    feasibility_parts: list[SubScore]
    quadrant: Quadrant
    fired: FiredRule


class OpportunityMatrix(Answer):
    """Strategic importance by feasibility of a brief's candidates: all that a plot needs."""

    thresholds: OpportunityThresholds
    opportunities: list[Opportunity] = Field(max_length=OPPORTUNITIES_MAX)
