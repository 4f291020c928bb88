"""What the endpoints of scorecard templates take and give."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints

from services.scoring.domain.template import CRITERIA_MAX, RED_FLAGS_MAX, SCALE_MAX
from shared.events import scoring_terms as terms
from shared.http.types import INT_MAX, Answer, Count, DecimalText, Name, Schema

ScoringKey = Annotated[str, StringConstraints(pattern="^[a-z][a-z0-9_]{0,62}$")]
TemplateVersion = Annotated[int, Field(ge=1, le=INT_MAX)]
Severity = Literal["warning", "blocker"]


class RedFlag(Schema):
    """What to look out for, and how bad it usually is."""

    key: ScoringKey
    title: Name
    severity: Severity


class Criterion(Schema):
    """`weight` from 0 to 1; a mean score under `floor` is a concern."""

    key: ScoringKey
    title: Name
    question: Name
    weight: DecimalText
    floor: DecimalText | None = None
    red_flags: list[RedFlag] = Field(default_factory=list, max_length=RED_FLAGS_MAX)

    def value(self) -> terms.Criterion:
        flags = tuple(terms.RedFlag(f.key, f.title, terms.Severity(f.severity)) for f in self.red_flags)
        return terms.Criterion(self.key, self.title, self.question, self.weight, self.floor, flags)


class RatingScale(Schema):
    """Whole points; more is better."""

    lowest: Annotated[int, Field(ge=0, le=SCALE_MAX)]
    highest: Annotated[int, Field(ge=0, le=SCALE_MAX)]


def example_criterion(key: str, title: str, question: str) -> dict[str, Any]:
    return {"key": key, "title": title, "question": question, "weight": "0.5", "floor": "2", "red_flags": []}


class PublishTemplate(Schema):
    """A version of your own template; the weights of its criteria sum to 1."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "key": "our_own",
                "title": "Our own scorecard",
                "scale": {"lowest": 1, "highest": 5},
                "criteria": [
                    example_criterion("fit", "Fit", "Do we want the same?"),
                    example_criterion("worth", "Worth", "Is it worth more than it costs?"),
                ],
            }
        }
    )

    key: ScoringKey
    title: Name
    scale: RatingScale = Field(default_factory=lambda: RatingScale(lowest=1, highest=5))
    criteria: list[Criterion] = Field(min_length=1, max_length=CRITERIA_MAX)


class ScorecardTemplate(Answer):
    """A scorecard template in one of its versions, which never change."""

    key: str
    version: Count
    title: str
    scale: RatingScale
    criteria: list[Criterion]
