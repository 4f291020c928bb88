"""The draft of a governance model: its side's own business, in its organisation's ledger, until it is on the table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.governance.domain.agreement_draft import DraftStatus
from services.governance.domain.matrix import check_content
from shared.domain import Aggregate, Event, Refused
from shared.events.governance import ModelDraftBegun, ModelDraftDiscarded, ModelDraftProposed, ModelDraftRevised
from shared.events.governance_terms import GovernanceContent


@dataclass(frozen=True, slots=True)
class BeginModelDraft:
    """`content_sha256` is the lower-case hex SHA-256 of the canonical JSON (RFC 8785) of the content."""

    at: datetime
    alliance: UUID
    parties: tuple[UUID, ...]
    content: GovernanceContent
    content_sha256: str


@dataclass(frozen=True, slots=True)
class ReviseModelDraft:
    at: datetime
    parties: tuple[UUID, ...]
    content: GovernanceContent
    content_sha256: str


@dataclass(frozen=True, slots=True)
class ProposeModelDraft:
    at: datetime


@dataclass(frozen=True, slots=True)
class DiscardModelDraft:
    at: datetime
    reason: str | None = None


@dataclass(frozen=True)
class ModelDraft:
    status: DraftStatus = DraftStatus.NONE
    alliance: UUID | None = None
    content: GovernanceContent | None = None
    content_sha256: str | None = None


def evolve(state: ModelDraft, event: Event) -> ModelDraft:
    match event:
        case ModelDraftBegun():
            state = ModelDraft(DraftStatus.DRAFT, event.alliance, event.content, event.content_sha256)
        case ModelDraftRevised():
            state = replace(state, content=event.content, content_sha256=event.content_sha256)
        case ModelDraftProposed():
            state = replace(state, status=DraftStatus.PROPOSED)
        case ModelDraftDiscarded():
            state = replace(state, status=DraftStatus.DISCARDED)
    return state


def begin_model_draft(command: BeginModelDraft, draft: ModelDraft) -> list[Event]:
    if draft.status is not DraftStatus.NONE:
        raise Refused("draft-exists", "It has been drafted already; revise it, or draft another.")
    check_content(command.content, command.parties)
    return [ModelDraftBegun(alliance=command.alliance, content=command.content, content_sha256=command.content_sha256)]


def revise_model_draft(command: ReviseModelDraft, draft: ModelDraft) -> list[Event]:
    _check_draft(draft)
    if command.content_sha256 == draft.content_sha256:
        return []
    check_content(command.content, command.parties)
    return [ModelDraftRevised(content=command.content, content_sha256=command.content_sha256)]


def propose_model_draft(_command: ProposeModelDraft, draft: ModelDraft) -> list[Event]:
    """The model begins in the alliance's ledger with the same content; see `governance_model.put_on_the_table`."""
    _check_draft(draft)
    assert draft.content_sha256 is not None, "a draft has content"
    return [ModelDraftProposed(content_sha256=draft.content_sha256)]


def discard_model_draft(command: DiscardModelDraft, draft: ModelDraft) -> list[Event]:
    _check_draft(draft)
    return [ModelDraftDiscarded(reason=command.reason)]


def _check_draft(draft: ModelDraft) -> None:
    if draft.status is not DraftStatus.DRAFT:
        raise Refused("no-draft-any-more", f"The draft was {draft.status}; draft another.")


MODEL_DRAFT = Aggregate("governance-model-draft", ModelDraft(), evolve)
