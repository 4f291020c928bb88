"""Commitments: promised by a side for a period, delivered, and confirmed by the others."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from services.governance.api.schemas.duties import (
    Commitment,
    ConfirmDelivery,
    ContestDelivery,
    DeliverCommitment,
    PromiseCommitment,
)
from services.governance.domain import commitment as rules
from services.governance.domain.commitment import COMMITMENT
from services.governance.read_models.commitments import commitment, commitments, commitments_of
from services.governance.standing import running
from services.governance.zones import zones
from shared.events.governance_duties import CommitmentOf, CommitmentTerms
from shared.http.pages import LIMIT_DEFAULT, Cursor, Limit, Page
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id

router = Router("governance", "commitments")


@router.create("/alliances/{alliance_id}/commitments")
def promise_commitment(session: Session, alliance_id: Id, body: PromiseCommitment) -> Commitment:
    """Promise people, money or headcount for a period."""
    alliance = running(session, alliance_id)
    command = rules.PromiseCommitment(
        at=session.at,
        side=session.caller.organisation,
        parties=alliance.parties,
        terms=CommitmentTerms(
            title=body.title,
            of=CommitmentOf(body.of),
            amount=body.amount,
            unit=body.unit,
            starts_on=body.starts_on,
            ends_on=body.ends_on,
            ring_fenced=body.ring_fenced,
        ),
        zones=zones(session.connection, alliance_id),
    )
    commitment_id = session.new_id()
    session.create(COMMITMENT, alliance_id, commitment_id, rules.promise_commitment(command, COMMITMENT.empty))
    return shown(session, alliance_id, commitment_id)


@router.read("/alliances/{alliance_id}/commitments", scope="governance:read")
def list_commitments(
    session: Session, alliance_id: Id, cursor: Cursor = None, limit: Limit = LIMIT_DEFAULT
) -> Page[Commitment]:
    """The commitments of all sides, in the order their periods end."""
    turned = session.view(alliance_id).page(
        commitments_of(alliance_id), order=[commitments.c.ends_on, commitments.c.id], cursor=cursor, limit=limit
    )
    return Page[Commitment](items=[as_shown(row) for row in turned.rows], next_cursor=turned.next_cursor)


@router.read("/commitments/{commitment_id}", scope="governance:read")
def get_commitment(session: Session, commitment_id: Id) -> Commitment:
    """One commitment: promised, delivered, and what the other sides confirm of it."""
    return shown(session, session.home(COMMITMENT, commitment_id), commitment_id)


@router.change("/commitments/{commitment_id}/deliver", scope="governance:write")
def deliver_commitment(session: Session, commitment_id: Id, body: DeliverCommitment) -> Commitment:
    """Say how much of your side's promise has come in all."""
    held = session.change(COMMITMENT, commitment_id)
    running(session, held.ledger_id)
    command = rules.DeliverCommitment(
        at=session.at, side=session.caller.organisation, amount=body.amount, note=body.note
    )
    session.append(COMMITMENT, held, rules.deliver_commitment(command, held.state))
    return shown(session, held.ledger_id, commitment_id)


@router.change("/commitments/{commitment_id}/confirm")
def confirm_delivery(session: Session, commitment_id: Id, body: ConfirmDelivery) -> Commitment:
    """Confirm for your side what another has delivered. Once all confirm the whole, the commitment is kept."""
    held = session.change(COMMITMENT, commitment_id)
    running(session, held.ledger_id)
    command = rules.ConfirmDelivery(at=session.at, side=session.caller.organisation, amount=body.amount)
    session.append(COMMITMENT, held, rules.confirm_delivery(command, held.state))
    return shown(session, held.ledger_id, commitment_id)


@router.change("/commitments/{commitment_id}/contest")
def contest_delivery(session: Session, commitment_id: Id, body: ContestDelivery) -> Commitment:
    """Say for your side that less has come than another says."""
    held = session.change(COMMITMENT, commitment_id)
    running(session, held.ledger_id)
    command = rules.ContestDelivery(
        at=session.at, side=session.caller.organisation, amount=body.amount, reason=body.reason
    )
    session.append(COMMITMENT, held, rules.contest_delivery(command, held.state))
    return shown(session, held.ledger_id, commitment_id)


def shown(session: Session, alliance_id: UUID, commitment_id: UUID) -> Commitment:
    return as_shown(session.view(alliance_id).one(commitment(alliance_id, commitment_id)))


def as_shown(row: Any) -> Commitment:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
    found = values.pop("found")
    others = [party for party in values.pop("parties") if party != row.side]
    confirmed = min(Decimal(found[str(o)]["amount"]) if str(o) in found else rules.NOTHING for o in others)
    return Commitment(alliance_id=values.pop("ledger_id"), found=list(found.values()), confirmed=confirmed, **values)
