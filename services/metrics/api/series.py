"""A KPI over time: aggregated as agreed by month, quarter or year, and by a dimension if asked for."""

from __future__ import annotations

from collections import defaultdict
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import Field

from services.metrics.api.figure_schemas import Figure
from services.metrics.api.known import books_of, period_asked
from services.metrics.api.kpi_schemas import Nature, Unit
from services.metrics.api.observations import From, To
from services.metrics.domain.aggregation import Standing, aggregate
from services.metrics.domain.period import Period
from services.metrics.read_models.kpis import kpi, terms_of
from shared.domain import Invalid
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Answer, Count, Id

router = Router("metrics", "kpis")

POINTS_MAX = 10_000
Every = Literal["period", "month", "quarter", "year"]
Span = Annotated[Every, Query(description="The span of a point; a week or quarter counts where it ends.")]
Dimension = Annotated[str | None, Query(max_length=63, description="One of the KPI's dimensions.")]


class SeriesPoint(Answer):
    """The KPI's figure for a span of time, and how many of its own periods have one."""

    span: str
    dimension_value: str | None = Field(description="Of the dimension asked for; null without one, or when not given.")
    value: Figure
    periods: Count


class Series(Answer):
    """A KPI over time."""

    kpi: str
    title: str
    unit: Unit
    currency: str | None
    nature: Nature
    every: Every
    dimension: str | None
    points: list[SeriesPoint] = Field(max_length=POINTS_MAX)


@router.read("/alliances/{alliance_id}/kpis/{kpi_id}/series", scope="metrics:read")
def get_kpi_series(
    session: Session,
    alliance_id: Id,
    kpi_id: Id,
    every: Span = "month",
    dimension: Dimension = None,
    since: From = None,
    until: To = None,
) -> Series:
    """The figures that count, put together as the KPI's terms say; ratios from their sums alone."""
    books = books_of(session, alliance_id)
    terms = terms_of(session.view(alliance_id).one(kpi(alliance_id, kpi_id)))
    if dimension is not None and dimension not in terms.dimensions:
        raise Invalid("query/dimension", "no-such-dimension", f"{terms.key} has no dimension {dimension!r}.")
    first, last = period_asked(since, "from"), period_asked(until, "to")
    bounds = (first.first if first else None, last.last if last else None)
    groups: dict[tuple[str, str | None], list[Standing]] = defaultdict(list)
    for standing in books.accounts([terms], *bounds)[terms.key].standings:
        place = dict(standing.slot.dimensions).get(dimension) if dimension else None
        groups[span_of(standing.slot.period, every), place].append(standing)
    order = sorted(groups, key=lambda group: (group[0], group[1] or ""))
    if len(order) > POINTS_MAX:
        raise Invalid("query/from", "too-many-figures", f"Over {POINTS_MAX:,} points; ask for fewer periods at once.")
    return Series(
        kpi=terms.key,
        title=terms.title,
        unit=terms.unit.value,
        currency=terms.currency,
        nature=terms.nature.value,
        every=every,
        dimension=dimension,
        points=[point(group, aggregate(terms, groups[group]), groups[group]) for group in order],
    )


def span_of(period: Period, every: Every) -> str:
    match every:
        case "period":
            return str(period)
        case "month":
            return f"{period.last:%Y-%m}"
        case "quarter":
            return f"{period.last:%Y}-Q{(period.last.month + 2) // 3}"
        case "year":
            return f"{period.last:%Y}"


def point(group: tuple[str, str | None], value: Any, standings: list[Standing]) -> SeriesPoint:
    span, place = group
    periods = len({standing.slot.period for standing in standings})
    return SeriesPoint(span=span, dimension_value=place, value=value, periods=periods)
