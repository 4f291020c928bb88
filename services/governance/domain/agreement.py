"""An agreement: one side proposes, the others accept or counter, and each signs the same content by its hash.

`draft → proposed → (countered →)* signed by each party → in force → superseded | terminated | lapsed`
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from services.governance.domain.agreement_content import check_agreement_content, check_complete, moments_of
from services.governance.domain.table import check_counter, check_signature
from shared.domain import Aggregate, Event, Refused
from shared.events.governance_agreement_terms import AgreementContent, AgreementKind
from shared.events.governance_agreements import (
    AgreementCountered,
    AgreementEnteredIntoForce,
    AgreementLapsed,
    AgreementProposed,
    AgreementSigned,
    AgreementSuperseded,
    AgreementTerminated,
    AgreementTerminationAsked,
    AgreementWithdrawn,
    AssumptionJudged,
    LapseCause,
)
from shared.events.governance_terms import Moment
from shared.events.values import Signature

MANY_IN_FORCE = frozenset({AgreementKind.CHANGE_REQUEST})
"""Of every other kind one is in force at a time: a newer one takes the place of the older."""


class AgreementStatus(StrEnum):
    NONE = "none"
    PROPOSED = "proposed"
    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"
    TERMINATED = "terminated"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Standing:
    """What else stands when an agreement is proposed or signed."""

    in_force: frozenset[AgreementKind] = frozenset()
    exit_running: bool = False


@dataclass(frozen=True, slots=True)
class ProposeAgreement:
    """`content_sha256` is the lower-case hex SHA-256 of the canonical JSON (RFC 8785) of the content."""

    at: datetime
    side: UUID
    parties: tuple[UUID, ...]
    content: AgreementContent
    content_sha256: str
    standing: Standing = field(default_factory=Standing)


@dataclass(frozen=True, slots=True)
class CounterAgreement:
    at: datetime
    side: UUID
    content: AgreementContent
    content_sha256: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class SignAgreement:
    """`zones` are those in which the sides work: a day of the agreement ends when it is over in all of them."""

    at: datetime
    side: UUID
    content_sha256: str
    standing: Standing = field(default_factory=Standing)
    zones: tuple[ZoneInfo, ...] = ()
    signature: Signature | None = None


@dataclass(frozen=True, slots=True)
class WithdrawAgreement:
    at: datetime
    side: UUID
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class AskTermination:
    at: datetime
    side: UUID
    reason: str | None = None
    signature: Signature | None = None


@dataclass(frozen=True, slots=True)
class SupersedeAgreement:
    """`by` is the agreement that is in force instead."""

    at: datetime
    by: UUID


@dataclass(frozen=True, slots=True)
class LapseAgreement:
    at: datetime
    cause: LapseCause


@dataclass(frozen=True)
class Agreement:
    """`author` is the side whose content is on the table."""

    status: AgreementStatus = AgreementStatus.NONE
    kind: AgreementKind | None = None
    parties: tuple[UUID, ...] = ()
    author: UUID | None = None
    content: AgreementContent | None = None
    content_sha256: str | None = None
    countered: frozenset[str] = frozenset()
    signed_by: frozenset[UUID] = frozenset()
    termination_asked_by: frozenset[UUID] = frozenset()
    judged: frozenset[str] = frozenset()
    moments: tuple[Moment, ...] = ()


def evolve(state: Agreement, event: Event) -> Agreement:
    match event:
        case AgreementProposed():
            status, content = AgreementStatus.PROPOSED, event.content
            state = Agreement(status, event.kind, event.parties, event.side, content, event.content_sha256)
        case AgreementCountered():
            earlier = frozenset({state.content_sha256} if state.content_sha256 else ())
            state = replace(
                state,
                author=event.side,
                content=event.content,
                content_sha256=event.content_sha256,
                countered=(state.countered | earlier) - {event.content_sha256},
                signed_by=frozenset(),
            )
        case AgreementSigned():
            state = replace(state, signed_by=state.signed_by | {event.side})
        case AgreementTerminationAsked():
            state = replace(state, termination_asked_by=state.termination_asked_by | {event.side})
        case AssumptionJudged():
            state = replace(state, judged=state.judged | {event.key})
        case AgreementEnteredIntoForce():
            state = replace(state, status=AgreementStatus.IN_FORCE, moments=event.moments)
        case _ if type(event) in OUTCOMES:
            state = replace(state, status=OUTCOMES[type(event)])
    return state


OUTCOMES: dict[type, AgreementStatus] = {
    AgreementSuperseded: AgreementStatus.SUPERSEDED,
    AgreementTerminated: AgreementStatus.TERMINATED,
    AgreementLapsed: AgreementStatus.LAPSED,
    AgreementWithdrawn: AgreementStatus.WITHDRAWN,
}


def propose_agreement(command: ProposeAgreement, agreement: Agreement) -> list[Event]:
    if agreement.status is not AgreementStatus.NONE:
        raise Refused("agreement-exists", "It has been proposed already; counter it, or draft another.")
    if command.side not in command.parties:
        raise Refused("not-a-party", "Only a party to the alliance may propose its agreements.")
    kind = AgreementKind(command.content.kind)
    check_agreement_content(command.content, command.parties)
    _check_standing(kind, command.standing)
    return [
        AgreementProposed(
            side=command.side,
            parties=command.parties,
            kind=kind,
            content=command.content,
            content_sha256=command.content_sha256,
        )
    ]


def counter_agreement(command: CounterAgreement, agreement: Agreement) -> list[Event]:
    """Puts other content on the table; every signature given to the earlier content falls away."""
    _check_on_the_table(command.side, agreement)
    if command.content.kind != agreement.kind:
        raise Refused("another-kind", f"On the table is a {agreement.kind}; propose a {command.content.kind} apart.")
    check_counter(command.side, command.content_sha256, agreement)
    check_agreement_content(command.content, agreement.parties)
    return [
        AgreementCountered(
            side=command.side,
            content=command.content,
            content_sha256=command.content_sha256,
            reason=command.reason,
        )
    ]


def sign_agreement(command: SignAgreement, agreement: Agreement) -> list[Event]:
    """The last signature puts the agreement in force."""
    _check_on_the_table(command.side, agreement)
    check_signature(command.side, command.content_sha256, agreement)
    kind, content = agreement.kind, agreement.content
    assert kind is not None, "what is on the table is of a kind"
    assert content is not None, "what is on the table has content"
    _check_standing(kind, command.standing)
    check_complete(content, agreement.parties)
    signed = AgreementSigned(side=command.side, content_sha256=command.content_sha256, signature=command.signature)
    if evolve(agreement, signed).signed_by != set(agreement.parties):
        return [signed]
    moments = moments_of(content, command.zones)
    return [signed, AgreementEnteredIntoForce(kind=kind, content_sha256=command.content_sha256, moments=moments)]


def withdraw_agreement(command: WithdrawAgreement, agreement: Agreement) -> list[Event]:
    _check_on_the_table(command.side, agreement)
    if command.side != agreement.author:
        raise Refused("not-your-proposal", "The side whose content is on the table withdraws it; counter it instead.")
    return [AgreementWithdrawn(side=command.side, reason=command.reason)]


def ask_termination(command: AskTermination, agreement: Agreement) -> list[Event]:
    """An agreement in force ends before its time when every party asks for that."""
    _check_party(command.side, agreement)
    if agreement.status is not AgreementStatus.IN_FORCE or agreement.kind is None:
        raise Refused("not-in-force", "Only an agreement in force can be terminated.")
    if command.side in agreement.termination_asked_by:
        raise Refused("asked-already", "Your side has asked for this already; the other parties answer.")
    asked = AgreementTerminationAsked(side=command.side, reason=command.reason, signature=command.signature)
    everyone = evolve(agreement, asked).termination_asked_by == set(agreement.parties)
    return [asked, AgreementTerminated(kind=agreement.kind)] if everyone else [asked]


def supersede_agreement(command: SupersedeAgreement, agreement: Agreement) -> list[Event]:
    if agreement.status is not AgreementStatus.IN_FORCE:
        raise Refused("not-in-force", "Only an agreement in force can be replaced.")
    return [AgreementSuperseded(by=command.by)]


def lapse_agreement(command: LapseAgreement, agreement: Agreement) -> list[Event]:
    """What is on the table or in force; anything else stays what it is."""
    if agreement.status not in (AgreementStatus.PROPOSED, AgreementStatus.IN_FORCE) or agreement.kind is None:
        return []
    return [AgreementLapsed(kind=agreement.kind, cause=command.cause)]


def _check_standing(kind: AgreementKind, standing: Standing) -> None:
    if kind is AgreementKind.TERM_SHEET and AgreementKind.VALUE_EXCHANGE not in standing.in_force:
        detail = "A term sheet follows a value exchange in force: agree first on what each side gives and gets."
        raise Refused("no-value-exchange", detail)
    if kind is AgreementKind.UNWIND_PLAN and not standing.exit_running:
        raise Refused("no-exit", "An unwind plan follows an exit: trigger one, or rehearse it.")


def _check_party(side: UUID, agreement: Agreement) -> None:
    if side not in agreement.parties:
        raise Refused("not-a-party", "Only a party to the agreement may do this.")


def _check_on_the_table(side: UUID, agreement: Agreement) -> None:
    _check_party(side, agreement)
    if agreement.status is not AgreementStatus.PROPOSED:
        raise Refused("not-proposed", f"The agreement is {agreement.status.replace('_', ' ')}, not proposed.")


AGREEMENT = Aggregate("agreement", Agreement(), evolve)
