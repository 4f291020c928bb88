"""The draft of an agreement: its side's own business, in its organisation's ledger, until it is put on the table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.governance.domain.agreement_content import check_agreement_content
from shared.domain import Aggregate, Event, Refused
from shared.events.governance_agreement_terms import AgreementContent, AgreementKind
from shared.events.governance_agreements import (
    AgreementDraftDiscarded,
    AgreementDrafted,
    AgreementDraftProposed,
    AgreementDraftRevised,
)


class DraftStatus(StrEnum):
    NONE = "none"
    DRAFT = "draft"
    PROPOSED = "proposed"
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True)
class DraftAgreement:
    """`content_sha256` is the lower-case hex SHA-256 of the canonical JSON (RFC 8785) of the content."""

    at: datetime
    alliance: UUID
    parties: tuple[UUID, ...]
    content: AgreementContent
    content_sha256: str


@dataclass(frozen=True, slots=True)
class ReviseDraft:
    at: datetime
    parties: tuple[UUID, ...]
    content: AgreementContent
    content_sha256: str


@dataclass(frozen=True, slots=True)
class ProposeDraft:
    at: datetime


@dataclass(frozen=True, slots=True)
class DiscardDraft:
    at: datetime
    reason: str | None = None


@dataclass(frozen=True)
class AgreementDraft:
    status: DraftStatus = DraftStatus.NONE
    alliance: UUID | None = None
    kind: AgreementKind | None = None
    content: AgreementContent | None = None
    content_sha256: str | None = None


def evolve(state: AgreementDraft, event: Event) -> AgreementDraft:
    match event:
        case AgreementDrafted():
            state = AgreementDraft(DraftStatus.DRAFT, event.alliance, event.kind, event.content, event.content_sha256)
        case AgreementDraftRevised():
            state = replace(state, content=event.content, content_sha256=event.content_sha256)
        case AgreementDraftProposed():
            state = replace(state, status=DraftStatus.PROPOSED)
        case AgreementDraftDiscarded():
            state = replace(state, status=DraftStatus.DISCARDED)
    return state


def draft_agreement(command: DraftAgreement, draft: AgreementDraft) -> list[Event]:
    """A draft may be incomplete in what only signing asks for; what stands in it must fit together."""
    if draft.status is not DraftStatus.NONE:
        raise Refused("draft-exists", "It has been drafted already; revise it, or draft another.")
    check_agreement_content(command.content, command.parties)
    return [
        AgreementDrafted(
            alliance=command.alliance,
            kind=AgreementKind(command.content.kind),
            content=command.content,
            content_sha256=command.content_sha256,
        )
    ]


def revise_draft(command: ReviseDraft, draft: AgreementDraft) -> list[Event]:
    _check_draft(draft)
    if command.content.kind != draft.kind:
        raise Refused("another-kind", f"This is a draft of a {draft.kind}; draft another for a {command.content.kind}.")
    if command.content_sha256 == draft.content_sha256:
        return []
    check_agreement_content(command.content, command.parties)
    return [AgreementDraftRevised(content=command.content, content_sha256=command.content_sha256)]


def propose_draft(_command: ProposeDraft, draft: AgreementDraft) -> list[Event]:
    """The agreement begins in the alliance's ledger with the same content; see `agreement.propose_agreement`."""
    _check_draft(draft)
    assert draft.content_sha256 is not None, "a draft has content"
    return [AgreementDraftProposed(content_sha256=draft.content_sha256)]


def discard_draft(command: DiscardDraft, draft: AgreementDraft) -> list[Event]:
    _check_draft(draft)
    return [AgreementDraftDiscarded(reason=command.reason)]


def _check_draft(draft: AgreementDraft) -> None:
    if draft.status is not DraftStatus.DRAFT:
        raise Refused("no-draft-any-more", f"The draft was {draft.status}; draft another.")


AGREEMENT_DRAFT = Aggregate("agreement-draft", AgreementDraft(), evolve)
