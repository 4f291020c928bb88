"""Every list as a file for the user's own tools: CSV, Parquet or Arrow IPC."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Path
from sqlalchemy import Select, Table
from starlette.responses import Response

from services.metrics.api.batches import outcomes_of
from services.metrics.api.figure_schemas import PairStatus, ReconciledPair, ScorecardLine
from services.metrics.api.files import FILE, ROWS_MAX, FileFormat, file_of, file_of_items
from services.metrics.api.observations import From, To
from services.metrics.api.portfolio import get_portfolio
from services.metrics.api.portfolio_schemas import Holding, PortfolioReview
from services.metrics.api.reconciliation import reconciled, shown
from services.metrics.api.scorecard import Month, get_scorecard
from services.metrics.api.series import Dimension, SeriesPoint, Span, get_kpi_series
from services.metrics.api.signals import Signal
from services.metrics.read_models import batches, cases, deals, figures, kpis, months, pulses, uploads
from services.metrics.read_models.observations import observations
from services.metrics.read_models.portfolio import of_org, portfolio_reviews
from services.metrics.read_models.signals import signals, signals_of
from shared.events.observations import RowNotTaken
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id

router = Router("metrics", "exports")

ListName = Literal[
    "kpis", "observations", "batches", "uploads", "months", "published-figures", "cases", "deals", "attribution",
    "pulses", "planning-cycles",
]  # fmt: skip
OwnListName = Literal["signals", "portfolio", "portfolio-reviews"]
Asked = tuple[Sequence[str], Callable[[UUID], Select[Any]]]


def whole(table: Table, asked: Callable[[UUID], Select[Any]]) -> Asked:
    names = [column.name for column in table.columns if column.name != "ledger_id"]
    return names, lambda alliance_id: asked(alliance_id).order_by(*table.primary_key.columns)


LISTS: Mapping[ListName, Asked] = {
    "kpis": whole(kpis.kpis, kpis.kpis_of),
    "observations": (
        [
            *(c.name for c in observations.columns if c.name not in ("ledger_id", "seq", "place")),
            "recorded_at",
            "current",
        ],
        lambda alliance_id: figures.versions(alliance_id, only_current=False).order_by(*figures.ORDER),
    ),
    "batches": whole(batches.batches, batches.batches_of),
    "uploads": whole(uploads.uploads, uploads.uploads_of),
    "months": whole(months.months, months.months_of),
    "published-figures": whole(kpis.published_figures, kpis.published_of),
    "cases": whole(cases.cases, cases.cases_of),
    "deals": whole(deals.deals, deals.deals_of),
    "attribution": (
        ["role", "side", "status", "stage", "currency", "deals", "amount"],
        lambda alliance_id: deals.attribution(alliance_id, None, None),
    ),
    "pulses": whole(pulses.pulses, pulses.pulses_of),
    "planning-cycles": whole(pulses.planning_cycles, pulses.cycles_of),
}


@router.read("/alliances/{alliance_id}/exports/{list_name}", **FILE)
def export_list(
    session: Session,
    alliance_id: Id,
    list_name: Annotated[ListName, Path(description="Which list.")],
    file_format: FileFormat = "csv",
) -> Response:
    """A whole list as CSV, Parquet or Arrow IPC stream; observations with every version and whether it is current."""
    names, asked = LISTS[list_name]
    rows = session.view(alliance_id).all(asked(alliance_id).limit(ROWS_MAX + 1))
    return file_of(list_name, names, rows, file_format)


@router.read("/alliances/{alliance_id}/batches/{batch_id}/outcomes/export", **FILE)
def export_outcomes(session: Session, alliance_id: Id, batch_id: Id, file_format: FileFormat = "csv") -> Response:
    """What became of every row of a batch, as a file."""
    found = list(outcomes_of(session, alliance_id, batch_id))
    return file_of("outcomes", RowNotTaken._fields, found, file_format)


@router.read("/alliances/{alliance_id}/scorecard/export", **FILE)
def export_scorecard(session: Session, alliance_id: Id, month: Month, file_format: FileFormat = "csv") -> Response:
    """The lines of a month's scorecard, as a file."""
    return file_of_items("scorecard", ScorecardLine, get_scorecard(session, alliance_id, month).lines, file_format)


@router.read("/alliances/{alliance_id}/kpis/{kpi_id}/reconciliation/export", **FILE)
def export_reconciliation(
    session: Session,
    alliance_id: Id,
    kpi_id: Id,
    since: From = None,
    until: To = None,
    status: PairStatus | None = None,
    file_format: FileFormat = "csv",
) -> Response:
    """The figures of both sides beside each other, as a file."""
    terms, pairs = reconciled(session, alliance_id, kpi_id, since, until)
    items = [shown(pair, terms) for pair in pairs if status in (None, pair.status)]
    return file_of_items("reconciliation", ReconciledPair, items, file_format)


@router.read("/alliances/{alliance_id}/kpis/{kpi_id}/series/export", **FILE)
def export_series(
    session: Session,
    alliance_id: Id,
    kpi_id: Id,
    every: Span = "month",
    dimension: Dimension = None,
    since: From = None,
    until: To = None,
    file_format: FileFormat = "csv",
) -> Response:
    """A KPI over time, as a file."""
    series = get_kpi_series(session, alliance_id, kpi_id, every, dimension, since, until)
    return file_of_items("series", SeriesPoint, series.points, file_format)


@router.read("/exports/{own_list}", **FILE)
def export_own_list(
    session: Session,
    own_list: Annotated[OwnListName, Path(description="Which list of your organisation.")],
    file_format: FileFormat = "csv",
) -> Response:
    """A list of your organisation as CSV, Parquet or Arrow IPC stream; signals with those that are cleared."""
    own = session.caller.organisation
    view = session.view(own)
    match own_list:
        case "signals":
            rows = view.all(signals_of(own).order_by(signals.c.seq))
            return file_of_items(own_list, Signal, [Signal.model_validate(row) for row in rows], file_format)
        case "portfolio":
            return file_of_items(own_list, Holding, get_portfolio(session).alliances, file_format)
        case "portfolio-reviews":
            rows = view.all(of_org(portfolio_reviews, own).order_by(portfolio_reviews.c.quarter))
            reviews = [PortfolioReview.model_validate(row) for row in rows]
            return file_of_items(own_list, PortfolioReview, reviews, file_format)
