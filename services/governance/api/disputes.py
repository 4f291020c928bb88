"""Disputes: positions and evidence of each side, steps agreed beforehand, a resolution that every side accepts."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from services.governance.api.schemas.disputes import (
    AcceptResolution,
    Dispute,
    DisputeStatus,
    OpenDispute,
    ProposeResolution,
    StatePosition,
    WithdrawDispute,
)
from services.governance.domain import dispute as rules
from services.governance.domain.decision import DECISION
from services.governance.domain.dispute import DISPUTE
from services.governance.raising import open_under_model
from services.governance.read_models.disputes import dispute, disputes, disputes_of
from services.governance.standing import running
from shared.domain import Invalid
from shared.events.governance_disputes import DisputeSource, EventReference
from shared.http.pages import LIMIT_DEFAULT, Cursor, Limit, Page
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import INT_MAX, Id
from shared.log.log import Log

router = Router("governance", "disputes")

Status = Annotated[DisputeStatus | None, Query(description="Only those of this status.")]


@router.create("/alliances/{alliance_id}/disputes")
def open_dispute(session: Session, alliance_id: Id, body: OpenDispute) -> Dispute:
    """Open a dispute. It takes the steps that the governance model in force agrees on, each with its time."""
    running(session, alliance_id)
    about = body.decision_id
    if about is not None and not Log(session.connection).load(DECISION, alliance_id, about).version:
        raise Invalid("/decision_id", "unknown-decision", "This alliance has no such decision.")
    source = DisputeSource.RAISED if about is None else DisputeSource.DECISION
    made = open_under_model(session, alliance_id, session.caller.organisation, source, about, body.subject)
    return shown(session, alliance_id, made)


@router.read("/alliances/{alliance_id}/disputes", scope="governance:read")
def list_disputes(
    session: Session, alliance_id: Id, status: Status = None, cursor: Cursor = None, limit: Limit = LIMIT_DEFAULT
) -> Page[Dispute]:
    """The disputes of an alliance, in the order in which they were opened."""
    turned = session.view(alliance_id).page(
        disputes_of(alliance_id, status), order=[disputes.c.id], cursor=cursor, limit=limit
    )
    return Page[Dispute](items=[as_shown(row) for row in turned.rows], next_cursor=turned.next_cursor)


@router.read("/disputes/{dispute_id}", scope="governance:read")
def get_dispute(session: Session, dispute_id: Id) -> Dispute:
    """One dispute: its steps and times, what every side holds, and what is on the table."""
    return shown(session, session.home(DISPUTE, dispute_id), dispute_id)


@router.change("/disputes/{dispute_id}/positions")
def state_position(session: Session, dispute_id: Id, body: StatePosition) -> Dispute:
    """State what your side holds, with events of the ledger as evidence."""
    held = session.change(DISPUTE, dispute_id)
    evidence = tuple(event_at(session, held.ledger_id, seq, n) for n, seq in enumerate(body.evidence))
    command = rules.StatePosition(
        at=session.at, side=session.caller.organisation, position=body.position, evidence=evidence
    )
    session.append(DISPUTE, held, rules.state_position(command, held.state))
    return shown(session, held.ledger_id, dispute_id)


@router.change("/disputes/{dispute_id}/advance")
def advance_dispute(session: Session, dispute_id: Id) -> Dispute:
    """Say that your side would go on to the next step now; it begins once every side says so."""
    held = session.change(DISPUTE, dispute_id)
    command = rules.AdvanceDispute(at=session.at, side=session.caller.organisation)
    session.append(DISPUTE, held, rules.advance_dispute(command, held.state))
    return shown(session, held.ledger_id, dispute_id)


@router.change("/disputes/{dispute_id}/resolutions")
def propose_resolution(session: Session, dispute_id: Id, body: ProposeResolution) -> Dispute:
    """Propose how the dispute could be settled."""
    held = session.change(DISPUTE, dispute_id)
    command = rules.ProposeResolution(at=session.at, side=session.caller.organisation, resolution=body.resolution)
    session.append(DISPUTE, held, rules.propose_resolution(command, held.state))
    return shown(session, held.ledger_id, dispute_id)


@router.change("/disputes/{dispute_id}/accept")
def accept_resolution(session: Session, dispute_id: Id, body: AcceptResolution) -> Dispute:
    """Accept the resolution on the table, by its number. The last side to do so settles the dispute."""
    held = session.change(DISPUTE, dispute_id)
    command = rules.AcceptResolution(at=session.at, side=session.caller.organisation, number=body.number)
    session.append(DISPUTE, held, rules.accept_resolution(command, held.state))
    return shown(session, held.ledger_id, dispute_id)


@router.change("/disputes/{dispute_id}/withdraw")
def withdraw_dispute(session: Session, dispute_id: Id, body: WithdrawDispute) -> Dispute:
    """Withdraw a dispute that your side opened."""
    held = session.change(DISPUTE, dispute_id)
    command = rules.WithdrawDispute(at=session.at, side=session.caller.organisation, reason=body.reason)
    session.append(DISPUTE, held, rules.withdraw_dispute(command, held.state))
    return shown(session, held.ledger_id, dispute_id)


def event_at(session: Session, alliance_id: UUID, seq: int, place: int) -> EventReference:
    """The event of this seq; Invalid where the ledger has none."""
    found = session.log.read(alliance_id, after=seq - 1, until_seq=seq, limit=1) if 0 <= seq <= INT_MAX else []
    if not found:
        raise Invalid(f"/evidence/{place}", "unknown-event", "The alliance's ledger has no event of this seq.")
    return EventReference(seq, found[0].event_id)


def shown(session: Session, alliance_id: UUID, dispute_id: UUID) -> Dispute:
    return as_shown(session.view(alliance_id).one(dispute(alliance_id, dispute_id)))


def as_shown(row: Any) -> Dispute:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
    positions = list(values.pop("positions").values())
    return Dispute.model_validate({"alliance_id": values.pop("ledger_id"), "positions": positions, **values})
