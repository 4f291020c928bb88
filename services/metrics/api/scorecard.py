"""The monthly scorecard of an alliance."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query

from services.metrics.api.figure_schemas import LineCoverage, Scorecard, ScorecardLine
from services.metrics.api.known import books_of
from services.metrics.domain.period import Period, parse_period
from services.metrics.domain.scorecard import Line
from services.metrics.publishing import lines_of
from services.metrics.read_models.books import Account
from shared.domain import Invalid
from shared.events.metrics import KpiTerms
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id

router = Router("metrics", "scorecard")

YEARS = range(1901, 2999)
"""The month before and the one after are within the years that periods have."""
SHARE_DIGITS = 4

Month = Annotated[str, Query(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$", examples=["2013-03"])]


@router.read("/alliances/{alliance_id}/scorecard", scope="metrics:read")
def get_scorecard(session: Session, alliance_id: Id, month: Month) -> Scorecard:
    """How the alliance did in a month: each agreed KPI with target, trend, nature, coverage and who reported.

    Where two sides report, the figure is the one that counts by the KPI's terms while they differ. Nothing is averaged
    over gaps: below 80 % coverage there is no value, only the coverage.
    """
    if int(month[:4]) not in YEARS:
        raise Invalid("query/month", "bad-month", f"A month of the years {YEARS[0]} to {YEARS[-1]}.")
    asked = parse_period(month)
    lines = [shown(*one, asked) for one in lines_of(books_of(session, alliance_id), asked)]
    return Scorecard(month=month, lines=lines)


def shown(row: Any, terms: KpiTerms, account: Account, line: Line, month: Period) -> ScorecardLine:
    discrepant = sum(month.first <= slot.period.last <= month.last for slot in account.apart)
    share = line.coverage.share
    return ScorecardLine(
        kpi_id=row.id,
        kpi=terms.key,
        title=terms.title,
        area=terms.area.value,
        group=terms.group.value,
        unit=terms.unit.value,
        currency=terms.currency,
        nature=line.nature.value,
        leading=terms.leading,
        value=line.value,
        target=line.target,
        status=line.status.value,
        change=line.change,
        trend=line.trend.value,
        coverage=LineCoverage(
            reported=line.coverage.reported,
            due=line.coverage.due,
            share=None if share is None else round(share, SHARE_DIGITS),
        ),
        reported_by=list(line.reporters),
        discrepant=discrepant,
    )
