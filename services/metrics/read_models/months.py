"""Months of an alliance that somebody has confirmed: by whom, and whether they are closed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Column, DateTime, Integer, Select, Table, Text, Uuid, select

from shared.database.schemas import schema
from shared.events.metrics_truth import MonthClosed, MonthConfirmationWithdrawn, MonthConfirmed
from shared.log.envelope import Recorded
from shared.log.read_models import ReadModel
from shared.log.rows import Rows

months = Table(
    "months",
    schema("metrics"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("month", Text(collation="C"), primary_key=True),
    Column("confirmed_by", ARRAY(Uuid), nullable=False),
    Column("closed_at", DateTime(timezone=True)),
    Column("open_cases", Integer),
    Column("version", BigInteger, nullable=False),
)

MONTHS = ReadModel("months", months)


@MONTHS.on(MonthConfirmed)
def confirmed(rows: Rows, e: Recorded[MonthConfirmed]) -> None:
    held = rows.get(months, month=e.event.month)
    sides = [*(held["confirmed_by"] if held else ()), e.event.side]
    rows.put(months, month=e.event.month, confirmed_by=sides, closed_at=None, open_cases=None, version=e.version)


@MONTHS.on(MonthConfirmationWithdrawn)
def withdrawn(rows: Rows, e: Recorded[MonthConfirmationWithdrawn]) -> None:
    held = rows.get(months, month=e.event.month)
    sides = [side for side in (held["confirmed_by"] if held else ()) if side != e.event.side]
    rows.change(months, {"month": e.event.month}, confirmed_by=sides, version=e.version)


@MONTHS.on(MonthClosed)
def closed(rows: Rows, e: Recorded[MonthClosed]) -> None:
    changes = {"closed_at": e.recorded_at, "open_cases": e.event.open_cases, "version": e.version}
    rows.change(months, {"month": e.event.month}, **changes)


def months_of(alliance_id: UUID) -> Select[Any]:
    return select(months).where(months.c.ledger_id == alliance_id)


def month_row(alliance_id: UUID, month: str) -> Select[Any]:
    return months_of(alliance_id).where(months.c.month == month)


def closed_months(alliance_id: UUID) -> Select[Any]:
    return select(months.c.month).where(months.c.ledger_id == alliance_id, months.c.closed_at.is_not(None))
