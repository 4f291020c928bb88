"""What the endpoints of gaps take and give."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from services.scoring.api.schemas.briefs import Budget
from services.scoring.api.schemas.rules import FiredRule
from services.scoring.domain.gap import MONTHS_MAX
from services.scoring.domain.wording import POINTS_MAX
from shared.events import scoring_gaps as terms
from shared.events.values import Money
from shared.http.types import Answer, Count, Id, Name, Schema, Text

Missing = Literal["capability", "asset", "market_access", "credibility"]
JourneyMoment = Literal["before", "during", "after"]
GapRouteName = Literal["build", "buy", "partner"]
Points = Annotated[int, Field(ge=1, le=POINTS_MAX, description="From 1 (low) to 5 (high).")]


class IdentifyGap(Schema):
    """Where in our value chain something is missing, what, and how much that matters."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "title": "No sales force in Iberia",
                "value_chain": "Sales",
                "missing": "market_access",
                "journey_step": "Comparing offers",
                "journey_moment": "before",
                "impact": 4,
                "urgency": 4,
                "description": "Two thirds of the tenders are never heard of.",
            }
        }
    )

    title: Name
    value_chain: Name = Field(description="The place in our value chain.")
    missing: Missing
    journey_step: Name = Field(description="The step of the customer's journey at which it shows.")
    journey_moment: JourneyMoment
    impact: Points
    urgency: Points
    description: Text | None = None

    def terms(self) -> terms.GapTerms:
        return terms.GapTerms(
            self.title,
            self.value_chain,
            terms.Missing(self.missing),
            self.journey_step,
            terms.JourneyMoment(self.journey_moment),
            self.impact,
            self.urgency,
        )


class GapRouteOption(Schema):
    """What it takes to close the gap by this route."""

    route: GapRouteName
    months: Annotated[int, Field(ge=0, le=MONTHS_MAX)]
    cost: Budget

    def value(self) -> terms.RouteOption:
        return terms.RouteOption(terms.Route(self.route), self.months, Money(self.cost.amount, self.cost.currency))


class ChooseGapRoute(Schema):
    """Build, buy and partner compared. What is recommended is chosen, unless another is named with a reason."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "options": [
                    {"route": "build", "months": 24, "cost": {"amount": "900000", "currency": "EUR"}},
                    {"route": "buy", "months": 12, "cost": {"amount": "4000000", "currency": "EUR"}},
                    {"route": "partner", "months": 5, "cost": {"amount": "250000", "currency": "EUR"}},
                ],
                "core": False,
                "scarce": True,
            }
        }
    )

    options: list[GapRouteOption] = Field(min_length=3, max_length=3)
    core: bool = Field(description="Is it core to what we are?")
    scarce: bool = Field(description="Do few have it?")
    chosen: GapRouteName | None = Field(default=None, description="What is recommended unless given.")
    reason: Text | None = Field(default=None, description="Needed where another is chosen than recommended.")


class CloseGap(Schema):
    """Why it is no gap any longer."""

    model_config = ConfigDict(json_schema_extra={"example": {"reason": "The alliance with Lusitania fills it."}})

    reason: Text


class GapRoute(Answer):
    """The route chosen, the one recommended, and the rules behind it."""

    options: list[GapRouteOption]
    core: bool
    scarce: bool
    recommended: GapRouteName
    fired: list[FiredRule]
    chosen: GapRouteName
    reason: str | None


class Gap(Answer):
    """Something that is missing; `description` and reasons are null where nothing was said, or once erased."""

    id: Id
    title: str
    value_chain: str
    missing: Missing
    journey_step: str
    journey_moment: JourneyMoment
    impact: Count
    urgency: Count
    description: str | None
    route: GapRoute | None
    closed: bool
    version: Count

    @classmethod
    def of(cls, row: Any) -> Gap:
        parts = {**row._asdict(), **row.terms}
        return cls.model_validate({"description": None, **parts})
