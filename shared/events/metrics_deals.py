"""The events of attribution: whose deal it is, and what the partner did for it. No customer is named in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from shared.events.declare import Erasable, event
from shared.events.values import Money


class PartnerRole(StrEnum):
    """What the partner did: brought the deal, or helped it along. The two are never added together."""

    SOURCED = "sourced"
    INFLUENCED = "influenced"


class DealStage(StrEnum):
    OPEN = "open"
    WON = "won"
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class DealTerms:
    """`partner` is the side that sourced or influenced it; `closed_on` is given when and only when it is not open."""

    partner: UUID
    role: PartnerRole
    amount: Money
    stage: DealStage
    opened_on: date
    closed_on: date | None = None


@event("metrics.deal-claimed.v1", says="claimed a deal as {terms.role} by the partner: {terms.amount}")
class DealClaimed:
    """`external_id` is the claiming side's own.

    `account_hash`: SHA-256 of the alliance's id, a line break and the account's name in lower case, so that the same
    customer is known on both sides without being named. `distinct_from` are deals of the same account that this is not.
    """

    side: UUID
    parties: tuple[UUID, ...]
    external_id: str
    account_hash: str | None
    distinct_from: tuple[UUID, ...]
    terms: DealTerms


@event("metrics.deal-linked.v1", says="named the deal {external_id} as the same one in their own books")
class DealLinked:
    side: UUID
    external_id: str


@event("metrics.deal-updated.v1", says="updated a deal: {terms.stage}, {terms.amount}")
class DealUpdated:
    """By the side that claimed it; the other confirms or contests anew when the amount or the role has changed."""

    side: UUID
    terms: DealTerms


@event("metrics.deal-confirmed.v1", says="confirmed the deal")
class DealConfirmed:
    side: UUID


@event("metrics.deal-contested.v1", says="contested the deal")
class DealContested:
    side: UUID
    reason: Erasable[str] = None


@event("metrics.deal-withdrawn.v1", says="withdrew the deal")
class DealWithdrawn:
    side: UUID
    reason: Erasable[str] = None
