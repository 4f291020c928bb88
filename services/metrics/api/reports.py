"""Reports: the quarterly business review as one HTML page that opens in any browser and prints well."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import Response

from services.metrics.api.charts import ChartPoint, trend_chart
from services.metrics.api.known import today
from services.metrics.domain.period import Period, parse_period
from services.metrics.domain.scorecard import scorecard_line
from services.metrics.read_models import portfolio as placed
from services.metrics.read_models.books import Books
from services.metrics.read_models.cases import cases_of
from services.metrics.read_models.happenings import happenings_within
from services.metrics.read_models.months import months_of
from shared.events import names_of, stored_names
from shared.events.governance_duties import RiskClosed, RiskReassessed, RiskRegistered
from shared.events.governance_meetings import ActionAgreed, ActionDone, ActionDropped
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id
from shared.log.envelope import Moment

router = Router("metrics", "reports")

TREND_MONTHS = 12
CHARTS_MAX = 40
ROWS_MAX = 100
DIGITS_SHOWN = 4
"""Of a figure after the point: a page is for people, and the exact figures are in the scorecard and the exports."""
HTML = "text/html; charset=utf-8"
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""The page fetches nothing and runs nothing."""
NAMES = stored_names(names_of(RiskRegistered, RiskReassessed, RiskClosed, ActionAgreed, ActionDone, ActionDropped))
Quarter = Annotated[str, Query(pattern=r"^(19[1-9][0-9]|2[01][0-9]{2})-Q[1-4]$", examples=["2013-Q2"])]
pages = Environment(
    loader=PackageLoader("services.metrics", "pages"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)
pages.filters["figure"] = lambda number: "–" if number is None else f"{round(number, DIGITS_SHOWN).normalize():,f}"
pages.filters["words"] = lambda text: text.replace("_", " ")


@router.read("/alliances/{alliance_id}/reports/quarterly-review", scope="metrics:read", media_type="text/html")
def get_quarterly_review(session: Session, alliance_id: Id, quarter: Quarter) -> Response:
    """The quarter on a few pages: figures with target, trend, nature and coverage; differences, decisions, risks."""
    asked, view = parse_period(quarter), session.view(alliance_id)
    books = Books(view.execute, alliance_id, today(session, alliance_id))
    found = view.all(placed.of_ledgers(placed.partnerships, [alliance_id]))
    page = pages.get_template("quarterly_review.html").render(
        name=found[0].name if found else str(alliance_id),
        sides=[party_names(session, alliance_id).get(side, str(side)) for row in found for side in row.parties],
        quarter=quarter,
        figures=figures_of(books, asked),
        months=[row for row in view.all(months_of(alliance_id)) if in_quarter(row.month, asked)],
        cases=[row for row in view.all(cases_of(alliance_id)) if in_quarter(row.month, asked)][:ROWS_MAX],
        decisions=decisions_of(view, alliance_id, asked),
        **risks_and_actions(session, alliance_id),
        position=session.moment.seq
        if session.moment and session.moment.seq is not None
        else size(session, alliance_id),
        ledger=alliance_id,
        at=session.at,
    )
    return Response(page, media_type=HTML, headers={"Content-Security-Policy": POLICY})


def figures_of(books: Books, quarter: Period) -> list[dict[str, Any]]:
    """Each agreed KPI by month: the last twelve as a chart, the quarter's three as lines."""
    agreed = books.agreed()
    last = parse_period(f"{quarter.last:%Y-%m}")
    span = [last]
    while len(span) < TREND_MONTHS + 1:
        span.insert(0, span[0].previous())
    accounts = books.accounts([terms for _, terms in agreed], span[0].first, last.last)
    found = []
    for place, (row, terms) in enumerate(agreed):
        lines = [
            scorecard_line(
                terms, month, accounts[terms.key].standings, today=books.today, agreed_on=row.agreed_at.date()
            )
            for month in span[1:]
        ]
        unit = terms.currency or terms.unit.value
        points = [
            ChartPoint(str(line.month), line.value, line.target, f"{line.coverage.reported} of {line.coverage.due}")
            for line in lines
        ]
        drawn = place < CHARTS_MAX and any(point.value is not None for point in points)
        chart = trend_chart(terms.title, unit, terms.nature.value, points) if drawn else b""
        apart = sum(quarter.first <= slot.period.last <= quarter.last for slot in accounts[terms.key].apart)
        found.append({"terms": terms, "unit": unit, "lines": lines[-3:], "apart": apart, "chart": inline(chart, place)})
    return found


def inline(chart: bytes, place: int) -> Markup:
    """The SVG as a part of the page; its own ids made different from those of the other charts."""
    text = chart.decode()
    drawn = text[text.find("<svg") :] if text else ""
    for name in ("title", "desc"):
        drawn = drawn.replace(f'id="{name}"', f'id="{name}-{place}"')
    drawn = drawn.replace('aria-labelledby="title desc"', f'aria-labelledby="title-{place} desc-{place}"')
    return Markup(drawn)  # noqa: S704 - drawn by us, names in it escaped


def decisions_of(view: Any, alliance_id: UUID, quarter: Period) -> dict[str, Any]:
    """How many were settled in the quarter, how many of them in time, and how long they took."""
    settled = [
        row
        for row in view.all(happenings_within(alliance_id))
        if row.kind == "decision" and row.ended_at and quarter.first <= row.ended_at.date() <= quarter.last
    ]
    days = sorted((row.ended_at - row.began_at).total_seconds() / 86_400 for row in settled if row.began_at)
    return {
        "settled": len(settled),
        "in_time": sum(bool(row.good) for row in settled),
        "escalated": sum(bool(row.escalated) for row in settled),
        "median_days": round(Decimal(days[len(days) // 2]), 1) if days else None,
    }


def risks_and_actions(session: Session, alliance_id: UUID) -> dict[str, Any]:
    """The risks and actions that are open now, or were at the moment asked for."""
    moment = session.moment or Moment()
    risks: dict[str, Any] = {}
    actions: dict[str, Any] = {}
    for one in session.log.read_all(alliance_id, until_seq=moment.seq, until_us=moment.us, names=NAMES):
        match one.event:
            case RiskRegistered() | RiskReassessed():
                risks[one.stream] = one.event.terms
            case RiskClosed():
                risks.pop(one.stream, None)
            case ActionAgreed():
                actions[one.stream] = one.event
            case ActionDone() | ActionDropped():
                actions.pop(one.stream, None)
    order = sorted(risks.values(), key=lambda risk: -risk.likelihood * risk.impact)
    return {"risks": order[:ROWS_MAX], "actions": list(actions.values())[:ROWS_MAX]}


def in_quarter(month: str, quarter: Period) -> bool:
    return f"{quarter.first:%Y-%m}" <= month <= f"{quarter.last:%Y-%m}"


def size(session: Session, alliance_id: UUID) -> int:
    return (session.log.size(alliance_id) or 1) - 1


def party_names(session: Session, alliance_id: UUID) -> dict[UUID, str]:
    rows = session.connection.exec_driver_sql("SELECT id, name FROM access.names(%s)", (alliance_id,))
    return {row[0]: row[1] for row in rows}
