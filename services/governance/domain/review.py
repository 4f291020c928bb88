"""A review: scheduled, opened by time, concluded once every side says the same; missed when that was not in time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from services.governance.domain.moment import Due, end_of, months_after
from shared.domain import Aggregate, Event, Refused
from shared.events.governance_agreement_terms import TermSheet
from shared.events.governance_reviews import (
    ReviewCancelled,
    ReviewConcluded,
    ReviewKind,
    ReviewMissed,
    ReviewOpened,
    ReviewOutcome,
    ReviewOutcomeGiven,
    ReviewScheduled,
)
from shared.events.governance_terms import Moment

OPENS, DUE = "opens", "overdue"
DEAL_LOGIC_DAYS = 90
CHECKPOINT_MONTHS = (6, 12)
RENEWAL_MONTHS = 12
OPENS_DAYS_BEFORE = 14
"""How long before it is due a review opens, other than a renewal."""
AGENDAS: Mapping[ReviewKind, tuple[str, ...]] = {
    ReviewKind.DEAL_LOGIC: ("assumptions of the value thesis", "value exchange", "scope"),
    ReviewKind.CHECKPOINT: ("KPIs", "plan", "commitments of each side", "risks", "governance"),
    ReviewKind.QUARTERLY_BUSINESS: ("KPIs", "market", "alignment", "resources"),
    ReviewKind.YEARLY_STRATEGIC: ("strategy of each side", "value thesis", "re-ratification of the governance model"),
    ReviewKind.RENEWAL: ("renewal, change or end of the term", "economics", "notice dates"),
}
REPEATS_MONTHS: Mapping[ReviewKind, int] = {ReviewKind.QUARTERLY_BUSINESS: 3, ReviewKind.YEARLY_STRATEGIC: 12}


class ReviewStatus(StrEnum):
    NONE = "none"
    SCHEDULED = "scheduled"
    OPEN = "open"
    MISSED = "missed"
    CONCLUDED = "concluded"
    CANCELLED = "cancelled"


SCHEDULED, OPEN = ReviewStatus.SCHEDULED, ReviewStatus.OPEN
PENDING = frozenset({ReviewStatus.SCHEDULED, ReviewStatus.OPEN, ReviewStatus.MISSED})


@dataclass(frozen=True, slots=True)
class GiveOutcome:
    at: datetime
    side: UUID
    outcome: ReviewOutcome
    findings: str | None = None


@dataclass(frozen=True, slots=True)
class CancelReview:
    at: datetime


@dataclass(frozen=True)
class Review:
    """`outcomes` are what each side said last."""

    status: ReviewStatus = ReviewStatus.NONE
    kind: ReviewKind | None = None
    number: int = 0
    parties: tuple[UUID, ...] = ()
    opens_at: datetime | None = None
    due_at: datetime | None = None
    counted_from: date | None = None
    opened: bool = False
    outcomes: Mapping[UUID, ReviewOutcome] = field(default_factory=dict)


def evolve(state: Review, event: Event) -> Review:
    match event:
        case ReviewScheduled():
            state = Review(
                status=ReviewStatus.SCHEDULED,
                kind=event.kind,
                number=event.number,
                parties=event.parties,
                opens_at=event.opens_at,
                due_at=event.due_at,
                counted_from=event.counted_from,
            )
        case ReviewOpened():
            state = replace(state, status=ReviewStatus.OPEN, opened=True)
        case ReviewOutcomeGiven():
            state = replace(state, outcomes={**state.outcomes, event.side: event.outcome})
        case ReviewConcluded():
            state = replace(state, status=ReviewStatus.CONCLUDED)
        case ReviewMissed():
            state = replace(state, status=ReviewStatus.MISSED)
        case ReviewCancelled():
            state = replace(state, status=ReviewStatus.CANCELLED)
    return state


def reviews_at_launch(
    launched: date, parties: tuple[UUID, ...], zones: tuple[ZoneInfo, ...] = ()
) -> list[ReviewScheduled]:
    """The reviews that every launch brings; what repeats is scheduled anew when its turn opens."""
    days = {ReviewKind.DEAL_LOGIC: [launched + timedelta(days=DEAL_LOGIC_DAYS)]}
    days[ReviewKind.CHECKPOINT] = [months_after(launched, months) for months in CHECKPOINT_MONTHS]
    for kind, months in REPEATS_MONTHS.items():
        days[kind] = [months_after(launched, months)]
    return [
        _scheduled(kind, number, day, launched, parties, zones)
        for kind, due in days.items()
        for number, day in enumerate(due, start=1)
    ]


def renewal_review(
    terms: TermSheet, agreement: UUID, number: int, parties: tuple[UUID, ...], zones: tuple[ZoneInfo, ...] = ()
) -> ReviewScheduled:
    """Opens 12 months before the term ends, and is due while notice can still be given."""
    opens = months_after(terms.ends_on, -RENEWAL_MONTHS)
    due = max(opens, terms.ends_on - timedelta(days=terms.notice_days))
    made = _scheduled(ReviewKind.RENEWAL, number, due, terms.ends_on, parties, zones)
    return replace(made, opens_at=end_of(opens - timedelta(days=1), zones), about=agreement)


def next_in_turn(review: Review, zones: tuple[ZoneInfo, ...] = ()) -> list[ReviewScheduled]:
    """The review after this one, for kinds that repeat; counted from the launch, so that short months do not drift."""
    if review.kind is None or review.counted_from is None or review.kind not in REPEATS_MONTHS:
        return []
    number, months = review.number + 1, REPEATS_MONTHS[review.kind]
    due = months_after(review.counted_from, months * number)
    return [_scheduled(review.kind, number, due, review.counted_from, review.parties, zones)]


def give_outcome(command: GiveOutcome, review: Review) -> list[Event]:
    """A later word of a side replaces its earlier one until all say the same, which concludes the review."""
    if command.side not in review.parties:
        raise Refused("not-a-party", "Only a party to the alliance may do this.")
    _check_pending(review)
    if not review.opened:
        raise Refused("review-not-open", f"The review opens on {review.opens_at:%d %B %Y}.")
    if review.outcomes.get(command.side) is command.outcome:
        raise Refused("said-already", f"Your side has said {command.outcome} already.")
    given = ReviewOutcomeGiven(side=command.side, outcome=command.outcome, findings=command.findings)
    outcomes = {evolve(review, given).outcomes.get(party) for party in review.parties}
    if outcomes != {command.outcome}:
        return [given]
    assert review.kind is not None, "a scheduled review is of a kind"
    assert review.due_at is not None, "a scheduled review is due"
    late = command.at >= review.due_at
    missed = fire_review(Due(command.at, DUE), review) if late else []
    concluded = ReviewConcluded(kind=review.kind, outcome=command.outcome, concluded_at=command.at, late=late)
    return [*missed, given, concluded]


def cancel_review(_command: CancelReview, review: Review) -> list[Event]:
    """What is done or missed stays on record."""
    if review.status not in (ReviewStatus.SCHEDULED, ReviewStatus.OPEN) or review.kind is None:
        return []
    return [ReviewCancelled(kind=review.kind)]


def ahead(review: Review) -> tuple[Moment, ...]:
    if review.opens_at is None or review.due_at is None or review.status not in (SCHEDULED, OPEN):
        return ()
    overdue = Moment(DUE, review.due_at)
    return (Moment(OPENS, review.opens_at), overdue) if review.status is SCHEDULED else (overdue,)


def fire_review(due: Due, review: Review) -> list[Event]:
    """Opens it, or records that it was missed. What both came due is fired in order."""
    if review.kind is None or review.opens_at is None or review.due_at is None:
        return []
    if due.step == OPENS and review.status is ReviewStatus.SCHEDULED:
        return [ReviewOpened(kind=review.kind, opens_at=review.opens_at, opened_at=due.at, due_at=review.due_at)]
    if due.step == DUE and review.status is ReviewStatus.OPEN:
        return [ReviewMissed(kind=review.kind, due_at=review.due_at, detected_at=due.at)]
    return []


def _check_pending(review: Review) -> None:
    if review.status not in PENDING:
        raise Refused("review-over", f"The review is {review.status}.")


def _scheduled(
    kind: ReviewKind,
    number: int,
    due: date,
    counted_from: date,
    parties: tuple[UUID, ...],
    zones: tuple[ZoneInfo, ...],
) -> ReviewScheduled:
    opens = due - timedelta(days=OPENS_DAYS_BEFORE)
    return ReviewScheduled(
        kind=kind,
        number=number,
        parties=parties,
        opens_at=end_of(opens, zones),
        due_at=end_of(due, zones),
        agenda=AGENDAS[kind],
        counted_from=counted_from,
    )


REVIEW = Aggregate("review", Review(), evolve)
