"""Exits of an alliance: on what ground, when each takes effect, and which receipts are given."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Boolean, Column, Date, DateTime, Select, Table, Text, Uuid, select
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.schemas import schema
from shared.events.governance_exit import (
    BreachCured,
    CurePeriodEnded,
    DispositionOverdue,
    DispositionReceipted,
    ExitClosedOverSilence,
    ExitClosingAnswered,
    ExitClosingAsked,
    ExitCompleted,
    ExitTookEffect,
    ExitTriggered,
    ExitWithdrawn,
    UnwindingBegun,
)
from shared.log.codec import as_json
from shared.log.envelope import Recorded
from shared.log.read_models import ReadModel
from shared.log.rows import Rows

exits = Table(
    "exits",
    schema("governance"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("side", Uuid, nullable=False),
    Column("ground", Text, nullable=False),
    Column("parties", ARRAY(Uuid), nullable=False),
    Column("leaving", ARRAY(Uuid), nullable=False),
    Column("term_sheet", Uuid),
    Column("condition", Text),
    Column("reason", Text),
    Column("status", Text, nullable=False),
    Column("triggered_at", DateTime(timezone=True), nullable=False),
    Column("cure_ends_at", DateTime(timezone=True)),
    Column("effective_at", DateTime(timezone=True), nullable=False),
    Column("unwound_by", Date, nullable=False),
    Column("unwind_plan", Uuid),
    Column("dispositions", JSONB, nullable=False),
    Column("closing", JSONB(none_as_null=True)),
    Column("closed_over_silence", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
)
"""`dispositions`: those of the signed unwind plan, each with `receipted_by` and `overdue`.

`closing` is what a side asks for while others say nothing, or what the exit was closed by.
"""

EXITS = ReadModel("exits", exits)
STATUS: dict[type, str] = {
    BreachCured: "cured",
    ExitWithdrawn: "withdrawn",
    CurePeriodEnded: "notice",
    ExitTookEffect: "effective",
    ExitCompleted: "completed",
}
RUNNING = ("curing", "notice", "effective")


@EXITS.on(ExitTriggered)
def triggered(rows: Rows, e: Recorded[ExitTriggered]) -> None:
    rows.insert(
        exits,
        id=e.id,
        side=e.event.side,
        ground=e.event.ground,
        parties=list(e.event.parties),
        leaving=list(e.event.leaving),
        term_sheet=e.event.term_sheet,
        condition=e.event.condition,
        reason=e.event.reason,
        status="notice" if e.event.cure_ends_at is None else "curing",
        triggered_at=e.effective_at,
        cure_ends_at=e.event.cure_ends_at,
        effective_at=e.event.effective_at,
        unwound_by=e.event.unwound_by,
        dispositions=[],
        closed_over_silence=False,
        version=e.version,
    )


@EXITS.on(BreachCured, ExitWithdrawn, CurePeriodEnded, ExitTookEffect, ExitCompleted)
def went_on(rows: Rows, e: Recorded[Any]) -> None:
    change(rows, e, status=STATUS[type(e.event)])


@EXITS.on(UnwindingBegun)
def unwinding_begun(rows: Rows, e: Recorded[UnwindingBegun]) -> None:
    given = {one["key"]: one["receipted_by"] for one in held(rows, e)["dispositions"]}
    dispositions = [
        {**one, "receipted_by": given.get(one["key"], []), "overdue": False} for one in as_json(e.event)["dispositions"]
    ]
    change(rows, e, unwind_plan=e.event.unwind_plan, dispositions=dispositions, closing=None)


@EXITS.on(ExitClosingAsked)
def closing_asked(rows: Rows, e: Recorded[ExitClosingAsked]) -> None:
    change(rows, e, closing=as_json(e.event))


@EXITS.on(ExitClosingAnswered)
def closing_answered(rows: Rows, e: Recorded[ExitClosingAnswered]) -> None:
    change(rows, e, closing=None)


@EXITS.on(ExitClosedOverSilence)
def closed_over_silence(rows: Rows, e: Recorded[ExitClosedOverSilence]) -> None:
    change(rows, e, closed_over_silence=True)


@EXITS.on(DispositionReceipted)
def receipted(rows: Rows, e: Recorded[DispositionReceipted]) -> None:
    side = str(e.event.side)
    mark(rows, e, lambda one: {**one, "receipted_by": [*one["receipted_by"], side]}, closing=None)


@EXITS.on(DispositionOverdue)
def overdue(rows: Rows, e: Recorded[DispositionOverdue]) -> None:
    mark(rows, e, lambda one: {**one, "overdue": True})


def mark(rows: Rows, e: Recorded[Any], marked: Any, **changes: Any) -> None:
    dispositions = [marked(one) if one["key"] == e.event.key else one for one in held(rows, e)["dispositions"]]
    change(rows, e, dispositions=dispositions, **changes)


def held(rows: Rows, e: Recorded[Any]) -> dict[str, Any]:
    row = rows.get(exits, id=e.id)
    assert row is not None, "an exit begins by being triggered"
    return row


def change(rows: Rows, e: Recorded[Any], **changes: Any) -> None:
    rows.change(exits, {"id": e.id}, **changes, version=e.version)


def exit_of(alliance_id: UUID, exit_id: UUID) -> Select[Any]:
    return exits_of(alliance_id).where(exits.c.id == exit_id)


def exits_of(alliance_id: UUID) -> Select[Any]:
    return select(exits).where(exits.c.ledger_id == alliance_id)


def running_exit(alliance_id: UUID) -> Select[Any]:
    return exits_of(alliance_id).where(exits.c.status.in_(RUNNING))
