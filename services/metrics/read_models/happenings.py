"""What governance's events tell of its things: begun, due, ended, in time or not. Followed, for derived KPIs."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Column, DateTime, Select, Table, Text, Uuid, select

from services.metrics.domain.derivation import HappeningKind
from shared.database.schemas import schema
from shared.events import governance as decided
from shared.events import governance_disputes as disputes
from shared.events import governance_duties as duties
from shared.events import governance_meetings as meetings
from shared.events import governance_reviews as reviews
from shared.events import governance_work as work
from shared.log.envelope import Recorded
from shared.log.read_models import ReadModel
from shared.log.rows import Rows

MOMENT = DateTime(timezone=True)

happenings = Table(
    "happenings",
    schema("metrics"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("stream", Text(collation="C"), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("began_at", MOMENT),
    Column("due_at", MOMENT),
    Column("ended_at", MOMENT),
    Column("good", Boolean),
    Column("escalated", Boolean, nullable=False),
    Column("dropped", Boolean, nullable=False),
)

HAPPENINGS = ReadModel("happenings", happenings, followed=True)
on = HAPPENINGS.on
Any_ = Recorded[Any]


def begin(rows: Rows, e: Any_, kind: HappeningKind, **known: Any) -> None:
    empty = {"began_at": e.effective_at, "due_at": None, "ended_at": None, "good": None}
    rows.insert(happenings, stream=e.stream, kind=str(kind), escalated=False, dropped=False, **{**empty, **known})


def change(rows: Rows, e: Any_, **changes: Any) -> None:
    """What is not known to have begun, such as a thing of before its kind was told of, is passed over."""
    if rows.get(happenings, stream=e.stream) is not None:
        rows.change(happenings, {"stream": e.stream}, **changes)


def end_of(day: date) -> datetime:
    return datetime.combine(day, time.max, tzinfo=UTC)


@on(decided.DecisionRaised)
def decision_raised(rows: Rows, e: Any_) -> None:
    begin(rows, e, HappeningKind.DECISION, began_at=e.event.raised_at)


@on(decided.ClockStarted)
def clock_started(rows: Rows, e: Any_) -> None:
    if e.event.rung == 0:
        change(rows, e, due_at=e.event.due_at)


@on(decided.DecisionApproved, decided.DecisionRejected)
def decision_settled(rows: Rows, e: Any_) -> None:
    change(rows, e, ended_at=e.event.settled_at, good=not e.event.late)


@on(decided.DecisionEscalated)
def decision_escalated(rows: Rows, e: Any_) -> None:
    change(rows, e, escalated=True)


@on(decided.DecisionReopened)
def decision_reopened(rows: Rows, e: Any_) -> None:
    change(rows, e, began_at=e.event.reopened_at, due_at=None, ended_at=None, good=None)


@on(
    decided.DecisionWithdrawn,
    decided.DecisionLapsed,
    disputes.DisputeWithdrawn,
    disputes.DisputeLapsed,
    meetings.MeetingCancelled,
    reviews.ReviewCancelled,
)
def dropped(rows: Rows, e: Any_) -> None:
    change(rows, e, dropped=True)


@on(work.MilestonePlanned)
def milestone_planned(rows: Rows, e: Any_) -> None:
    begin(rows, e, HappeningKind.MILESTONE, due_at=end_of(e.event.due_on))


@on(work.MilestoneMoved)
def milestone_moved(rows: Rows, e: Any_) -> None:
    change(rows, e, due_at=end_of(e.event.due_on), good=None)


@on(work.MilestoneReported)
def milestone_reported(rows: Rows, e: Any_) -> None:
    if e.event.status is work.MilestoneStatus.REACHED:
        change(rows, e, ended_at=e.effective_at, good=not e.event.late)
    elif e.event.status is work.MilestoneStatus.DROPPED:
        change(rows, e, dropped=True)


@on(work.MilestoneMissed, duties.CommitmentMissed, reviews.ReviewMissed, meetings.MeetingMissed)
def missed(rows: Rows, e: Any_) -> None:
    change(rows, e, good=False)


@on(duties.CommitmentPromised)
def commitment_promised(rows: Rows, e: Any_) -> None:
    begin(rows, e, HappeningKind.COMMITMENT, due_at=end_of(e.event.terms.ends_on))


@on(duties.CommitmentKept)
def commitment_kept(rows: Rows, e: Any_) -> None:
    change(rows, e, ended_at=e.effective_at, good=not e.event.late)


@on(reviews.ReviewScheduled)
def review_scheduled(rows: Rows, e: Any_) -> None:
    begin(rows, e, HappeningKind.REVIEW, due_at=e.event.due_at)


@on(reviews.ReviewConcluded)
def review_concluded(rows: Rows, e: Any_) -> None:
    change(rows, e, ended_at=e.event.concluded_at, good=not e.event.late)


@on(disputes.DisputeOpened)
def dispute_opened(rows: Rows, e: Any_) -> None:
    begin(rows, e, HappeningKind.DISPUTE, began_at=e.event.opened_at)


@on(disputes.DisputeResolved)
def dispute_resolved(rows: Rows, e: Any_) -> None:
    change(rows, e, ended_at=e.event.resolved_at, good=not e.event.late)


@on(meetings.MeetingScheduled)
def meeting_scheduled(rows: Rows, e: Any_) -> None:
    begin(rows, e, HappeningKind.MEETING, due_at=e.event.starts_at)


@on(meetings.MeetingHeld)
def meeting_held(rows: Rows, e: Any_) -> None:
    change(rows, e, ended_at=e.event.held_at, good=True)


def happenings_within(alliance_id: UUID) -> Select[Any]:
    return select(happenings).where(happenings.c.ledger_id == alliance_id)
