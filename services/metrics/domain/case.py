"""A case: the two sides' figures of one period and dimensions lie too far apart, until they settle on one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.metrics.domain.figure import Figure, figure_by
from shared.domain import Aggregate, Event, Invalid, Refused
from shared.events.metrics_truth import (
    CaseDisputed,
    CaseOpened,
    CaseOverdue,
    CaseResolved,
    CaseRestated,
    CaseSettled,
    CaseSettlementProposed,
    Method,
)

OPEN_CASES_MAX = 1_000
"""Of one KPI. Beyond it differences are shown, and no further case is opened until some are settled."""


class CaseStatus(StrEnum):
    OPEN = "open"
    PROPOSED = "proposed"
    DISPUTED = "disputed"
    SETTLED = "settled"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeSettlement:
    """A `method`, or a figure of its own; a ratio of sums is given by its parts."""

    by: UUID
    side: UUID
    method: Method | None = None
    figure: Figure | None = None
    is_ratio: bool = False
    reason: str | None = None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeProposal:
    by: UUID
    side: UUID
    reason: str | None = None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptSettlement:
    by: UUID
    side: UUID
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAgain:
    """What the sides' figures are now, None where there is none; `apart`: further than the tolerance."""

    first: Figure | None
    second: Figure | None
    apart: bool


@dataclass(frozen=True, slots=True)
class Proposal:
    side: UUID
    method: Method | None
    figure: Figure


@dataclass(frozen=True, slots=True)
class Case:
    opened: CaseOpened | None = None
    status: CaseStatus = CaseStatus.OPEN
    first: Figure | None = None
    second: Figure | None = None
    proposal: Proposal | None = None
    overdue: bool = False

    @property
    def is_over(self) -> bool:
        return self.status in (CaseStatus.SETTLED, CaseStatus.RESOLVED)


def propose(command: ProposeSettlement, case: Case) -> list[Event]:
    """Also how a proposal is countered. Raises `Refused` case-over, not-a-reporter; `Invalid` one-way, bad-figure."""
    first, second = _disputing(command.side, case)
    if (command.method is None) == (command.figure is None):
        raise Invalid("", "one-way", "Propose a method, or a figure.")
    figure = command.figure
    if command.method is not None:
        figure = figure_by(command.method, first, second)
    assert figure is not None
    if command.is_ratio and (figure.numerator is None or figure.denominator is None or figure.denominator <= 0):
        raise Invalid("/numerator", "bad-figure", "A ratio is proposed by its numerator and a positive denominator.")
    if not command.is_ratio and (figure.numerator is not None or figure.denominator is not None):
        raise Invalid("/numerator", "bad-figure", "This KPI is no ratio of sums; it has a value alone.")
    return [CaseSettlementProposed(side=command.side, method=command.method, figure=figure, reason=command.reason)]


def dispute(command: DisputeProposal, case: Case) -> list[Event]:
    """Raises `Refused` case-over, not-a-reporter, nothing-proposed, own-proposal."""
    _disputing(command.side, case)
    _of_the_other(command.side, case)
    return [CaseDisputed(side=command.side, reason=command.reason)]


def accept(command: AcceptSettlement, case: Case) -> list[Event]:
    """Raises `Refused` case-over, not-a-reporter, nothing-proposed, own-proposal."""
    first, second = _disputing(command.side, case)
    proposal = _of_the_other(command.side, case)
    return [CaseSettled(side=command.side, figure=proposal.figure, first=first, second=second)]


def look_again(command: LookAgain, case: Case) -> list[Event]:
    """What a correction does to an open case: nothing, other figures, or its end."""
    if case.is_over or (command.first, command.second) == (case.first, case.second):
        return []
    if command.apart and command.first is not None and command.second is not None:
        return [CaseRestated(first=command.first, second=command.second)]
    return [CaseResolved(first=command.first, second=command.second)]


def fall_due(case: Case, at: datetime) -> list[Event]:
    """The case's own end of time, once."""
    opened = case.opened
    if opened is None or case.is_over or case.overdue or at < opened.due_at:
        return []
    return [CaseOverdue(kpi=opened.kpi, key=opened.key, period=opened.period, due_at=opened.due_at, detected_at=at)]


def evolve(case: Case, event: Event) -> Case:
    match event:
        case CaseOpened():
            return Case(opened=event, first=event.first, second=event.second)
        case CaseRestated():
            restated = replace(case, first=event.first, second=event.second)
            return replace(restated, status=CaseStatus.OPEN, proposal=None)
        case CaseSettlementProposed():
            proposal = Proposal(event.side, event.method, event.figure)
            return replace(case, status=CaseStatus.PROPOSED, proposal=proposal)
        case CaseDisputed():
            return replace(case, status=CaseStatus.DISPUTED)
        case CaseSettled():
            return replace(case, status=CaseStatus.SETTLED)
        case CaseResolved():
            return replace(case, status=CaseStatus.RESOLVED, first=event.first, second=event.second)
        case CaseOverdue():
            return replace(case, overdue=True)
        case _:
            return case


CASE = Aggregate("case", Case(), evolve)


def _disputing(side: UUID, case: Case) -> tuple[Figure, Figure]:
    """The sides' figures of an open case that this side is one of."""
    if case.is_over or case.opened is None or case.first is None or case.second is None:
        raise Refused("case-over", f"This case is {case.status}; a correction of a figure opens another.")
    if side not in case.opened.by:
        raise Refused("not-a-reporter", "The two sides that report the KPI settle it.")
    return case.first, case.second


def _of_the_other(side: UUID, case: Case) -> Proposal:
    if case.proposal is None:
        raise Refused("nothing-proposed", "Nothing is on the table; propose a figure or a method.")
    if case.proposal.side == side:
        raise Refused("own-proposal", "This is your own proposal; the other side answers it.")
    return case.proposal
