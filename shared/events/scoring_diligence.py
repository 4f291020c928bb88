"""The events of due diligence and of the risks it finds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from shared.events.declare import Erasable, event
from shared.events.scoring_terms import Evidence


class ItemStatus(StrEnum):
    """`clear`: nothing stands against it. `concern`: something does, and a risk says what."""

    OPEN = "open"
    ASKED = "asked"
    CLEAR = "clear"
    CONCERN = "concern"
    NOT_APPLICABLE = "not_applicable"


class RiskStatus(StrEnum):
    OPEN = "open"
    MITIGATING = "mitigating"
    ACCEPTED = "accepted"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class DiligenceItem:
    """A question of one area; `key` is its own within the diligence."""

    key: str
    area: str
    question: str


@dataclass(frozen=True, slots=True)
class Residual:
    """What is left once the mitigation works; from 1 (low) to 5 (high)."""

    likelihood: int
    impact: int


@dataclass(frozen=True, slots=True)
class RiskTerms:
    """`likelihood` and `impact` from 1 (low) to 5 (high); `owner` is a person of the organisation."""

    title: str
    likelihood: int
    impact: int
    owner: UUID
    due_on: date
    status: RiskStatus
    residual: Residual | None


@event("scoring.diligence-begun.v1", says="began the due diligence on a candidate")
class DiligenceBegun:
    """In a stream by the candidate's own id: a candidate has one diligence."""

    items: tuple[DiligenceItem, ...]


@event("scoring.diligence-item-added.v1", says="added a question on {item.area} to the due diligence")
class DiligenceItemAdded:
    item: DiligenceItem


@event("scoring.diligence-item-answered.v1", says="answered {item} in the due diligence: {status}")
class DiligenceItemAnswered:
    """The whole answer to one item as it is from now on."""

    item: str
    status: ItemStatus
    answer: Erasable[str] = None
    evidence: Erasable[Evidence] = None
    finding: Erasable[str] = None


@event("scoring.risk-opened.v1", says="opened the risk {called}")
class RiskOpened:
    """`item` is the item of the candidate's diligence whose finding it comes from."""

    candidate: UUID
    item: str | None
    area: str
    terms: RiskTerms
    mitigation: Erasable[str] = None


@event("scoring.risk-revised.v1", says="revised the risk {called}: {terms.status}", sets=("terms", "mitigation"))
class RiskRevised:
    """The whole risk as it is from now on."""

    terms: RiskTerms
    mitigation: Erasable[str] = None
    reason: Erasable[str] = None
