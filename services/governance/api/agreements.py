"""Agreements: joint documents on the table, countered, signed by hash, in force, and at their end."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from services.governance.api.entitlement import require_signatory
from services.governance.api.schemas.agreements import (
    Agreement,
    AgreementKind,
    AgreementStatus,
    CounterAgreement,
    SignAgreement,
    TerminateAgreement,
    value_of,
)
from services.governance.api.schemas.alliances import Because
from services.governance.api.schemas.signing_keys import own_signature
from services.governance.domain import agreement as rules
from services.governance.domain.agreement import AGREEMENT
from services.governance.domain.alliance import Alliance
from services.governance.follow_ups import entered_into_force
from services.governance.hashing import hash_of
from services.governance.read_models.agreements import agreement, agreements, agreements_of
from services.governance.signed_acts import append_act
from services.governance.standing import running, standing_of
from services.governance.zones import zones
from shared.http.pages import LIMIT_DEFAULT, Cursor, Limit, Page
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id
from shared.log.log import Loaded

router = Router("governance", "agreements")

Kind = Annotated[AgreementKind | None, Query(description="Only those of this kind.")]
Status = Annotated[AgreementStatus | None, Query(description="Only those of this status.")]


@router.read("/alliances/{alliance_id}/agreements", scope="governance:read")
def list_agreements(
    session: Session,
    alliance_id: Id,
    kind: Kind = None,
    status: Status = None,
    cursor: Cursor = None,
    limit: Limit = LIMIT_DEFAULT,
) -> Page[Agreement]:
    """The agreements of an alliance with their terms, in the order they were drafted; as of any moment."""
    turned = session.view(alliance_id).page(
        agreements_of(alliance_id, kind, status), order=[agreements.c.id], cursor=cursor, limit=limit
    )
    return Page[Agreement](items=[as_shown(row) for row in turned.rows], next_cursor=turned.next_cursor)


@router.read("/agreements/{agreement_id}", scope="governance:read")
def get_agreement(session: Session, agreement_id: Id) -> Agreement:
    """One agreement with its terms, and the hash that signing it takes."""
    return shown(session, session.home(AGREEMENT, agreement_id), agreement_id)


@router.change("/agreements/{agreement_id}/counter", scope="governance:write")
def counter_agreement(session: Session, agreement_id: Id, body: CounterAgreement) -> Agreement:
    """Answer another side's proposal with other content. Signatures given to the earlier one fall away."""
    held, _ = begin(session, agreement_id)
    content = value_of(body.content)
    command = rules.CounterAgreement(
        at=session.at,
        side=session.caller.organisation,
        content=content,
        content_sha256=hash_of(content),
        reason=body.reason,
    )
    session.append(AGREEMENT, held, rules.counter_agreement(command, held.state))
    return shown(session, held.ledger_id, agreement_id)


@router.change("/agreements/{agreement_id}/sign")
def sign_agreement(session: Session, agreement_id: Id, body: SignAgreement) -> Agreement:
    """Sign for your side what you read, by its hash. The last signature puts it in force in place of an older one."""
    held, alliance = begin(session, agreement_id)
    lent_by = require_signatory(session, held.ledger_id, alliance)
    command = rules.SignAgreement(
        at=session.at,
        side=session.caller.organisation,
        content_sha256=body.content_sha256,
        standing=standing_of(session, held.ledger_id),
        zones=zones(session.connection, held.ledger_id),
        signature=own_signature(body.signature),
    )
    after = append_act(session, AGREEMENT, held, rules.sign_agreement(command, held.state), on_behalf_of=lent_by)
    if after.state.status is rules.AgreementStatus.IN_FORCE:
        entered_into_force(session, after)
        session.entered.clear()  # an unwind plan whose receipts are all given may have let the caller's side leave
    return shown(session, held.ledger_id, agreement_id)


@router.change("/agreements/{agreement_id}/withdraw", scope="governance:write")
def withdraw_agreement(session: Session, agreement_id: Id, body: Because) -> Agreement:
    """Take your side's content off the table."""
    held, _ = begin(session, agreement_id)
    command = rules.WithdrawAgreement(at=session.at, side=session.caller.organisation, reason=body.reason)
    session.append(AGREEMENT, held, rules.withdraw_agreement(command, held.state))
    return shown(session, held.ledger_id, agreement_id)


@router.change("/agreements/{agreement_id}/terminate")
def terminate_agreement(session: Session, agreement_id: Id, body: TerminateAgreement) -> Agreement:
    """Ask for your side to end an agreement in force before its time. It ends once every party has asked."""
    held, alliance = begin(session, agreement_id)
    lent_by = require_signatory(session, held.ledger_id, alliance)
    command = rules.AskTermination(
        at=session.at,
        side=session.caller.organisation,
        reason=body.reason,
        signature=own_signature(body.signature),
    )
    append_act(session, AGREEMENT, held, rules.ask_termination(command, held.state), on_behalf_of=lent_by)
    return shown(session, held.ledger_id, agreement_id)


def begin(session: Session, agreement_id: UUID) -> tuple[Loaded[rules.Agreement], Alliance]:
    """An agreement about to be changed, in an alliance that runs."""
    held = session.change(AGREEMENT, agreement_id)
    return held, running(session, held.ledger_id)


def shown(session: Session, alliance_id: UUID, agreement_id: UUID) -> Agreement:
    return as_shown(session.view(alliance_id).one(agreement(alliance_id, agreement_id)))


def as_shown(row: Any) -> Agreement:
    return Agreement(alliance_id=row.ledger_id, **{k: v for k, v in row._mapping.items() if k != "ledger_id"})  # noqa: SLF001 - SQLAlchemy's public name
