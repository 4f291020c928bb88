"""A deal: claimed by one side as sourced or influenced by its partner, confirmed or contested by the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from shared.domain import Aggregate, Event, Invalid, Refused
from shared.events.metrics_deals import (
    DealClaimed,
    DealConfirmed,
    DealContested,
    DealLinked,
    DealStage,
    DealTerms,
    DealUpdated,
    DealWithdrawn,
)


class DealStatus(StrEnum):
    CLAIMED = "claimed"
    CONFIRMED = "confirmed"
    CONTESTED = "contested"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimDeal:
    """`same_id`, `same_account`: deals that are there, not withdrawn, of this side's id, and of this account."""

    by: UUID
    side: UUID
    parties: tuple[UUID, ...]
    external_id: str
    account_hash: str | None
    distinct_from: tuple[UUID, ...]
    terms: DealTerms
    same_id: Sequence[UUID]
    same_account: Sequence[UUID]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkDeal:
    by: UUID
    side: UUID
    external_id: str
    same_id: Sequence[UUID]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateDeal:
    by: UUID
    side: UUID
    terms: DealTerms
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerDeal:
    """`reason` of contesting or withdrawing it."""

    by: UUID
    side: UUID
    reason: str | None = None
    at: datetime


@dataclass(frozen=True, slots=True)
class Deal:
    side: UUID | None = None
    parties: tuple[UUID, ...] = ()
    terms: DealTerms | None = None
    external_ids: Mapping[UUID, str] = field(default_factory=dict)
    status: DealStatus = DealStatus.CLAIMED


def claim(command: ClaimDeal, deal: Deal) -> list[Event]:
    """Raises `Refused` already-claimed, not-a-party, deal-known, same-account; `Invalid` for bad terms."""
    if deal.side is not None:
        raise Refused("already-claimed", "This deal is claimed.")
    if command.side not in command.parties:
        raise Refused("not-a-party", "A party of the alliance claims its deals.")
    check_terms(command.terms, command.side, command.parties)
    if command.same_id:
        raise Refused("deal-known", f"Your {command.external_id} is the deal {command.same_id[0]}; update that one.")
    others = [known for known in command.same_account if known not in command.distinct_from]
    if others:
        words = f"The account has the deal {others[0]}: link it, or name it in distinct_from if this is another."
        raise Refused("same-account", words)
    return [
        DealClaimed(
            side=command.side,
            parties=command.parties,
            external_id=command.external_id,
            account_hash=command.account_hash,
            distinct_from=command.distinct_from,
            terms=command.terms,
        )
    ]


def link(command: LinkDeal, deal: Deal) -> list[Event]:
    """Raises `Refused` not-a-party, deal-withdrawn, deal-known, already-linked."""
    _check(command.side, deal)
    if command.side in deal.external_ids:
        raise Refused("already-linked", f"In your books it is {deal.external_ids[command.side]}.")
    if command.same_id:
        raise Refused("deal-known", f"Your {command.external_id} is the deal {command.same_id[0]}.")
    return [DealLinked(side=command.side, external_id=command.external_id)]


def update(command: UpdateDeal, deal: Deal) -> list[Event]:
    """Raises `Refused` not-a-party, deal-withdrawn, not-the-claimer, nothing-changed; `Invalid` for bad terms."""
    _check_claimer(command.side, deal)
    check_terms(command.terms, command.side, deal.parties)
    if command.terms == deal.terms:
        raise Refused("nothing-changed", "That is how the deal stands.")
    return [DealUpdated(side=command.side, terms=command.terms)]


def confirm(command: AnswerDeal, deal: Deal) -> list[Event]:
    """Raises `Refused` not-a-party, deal-withdrawn, own-deal, already-confirmed."""
    _check_other(command.side, deal)
    if deal.status is DealStatus.CONFIRMED:
        raise Refused("already-confirmed", "This deal is confirmed.")
    return [DealConfirmed(side=command.side)]


def contest(command: AnswerDeal, deal: Deal) -> list[Event]:
    """Raises `Refused` not-a-party, deal-withdrawn, own-deal, reason-missing."""
    _check_other(command.side, deal)
    if not command.reason:
        raise Refused("reason-missing", "Say why it is contested.")
    return [DealContested(side=command.side, reason=command.reason)]


def withdraw(command: AnswerDeal, deal: Deal) -> list[Event]:
    """Raises `Refused` not-a-party, deal-withdrawn, not-the-claimer."""
    _check_claimer(command.side, deal)
    return [DealWithdrawn(side=command.side, reason=command.reason)]


def evolve(deal: Deal, event: Event) -> Deal:
    match event:
        case DealClaimed():
            return Deal(event.side, event.parties, event.terms, {event.side: event.external_id})
        case DealLinked():
            return replace(deal, external_ids={**deal.external_ids, event.side: event.external_id})
        case DealUpdated():
            status = DealStatus.CLAIMED if _asks_anew(deal.terms, event.terms) else deal.status
            return replace(deal, terms=event.terms, status=status)
        case DealConfirmed():
            return replace(deal, status=DealStatus.CONFIRMED)
        case DealContested():
            return replace(deal, status=DealStatus.CONTESTED)
        case DealWithdrawn():
            return replace(deal, status=DealStatus.WITHDRAWN)
        case _:
            return deal


DEAL = Aggregate("deal", Deal(), evolve)


def check_terms(terms: DealTerms, side: UUID, parties: Sequence[UUID]) -> None:
    """Raises `Invalid` bad-partner, bad-amount, bad-dates."""
    if terms.partner not in parties or terms.partner == side:
        raise Invalid("/terms/partner", "bad-partner", "The partner is another party of the alliance.")
    if terms.amount.amount < 0:
        raise Invalid("/terms/amount/amount", "bad-amount", "An amount is not negative.")
    if (terms.closed_on is None) != (terms.stage is DealStage.OPEN):
        raise Invalid("/terms/closed_on", "bad-dates", "A deal that is won or lost has the day it was closed.")
    if terms.closed_on is not None and terms.closed_on < terms.opened_on:
        raise Invalid("/terms/closed_on", "bad-dates", "A deal closes after it opens.")


def _asks_anew(before: DealTerms | None, after: DealTerms) -> bool:
    return before is None or (before.amount, before.role, before.partner) != (after.amount, after.role, after.partner)


def _check(side: UUID, deal: Deal) -> None:
    if side not in deal.parties:
        raise Refused("not-a-party", "A party of the alliance answers for its deals.")
    if deal.status is DealStatus.WITHDRAWN:
        raise Refused("deal-withdrawn", "This deal was withdrawn; claim it anew.")


def _check_claimer(side: UUID, deal: Deal) -> None:
    _check(side, deal)
    if side != deal.side:
        raise Refused("not-the-claimer", "The side that claimed the deal changes it; confirm or contest it.")


def _check_other(side: UUID, deal: Deal) -> None:
    _check(side, deal)
    if side == deal.side:
        raise Refused("own-deal", "Another side confirms or contests your deal.")
