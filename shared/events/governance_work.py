"""The events of the joint work: milestones of the plan, integration tracks and pilots."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from shared.events.declare import Erasable, event
from shared.events.governance_agreement_terms import Threshold
from shared.events.governance_plan_terms import MilestoneArea
from shared.events.governance_terms import Member

# --- Milestones ------------------------------------------------------------------------------------------------------


class MilestoneStatus(StrEnum):
    """`reached` and `dropped` are final."""

    PLANNED = "planned"
    IN_PROGRESS = "in_progress"
    BLOCKED = "blocked"
    REACHED = "reached"
    DROPPED = "dropped"


@event("governance.milestone-planned.v1", says="planned the milestone {called}, due {due_on}")
class MilestonePlanned:
    """`plan` is the operating plan it comes from, None for one that was added later. `depends_on` are milestones."""

    plan: UUID | None
    key: str
    title: str
    area: MilestoneArea
    quick_win: bool
    due_on: date
    overdue_at: datetime
    parties: tuple[UUID, ...]
    owners: tuple[Member, ...]
    depends_on: tuple[UUID, ...]
    deliverables: tuple[str, ...]


@event("governance.milestone-reported.v1", says="reported the milestone {called} as {status}", sets=("status",))
class MilestoneReported:
    side: UUID
    status: MilestoneStatus
    late: bool = False
    note: Erasable[str] = None


@event("governance.deliverable-delivered.v1", says="delivered {deliverable} of the milestone {called}")
class DeliverableDelivered:
    """One deliverable of a milestone, by its place in the list."""

    side: UUID
    place: int
    deliverable: str


@event("governance.milestone-moved.v1", says="moved the milestone {called} to {due_on}", sets=("due_on",))
class MilestoneMoved:
    """`change_request` is the change in force that allows it."""

    side: UUID
    due_on: date
    overdue_at: datetime
    change_request: UUID


@event("governance.milestone-missed.v1", says="recorded that the milestone {called} was not reached by {due_on}")
class MilestoneMissed:
    title: str
    due_on: date
    detected_at: datetime


# --- Integration tracks ----------------------------------------------------------------------------------------------


class TrackKind(StrEnum):
    TECHNICAL = "technical"
    GO_TO_MARKET = "go_to_market"
    CUSTOMER_SUCCESS = "customer_success"
    KNOWLEDGE = "knowledge"


class DeliverableStatus(StrEnum):
    """In rising order; `in_use` is what an integration is for."""

    PLANNED = "planned"
    BUILDING = "building"
    DELIVERED = "delivered"
    IN_USE = "in_use"


@dataclass(frozen=True, slots=True)
class TrackDeliverable:
    key: str
    title: str
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class Headcount:
    """Full-time people of a side that are ring-fenced for a track."""

    side: UUID
    people: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackTerms:
    """`kpis` are the keys of those that show it is used."""

    title: str
    owners: tuple[Member, ...]
    deliverables: tuple[TrackDeliverable, ...]
    headcount: tuple[Headcount, ...]
    kpis: tuple[str, ...]


@event("governance.track-opened.v1", says="opened the integration track {called}")
class TrackOpened:
    side: UUID
    kind: TrackKind
    parties: tuple[UUID, ...]
    terms: TrackTerms


@event("governance.track-replanned.v1", says="replanned the integration track {called}", sets=("terms",))
class TrackReplanned:
    """What a deliverable with the same key had reached, it keeps."""

    side: UUID
    terms: TrackTerms


@event(
    "governance.track-deliverable-reported.v1",
    says="reported the deliverable {key} of the integration track {called} as {status}",
)
class TrackDeliverableReported:
    side: UUID
    key: str
    status: DeliverableStatus
    note: Erasable[str] = None


@event("governance.track-closed.v1", says="closed the integration track {called}")
class TrackClosed:
    side: UUID
    reason: Erasable[str] = None


# --- Pilots ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PilotCriterion:
    """What success is; told by a figure where `test` is given."""

    key: str
    statement: str
    test: Threshold | None = None


class PilotVerdict(StrEnum):
    COMMIT = "commit"
    EXTEND = "extend"
    STOP = "stop"


@event("governance.pilot-proposed.v1", says="proposed the pilot {called}, until {ends_on}")
class PilotProposed:
    """The verdict is due at `verdict_due_at`: the end of `ends_on`."""

    side: UUID
    parties: tuple[UUID, ...]
    title: str
    ends_on: date
    verdict_due_at: datetime
    criteria: tuple[PilotCriterion, ...]


@event("governance.pilot-accepted.v1", says="accepted the pilot {called}")
class PilotAccepted:
    side: UUID


@event("governance.pilot-declined.v1", says="declined the pilot {called}")
class PilotDeclined:
    side: UUID
    reason: Erasable[str] = None


@event("governance.pilot-started.v1", says="started the pilot {called}")
class PilotStarted:
    title: str
    verdict_due_at: datetime


@event("governance.pilot-verdict-given.v1", says="gave their side's verdict on the pilot {called}: {verdict}")
class PilotVerdictGiven:
    """`met` are the criteria that the side finds met; `until` is the new last day of who extends."""

    side: UUID
    verdict: PilotVerdict
    met: tuple[str, ...]
    until: date | None
    reason: Erasable[str] = None


@event("governance.pilot-concluded.v1", says="concluded the pilot {called}: {verdict}")
class PilotConcluded:
    verdict: PilotVerdict
    late: bool


@event("governance.pilot-extended.v1", says="extended the pilot {called} until {ends_on}", sets=("ends_on",))
class PilotExtended:
    """Every side said so, until the same day."""

    ends_on: date
    verdict_due_at: datetime


@event("governance.pilot-verdict-missed.v1", says="recorded that the pilot {called} had no verdict by its end")
class PilotVerdictMissed:
    title: str
    ends_on: date
    detected_at: datetime
