"""The events of services/governance: its part of the published language.

A side is named by its organisation's id. Instants are aware and UTC; shares of time are whole percents.
The values they carry, such as the terms of a governance model, are in `governance_terms.py`.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from shared.events.declare import Erasable, event
from shared.events.governance_terms import Choice, GovernanceContent, Intent, OwnerRole, Route, Scope, Stage, Step
from shared.events.values import Duration, Signature


@event(
    "governance.alliance-proposed.v1",
    says="proposed the alliance {name}",
    sets=("name", "intent", "type", "structure", "parties", "scope"),
)
class AllianceProposed:
    side: UUID
    name: str
    intent: Intent
    type: str
    structure: str
    parties: tuple[UUID, ...]
    scope: Erasable[Scope] = None


@event("governance.alliance-accepted.v1", says="accepted the alliance")
class AllianceAccepted:
    side: UUID


@event("governance.alliance-declined.v1", says="declined the alliance")
class AllianceDeclined:
    side: UUID
    reason: Erasable[str] = None


@event("governance.owner-named.v1", says="named {person_id} the {role} of their side", person="person_id")
class OwnerNamed:
    side: UUID
    person_id: UUID
    role: OwnerRole


@event("governance.gate-waived.v1", says="waived the gate to {stage}")
class GateWaived:
    side: UUID
    stage: Stage
    reason: Erasable[str] = None


@event("governance.stage-entered.v1", says="took the alliance into the stage {stage}", sets=("stage",))
class StageEntered:
    stage: Stage


# --- The governance model --------------------------------------------------------------------------------------------


@event("governance.model-draft-begun.v1", says="began the draft of a governance model")
class ModelDraftBegun:
    """In the ledger of the organisation that drafts, which alone reads it until it is proposed."""

    alliance: UUID
    content: GovernanceContent
    content_sha256: str


@event(
    "governance.model-draft-revised.v1",
    says="revised the draft of a governance model",
    sets=("content", "content_sha256"),
)
class ModelDraftRevised:
    content: GovernanceContent
    content_sha256: str


@event("governance.model-draft-proposed.v1", says="put the draft of a governance model on the table")
class ModelDraftProposed:
    content_sha256: str


@event("governance.model-draft-discarded.v1", says="discarded the draft of a governance model")
class ModelDraftDiscarded:
    reason: Erasable[str] = None


@event("governance.model-drafted.v1", says="drafted a governance model")
class ModelDrafted:
    """With it the model enters the alliance's ledger; it is proposed at the same moment."""

    side: UUID
    parties: tuple[UUID, ...]
    content: GovernanceContent
    content_sha256: str


@event("governance.model-proposed.v1", says="proposed the governance model")
class ModelProposed:
    side: UUID
    content_sha256: str


@event(
    "governance.model-countered.v1", says="countered with another governance model", sets=("content", "content_sha256")
)
class ModelCountered:
    side: UUID
    content: GovernanceContent
    content_sha256: str
    reason: Erasable[str] = None


@event("governance.model-signed.v1", says="signed the governance model")
class ModelSigned:
    side: UUID
    content_sha256: str
    signature: Signature | None = None


@event("governance.model-ratified.v1", says="put the governance model in force")
class ModelRatified:
    content_sha256: str


@event("governance.model-superseded.v1", says="replaced the governance model by a newer one")
class ModelSuperseded:
    by: UUID


# --- Decisions -------------------------------------------------------------------------------------------------------


@event(
    "governance.decision-raised.v1",
    says="raised the decision {called}: {type}",
    sets=("type", "route", "raised_at", "subject", "options", "context"),
)
class DecisionRaised:
    side: UUID
    type: str
    route: Route
    raised_at: datetime
    subject: Erasable[str] = None
    options: Erasable[tuple[str, ...]] = None
    context: Erasable[str] = None


@event("governance.vote-cast.v1", says="voted {choice} on the decision {called}")
class VoteCast:
    side: UUID
    choice: Choice
    reason: Erasable[str] = None
    signature: Signature | None = None


@event("governance.information-given.v1", says="gave the information asked for on the decision {called}")
class InformationGiven:
    side: UUID
    answer: Erasable[str] = None


@event("governance.court-passed.v1", says="passed the ball on the decision {called}", sets=("sides",))
class CourtPassed:
    """From `since` the decision waits for these sides."""

    sides: tuple[UUID, ...]
    since: datetime


@event("governance.decision-approved.v1", says="settled the decision {called}: approved")
class DecisionApproved:
    settled_at: datetime
    late: bool


@event("governance.decision-rejected.v1", says="settled the decision {called}: rejected")
class DecisionRejected:
    settled_at: datetime
    late: bool


@event("governance.decision-withdrawn.v1", says="withdrew the decision {called}")
class DecisionWithdrawn:
    side: UUID
    settled_at: datetime
    reason: Erasable[str] = None


@event("governance.decision-reopened.v1", says="reopened the decision {called}")
class DecisionReopened:
    """Starts a new cycle: the votes begin anew, the clocks of earlier cycles stay on record."""

    side: UUID
    cycle: int
    reopened_at: datetime
    reason: Erasable[str] = None


@event("governance.decision-lapsed.v1", says="closed the decision {called} because a party left")
class DecisionLapsed:
    left: UUID
    settled_at: datetime


# --- SLA clocks ------------------------------------------------------------------------------------------------------


@event(
    "governance.clock-started.v1",
    says="started the clock of the decision {called}, due {due_at}",
    sets=("rung", "forum", "due_at"),
)
class ClockStarted:
    """Rung 0 is the decision's own clock; each rung of the ladder after it has its own, running from `started_at`.

    `steps` are the moments at which it must act, in order; a pause and its end replace those that are left.
    """

    cycle: int
    rung: int
    forum: str | None
    started_at: datetime
    sla: Duration
    due_at: datetime
    steps: tuple[Step, ...]


@event("governance.clock-warned.v1", says="warned that {share} % of the time for the decision {called} has passed")
class ClockWarned:
    cycle: int
    rung: int
    side: UUID
    share: int
    scheduled_at: datetime


@event("governance.clock-breached.v1", says="recorded that the decision {called} was not made by {due_at}")
class ClockBreached:
    """`last` says that no rung of the ladder is left."""

    cycle: int
    rung: int
    due_at: datetime
    detected_at: datetime
    last: bool


@event("governance.decision-escalated.v1", says="escalated the decision {called} to {forum}", sets=("rung", "forum"))
class DecisionEscalated:
    """`skipped` are forums without members; `told` are the people of the forum who were not told before."""

    cycle: int
    rung: int
    forum: str
    skipped: tuple[str, ...]
    told: tuple[UUID, ...]


@event("governance.escalation-acknowledged.v1", says="acknowledged the escalation of the decision {called}")
class EscalationAcknowledged:
    """Stops the ladder, not the clock."""

    side: UUID
    rung: int


@event("governance.pause-requested.v1", says="asked to pause the decision {called} until {until} at the latest")
class PauseRequested:
    """`side` waits for information from `waiting_for`, whose consent starts the pause."""

    side: UUID
    waiting_for: UUID
    until: datetime
    reason: Erasable[str] = None


@event("governance.clock-paused.v1", says="consented to pausing the decision {called} until {until} at the latest")
class ClockPaused:
    waiting_for: UUID
    since: datetime
    until: datetime
    steps: tuple[Step, ...]


@event("governance.clock-resumed.v1", says="let the clock of the decision {called} run again", sets=("due_at",))
class ClockResumed:
    """`due_at` is None while another pause still holds the clock; `automatic` when the cap was reached."""

    waiting_for: UUID
    resumed_at: datetime
    due_at: datetime | None
    automatic: bool
    steps: tuple[Step, ...]
