"""One truth from two stories: the figures of both sides beside each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import Query

from services.metrics.api.figure_schemas import (
    EXCEPTIONS_SHOWN_MAX,
    LargestDifference,
    PairStatus,
    ReconciledPair,
    Reconciliation,
    ReconciliationSummary,
    SideFigure,
    SystematicDifference,
)
from services.metrics.api.known import books_of, period_asked
from services.metrics.api.observations import From, To
from services.metrics.domain.figure import Figure
from services.metrics.domain.recognition import Finding, recognise
from services.metrics.domain.reconciliation import Pair, Status
from services.metrics.read_models.kpis import kpi, terms_of
from shared.events.metrics import KpiTerms
from shared.events.observations import Pairs, dimensions_of, dimensions_text
from shared.http.pages import LIMIT_DEFAULT, Cursor, Limit, bad_cursor, open_cursor, sign
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id

router = Router("metrics", "reconciliation")

Place = tuple[date, Pairs]
BOTH = 2


@router.read("/alliances/{alliance_id}/kpis/{kpi_id}/reconciliation", scope="metrics:read")
def reconcile_kpi(
    session: Session,
    alliance_id: Id,
    kpi_id: Id,
    since: From = None,
    until: To = None,
    status: Annotated[PairStatus | None, Query(description="Only pairs that stand so.")] = None,
    cursor: Cursor = None,
    limit: Limit = LIMIT_DEFAULT,
) -> Reconciliation:
    """What both sides say of each period, where they differ, and whether the difference is systematic.

    The summary covers all periods asked for, whatever the page or `status`. A pair waits until the side that has not
    reported is overdue; then it is one-sided.
    """
    terms, pairs = reconciled(session, alliance_id, kpi_id, since, until)
    chosen = [pair for pair in pairs if status in (None, pair.status)]
    if cursor is not None:
        last_shown = place_in(open_cursor(session.cursor_secret, cursor))
        chosen = [pair for pair in chosen if place_of(pair) > last_shown]
    more = sign(session.cursor_secret, cursor_of(chosen[limit - 1])) if len(chosen) > limit else None
    return Reconciliation(
        items=[shown(pair, terms) for pair in chosen[:limit]],
        next_cursor=more,
        kpi=terms.key,
        sides=list(terms.reported_by),
        summary=summarised(pairs, terms, names_of(session, alliance_id, terms)),
    )


def reconciled(
    session: Session, alliance_id: UUID, kpi_id: UUID, since: str | None, until: str | None
) -> tuple[KpiTerms, Sequence[Pair]]:
    """The KPI's terms, and its pairs of these periods; none where one side alone reports it."""
    terms = terms_of(session.view(alliance_id).one(kpi(alliance_id, kpi_id)))
    first, last = period_asked(since, "from"), period_asked(until, "to")
    bounds = (first.first if first else None, last.last if last else None)
    if len(terms.reported_by) < BOTH:
        return terms, ()
    return terms, books_of(session, alliance_id).accounts([terms], *bounds)[terms.key].pairs


def place_of(pair: Pair) -> Place:
    return pair.slot.period.first, pair.slot.dimensions


def cursor_of(pair: Pair) -> list[str]:
    return [pair.slot.period.first.isoformat(), dimensions_text(pair.slot.dimensions)]


def place_in(values: Sequence[str]) -> Place:
    try:
        first, dimensions = values
        return date.fromisoformat(first), dimensions_of(dimensions)
    except ValueError as error:
        raise bad_cursor("A cursor of another list.") from error


def names_of(session: Session, alliance_id: UUID, terms: KpiTerms) -> tuple[str, str]:
    """What the two reporting organisations are called."""
    rows = session.connection.exec_driver_sql("SELECT id, name FROM access.names(%s)", (alliance_id,))
    names = {row[0]: row[1] for row in rows}
    first, second = (names.get(side, str(side)) for side in (terms.reported_by * 2)[:2])
    return first, second


def summarised(pairs: Sequence[Pair], terms: KpiTerms, names: tuple[str, str]) -> ReconciliationSummary:
    counts = Counter(pair.status for pair in pairs)
    compared = [(pair, pair.difference) for pair in pairs if pair.difference is not None]
    furthest, difference = max(compared, key=lambda one: abs(one[1]), default=(None, Decimal(0)))
    finding = recognise(pairs, names, terms.tolerance)
    return ReconciliationSummary(
        both_report=len(compared),
        matched=counts[Status.MATCHED],
        discrepant=counts[Status.DISCREPANT],
        disputed=counts[Status.DISPUTED],
        agreed=counts[Status.AGREED],
        one_sided=counts[Status.ONE_SIDED],
        waiting=counts[Status.WAITING],
        largest_difference=None
        if furthest is None
        else LargestDifference(
            period=str(furthest.slot.period), dimensions=dict(furthest.slot.dimensions), difference=difference
        ),
        finding=None if finding is None else said(finding),
    )


def said(finding: Finding) -> SystematicDifference:
    return SystematicDifference(
        kind=finding.kind.value,
        sentence=finding.sentence,
        amount=finding.amount,
        explained=finding.explained,
        compared=finding.compared,
        exceptions=[str(slot.period) for slot in finding.exceptions[:EXCEPTIONS_SHOWN_MAX]],
    )


def shown(pair: Pair, terms: KpiTerms) -> ReconciledPair:
    return ReconciledPair(
        period=str(pair.slot.period),
        dimensions=dict(pair.slot.dimensions),
        status=pair.status.value,
        first=of_side(terms.reported_by[0], pair.first),
        second=of_side(terms.reported_by[1], pair.second),
        difference=pair.difference,
        settled=None if pair.settled is None else pair.settled.value,
    )


def of_side(side: UUID, figure: Figure | None) -> SideFigure | None:
    if figure is None:
        return None
    return SideFigure(side=side, value=figure.value, numerator=figure.numerator, denominator=figure.denominator)
