"""A commitment: what one side promises for a period, says it has delivered, and every other side confirms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from services.governance.domain.moment import Due, end_of
from shared.domain import Aggregate, Event, Invalid, Refused
from shared.events.governance_duties import (
    CommitmentConfirmed,
    CommitmentContested,
    CommitmentDelivered,
    CommitmentKept,
    CommitmentMissed,
    CommitmentPromised,
    CommitmentTerms,
)
from shared.events.governance_terms import Moment

DUE = "due"
NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class PromiseCommitment:
    at: datetime
    side: UUID
    parties: tuple[UUID, ...]
    terms: CommitmentTerms
    zones: tuple[ZoneInfo, ...] = ()


@dataclass(frozen=True, slots=True)
class DeliverCommitment:
    """`amount` is what has come in all."""

    at: datetime
    side: UUID
    amount: Decimal
    note: str | None = None


@dataclass(frozen=True, slots=True)
class ConfirmDelivery:
    """Confirms that `amount` in all has come."""

    at: datetime
    side: UUID
    amount: Decimal


@dataclass(frozen=True, slots=True)
class ContestDelivery:
    """Says that only `amount` in all has come."""

    at: datetime
    side: UUID
    amount: Decimal
    reason: str | None = None


@dataclass(frozen=True)
class Commitment:
    """`found` is what each other side says has come."""

    side: UUID | None = None
    parties: tuple[UUID, ...] = ()
    terms: CommitmentTerms | None = None
    overdue_at: datetime | None = None
    delivered: Decimal = NOTHING
    found: Mapping[UUID, Decimal] = field(default_factory=dict)
    kept: bool = False
    missed: bool = False

    @property
    def confirmed(self) -> Decimal:
        """What every other side agrees has come."""
        return min((self.found.get(party, NOTHING) for party in self.parties if party != self.side), default=NOTHING)


def evolve(state: Commitment, event: Event) -> Commitment:
    match event:
        case CommitmentPromised():
            state = Commitment(event.side, event.parties, event.terms, event.overdue_at)
        case CommitmentDelivered():
            state = replace(state, delivered=event.amount)
        case CommitmentConfirmed() | CommitmentContested():
            state = replace(state, found={**state.found, event.side: event.amount})
        case CommitmentKept():
            state = replace(state, kept=True)
        case CommitmentMissed():
            state = replace(state, missed=True)
    return state


def promise_commitment(command: PromiseCommitment, commitment: Commitment) -> list[Event]:
    if commitment.terms is not None:
        raise Refused("commitment-exists", "It has been promised already.")
    if command.side not in command.parties:
        raise Refused("not-a-party", "Only a party to the alliance may promise it something.")
    if command.terms.amount <= NOTHING:
        raise Invalid("/amount", "nothing-promised", "Promise more than nothing.")
    if command.terms.ends_on < command.terms.starts_on:
        raise Invalid("/ends_on", "ends-before-it-starts", "The period ends on the day it starts, or later.")
    over = end_of(command.terms.ends_on, command.zones)
    return [CommitmentPromised(side=command.side, parties=command.parties, terms=command.terms, overdue_at=over)]


def deliver_commitment(command: DeliverCommitment, commitment: Commitment) -> list[Event]:
    terms = _check_open(commitment)
    if command.side != commitment.side:
        raise Refused("not-your-promise", "Who promised it says what was delivered; your side confirms or contests it.")
    if not commitment.delivered < command.amount <= terms.amount:
        detail = f"Give all that came so far: more than {commitment.delivered}, and at most {terms.amount}."
        raise Refused("amount-out-of-range", detail)
    return [CommitmentDelivered(side=command.side, amount=command.amount, note=command.note)]


def confirm_delivery(command: ConfirmDelivery, commitment: Commitment) -> list[Event]:
    """Once every other side has confirmed the whole, the commitment is kept."""
    terms = _check_open(commitment)
    _check_other(command.side, commitment)
    if not NOTHING < command.amount <= commitment.delivered:
        raise Refused("amount-out-of-range", f"Confirm at most what was said to be delivered: {commitment.delivered}.")
    if commitment.found.get(command.side) == command.amount:
        raise Refused("said-already", "Your side has said this already.")
    confirmed = CommitmentConfirmed(side=command.side, amount=command.amount)
    if evolve(commitment, confirmed).confirmed < terms.amount:
        return [confirmed]
    late = commitment.overdue_at is not None and command.at >= commitment.overdue_at
    missed = fire_commitment(Due(command.at, DUE), commitment) if late else []
    return [*missed, confirmed, CommitmentKept(title=terms.title, late=late)]


def contest_delivery(command: ContestDelivery, commitment: Commitment) -> list[Event]:
    _check_open(commitment)
    _check_other(command.side, commitment)
    if not NOTHING <= command.amount < commitment.delivered:
        detail = f"What was said to be delivered is {commitment.delivered}; contest it with less, or confirm it."
        raise Refused("amount-out-of-range", detail)
    return [CommitmentContested(side=command.side, amount=command.amount, reason=command.reason)]


def ahead(commitment: Commitment) -> tuple[Moment, ...]:
    if commitment.overdue_at is None or commitment.kept or commitment.missed:
        return ()
    return (Moment(DUE, commitment.overdue_at),)


def fire_commitment(due: Due, commitment: Commitment) -> list[Event]:
    terms = commitment.terms
    if terms is None or commitment.side is None or commitment.kept or commitment.missed:
        return []
    return [
        CommitmentMissed(
            side=commitment.side,
            title=terms.title,
            ends_on=terms.ends_on,
            promised=terms.amount,
            confirmed=commitment.confirmed,
            detected_at=due.at,
        )
    ]


def _check_open(commitment: Commitment) -> CommitmentTerms:
    assert commitment.terms is not None, "a commitment begins by being promised"
    if commitment.kept:
        raise Refused("commitment-kept", "The commitment is kept already.")
    return commitment.terms


def _check_other(side: UUID, commitment: Commitment) -> None:
    if side not in commitment.parties:
        raise Refused("not-a-party", "Only a party to the alliance may do this.")
    if side == commitment.side:
        raise Refused("own-promise", "Another side confirms what yours delivers.")


COMMITMENT = Aggregate("commitment", Commitment(), evolve)
