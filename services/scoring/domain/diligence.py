"""Due diligence on a candidate: one question or more on each area, each with its answer, evidence and finding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from services.scoring.domain.diligence_items import SHIPPED_ITEMS
from services.scoring.domain.template import require_key
from services.scoring.domain.wording import require_words
from shared.domain import Aggregate, Event, Invalid, Refused
from shared.events.scoring_diligence import (
    DiligenceBegun,
    DiligenceItem,
    DiligenceItemAdded,
    DiligenceItemAnswered,
    ItemStatus,
)
from shared.events.scoring_terms import Evidence

ITEMS_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginDiligence:
    by: UUID
    at: datetime
    items: tuple[DiligenceItem, ...] = SHIPPED_ITEMS


@dataclass(frozen=True, slots=True, kw_only=True)
class AddItem:
    by: UUID
    at: datetime
    item: DiligenceItem


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerItem:
    """The whole answer, as it is from now on."""

    by: UUID
    at: datetime
    item: str
    status: ItemStatus
    answer: str | None = None
    evidence: Evidence | None = None
    finding: str | None = None


@dataclass(frozen=True, slots=True)
class Diligence:
    """Items by key, in the order they were added, each with its newest answer."""

    items: Mapping[str, DiligenceItem] = field(default_factory=dict)
    answers: Mapping[str, DiligenceItemAnswered] = field(default_factory=dict)


def evolve(state: Diligence, event: Event) -> Diligence:
    match event:
        case DiligenceBegun(items=items):
            return Diligence({item.key: item for item in items})
        case DiligenceItemAdded(item=item):
            return replace(state, items={**state.items, item.key: item})
        case DiligenceItemAnswered(item=key):
            return replace(state, answers={**state.answers, key: event})
    return state


DILIGENCE = Aggregate("diligence", Diligence(), evolve)


def begin(command: BeginDiligence, diligence: Diligence) -> list[Event]:
    if diligence.items:
        raise Refused("diligence-begun", "The due diligence on this candidate is begun; answer its items.")
    return [DiligenceBegun(items=command.items)]


def add(command: AddItem, diligence: Diligence) -> list[Event]:
    require_begun(diligence)
    require_key("/key", command.item.key)
    require_words("/question", command.item.question)
    if command.item.key in diligence.items:
        raise Refused("item-exists", f"There is an item {command.item.key}; give this one another key.")
    if len(diligence.items) >= ITEMS_MAX:
        raise Refused("too-many-items", f"A due diligence has at most {ITEMS_MAX} items.")
    return [DiligenceItemAdded(item=command.item)]


def answer(command: AnswerItem, diligence: Diligence) -> list[Event]:
    require_begun(diligence)
    if command.item not in diligence.items:
        raise Refused("no-such-item", f"There is no item {command.item}; add it first.")
    if command.status in (ItemStatus.CLEAR, ItemStatus.CONCERN):
        require_words("/answer", command.answer or "")
    if command.status is ItemStatus.CONCERN:
        require_words("/finding", command.finding or "")
    answered = DiligenceItemAnswered(
        item=command.item,
        status=command.status,
        answer=command.answer,
        evidence=command.evidence,
        finding=command.finding,
    )
    return [] if diligence.answers.get(command.item) == answered else [answered]


def require_begun(diligence: Diligence) -> None:
    if not diligence.items:
        raise Refused("diligence-not-begun", "Begin the due diligence on this candidate first.")


def require_concern(diligence: Diligence, key: str | None) -> str:
    """The area of an item with a finding; raises Invalid for a risk that comes from none."""
    if key is None or key not in diligence.items:
        raise Invalid("/item", "unknown-item", "Name an item of this candidate's due diligence.")
    found = diligence.answers.get(key)
    if found is None or found.status is not ItemStatus.CONCERN:
        raise Refused("no-finding", f"Answer {key} with a finding first: a risk opened from it says what was found.")
    return diligence.items[key].area
