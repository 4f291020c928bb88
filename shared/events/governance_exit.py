"""The events of an exit: triggered, with its dates computed from the agreement, unwound to the last receipt."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from shared.events.declare import Erasable, event
from shared.events.governance_agreement_terms import ExitGround
from shared.events.governance_plan_terms import Disposition
from shared.events.governance_terms import Moment


@event("governance.exit-triggered.v1", says="triggered an exit: {ground}")
class ExitTriggered:
    """`leaving` are the parties that go: all of them when the alliance ends, otherwise it goes on with the others.

    The dates come from the term sheet `term_sheet`: at `cure_ends_at` the time to mend a material breach ends, at
    `effective_at` the notice period; unwinding is to be done by `unwound_by`. `condition` is the KPI trigger met.
    """

    side: UUID
    ground: ExitGround
    parties: tuple[UUID, ...]
    leaving: tuple[UUID, ...]
    term_sheet: UUID | None
    condition: str | None
    cure_ends_at: datetime | None
    effective_at: datetime
    unwound_by: date
    reason: Erasable[str] = None


@event("governance.breach-cured.v1", says="confirmed that the breach was mended")
class BreachCured:
    """By the side that had triggered the exit; the exit is over."""

    side: UUID


@event("governance.exit-withdrawn.v1", says="withdrew the exit")
class ExitWithdrawn:
    side: UUID
    reason: Erasable[str] = None


@event("governance.cure-period-ended.v1", says="recorded that the breach was not mended by {cure_ends_at}")
class CurePeriodEnded:
    cure_ends_at: datetime
    detected_at: datetime


@event("governance.exit-took-effect.v1", says="recorded that the exit took effect on {effective_at}")
class ExitTookEffect:
    effective_at: datetime
    detected_at: datetime


@event("governance.unwinding-begun.v1", says="began to unwind by the signed plan")
class UnwindingBegun:
    """The unwind plan that came into force, with what is to be receipted."""

    unwind_plan: UUID
    dispositions: tuple[Disposition, ...]
    moments: tuple[Moment, ...]


@event("governance.disposition-receipted.v1", says="gave the receipt for {key}")
class DispositionReceipted:
    """`last`: with this one every side has given it."""

    side: UUID
    key: str
    last: bool
    note: Erasable[str] = None


@event("governance.disposition-overdue.v1", says="recorded that {key} was not receipted by every side by {due_on}")
class DispositionOverdue:
    key: str
    due_on: date
    detected_at: datetime


@event(
    "governance.exit-closing-asked.v1",
    says="asked to close the exit without what is missing, unless another side answers by {stands_at}",
)
class ExitClosingAsked:
    """`silent` are the sides whose receipts, or whose signature under an unwind plan, are missing."""

    side: UUID
    silent: tuple[UUID, ...]
    stands_at: datetime
    reason: Erasable[str] = None


@event("governance.exit-closing-answered.v1", says="answered that the exit is not to be closed yet")
class ExitClosingAnswered:
    side: UUID
    reason: Erasable[str] = None


@event("governance.exit-closed-over-silence.v1", says="closed the exit over the silence of the others")
class ExitClosedOverSilence:
    """No side is taken to have given a receipt: `missing` are the dispositions that stay without it."""

    silent: tuple[UUID, ...]
    missing: tuple[str, ...]
    stands_at: datetime
    detected_at: datetime


@event("governance.exit-completed.v1", says="completed the exit")
class ExitCompleted:
    leaving: tuple[UUID, ...]


@event("governance.party-left.v1", says="left the alliance: {party}")
class PartyLeft:
    """In the stream of the alliance. The party reads the ledger up to this event, and nothing after it."""

    party: UUID
    exit: UUID
