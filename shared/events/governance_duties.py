"""The events of what the sides owe and watch: commitments, risks, counterparts and announcements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from shared.events.declare import Erasable, event
from shared.events.governance_terms import Member

# --- Commitments -----------------------------------------------------------------------------------------------------


class CommitmentOf(StrEnum):
    PEOPLE = "people"
    MONEY = "money"
    HEADCOUNT = "headcount"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentTerms:
    """`unit` is an ISO 4217 code for money, otherwise what is counted, such as people or days."""

    title: str
    of: CommitmentOf
    amount: Decimal
    unit: str
    starts_on: date
    ends_on: date
    ring_fenced: bool = False


@event(
    "governance.commitment-promised.v1",
    says="promised {terms.amount} {terms.unit} by {terms.ends_on}: the commitment {called}",
)
class CommitmentPromised:
    side: UUID
    parties: tuple[UUID, ...]
    terms: CommitmentTerms
    overdue_at: datetime


@event("governance.commitment-delivered.v1", says="delivered {amount} of the commitment {called}")
class CommitmentDelivered:
    """What has come in all, not what came since the last time."""

    side: UUID
    amount: Decimal
    note: Erasable[str] = None


@event("governance.commitment-confirmed.v1", says="confirmed {amount} as delivered of the commitment {called}")
class CommitmentConfirmed:
    """By a side other than the one that promised."""

    side: UUID
    amount: Decimal


@event("governance.commitment-contested.v1", says="contested what was delivered of the commitment {called}")
class CommitmentContested:
    side: UUID
    amount: Decimal
    reason: Erasable[str] = None


@event("governance.commitment-kept.v1", says="found the commitment {called} kept")
class CommitmentKept:
    """Every other side has confirmed the whole."""

    title: str
    late: bool


@event("governance.commitment-missed.v1", says="recorded that the commitment {called} was not kept by {ends_on}")
class CommitmentMissed:
    """`confirmed` is what every other side had confirmed by then."""

    side: UUID
    title: str
    ends_on: date
    promised: Decimal
    confirmed: Decimal
    detected_at: datetime


# --- Risks -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskTerms:
    """`likelihood` and `impact` from 1 (low) to 5 (high)."""

    title: str
    area: str
    likelihood: int
    impact: int
    mitigation: str
    owner: Member | None = None


@event("governance.risk-registered.v1", says="registered the risk {called}")
class RiskRegistered:
    """`side` is None and `source` the event it came from when it was found in a side's diligence."""

    side: UUID | None
    terms: RiskTerms
    source: UUID | None = None


@event("governance.risk-reassessed.v1", says="reassessed the risk {called}", sets=("terms",))
class RiskReassessed:
    side: UUID
    terms: RiskTerms


@event("governance.risk-closed.v1", says="closed the risk {called}")
class RiskClosed:
    side: UUID
    occurred: bool
    reason: Erasable[str] = None


# --- Counterparts ----------------------------------------------------------------------------------------------------


class Level(StrEnum):
    EXECUTIVE = "executive"
    LEADERSHIP = "leadership"
    WORKING = "working"


@event("governance.counterparts-paired.v1", says="paired counterparts for {function} on the {level} level")
class CounterpartsPaired:
    """One person of each side named, of two sides or more."""

    side: UUID
    function: str
    level: Level
    people: tuple[Member, ...]


@event("governance.counterparts-parted.v1", says="ended a pair of counterparts")
class CounterpartsParted:
    side: UUID
    reason: Erasable[str] = None


# --- Announcements ---------------------------------------------------------------------------------------------------


@event("governance.alliance-announced.v1", says="announced the alliance in public on {on}")
class AllianceAnnounced:
    """What was in place: the operating plan in force and how many KPIs were agreed."""

    side: UUID
    on: date
    plan: UUID
    kpis: int
    text: Erasable[str] = None
