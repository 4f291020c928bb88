"""What is done with a draft of any sort: it is its organisation's own until it is proposed to the others."""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

from services.governance.domain.alliance import Alliance
from services.governance.domain.draft import (
    BeginDraft,
    DiscardDraft,
    Draft,
    Drafting,
    ProposeDraft,
    ReviseDraft,
    content_of,
)
from services.governance.hashing import hash_of
from services.governance.standing import running
from shared.http.session import Session
from shared.log.log import Loaded

C = TypeVar("C")


def begin(session: Session, drafting: Drafting[C], alliance_id: UUID, alliance: Alliance, content: C) -> UUID:
    """The id of a new draft, in the caller's organisation's own ledger."""
    session.refuse_bystander(alliance_id)
    command = BeginDraft(session.at, alliance_id, alliance.parties, content, hash_of(content))
    draft_id = session.new_id()
    begun = drafting.begin(command, drafting.aggregate.empty)
    session.create(drafting.aggregate, session.caller.organisation, draft_id, begun)
    return draft_id


def revise(session: Session, drafting: Drafting[C], draft_id: UUID, content: C) -> None:
    held, alliance_id = own_draft(session, drafting, draft_id)
    command = ReviseDraft(session.at, running(session, alliance_id).parties, content, hash_of(content))
    session.append(drafting.aggregate, held, drafting.revise(command, held.state))


def discard(session: Session, drafting: Drafting[C], draft_id: UUID, reason: str | None) -> None:
    held, _ = own_draft(session, drafting, draft_id)
    session.append(drafting.aggregate, held, drafting.discard(DiscardDraft(session.at, reason), held.state))


def propose(session: Session, drafting: Drafting[C], draft_id: UUID) -> tuple[UUID, C, str]:
    """The alliance that the draft is for, what it says, and the hash of that."""
    held, alliance_id = own_draft(session, drafting, draft_id)
    content, content_sha256 = content_of(held.state)
    session.append(drafting.aggregate, held, drafting.propose(ProposeDraft(session.at), held.state))
    return alliance_id, content, content_sha256


def own_draft(session: Session, drafting: Drafting[C], draft_id: UUID) -> tuple[Loaded[Draft[C]], UUID]:
    """A draft of the caller's organisation about to be changed, and the alliance that it is for."""
    alliance_id = alliance_of(session, drafting, draft_id)
    session.refuse_bystander(alliance_id)
    return session.change(drafting.aggregate, draft_id, session.caller.organisation), alliance_id


def alliance_of(session: Session, drafting: Drafting[C], draft_id: UUID) -> UUID:
    """The alliance that a draft is for: the credential must reach that one as well."""
    alliance_id = session.load(drafting.aggregate, session.caller.organisation, draft_id).state.alliance
    assert alliance_id is not None, "a draft is for an alliance"
    return session.enter(alliance_id)
