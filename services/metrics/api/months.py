"""Months: confirmed by each party, closed by the last; from then on figures are restated, never just reported."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import Field

from services.metrics.api.turn import OBSERVATIONS
from services.metrics.domain import month as rules
from services.metrics.domain.alliance import ALLIANCE
from services.metrics.domain.kpi import KPI
from services.metrics.domain.month import MONTH, month_id
from services.metrics.publishing import publish
from services.metrics.read_models import months as asked
from services.metrics.read_models.books import Books
from services.metrics.read_models.cases import open_cases_in
from services.metrics.read_models.kpis import published_figures, published_of
from shared.http.pages import LIMIT_DEFAULT, Cursor, Limit, Page
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Answer, Count, Id, Timestamp

router = Router("metrics", "months")

MonthName = Annotated[str, Path(pattern=r"^(19[1-9][0-9]|2[01][0-9]{2})-(0[1-9]|1[0-2])$", examples=["2013-06"])]


class MonthClose(Answer):
    """A month of an alliance."""

    month: str
    status: Literal["open", "closed"]
    confirmed_by: list[Id]
    closed_at: Timestamp | None
    open_cases: Count | None = Field(description="Differences not settled when it was closed.")
    version: Count


class PublishedFigure(Answer):
    """What a KPI was in a closed month, as all parties confirmed it or as it was restated since."""

    kpi_id: Id
    key: str
    period: str
    value: str | None
    target: str | None
    status: Literal["on_target", "off_target", "no_target", "no_figure"]
    attained: str | None = Field(description="The share of its target that it reached; 1 is all of it.")
    nature: Literal["measured", "estimated", "judged"]
    reported: Count
    due: Count
    restates: bool
    seq: Count = Field(description="Where it stands in the ledger.")
    recorded_at: Timestamp


@router.read("/alliances/{alliance_id}/months", scope="metrics:read")
def list_months(
    session: Session, alliance_id: Id, cursor: Cursor = None, limit: Limit = LIMIT_DEFAULT
) -> Page[MonthClose]:
    """The months that somebody has confirmed."""
    view = session.view(alliance_id)
    turned = view.page(asked.months_of(alliance_id), order=[asked.months.c.month], cursor=cursor, limit=limit)
    return Page[MonthClose](items=[shown(row) for row in turned.rows], next_cursor=turned.next_cursor)


@router.read("/alliances/{alliance_id}/months/{month}", scope="metrics:read")
def get_month(session: Session, alliance_id: Id, month: MonthName) -> MonthClose:
    """A month, be it one that nobody has confirmed."""
    return told(session, alliance_id, month)


@router.change("/alliances/{alliance_id}/months/{month}/confirm")
def confirm_month(session: Session, alliance_id: Id, month: MonthName) -> MonthClose:
    """Confirm a month's figures for your side. With the last party's confirmation it is closed and published."""
    parties = session.load(ALLIANCE, alliance_id, alliance_id).state.parties
    for party in sorted(parties):
        session.take_turn(OBSERVATIONS, alliance_id, party)
    held = session.begin_or_change(MONTH, month_id(alliance_id, month), alliance_id)
    command = rules.ConfirmMonth(
        by=session.caller.person,
        side=session.caller.organisation,
        parties=parties,
        month=month,
        open_cases=session.view(alliance_id).one(open_cases_in(alliance_id, month)).count,
        at=session.at,
    )
    after = session.append(MONTH, held, rules.confirm(command, held.state))
    if after.state.closed:
        books = Books(session.view(alliance_id).execute, alliance_id, session.at.date())
        publish(books, session.log, lambda kpi, events: session.append(KPI, kpi, events), month)
    return told(session, alliance_id, month)


@router.change("/alliances/{alliance_id}/months/{month}/withdraw-confirmation")
def withdraw_month_confirmation(session: Session, alliance_id: Id, month: MonthName) -> MonthClose:
    """Take your side's confirmation back, while the month is not closed."""
    session.load(ALLIANCE, alliance_id, alliance_id)
    held = session.begin_or_change(MONTH, month_id(alliance_id, month), alliance_id)
    command = rules.WithdrawConfirmation(
        by=session.caller.person, side=session.caller.organisation, month=month, at=session.at
    )
    session.append(MONTH, held, rules.withdraw(command, held.state))
    return told(session, alliance_id, month)


@router.read("/alliances/{alliance_id}/published-figures", scope="metrics:read")
def list_published_figures(
    session: Session, alliance_id: Id, cursor: Cursor = None, limit: Limit = LIMIT_DEFAULT
) -> Page[PublishedFigure]:
    """The figures of closed months: what both sides stand by."""
    order = [published_figures.c.period, published_figures.c.kpi_id]
    turned = session.view(alliance_id).page(published_of(alliance_id), order=order, cursor=cursor, limit=limit)
    items = [PublishedFigure.model_validate(row) for row in turned.rows]
    return Page[PublishedFigure](items=items, next_cursor=turned.next_cursor)


def told(session: Session, alliance_id: Id, month: str) -> MonthClose:
    row = session.view(alliance_id).first(asked.month_row(alliance_id, month))
    if row is None:
        return MonthClose(month=month, status="open", confirmed_by=[], closed_at=None, open_cases=None, version=0)
    return shown(row)


def shown(row: Any) -> MonthClose:
    return MonthClose(**{**row._asdict(), "status": "closed" if row.closed_at else "open"})
