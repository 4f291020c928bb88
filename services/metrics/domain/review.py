"""A portfolio review: once a quarter each proposal is taken or overruled, and that is on record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID, uuid5

from services.metrics.domain.portfolio import Proposal
from shared.domain import Aggregate, Event, Invalid, Refused
from shared.events.metrics_signals import (
    ConcentrationLimitSet,
    InvestmentRecorded,
    PortfolioPlaceSet,
    PortfolioReviewClosed,
    PortfolioReviewOpened,
    PortfolioRole,
    PortfolioVerdictGiven,
    Verdict,
)

HOLDINGS_MAX = 10_000


@dataclass(frozen=True, slots=True)
class OpenReview:
    quarter: str


@dataclass(frozen=True, slots=True)
class GiveVerdict:
    """`proposed` is what Concord proposes at this moment."""

    alliance: UUID
    proposed: Proposal
    verdict: Verdict
    reason: str | None


@dataclass(frozen=True, slots=True)
class CloseReview:
    at: datetime


@dataclass(frozen=True, slots=True)
class Review:
    quarter: str = ""
    verdicts: Mapping[UUID, Verdict] = field(default_factory=dict)
    closed: bool = False


def review_id(org: UUID, quarter: str) -> UUID:
    return uuid5(org, f"portfolio-review/{quarter}")


def open_review(command: OpenReview, review: Review) -> list[Event]:
    """Raises `Refused` already-open."""
    if review.quarter:
        raise Refused("already-open", f"The review of {review.quarter} was opened before.")
    return [PortfolioReviewOpened(quarter=command.quarter)]


def give_verdict(command: GiveVerdict, review: Review) -> list[Event]:
    """Raises `Refused` not-open, reason-missing, nothing-changed."""
    _check_open(review)
    if command.verdict is not command.proposed.verdict and not command.reason:
        raise Refused("reason-missing", f"Concord proposes {command.proposed.verdict}; say why it is overruled.")
    if review.verdicts.get(command.alliance) is command.verdict:
        raise Refused("nothing-changed", "That is the verdict on record.")
    return [
        PortfolioVerdictGiven(
            alliance=command.alliance,
            proposed=command.proposed.verdict,
            grounds=command.proposed.grounds,
            verdict=command.verdict,
            reason=command.reason,
        )
    ]


def close_review(command: CloseReview, review: Review) -> list[Event]:
    """Raises `Refused` not-open, no-verdict."""
    _check_open(review)
    if not review.verdicts:
        raise Refused("no-verdict", "Decide on an alliance at least.")
    return [PortfolioReviewClosed(quarter=review.quarter, closed_at=command.at)]


def evolve(review: Review, event: Event) -> Review:
    match event:
        case PortfolioReviewOpened():
            return Review(event.quarter)
        case PortfolioVerdictGiven():
            return replace(review, verdicts={**review.verdicts, event.alliance: event.verdict})
        case PortfolioReviewClosed():
            return replace(review, closed=True)
        case _:
            return review


REVIEW = Aggregate("portfolio-review", Review(), evolve)


def _check_open(review: Review) -> None:
    if not review.quarter or review.closed:
        raise Refused("not-open", "This review is not open.")


@dataclass(frozen=True, slots=True)
class Place:
    """One alliance in the portfolio: what it is for, and what it cost by month."""

    role: PortfolioRole | None = None
    region: str | None = None
    gap: UUID | None = None


@dataclass(frozen=True, slots=True)
class SetPlace:
    alliance: UUID
    role: PortfolioRole
    region: str | None
    gap: UUID | None


@dataclass(frozen=True, slots=True)
class RecordInvestment:
    alliance: UUID
    month: str
    amount: Decimal
    currency: str


def place_id(org: UUID, alliance: UUID) -> UUID:
    return uuid5(org, f"portfolio-place/{alliance}")


def set_place(command: SetPlace, place: Place) -> list[Event]:
    """Nothing when it stands so."""
    if Place(command.role, command.region, command.gap) == place:
        return []
    return [PortfolioPlaceSet(alliance=command.alliance, role=command.role, region=command.region, gap=command.gap)]


def record_investment(command: RecordInvestment, _: Place) -> list[Event]:
    """Raises `Invalid` bad-amount."""
    if command.amount < 0:
        raise Invalid("/amount", "bad-amount", "An investment is not negative.")
    return [
        InvestmentRecorded(
            alliance=command.alliance, month=command.month, amount=command.amount, currency=command.currency
        )
    ]


def evolve_place(place: Place, event: Event) -> Place:
    return Place(event.role, event.region, event.gap) if isinstance(event, PortfolioPlaceSet) else place


PLACE = Aggregate("portfolio-place", Place(), evolve_place)


@dataclass(frozen=True, slots=True)
class Limits:
    share_max: Decimal | None = None


@dataclass(frozen=True, slots=True)
class SetLimit:
    share_max: Decimal


def set_limit(command: SetLimit, limits: Limits) -> list[Event]:
    """Raises `Invalid` bad-share."""
    if not 0 < command.share_max <= 1:
        raise Invalid("/share_max", "bad-share", "A share is more than 0 and at most 1.")
    return [] if limits.share_max == command.share_max else [ConcentrationLimitSet(share_max=command.share_max)]


def evolve_limits(limits: Limits, event: Event) -> Limits:
    return Limits(event.share_max) if isinstance(event, ConcentrationLimitSet) else limits


LIMITS = Aggregate("concentration-limit", Limits(), evolve_limits)
