"""What the endpoints of briefs take and give."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, StringConstraints

from services.scoring.domain.brief import GAPS_MAX, OBJECTIVES_MAX
from shared.events import scoring_terms as terms
from shared.events.values import Money
from shared.http.types import Answer, Count, Day, DecimalText, Id, Name, Schema, Text

Intent = Literal["market_access", "capability_extension", "revenue_acceleration", "risk_mitigation", "co_innovation"]
Topic = Literal["ip", "exclusivity", "geography", "culture", "compliance"]
NON_NEGOTIABLES_MAX = 50


def one_intent(value: Any) -> Any:
    if isinstance(value, list):
        raise ValueError("name exactly one: each wants another partner and another governance")  # noqa: TRY004 - only this error becomes a fault
    return value


class BriefObjective(Schema):
    """`metric` reaches `target`, in `unit`, by a day."""

    metric: Name
    target: DecimalText
    unit: Name
    by: Day


class NonNegotiable(Schema):
    """What we will not give up."""

    topic: Topic
    text: Text


class BriefTimeline(Schema):
    """From its first day to its last."""

    starts_on: Day
    ends_on: Day


class Budget(Schema):
    """An exact amount in an ISO 4217 currency."""

    amount: DecimalText
    currency: Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")]


class WriteBrief(Schema):
    """What is looked for: one strategic intent, and objectives that can be measured."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "title": "Into Iberia",
                "intent": "market_access",
                "objectives": [
                    {"metric": "New customers in Spain", "target": "200", "unit": "customers", "by": "2027-06-30"}
                ],
                "non_negotiables": [{"topic": "ip", "text": "What we bring stays ours."}],
                "timeline": {"starts_on": "2026-04-01", "ends_on": "2027-06-30"},
                "budget": {"amount": "250000", "currency": "EUR"},
                "gaps": [],
            }
        }
    )

    title: Name
    intent: Annotated[Intent, BeforeValidator(one_intent)]
    objectives: list[BriefObjective] = Field(min_length=1, max_length=OBJECTIVES_MAX)
    non_negotiables: list[NonNegotiable] = Field(default_factory=list, max_length=NON_NEGOTIABLES_MAX)
    timeline: BriefTimeline
    budget: Budget | None = None
    gaps: list[Id] = Field(default_factory=list, max_length=GAPS_MAX, description="The gaps it answers.")

    def values(self) -> dict[str, Any]:
        """The parts of the command, as the domain's values."""
        return {
            "title": self.title,
            "intents": (terms.StrategicIntent(self.intent),),
            "objectives": tuple(terms.Objective(o.metric, o.target, o.unit, o.by) for o in self.objectives),
            "non_negotiables": tuple(
                terms.NonNegotiable(terms.NonNegotiableTopic(n.topic), n.text) for n in self.non_negotiables
            ),
            "timeline": terms.Timeline(self.timeline.starts_on, self.timeline.ends_on),
            "budget": None if self.budget is None else Money(self.budget.amount, self.budget.currency),
            "gaps": tuple(self.gaps),
        }


class ReviewBrief(Schema):
    """It was looked at and stands, or was revised; when to look next, within a year."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"next_review_on": "2027-03-01", "finding": "The market is still closed to us."}}
    )

    next_review_on: Day
    finding: Text | None = None


class Brief(Answer):
    """A partner brief; `non_negotiables` is null once erased."""

    id: Id
    title: str
    intent: Intent
    objectives: list[BriefObjective]
    non_negotiables: list[NonNegotiable] | None
    timeline: BriefTimeline
    budget: Budget | None
    gaps: list[Id]
    no_gap: bool = Field(description="A signal: it answers nothing that you are known to lack.")
    review_on: Day = Field(description="When it is to be looked at again, at least yearly.")
    version: Count
