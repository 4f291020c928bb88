"""Decisions of an alliance: how each is decided, who has voted what, when it is due and what came of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Boolean, Column, DateTime, Select, Table, Text, Uuid, select
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.schemas import schema
from shared.events.governance import (
    ClockBreached,
    ClockPaused,
    ClockResumed,
    ClockStarted,
    ClockWarned,
    CourtPassed,
    DecisionApproved,
    DecisionEscalated,
    DecisionLapsed,
    DecisionRaised,
    DecisionRejected,
    DecisionReopened,
    DecisionWithdrawn,
    EscalationAcknowledged,
    InformationGiven,
    PauseRequested,
    VoteCast,
)
from shared.events.governance_clocks import (
    ClockRebaselined,
    DecisionAssigned,
    DecisionResubmitted,
    RebaselineAgreed,
    RebaselineProposed,
    SilenceCounted,
)
from shared.events.governance_terms import Choice
from shared.log.codec import as_json
from shared.log.envelope import Recorded
from shared.log.read_models import ReadModel
from shared.log.rows import Rows

decisions = Table(
    "decisions",
    schema("governance"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("type", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("subject", Text),
    Column("options", JSONB(none_as_null=True)),
    Column("context", Text),
    Column("raised_by", Uuid, nullable=False),
    Column("raised_at", DateTime(timezone=True), nullable=False),
    Column("model_id", Uuid),
    Column("outside_matrix", Boolean, nullable=False),
    Column("owner", JSONB, nullable=False),
    Column("joint", Boolean, nullable=False),
    Column("condition", Text),
    Column("evaluated", JSONB(none_as_null=True)),
    Column("sides", ARRAY(Uuid), nullable=False),
    Column("status", Text, nullable=False),
    Column("votes", JSONB, nullable=False),
    Column("information", JSONB, nullable=False),
    Column("assigned", JSONB, nullable=False),
    Column("silent", ARRAY(Uuid), nullable=False),
    Column("waits_for", ARRAY(Uuid), nullable=False),
    Column("cycle", BigInteger, nullable=False),
    Column("rung", BigInteger, nullable=False),
    Column("forum", Text),
    Column("due_at", DateTime(timezone=True)),
    Column("original_due_at", DateTime(timezone=True)),
    Column("breached", Boolean, nullable=False),
    Column("acknowledged", Boolean, nullable=False),
    Column("settled_at", DateTime(timezone=True)),
    Column("late", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
)
"""`breached`: a clock of this cycle has been. `votes` is keyed by side; like `information`, it is of this cycle."""

DECISIONS = ReadModel("decisions", decisions)

FRESH: dict[str, Any] = {
    "status": "open",
    "votes": {},
    "information": [],
    "silent": [],
    "rung": 0,
    "due_at": None,
    "original_due_at": None,
    "breached": False,
    "acknowledged": False,
    "settled_at": None,
    "late": False,
}
"""What each cycle begins with."""


@DECISIONS.on(DecisionRaised)
def raised(rows: Rows, e: Recorded[DecisionRaised]) -> None:
    route = e.event.route
    rows.insert(
        decisions,
        **FRESH,
        assigned={},
        id=e.id,
        type=e.event.type,
        title=route.title,
        subject=e.event.subject,
        options=None if e.event.options is None else list(e.event.options),
        context=e.event.context,
        raised_by=e.event.side,
        raised_at=e.event.raised_at,
        model_id=route.model_id,
        outside_matrix=route.outside_matrix,
        owner=as_json(route.owner),
        joint=route.joint,
        condition=route.condition,
        evaluated=route.evaluated,
        sides=list(route.sides),
        waits_for=list(route.sides),
        cycle=1,
        forum=route.forum,
        version=e.version,
    )


@DECISIONS.on(DecisionReopened)
def reopened(rows: Rows, e: Recorded[DecisionReopened]) -> None:
    change(rows, e, **FRESH, cycle=e.event.cycle, waits_for=held(rows, e)["sides"])


@DECISIONS.on(DecisionResubmitted)
def resubmitted(rows: Rows, e: Recorded[DecisionResubmitted]) -> None:
    said = {
        "subject": e.event.subject,
        "options": None if e.event.options is None else list(e.event.options),
        "context": e.event.context,
    }
    anew = {name: value for name, value in said.items() if value is not None}
    change(rows, e, **FRESH, **anew, cycle=e.event.cycle, waits_for=held(rows, e)["sides"])


@DECISIONS.on(DecisionAssigned)
def assigned(rows: Rows, e: Recorded[DecisionAssigned]) -> None:
    change(rows, e, assigned={**held(rows, e)["assigned"], str(e.event.side): str(e.event.person_id)})


@DECISIONS.on(SilenceCounted)
def silence_counted(rows: Rows, e: Recorded[SilenceCounted]) -> None:
    change(rows, e, silent=list(e.event.sides))


@DECISIONS.on(VoteCast)
def voted(rows: Rows, e: Recorded[VoteCast]) -> None:
    vote = {
        "side": str(e.event.side),
        "choice": str(e.event.choice),
        "reason": e.event.reason,
        "person_id": None if e.actor.sub is None else str(e.actor.sub),
        "cast_at": e.effective_at.isoformat(),
        "signature": None if e.event.signature is None else as_json(e.event.signature),
    }
    change(rows, e, votes={**held(rows, e)["votes"], vote["side"]: vote})


@DECISIONS.on(InformationGiven)
def informed(rows: Rows, e: Recorded[InformationGiven]) -> None:
    """Who asked has been answered and votes anew; a side does not answer its own question."""
    row, answering = held(rows, e), str(e.event.side)
    left = {
        side: vote
        for side, vote in row["votes"].items()
        if side == answering or vote["choice"] != Choice.ASK_FOR_INFORMATION
    }
    given = {"side": answering, "answer": e.event.answer, "given_at": e.effective_at.isoformat()}
    change(rows, e, votes=left, information=[*row["information"], given])


@DECISIONS.on(CourtPassed)
def passed(rows: Rows, e: Recorded[CourtPassed]) -> None:
    change(rows, e, waits_for=list(e.event.sides))


@DECISIONS.on(DecisionApproved)
def approved(rows: Rows, e: Recorded[DecisionApproved]) -> None:
    settle(rows, e, "approved", late=e.event.late)


@DECISIONS.on(DecisionRejected)
def rejected(rows: Rows, e: Recorded[DecisionRejected]) -> None:
    settle(rows, e, "rejected", late=e.event.late)


@DECISIONS.on(DecisionWithdrawn)
def withdrawn(rows: Rows, e: Recorded[DecisionWithdrawn]) -> None:
    settle(rows, e, "withdrawn")


@DECISIONS.on(DecisionLapsed)
def lapsed(rows: Rows, e: Recorded[DecisionLapsed]) -> None:
    settle(rows, e, "lapsed")


@DECISIONS.on(ClockStarted)
def clock_started(rows: Rows, e: Recorded[ClockStarted]) -> None:
    changes = {"rung": e.event.rung, "forum": e.event.forum, "due_at": e.event.due_at}
    if e.event.rung == 0:
        changes["original_due_at"] = e.event.due_at
    change(rows, e, **changes)


@DECISIONS.on(ClockPaused)
def clock_paused(rows: Rows, e: Recorded[ClockPaused]) -> None:
    change(rows, e, due_at=None)


@DECISIONS.on(ClockResumed, ClockRebaselined)
def clock_moved(rows: Rows, e: Recorded[ClockResumed | ClockRebaselined]) -> None:
    change(rows, e, due_at=e.event.due_at)


@DECISIONS.on(ClockBreached)
def clock_breached(rows: Rows, e: Recorded[ClockBreached]) -> None:
    change(rows, e, breached=True)


@DECISIONS.on(EscalationAcknowledged)
def acknowledged(rows: Rows, e: Recorded[EscalationAcknowledged]) -> None:
    change(rows, e, acknowledged=True)


@DECISIONS.on(ClockWarned, DecisionEscalated, PauseRequested, RebaselineProposed, RebaselineAgreed)
def went_on(rows: Rows, e: Recorded[Any]) -> None:
    """The clock's own history tells these; here they only count."""
    change(rows, e)


def settle(rows: Rows, e: Recorded[Any], status: str, *, late: bool = False) -> None:
    change(rows, e, status=status, settled_at=e.event.settled_at, late=late, waits_for=[])


def held(rows: Rows, e: Recorded[Any]) -> dict[str, Any]:
    row = rows.get(decisions, id=e.id)
    assert row is not None, "a decision begins by being raised"
    return row


def change(rows: Rows, e: Recorded[Any], **changes: Any) -> None:
    rows.change(decisions, {"id": e.id}, **changes, version=e.version)


def decision(alliance_id: UUID, decision_id: UUID) -> Select[Any]:
    return decisions_of(alliance_id).where(decisions.c.id == decision_id)


def decisions_of(alliance_id: UUID, status: str | None = None) -> Select[Any]:
    """All decisions of an alliance, or those of one status."""
    found = select(decisions).where(decisions.c.ledger_id == alliance_id)
    return found if status is None else found.where(decisions.c.status == status)
