"""A governance model: drafted by one side, proposed, countered, in force once each party signed the same content."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.governance.domain.matrix import check_content
from services.governance.domain.table import check_counter, check_signature
from shared.domain import Aggregate, Event, Invalid, Refused
from shared.events.governance import (
    ModelCountered,
    ModelDrafted,
    ModelProposed,
    ModelRatified,
    ModelSigned,
    ModelSuperseded,
)
from shared.events.governance_agreements import ModelReaffirmed, ModelReratified
from shared.events.governance_terms import DecisionRight, GovernanceContent
from shared.events.values import Signature

SHA256_HEX_CHARACTERS = 64
HEX_DIGITS = frozenset("0123456789abcdef")


class ModelStatus(StrEnum):
    NONE = "none"
    DRAFT = "draft"
    PROPOSED = "proposed"
    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class DraftModel:
    """`content_sha256` is the lower-case hex SHA-256 of the canonical JSON (RFC 8785) of the content."""

    at: datetime
    side: UUID
    parties: tuple[UUID, ...]
    content: GovernanceContent
    content_sha256: str


@dataclass(frozen=True, slots=True)
class ProposeModel:
    at: datetime
    side: UUID


@dataclass(frozen=True, slots=True)
class CounterModel:
    at: datetime
    side: UUID
    content: GovernanceContent
    content_sha256: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class SignModel:
    at: datetime
    side: UUID
    content_sha256: str
    signature: Signature | None = None


@dataclass(frozen=True, slots=True)
class ReaffirmModel:
    at: datetime
    side: UUID
    content_sha256: str
    signature: Signature | None = None


@dataclass(frozen=True, slots=True)
class SupersedeModel:
    """`by` is the model that is in force instead."""

    at: datetime
    by: UUID


@dataclass(frozen=True)
class GovernanceModel:
    """`author` is the side whose content is on the table."""

    status: ModelStatus = ModelStatus.NONE
    parties: tuple[UUID, ...] = ()
    author: UUID | None = None
    content: GovernanceContent | None = None
    content_sha256: str | None = None
    countered: frozenset[str] = frozenset()
    signed_by: frozenset[UUID] = frozenset()
    superseded_by: UUID | None = None
    reaffirmed_by: frozenset[UUID] = frozenset()

    def right(self, decision_type: str) -> DecisionRight | None:
        """The row of the matrix for a type of decision."""
        rows = self.content.decision_rights if self.content else ()
        return next((row for row in rows if row.type == decision_type), None)


def evolve(state: GovernanceModel, event: Event) -> GovernanceModel:
    match event:
        case ModelDrafted():
            state = GovernanceModel(ModelStatus.DRAFT, event.parties, event.side, event.content, event.content_sha256)
        case ModelProposed():
            state = replace(state, status=ModelStatus.PROPOSED)
        case ModelCountered():
            earlier = frozenset({state.content_sha256} if state.content_sha256 else ())
            state = replace(
                state,
                author=event.side,
                content=event.content,
                content_sha256=event.content_sha256,
                countered=(state.countered | earlier) - {event.content_sha256},
                signed_by=frozenset(),
            )
        case ModelSigned():
            state = replace(state, signed_by=state.signed_by | {event.side})
        case ModelRatified():
            state = replace(state, status=ModelStatus.IN_FORCE)
        case ModelReaffirmed():
            state = replace(state, reaffirmed_by=state.reaffirmed_by | {event.side})
        case ModelReratified():
            state = replace(state, reaffirmed_by=frozenset())
        case ModelSuperseded():
            state = replace(state, status=ModelStatus.SUPERSEDED, superseded_by=event.by)
    return state


def draft_model(command: DraftModel, model: GovernanceModel) -> list[Event]:
    if model.status is not ModelStatus.NONE:
        raise Refused("model-exists", "It has been drafted already; counter it, or draft another.")
    if command.side not in command.parties:
        raise Refused("not-a-party", "Only a party to the alliance may draft its governance model.")
    _check_hash(command.content_sha256)
    check_content(command.content, command.parties)
    return [
        ModelDrafted(
            side=command.side,
            parties=command.parties,
            content=command.content,
            content_sha256=command.content_sha256,
        )
    ]


def put_on_the_table(command: DraftModel, model: GovernanceModel) -> list[Event]:
    """What a side has drafted by itself enters the alliance as its proposal."""
    drafted = draft_model(command, model)
    return [*drafted, *propose_model(ProposeModel(command.at, command.side), GOVERNANCE_MODEL.replay(drafted, model))]


def propose_model(command: ProposeModel, model: GovernanceModel) -> list[Event]:
    _check_party(command.side, model)
    if model.status is not ModelStatus.DRAFT or model.content_sha256 is None:
        raise Refused("not-a-draft", "Only a draft can be proposed.")
    if command.side != model.author:
        raise Refused("not-your-draft", "The side that drafted it proposes it.")
    return [ModelProposed(side=command.side, content_sha256=model.content_sha256)]


def counter_model(command: CounterModel, model: GovernanceModel) -> list[Event]:
    """Puts other content on the table; every signature given to the earlier content falls away."""
    _check_on_the_table(command.side, model)
    check_counter(command.side, command.content_sha256, model)
    _check_hash(command.content_sha256)
    check_content(command.content, model.parties)
    return [
        ModelCountered(
            side=command.side,
            content=command.content,
            content_sha256=command.content_sha256,
            reason=command.reason,
        )
    ]


def sign_model(command: SignModel, model: GovernanceModel) -> list[Event]:
    """The last signature puts the model in force."""
    _check_on_the_table(command.side, model)
    check_signature(command.side, command.content_sha256, model)
    signed = ModelSigned(side=command.side, content_sha256=command.content_sha256, signature=command.signature)
    if evolve(model, signed).signed_by == set(model.parties):
        return [signed, ModelRatified(content_sha256=command.content_sha256)]
    return [signed]


def reaffirm_model(command: ReaffirmModel, model: GovernanceModel) -> list[Event]:
    """The yearly re-ratification: every party signs anew what is in force, unchanged."""
    _check_party(command.side, model)
    if model.status is not ModelStatus.IN_FORCE:
        raise Refused("not-in-force", "Only the governance model in force is ratified anew; propose and sign another.")
    if command.content_sha256 != model.content_sha256:
        raise Refused("other-content", f"The content in force has the SHA-256 {model.content_sha256}.")
    if command.side in model.reaffirmed_by:
        raise Refused("signed-already", "Your side has ratified it anew already; the other parties answer.")
    reaffirmed = ModelReaffirmed(side=command.side, content_sha256=command.content_sha256, signature=command.signature)
    everyone = model.reaffirmed_by | {command.side} >= set(model.parties)
    return [reaffirmed, ModelReratified(content_sha256=command.content_sha256)] if everyone else [reaffirmed]


def supersede_model(command: SupersedeModel, model: GovernanceModel) -> list[Event]:
    if model.status is not ModelStatus.IN_FORCE:
        raise Refused("not-in-force", "Only a governance model in force can be replaced.")
    return [ModelSuperseded(by=command.by)]


def _check_party(side: UUID, model: GovernanceModel) -> None:
    if side not in model.parties:
        raise Refused("not-a-party", "Only a party to the alliance may do this.")


def _check_on_the_table(side: UUID, model: GovernanceModel) -> None:
    _check_party(side, model)
    if model.status is not ModelStatus.PROPOSED:
        raise Refused("not-proposed", f"The governance model is {model.status.replace('_', ' ')}, not proposed.")


def _check_hash(sha256: str) -> None:
    if len(sha256) != SHA256_HEX_CHARACTERS or not set(sha256) <= HEX_DIGITS:
        raise Invalid("/content_sha256", "not-a-sha256", "Give the SHA-256 of the content in lower-case hex.")


GOVERNANCE_MODEL = Aggregate("governance-model", GovernanceModel(), evolve)
