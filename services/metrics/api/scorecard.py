"""The monthly scorecard of an alliance."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import Query

from services.metrics.api.figure_schemas import LineCoverage, Scorecard, ScorecardLine
from services.metrics.api.known import Side, figures_in_force, today
from services.metrics.domain.figure import Figure, Slot
from services.metrics.domain.period import Period, parse_period
from services.metrics.domain.reconciliation import Status, reconcile, standing
from services.metrics.domain.scorecard import Line, Standing, scorecard_line
from services.metrics.read_models.kpis import agreed_kpis, terms_of
from shared.domain import Invalid
from shared.events.metrics import Frequency, KpiTerms
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id

router = Router("metrics", "scorecard")

YEARS = range(1901, 2999)
"""The month before and the one after are within the years that periods have."""
DAYS_BEFORE = {Frequency.DAY: 0, Frequency.WEEK: 6, Frequency.MONTH: 0, Frequency.QUARTER: 92}
"""How long before a month a period may have begun that ends in it."""
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
    asked, day = parse_period(month), today(session, alliance_id)
    view = session.view(alliance_id)
    agreed = [(row, terms_of(row)) for row in view.all(agreed_kpis(alliance_id))]
    days_before = max((DAYS_BEFORE[terms.frequency] for _, terms in agreed), default=0)
    since = asked.previous().first - timedelta(days=days_before)
    figures = figures_in_force(view, alliance_id, [terms.key for _, terms in agreed], since, asked.last)
    return Scorecard(month=month, lines=[line_of(row, terms, asked, figures, day) for row, terms in agreed])


def line_of(
    row: Any, terms: KpiTerms, month: Period, figures: Mapping[Side, dict[Slot, Figure]], day: date
) -> ScorecardLine:
    standings, discrepant = standings_of(terms, figures, day)
    line = scorecard_line(terms, month, standings, today=day, agreed_on=row.agreed_at.date())
    return shown(row, terms, line, sum(month.first <= slot.period.last <= month.last for slot in discrepant))


def standings_of(
    terms: KpiTerms, figures: Mapping[Side, dict[Slot, Figure]], day: date
) -> tuple[list[Standing], list[Slot]]:
    """The figures that count, and the slots on which the sides differ beyond the tolerance."""
    sides = [figures.get((terms.key, side), {}) for side in terms.reported_by]
    if len(sides) == 1:
        return [Standing(slot, figure, terms.reported_by) for slot, figure in sides[0].items()], []
    standings, discrepant = [], []
    for pair in reconcile(terms, sides[0], sides[1], day):
        said = zip(terms.reported_by, (pair.first, pair.second), strict=True)
        reporters = tuple(side for side, figure in said if figure is not None)
        counts = standing(pair, terms.until_settled)
        if counts is not None:
            standings.append(Standing(pair.slot, counts, reporters))
        if pair.status is Status.DISCREPANT:
            discrepant.append(pair.slot)
    return standings, discrepant


def shown(row: Any, terms: KpiTerms, line: Line, discrepant: int) -> ScorecardLine:
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
