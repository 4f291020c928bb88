"""A draft: its side's own business, in its organisation's ledger, until it is put on the table.

All joint documents are drafted alike. What differs is what their content must be, and the events that tell of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar
from uuid import UUID

from shared.domain import Aggregate, Event, Refused

C = TypeVar("C")


class DraftStatus(StrEnum):
    NONE = "none"
    DRAFT = "draft"
    PROPOSED = "proposed"
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True)
class BeginDraft(Generic[C]):
    """`content_sha256` is the lower-case hex SHA-256 of the canonical JSON (RFC 8785) of the content."""

    at: datetime
    alliance: UUID
    parties: tuple[UUID, ...]
    content: C
    content_sha256: str


@dataclass(frozen=True, slots=True)
class ReviseDraft(Generic[C]):
    at: datetime
    parties: tuple[UUID, ...]
    content: C
    content_sha256: str


@dataclass(frozen=True, slots=True)
class ProposeDraft:
    at: datetime


@dataclass(frozen=True, slots=True)
class DiscardDraft:
    at: datetime
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Draft(Generic[C]):
    status: DraftStatus = DraftStatus.NONE
    alliance: UUID | None = None
    content: C | None = None
    content_sha256: str | None = None


class Drafting(Generic[C]):
    """The drafts of one sort of document, told by four types of event.

    `check(content, parties)` refuses content that does not fit together, `check_revision(content, before)` what may not
    take the place of `before`. `facts(content)` is what the first event says beside the alliance, content and hash.
    """

    def __init__(
        self,
        noun: str,
        *,
        begun: type[Any],
        revised: type[Any],
        proposed: type[Any],
        discarded: type[Any],
        check: Callable[[C, tuple[UUID, ...]], None],
        check_revision: Callable[[C, C], None] = lambda _content, _before: None,
        facts: Callable[[C], dict[str, Any]] = lambda _content: {},
    ) -> None:
        self._begun, self._revised, self._proposed, self._discarded = begun, revised, proposed, discarded
        self._check, self._check_revision, self._facts = check, check_revision, facts
        self.aggregate: Aggregate[Draft[C]] = Aggregate(noun, Draft(), self.evolve)

    def evolve(self, state: Draft[C], event: Event) -> Draft[C]:
        told: Any = event
        if isinstance(event, self._begun):
            return Draft(DraftStatus.DRAFT, told.alliance, told.content, told.content_sha256)
        if isinstance(event, self._revised):
            return replace(state, content=told.content, content_sha256=told.content_sha256)
        if isinstance(event, self._proposed):
            return replace(state, status=DraftStatus.PROPOSED)
        if isinstance(event, self._discarded):
            return replace(state, status=DraftStatus.DISCARDED)
        return state

    def begin(self, command: BeginDraft[C], draft: Draft[C]) -> list[Event]:
        """A draft may be incomplete in what only signing asks for; what stands in it must fit together."""
        if draft.status is not DraftStatus.NONE:
            raise Refused("draft-exists", "It has been drafted already; revise it, or draft another.")
        self._check(command.content, command.parties)
        said = {"alliance": command.alliance, "content": command.content, "content_sha256": command.content_sha256}
        return [self._begun(**said, **self._facts(command.content))]

    def revise(self, command: ReviseDraft[C], draft: Draft[C]) -> list[Event]:
        before, _ = content_of(draft)
        self._check_revision(command.content, before)
        if command.content_sha256 == draft.content_sha256:
            return []
        self._check(command.content, command.parties)
        return [self._revised(content=command.content, content_sha256=command.content_sha256)]

    def propose(self, _command: ProposeDraft, draft: Draft[C]) -> list[Event]:
        """The document begins in the alliance's ledger under the same id, with the same content."""
        return [self._proposed(content_sha256=content_of(draft)[1])]

    def discard(self, command: DiscardDraft, draft: Draft[C]) -> list[Event]:
        content_of(draft)
        return [self._discarded(reason=command.reason)]


def content_of(draft: Draft[C]) -> tuple[C, str]:
    """What a draft says, and its hash, while it is still one."""
    if draft.status is not DraftStatus.DRAFT:
        raise Refused("no-draft-any-more", f"The draft was {draft.status}; draft another.")
    assert draft.content is not None, "a draft has content"
    assert draft.content_sha256 is not None, "content has a hash"
    return draft.content, draft.content_sha256
