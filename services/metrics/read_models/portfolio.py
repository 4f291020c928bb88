"""The portfolio of an organisation, in its own ledger; and what governance's events tell of each alliance, followed."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    ColumnElement,
    DateTime,
    Numeric,
    Select,
    Table,
    Text,
    Uuid,
    any_,
    func,
    literal,
    select,
)  # fmt: skip
from sqlalchemy.dialects.postgresql import JSONB

from services.metrics.domain.review import review_id
from services.metrics.read_models.deals import deals
from services.metrics.read_models.kpis import kpis, published_figures
from services.metrics.read_models.signals import signals
from shared.database.schemas import schema
from shared.events.governance import AllianceProposed, StageEntered
from shared.events.governance_exit import PartyLeft
from shared.events.governance_terms import Stage
from shared.events.metrics_signals import (
    ConcentrationLimitSet,
    InvestmentRecorded,
    PortfolioPlaceSet,
    PortfolioReviewClosed,
    PortfolioReviewOpened,
    PortfolioVerdictGiven,
)
from shared.log.envelope import Recorded
from shared.log.read_models import ReadModel
from shared.log.rows import Rows

MOMENT = DateTime(timezone=True)

partnerships = Table(
    "partnerships",
    schema("metrics"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("intent", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("parties", ARRAY(Uuid), nullable=False),
    Column("stage", Text, nullable=False),
    Column("launched_at", MOMENT),
)
portfolio_places = Table(
    "portfolio_places",
    schema("metrics"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("alliance", Uuid, primary_key=True),
    Column("role", Text, nullable=False),
    Column("region", Text),
    Column("gap", Uuid),
)
investments = Table(
    "investments",
    schema("metrics"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("alliance", Uuid, primary_key=True),
    Column("month", Text(collation="C"), primary_key=True),
    Column("amount", Text, nullable=False),
    Column("currency", Text, nullable=False),
)
concentration_limits = Table(
    "concentration_limits",
    schema("metrics"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("share_max", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
)
portfolio_reviews = Table(
    "portfolio_reviews",
    schema("metrics"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("quarter", Text(collation="C"), primary_key=True),
    Column("opened_at", MOMENT, nullable=False),
    Column("closed_at", MOMENT),
    Column("verdicts", JSONB, nullable=False),
    Column("version", BigInteger, nullable=False),
)

PARTNERSHIPS = ReadModel("partnerships", partnerships, followed=True)
PORTFOLIO = ReadModel("portfolio", portfolio_places, investments, concentration_limits, portfolio_reviews)


@PARTNERSHIPS.on(AllianceProposed)
def proposed(rows: Rows, e: Recorded[AllianceProposed]) -> None:
    rows.put(
        partnerships,
        name=e.event.name,
        intent=str(e.event.intent),
        type=e.event.type,
        parties=list(e.event.parties),
        stage=str(Stage.FORMING),
        launched_at=None,
    )


@PARTNERSHIPS.on(StageEntered)
def entered(rows: Rows, e: Recorded[StageEntered]) -> None:
    held = rows.get(partnerships)
    if held is not None:
        launched = held["launched_at"]
        if launched is None and e.event.stage in (Stage.LAUNCHING, Stage.OPERATING):
            launched = e.effective_at
        rows.change(partnerships, {}, stage=str(e.event.stage), launched_at=launched)


@PARTNERSHIPS.on(PartyLeft)
def left(rows: Rows, e: Recorded[PartyLeft]) -> None:
    held = rows.get(partnerships)
    if held is not None:
        rows.change(partnerships, {}, parties=[party for party in held["parties"] if party != e.event.party])


@PORTFOLIO.on(PortfolioPlaceSet)
def placed(rows: Rows, e: Recorded[PortfolioPlaceSet]) -> None:
    rows.put(
        portfolio_places, alliance=e.event.alliance, role=str(e.event.role), region=e.event.region, gap=e.event.gap
    )


@PORTFOLIO.on(InvestmentRecorded)
def invested(rows: Rows, e: Recorded[InvestmentRecorded]) -> None:
    amount = format(e.event.amount, "f")
    rows.put(investments, alliance=e.event.alliance, month=e.event.month, amount=amount, currency=e.event.currency)


@PORTFOLIO.on(ConcentrationLimitSet)
def limited(rows: Rows, e: Recorded[ConcentrationLimitSet]) -> None:
    rows.put(concentration_limits, share_max=format(e.event.share_max, "f"), version=e.version)


@PORTFOLIO.on(PortfolioReviewOpened)
def review_opened(rows: Rows, e: Recorded[PortfolioReviewOpened]) -> None:
    rows.insert(
        portfolio_reviews,
        quarter=e.event.quarter,
        opened_at=e.recorded_at,
        closed_at=None,
        verdicts=[],
        version=e.version,
    )


@PORTFOLIO.on(PortfolioVerdictGiven)
def verdict_given(rows: Rows, e: Recorded[PortfolioVerdictGiven]) -> None:
    review = next(row for row in rows.where(portfolio_reviews) if is_of(row, e))
    given = {
        "alliance": str(e.event.alliance),
        "proposed": str(e.event.proposed),
        "grounds": list(e.event.grounds),
        "verdict": str(e.event.verdict),
        "reason": e.event.reason,
    }
    others = [one for one in review["verdicts"] if one["alliance"] != given["alliance"]]
    rows.change(portfolio_reviews, {"quarter": review["quarter"]}, verdicts=[*others, given], version=e.version)


@PORTFOLIO.on(PortfolioReviewClosed)
def review_closed(rows: Rows, e: Recorded[PortfolioReviewClosed]) -> None:
    rows.change(portfolio_reviews, {"quarter": e.event.quarter}, closed_at=e.recorded_at, version=e.version)


def is_of(row: dict[str, Any], e: Recorded[Any]) -> bool:
    return review_id(e.ledger_id, row["quarter"]) == e.id


def among(column: Any, ledgers: Collection[UUID]) -> ColumnElement[bool]:
    """One parameter, however many ledgers there are."""
    found: ColumnElement[bool] = column == any_(literal(list(ledgers), ARRAY(Uuid)))
    return found


def of_ledgers(table: Table, ledgers: Collection[UUID]) -> Select[Any]:
    return select(table).where(among(table.c.ledger_id, ledgers))


def of_org(table: Table, org: UUID) -> Select[Any]:
    return select(table).where(table.c.ledger_id == org)


def review_row(org: UUID, quarter: str) -> Select[Any]:
    return of_org(portfolio_reviews, org).where(portfolio_reviews.c.quarter == quarter)


class ValueOfMonth(NamedTuple):
    """Of value KPIs in one currency, or in none: the shares of targets reached, summed and counted, and the value."""

    period: str
    currency: str | None
    reached: str | None
    figures: int
    value: str | None


def value_by_month(ledgers: Collection[UUID]) -> Select[Any]:
    """Of each alliance its `months`, as `ValueOfMonth` in an array: thousands of rows take longer to fetch than to sum.

    The terms, which are long, are looked into once a KPI and not once a figure.
    """
    currency, area = kpis.c.terms["currency"].astext, kpis.c.terms["area"].astext
    of_value = (
        select(kpis.c.ledger_id, kpis.c.id, currency.label("currency"))
        .where(among(kpis.c.ledger_id, ledgers), area == "value")
        .cte("of_value")
        .prefix_with("MATERIALIZED")
    )
    figure, kpi = published_figures.c, of_value.c
    money = func.sum(figure.value.cast(Numeric)).filter(kpi.currency.is_not(None)).cast(Text).label("value")
    reached = func.sum(figure.attained.cast(Numeric)).cast(Text).label("reached")
    figures = func.count(figure.attained).label("figures")
    months = (
        select(figure.ledger_id, figure.period, kpi.currency, reached, figures, money)
        .join(of_value, (kpi.ledger_id == figure.ledger_id) & (kpi.id == figure.kpi_id))
        .group_by(figure.ledger_id, figure.period, kpi.currency)
        .subquery()
    )
    array = func.json_build_array(*(months.c[name] for name in ValueOfMonth._fields))
    return select(months.c.ledger_id, func.json_agg(array).label("months")).group_by(months.c.ledger_id)


def won_by_alliance(ledgers: Collection[UUID]) -> Select[Any]:
    """Confirmed, won deals of each alliance by currency."""
    amount = func.sum(deals.c.amount.cast(Numeric)).label("amount")
    won = [among(deals.c.ledger_id, ledgers), deals.c.status == "confirmed", deals.c.stage == "won"]
    return select(deals.c.ledger_id, deals.c.currency, amount).where(*won).group_by(deals.c.ledger_id, deals.c.currency)


def signals_up(org: UUID) -> Select[Any]:
    counted = select(signals.c.alliance, func.count().label("count"))
    return counted.where(signals.c.ledger_id == org, signals.c.cleared_at.is_(None)).group_by(signals.c.alliance)
