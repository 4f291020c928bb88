"""What the KPIs were in a closed month, published once all parties have confirmed it, and again when it is restated."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.metrics.domain.kpi import KPI
from services.metrics.domain.period import Period, parse_period
from services.metrics.domain.scorecard import Line, attained, scorecard_line
from services.metrics.read_models.books import Account, Books
from services.metrics.read_models.kpis import published_of
from shared.events.metrics import Frequency, KpiTerms
from shared.events.metrics_truth import FigurePublished
from shared.log.log import Loaded, Log

SHARE_DIGITS = 6
DAYS_BEFORE = {Frequency.DAY: 0, Frequency.WEEK: 6, Frequency.MONTH: 0, Frequency.QUARTER: 92}
"""How long before a month a period may have begun that ends in it."""

Append = Callable[[Loaded[Any], list[Any]], Any]
"""Appends events to the stream of a KPI."""


def lines_of(books: Books, month: Period) -> list[tuple[Any, KpiTerms, Account, Line]]:
    """Each agreed KPI with its row, what counts for it, and its line of the month."""
    agreed = books.agreed()
    days_before = max((DAYS_BEFORE[terms.frequency] for _, terms in agreed), default=0)
    since = month.previous().first - timedelta(days=days_before)
    accounts = books.accounts([terms for _, terms in agreed], since, month.last)
    found = []
    for row, terms in agreed:
        account = accounts[terms.key]
        line = scorecard_line(terms, month, account.standings, today=books.today, agreed_on=row.agreed_at.date())
        found.append((row, terms, account, line))
    return found


def publish(books: Books, log: Log, append: Append, month: str) -> int:
    """Publish every KPI's figure of a closed month that is not published as it is; how many that were."""
    known = {row.kpi_id: row for row in books.execute(published_of(books.alliance_id)) if row.period == month}
    told = 0
    for row, terms, _, line in lines_of(books, parse_period(month)):
        figure = figure_of(terms, line, restates=row.id in known)
        if row.id not in known or differs(known[row.id], figure):
            append(kpi_of(log, books.alliance_id, row.id), [figure])
            told += 1
    return told


def kpi_of(log: Log, alliance_id: UUID, kpi_id: UUID) -> Loaded[Any]:
    return log.load(KPI, alliance_id, kpi_id)


def figure_of(terms: KpiTerms, line: Line, *, restates: bool) -> FigurePublished:
    share = attained(terms, line.value, line.target)
    return FigurePublished(
        key=terms.key,
        period=str(line.month),
        value=line.value,
        target=line.target,
        status=line.status,
        attained=None if share is None else round(share, SHARE_DIGITS),
        nature=line.nature,
        reported=line.coverage.reported,
        due=line.coverage.due,
        restates=restates,
    )


def differs(row: Any, figure: FigurePublished) -> bool:
    value = None if row.value is None else Decimal(row.value)
    return (value, row.reported, row.due) != (figure.value, figure.reported, figure.due)
