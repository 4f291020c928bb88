"""The events of agreements: joint documents that one side proposes and the others accept or counter.

A draft is its side's own business and stands in that organisation's ledger; from its proposal on, the agreement stands
in the alliance's ledger under the same id.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from shared.events.declare import Erasable, event
from shared.events.governance_agreement_terms import AgreementContent, AgreementKind, Threshold
from shared.events.governance_terms import Moment
from shared.events.values import Signature


@event("governance.agreement-drafted.v1", says="drafted the agreement {called}: {kind}")
class AgreementDrafted:
    """In the ledger of the organisation that drafts."""

    alliance: UUID
    kind: AgreementKind
    content: AgreementContent
    content_sha256: str


@event(
    "governance.agreement-draft-revised.v1",
    says="revised the draft of the agreement {called}",
    sets=("content", "content_sha256"),
)
class AgreementDraftRevised:
    content: AgreementContent
    content_sha256: str


@event("governance.agreement-draft-proposed.v1", says="put the draft of the agreement {called} on the table")
class AgreementDraftProposed:
    content_sha256: str


@event("governance.agreement-draft-discarded.v1", says="discarded the draft of the agreement {called}")
class AgreementDraftDiscarded:
    reason: Erasable[str] = None


@event("governance.agreement-proposed.v1", says="proposed the agreement {called}: {kind}")
class AgreementProposed:
    side: UUID
    parties: tuple[UUID, ...]
    kind: AgreementKind
    content: AgreementContent
    content_sha256: str


@event(
    "governance.agreement-countered.v1",
    says="countered with other content of the agreement {called}",
    sets=("content", "content_sha256"),
)
class AgreementCountered:
    side: UUID
    content: AgreementContent
    content_sha256: str
    reason: Erasable[str] = None


@event("governance.agreement-signed.v1", says="signed the agreement {called}")
class AgreementSigned:
    side: UUID
    content_sha256: str
    signature: Signature | None = None


@event("governance.agreement-entered-into-force.v1", says="put the agreement {called} in force: {kind}")
class AgreementEnteredIntoForce:
    """`moments` are those at which time alone changes something: the end of a term, the day of an assumption."""

    kind: AgreementKind
    content_sha256: str
    moments: tuple[Moment, ...] = ()


@event("governance.agreement-superseded.v1", says="replaced the agreement {called} by a newer one")
class AgreementSuperseded:
    by: UUID


@event("governance.agreement-withdrawn.v1", says="withdrew the proposed agreement {called}")
class AgreementWithdrawn:
    side: UUID
    reason: Erasable[str] = None


@event("governance.agreement-termination-asked.v1", says="asked to terminate the agreement {called}")
class AgreementTerminationAsked:
    """An agreement in force is terminated once every party has asked for it."""

    side: UUID
    reason: Erasable[str] = None
    signature: Signature | None = None


@event("governance.agreement-terminated.v1", says="terminated the agreement {called}: {kind}")
class AgreementTerminated:
    kind: AgreementKind


class LapseCause(StrEnum):
    TERM_ENDED = "term_ended"
    PARTY_LEFT = "party_left"
    ALLIANCE_ENDED = "alliance_ended"


@event("governance.agreement-lapsed.v1", says="let the agreement {called} lapse: {cause}")
class AgreementLapsed:
    kind: AgreementKind
    cause: LapseCause


@event("governance.model-reaffirmed.v1", says="re-ratified the governance model for their side")
class ModelReaffirmed:
    """In the stream of the governance model: the yearly signature of one side under the content in force."""

    side: UUID
    content_sha256: str
    signature: Signature | None = None


@event("governance.model-reratified.v1", says="completed the yearly re-ratification of the governance model")
class ModelReratified:
    content_sha256: str


class Verdict(StrEnum):
    """`no_figures`: nothing was reported by the day, which proves neither."""

    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    NO_FIGURES = "no_figures"


@event("governance.assumption-judged.v1", says="judged an assumption of the value thesis ({key}): {verdict}")
class AssumptionJudged:
    """In the stream of the value thesis, when the day of the assumption has passed.

    `value` is the latest figure of the KPI that was published for a period ending by `due_on`, which is `period`.
    """

    key: str
    test: Threshold
    due_on: date
    verdict: Verdict
    value: Decimal | None
    period: str | None
