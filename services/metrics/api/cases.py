"""Cases: a difference between the two sides, its history, and how it is settled."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import ConfigDict, Field

from services.metrics.api.figure_schemas import Figure as FigureText
from services.metrics.domain import case as rules
from services.metrics.domain.case import CASE
from services.metrics.domain.figure import Figure
from services.metrics.domain.kpi import KPI
from services.metrics.read_models import cases as asked
from services.metrics.read_models.figures import versions_of_slot
from services.metrics.read_models.kpis import kpi
from shared.domain import Invalid
from shared.events.metrics import Aggregation
from shared.events.metrics_truth import Method
from shared.events.observations import dimensions_of
from shared.http.pages import LIMIT_DEFAULT, Cursor, Limit, Page
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Answer, Count, DecimalText, Id, Schema, Text, Timestamp

router = Router("metrics", "cases")

HISTORY_MAX = 200
CaseStatus = Literal["open", "proposed", "disputed", "settled", "resolved"]
MethodName = Literal["first", "second", "mean", "lower", "higher"]


class CaseFigure(Answer):
    """A value in the KPI's unit; a ratio of sums has its parts."""

    value: FigureText
    numerator: FigureText | None
    denominator: FigureText | None


class CaseProposal(Answer):
    """What is on the table; `method` is null when it is a figure of its own."""

    side: Id
    method: MethodName | None
    figure: CaseFigure
    reason: str | None


class Case(Answer):
    """The two sides' figures of one period and dimensions, too far apart. `first` is of `reporters[0]`."""

    id: Id
    kpi_id: Id
    key: str
    period: str
    dimensions: dict[str, str]
    reporters: list[Id]
    status: CaseStatus
    first: CaseFigure | None
    second: CaseFigure | None
    difference: FigureText | None = Field(description="First minus second, in the KPI's unit.")
    proposal: CaseProposal | None
    settled: CaseFigure | None
    opened_at: Timestamp
    due_at: Timestamp
    overdue: bool
    closed_at: Timestamp | None
    version: Count


class ReportedVersion(Answer):
    """What a side reported of it, and when."""

    side: Id
    observation_id: str
    value: str
    numerator: str | None
    denominator: str | None
    reason: str | None
    current: bool
    recorded_at: Timestamp


class WholeCase(Case):
    """A case with what both sides reported, oldest first, and how each of them counts."""

    history: list[ReportedVersion] = Field(max_length=HISTORY_MAX)
    definition_notes: dict[str, str]


class ProposeSettlement(Schema):
    """A method, a value, or for a ratio of sums its parts."""

    model_config = ConfigDict(json_schema_extra={"example": {"method": "mean", "reason": "Both count half of it."}})

    method: MethodName | None = None
    value: DecimalText | None = None
    numerator: DecimalText | None = None
    denominator: DecimalText | None = None
    reason: Text | None = None


class DisputeProposal(Schema):
    """Why not."""

    model_config = ConfigDict(json_schema_extra={"example": {"reason": "Cancelled flights are not late flights."}})

    reason: Text | None = None


@router.read("/alliances/{alliance_id}/cases", scope="metrics:read")
def list_cases(
    session: Session,
    alliance_id: Id,
    status: CaseStatus | None = None,
    key: Annotated[str | None, Query(max_length=63, description="A KPI's key.")] = None,
    month: Annotated[str | None, Query(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")] = None,
    cursor: Cursor = None,
    limit: Limit = LIMIT_DEFAULT,
) -> Page[Case]:
    """Where the sides are, or were, further apart than the KPI's tolerance."""
    found = asked.cases_of(alliance_id)
    wanted = {asked.cases.c.status: status, asked.cases.c.key: key, asked.cases.c.month: month}
    for column, value in wanted.items():
        if value is not None:
            found = found.where(column == value)
    turned = session.view(alliance_id).page(found, order=[asked.cases.c.id], cursor=cursor, limit=limit)
    return Page[Case](items=[Case(**fields(row)) for row in turned.rows], next_cursor=turned.next_cursor)


@router.read("/alliances/{alliance_id}/cases/{case_id}", scope="metrics:read")
def get_case(session: Session, alliance_id: Id, case_id: Id) -> WholeCase:
    """A case with the history of both figures, and how each side counts."""
    view = session.view(alliance_id)
    row = view.one(asked.case(alliance_id, case_id))
    history = view.all(versions_of_slot(alliance_id, row.key, row.period, row.dimensions, HISTORY_MAX))
    notes = view.one(kpi(alliance_id, row.kpi_id)).definition_notes
    told = [ReportedVersion.model_validate(one) for one in history if one.side in row.reporters]
    return WholeCase(**fields(row), history=told, definition_notes=notes)


@router.change("/alliances/{alliance_id}/cases/{case_id}/propose")
def propose_settlement(session: Session, alliance_id: Id, case_id: Id, body: ProposeSettlement) -> Case:
    """Propose how to settle it, or counter what is proposed: by a method or a figure."""
    held = session.change(CASE, case_id, alliance_id)
    assert held.state.opened is not None
    terms = session.load(KPI, alliance_id, held.state.opened.kpi).state.terms
    assert terms is not None
    command = rules.ProposeSettlement(
        by=session.caller.person,
        side=session.caller.organisation,
        method=None if body.method is None else Method(body.method),
        figure=figure_in(body),
        is_ratio=terms.aggregation is Aggregation.RATIO_OF_SUMS,
        reason=body.reason,
        at=session.at,
    )
    session.append(CASE, held, rules.propose(command, held.state))
    return shown(session, alliance_id, case_id)


@router.change("/alliances/{alliance_id}/cases/{case_id}/dispute")
def dispute_settlement(session: Session, alliance_id: Id, case_id: Id, body: DisputeProposal) -> Case:
    """Say no to the other side's proposal."""
    held = session.change(CASE, case_id, alliance_id)
    command = rules.DisputeProposal(
        by=session.caller.person, side=session.caller.organisation, reason=body.reason, at=session.at
    )
    session.append(CASE, held, rules.dispute(command, held.state))
    return shown(session, alliance_id, case_id)


@router.change("/alliances/{alliance_id}/cases/{case_id}/accept")
def accept_settlement(session: Session, alliance_id: Id, case_id: Id) -> Case:
    """Accept the other side's proposal. Its figure counts while both sides' figures stay as they are."""
    held = session.change(CASE, case_id, alliance_id)
    command = rules.AcceptSettlement(by=session.caller.person, side=session.caller.organisation, at=session.at)
    session.append(CASE, held, rules.accept(command, held.state))
    return shown(session, alliance_id, case_id)


def figure_in(body: ProposeSettlement) -> Figure | None:
    """The figure proposed; None when it is a method."""
    parts = body.numerator, body.denominator
    if body.value is not None and parts == (None, None):
        return Figure(body.value)
    if body.value is None and body.numerator is not None and body.denominator is not None:
        if body.denominator <= 0:
            raise Invalid("/denominator", "bad-figure", "A ratio is proposed with a positive denominator.")
        return Figure(body.numerator / body.denominator, *parts)
    if body.value is not None or parts != (None, None):
        raise Invalid("/value", "bad-figure", "Propose a value, or a numerator with its denominator.")
    return None


def shown(session: Session, alliance_id: Id, case_id: Id) -> Case:
    return Case(**fields(session.view(alliance_id).one(asked.case(alliance_id, case_id))))


def fields(row: Any) -> dict[str, Any]:
    known = [row.first, row.second]
    both = [Decimal(one["value"]) for one in known if one is not None]
    apart = both[0] - both[1] if len(both) == len(known) else None
    return {**row._asdict(), "dimensions": dict(dimensions_of(row.dimensions)), "difference": apart}
