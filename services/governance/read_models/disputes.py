"""Disputes of an alliance: the step each is at, what every side holds, and how it was settled."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Boolean, Column, DateTime, Select, Table, Text, Uuid, select
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.schemas import schema
from shared.events.governance_disputes import (
    DisputeAdvanced,
    DisputeLapsed,
    DisputeOpened,
    DisputeResolved,
    DisputeStepBreached,
    DisputeStepStarted,
    DisputeWithdrawn,
    PositionStated,
    ResolutionAccepted,
    ResolutionProposed,
)
from shared.log.codec import as_json
from shared.log.envelope import Recorded
from shared.log.read_models import ReadModel
from shared.log.rows import Rows

disputes = Table(
    "disputes",
    schema("governance"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("subject", Text),
    Column("opened_by", Uuid),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("source", Text, nullable=False),
    Column("thing", Uuid),
    Column("steps", JSONB, nullable=False),
    Column("step", BigInteger, nullable=False),
    Column("forum", Text),
    Column("due_at", DateTime(timezone=True)),
    Column("breached", Boolean, nullable=False),
    Column("ready", ARRAY(Uuid), nullable=False),
    Column("positions", JSONB, nullable=False),
    Column("resolution", JSONB(none_as_null=True)),
    Column("status", Text, nullable=False),
    Column("settled_at", DateTime(timezone=True)),
    Column("late", Boolean, nullable=False),
    Column("elapsed_minutes", BigInteger),
    Column("version", BigInteger, nullable=False),
)
"""`steps` are those agreed, with when each started and was due; `positions` is keyed by side."""

DISPUTES = ReadModel("disputes", disputes)


@DISPUTES.on(DisputeOpened)
def opened(rows: Rows, e: Recorded[DisputeOpened]) -> None:
    taken = {"started_at": None, "due_at": None, "breached": False}
    rows.insert(
        disputes,
        id=e.id,
        subject=e.event.subject,
        opened_by=e.event.side,
        opened_at=e.event.opened_at,
        source=e.event.source,
        thing=e.event.thing,
        steps=[{**as_json(step), **taken} for step in e.event.steps],
        step=0,
        breached=False,
        ready=[],
        positions={},
        status="open",
        late=False,
        version=e.version,
    )


@DISPUTES.on(DisputeStepStarted)
def step_started(rows: Rows, e: Recorded[DisputeStepStarted]) -> None:
    times = {"started_at": e.event.started_at.isoformat(), "due_at": e.event.due_at.isoformat()}
    steps = with_step(held(rows, e)["steps"], e.event.step, times)
    change(rows, e, steps=steps, step=e.event.step, forum=e.event.forum, due_at=e.event.due_at, ready=[])


@DISPUTES.on(DisputeStepBreached)
def step_breached(rows: Rows, e: Recorded[DisputeStepBreached]) -> None:
    change(rows, e, steps=with_step(held(rows, e)["steps"], e.event.step, {"breached": True}), breached=True)


@DISPUTES.on(DisputeAdvanced)
def advanced(rows: Rows, e: Recorded[DisputeAdvanced]) -> None:
    change(rows, e, ready=[*held(rows, e)["ready"], e.event.side])


@DISPUTES.on(PositionStated)
def position_stated(rows: Rows, e: Recorded[PositionStated]) -> None:
    positions = held(rows, e)["positions"]
    side = str(e.event.side)
    before = positions[side]["evidence"] if side in positions else []
    evidence = [*before, *(one for one in map(as_json, e.event.evidence) if one not in before)]
    stated = {"side": side, "position": e.event.position, "evidence": evidence}
    change(rows, e, positions={**positions, side: {**stated, "stated_at": e.effective_at.isoformat()}})


@DISPUTES.on(ResolutionProposed)
def resolution_proposed(rows: Rows, e: Recorded[ResolutionProposed]) -> None:
    side = str(e.event.side)
    proposed = {"number": e.event.number, "proposed_by": side, "resolution": e.event.resolution, "accepted_by": [side]}
    change(rows, e, resolution=proposed)


@DISPUTES.on(ResolutionAccepted)
def resolution_accepted(rows: Rows, e: Recorded[ResolutionAccepted]) -> None:
    proposed = held(rows, e)["resolution"]
    change(rows, e, resolution={**proposed, "accepted_by": [*proposed["accepted_by"], str(e.event.side)]})


@DISPUTES.on(DisputeResolved)
def resolved(rows: Rows, e: Recorded[DisputeResolved]) -> None:
    taken = {"late": e.event.late, "elapsed_minutes": e.event.elapsed_minutes}
    change(rows, e, status="resolved", settled_at=e.event.resolved_at, **taken)


@DISPUTES.on(DisputeWithdrawn)
def withdrawn(rows: Rows, e: Recorded[DisputeWithdrawn]) -> None:
    change(rows, e, status="withdrawn", settled_at=e.event.withdrawn_at)


@DISPUTES.on(DisputeLapsed)
def lapsed(rows: Rows, e: Recorded[DisputeLapsed]) -> None:
    change(rows, e, status="lapsed", settled_at=e.event.lapsed_at)


def with_step(steps: list[dict[str, Any]], number: int, changes: dict[str, Any]) -> list[dict[str, Any]]:
    return [{**step, **changes} if n == number else step for n, step in enumerate(steps, start=1)]


def held(rows: Rows, e: Recorded[Any]) -> dict[str, Any]:
    row = rows.get(disputes, id=e.id)
    assert row is not None, "a dispute begins by being opened"
    return row


def change(rows: Rows, e: Recorded[Any], **changes: Any) -> None:
    rows.change(disputes, {"id": e.id}, **changes, version=e.version)


def dispute(alliance_id: UUID, dispute_id: UUID) -> Select[Any]:
    return disputes_of(alliance_id).where(disputes.c.id == dispute_id)


def disputes_of(alliance_id: UUID, status: str | None = None) -> Select[Any]:
    """All disputes of an alliance, or those of one status."""
    found = select(disputes).where(disputes.c.ledger_id == alliance_id)
    return found if status is None else found.where(disputes.c.status == status)
