"""Cases: where the sides are apart, what is proposed, and what was settled."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Index,
    Select,
    Table,
    Text,
    Uuid,
    func,
    or_,
    select,
    text,
)  # fmt: skip
from sqlalchemy.dialects.postgresql import JSONB

from services.metrics.domain.case import CaseStatus
from services.metrics.domain.period import month_of, parse_period
from shared.database.schemas import schema
from shared.events.metrics_truth import (
    CaseDisputed,
    CaseOpened,
    CaseOverdue,
    CaseResolved,
    CaseRestated,
    CaseSettled,
    CaseSettlementProposed,
)
from shared.events.observations import dimensions_text
from shared.log.codec import as_json
from shared.log.envelope import Recorded
from shared.log.read_models import ReadModel
from shared.log.rows import Rows

BYTEWISE = Text(collation="C")
OVER = [str(CaseStatus.SETTLED), str(CaseStatus.RESOLVED)]

cases = Table(
    "cases",
    schema("metrics"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("kpi_id", Uuid, nullable=False),
    Column("key", BYTEWISE, nullable=False),
    Column("period", BYTEWISE, nullable=False),
    Column("month", BYTEWISE, nullable=False),
    Column("dimensions", BYTEWISE, nullable=False),
    Column("reporters", ARRAY(Uuid), nullable=False),
    Column("status", Text, nullable=False),
    Column("first", JSONB),
    Column("second", JSONB),
    Column("proposal", JSONB),
    Column("settled", JSONB),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("overdue", Boolean, nullable=False),
    Column("closed_at", DateTime(timezone=True)),
    Column("version", BigInteger, nullable=False),
    Index("cases_by_place", "ledger_id", "key", "period", "dimensions"),
    Index("cases_due", "due_at", postgresql_where=text("closed_at IS NULL AND NOT overdue")),
)

CASES = ReadModel("cases", cases)


@CASES.on(CaseOpened)
def opened(rows: Rows, e: Recorded[CaseOpened]) -> None:
    rows.insert(
        cases,
        id=e.id,
        kpi_id=e.event.kpi,
        key=e.event.key,
        period=e.event.period,
        month=month_of(parse_period(e.event.period)),
        dimensions=dimensions_text(tuple(sorted(e.event.dimensions.items()))),
        reporters=list(e.event.by),
        status=str(CaseStatus.OPEN),
        first=as_json(e.event.first),
        second=as_json(e.event.second),
        proposal=None,
        settled=None,
        opened_at=e.recorded_at,
        due_at=e.event.due_at,
        overdue=False,
        closed_at=None,
        version=e.version,
    )


@CASES.on(CaseRestated)
def restated(rows: Rows, e: Recorded[CaseRestated]) -> None:
    figures = {"first": as_json(e.event.first), "second": as_json(e.event.second)}
    rows.change(cases, {"id": e.id}, status=str(CaseStatus.OPEN), proposal=None, **figures, version=e.version)


@CASES.on(CaseSettlementProposed)
def proposed(rows: Rows, e: Recorded[CaseSettlementProposed]) -> None:
    proposal = {
        "side": str(e.event.side),
        "method": None if e.event.method is None else str(e.event.method),
        "figure": as_json(e.event.figure),
        "reason": e.event.reason,
    }
    rows.change(cases, {"id": e.id}, status=str(CaseStatus.PROPOSED), proposal=proposal, version=e.version)


@CASES.on(CaseDisputed)
def disputed(rows: Rows, e: Recorded[CaseDisputed]) -> None:
    rows.change(cases, {"id": e.id}, status=str(CaseStatus.DISPUTED), version=e.version)


@CASES.on(CaseSettled)
def settled(rows: Rows, e: Recorded[CaseSettled]) -> None:
    figure = as_json(e.event.figure)
    changes = {"status": str(CaseStatus.SETTLED), "settled": figure, "closed_at": e.recorded_at, "version": e.version}
    rows.change(cases, {"id": e.id}, **changes)


@CASES.on(CaseResolved)
def resolved(rows: Rows, e: Recorded[CaseResolved]) -> None:
    figures = {
        "first": e.event.first and as_json(e.event.first),
        "second": e.event.second and as_json(e.event.second),
    }
    over = {"status": str(CaseStatus.RESOLVED), "closed_at": e.recorded_at, "version": e.version}
    rows.change(cases, {"id": e.id}, **figures, **over)


@CASES.on(CaseOverdue)
def overdue(rows: Rows, e: Recorded[CaseOverdue]) -> None:
    rows.change(cases, {"id": e.id}, overdue=True, version=e.version)


def cases_of(alliance_id: UUID) -> Select[Any]:
    return select(cases).where(cases.c.ledger_id == alliance_id)


def case(alliance_id: UUID, case_id: UUID) -> Select[Any]:
    return cases_of(alliance_id).where(cases.c.id == case_id)


def open_cases_in(alliance_id: UUID, month: str) -> Select[Any]:
    """How many differences of a month nobody has settled, as `count`."""
    counted = select(func.count().label("count")).select_from(cases)
    return counted.where(cases.c.ledger_id == alliance_id, cases.c.month == month, cases.c.closed_at.is_(None))


def open_cases_of(alliance_id: UUID, keys: Collection[str]) -> Select[Any]:
    return cases_of(alliance_id).where(cases.c.key.in_(keys), cases.c.closed_at.is_(None))


def telling_cases(alliance_id: UUID, keys: Collection[str]) -> Select[Any]:
    """Those that say something of their slot: settled, or still open; the latest of a slot last."""
    telling = or_(cases.c.closed_at.is_(None), cases.c.status == str(CaseStatus.SETTLED))
    return cases_of(alliance_id).where(cases.c.key.in_(keys), telling).order_by(cases.c.opened_at, cases.c.id)


def next_due(now: datetime, without: Collection[UUID]) -> Select[Any]:
    """One case whose time is over, for a worker to hold; others pass it over."""
    due = select(cases).where(cases.c.closed_at.is_(None), ~cases.c.overdue, cases.c.due_at <= now)
    return due.where(cases.c.id.not_in(without)).order_by(cases.c.due_at).limit(1).with_for_update(skip_locked=True)
