"""The events of gaps: what is missing in the value chain, and whether to build it, buy it or find a partner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from shared.events.declare import Erasable, event
from shared.events.scoring_rules import FiredRule
from shared.events.values import Money


class Missing(StrEnum):
    CAPABILITY = "capability"
    ASSET = "asset"
    MARKET_ACCESS = "market_access"
    CREDIBILITY = "credibility"


class JourneyMoment(StrEnum):
    """When in relation to the step of the customer's journey it is missed."""

    BEFORE = "before"
    DURING = "during"
    AFTER = "after"


class Route(StrEnum):
    BUILD = "build"
    BUY = "buy"
    PARTNER = "partner"


@dataclass(frozen=True, slots=True)
class RouteOption:
    """What it takes to close the gap by this route."""

    route: Route
    months: int
    cost: Money


@dataclass(frozen=True, slots=True)
class GapTerms:
    """`value_chain` names the place in it; `impact` and `urgency` from 1 (low) to 5 (high)."""

    title: str
    value_chain: str
    missing: Missing
    journey_step: str
    journey_moment: JourneyMoment
    impact: int
    urgency: int


@event("scoring.gap-identified.v1", says="identified the gap {called}")
class GapIdentified:
    terms: GapTerms
    description: Erasable[str] = None


@event("scoring.gap-revised.v1", says="revised the gap {called}")
class GapRevised:
    """The whole gap as it is from now on."""

    terms: GapTerms
    description: Erasable[str] = None


@event(
    "scoring.route-chosen.v1", says="chose the route {chosen} for the gap {called}, where {recommended} was recommended"
)
class RouteChosen:
    """`core`: it is core to what we are; `scarce`: few have it. `fired` are the rules behind `recommended`."""

    options: tuple[RouteOption, ...]
    core: bool
    scarce: bool
    recommended: Route
    fired: tuple[FiredRule, ...]
    chosen: Route
    reason: Erasable[str] = None


@event("scoring.gap-closed.v1", says="closed the gap {called}")
class GapClosed:
    reason: Erasable[str] = None


@event("scoring.brief-reviewed.v1", says="reviewed the partner brief {called}; the next review is on {next_review_on}")
class BriefReviewed:
    """It was looked at and stands, or was revised beside this; in the stream of the brief."""

    next_review_on: date
    finding: Erasable[str] = None


@event("scoring.overlap-estimated.v1", says="estimated a candidate's overlap with our business")
class OverlapEstimated:
    """Per cent of our business that theirs overlaps with; in the stream of the candidate."""

    now_percent: Decimal
    in_three_years_percent: Decimal
    basis: Erasable[str] = None


@dataclass(frozen=True, slots=True)
class SubScore:
    """One named part of a measure, from 1 (low) to 5 (high)."""

    name: str
    score: int


@event("scoring.opportunity-rated.v1", says="rated the opportunity with a candidate")
class OpportunityRated:
    """Strategic importance and feasibility, each the mean of its parts; in the stream of the candidate."""

    importance: tuple[SubScore, ...]
    feasibility: tuple[SubScore, ...]
    note: Erasable[str] = None


@event("scoring.opportunity-thresholds-set.v1", says="set the thresholds of the opportunity matrix")
class OpportunityThresholdsSet:
    """A mean at or over its threshold is high."""

    importance: Decimal
    feasibility: Decimal
