"""The witnesses of a ledger: who may cosign its checkpoints, for which side, and how far each has come."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from services.ledger.api.bounds import SCOPE
from services.ledger.api.witness_schemas import Witness, WitnessToName
from services.ledger.domain import witness as rules
from services.ledger.domain.witness import WITNESS, InService
from services.ledger.read_models.checkpoints import Call, calls_of, calls_seen
from services.ledger.read_models.witnesses import in_service, witness_of, witnesses, witnesses_of
from shared.auth.caller import ADMINS
from shared.http.pages import LIMIT_DEFAULT, Cursor, Limit, Page
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id

router = Router("ledger", "witnesses")


@router.create("/ledgers/{ledger_id}/witnesses", roles=ADMINS)
def name_witness(session: Session, ledger_id: Id, body: WitnessToName) -> Witness:
    """Name a witness of your side. It is shown every checkpoint from now on; `concord witness` is one."""
    view = session.view(ledger_id)
    witness_id = session.new_id()
    command = rules.NameWitness(
        at=session.at,
        side=session.caller.organisation,
        vkey=body.vkey,
        url=body.url,
        others=tuple(InService(one.side, one.name, one.vkey) for one in view.all(in_service(ledger_id))),
        development=session.runtime.settings.env == "development",
    )
    session.create(WITNESS, ledger_id, witness_id, rules.name_witness(command, WITNESS.empty))
    return shown(session, ledger_id, witness_id)


@router.read("/ledgers/{ledger_id}/witnesses", scope=SCOPE)
def list_witnesses(
    session: Session, ledger_id: Id, cursor: Cursor = None, limit: Limit = LIMIT_DEFAULT
) -> Page[Witness]:
    """The witnesses of all sides, those that were withdrawn among them, and how far each has cosigned."""
    turned = session.view(ledger_id).page(witnesses_of(ledger_id), order=[witnesses.c.id], cursor=cursor, limit=limit)
    told_of = calls(session, ledger_id, turned.rows)
    return Page[Witness](items=[told(row, told_of) for row in turned.rows], next_cursor=turned.next_cursor)


@router.read("/ledgers/{ledger_id}/witnesses/{witness_id}", scope=SCOPE)
def get_witness(session: Session, ledger_id: Id, witness_id: Id) -> Witness:
    """One witness of a ledger."""
    return shown(session, ledger_id, witness_id)


@router.change("/ledgers/{ledger_id}/witnesses/{witness_id}/withdraw", roles=ADMINS)
def withdraw_witness(session: Session, ledger_id: Id, witness_id: Id) -> Witness:
    """Withdraw a witness of your side. What it cosigned stays cosigned."""
    held = session.change(WITNESS, witness_id, ledger_id)
    command = rules.WithdrawWitness(at=session.at, side=session.caller.organisation)
    session.append(WITNESS, held, rules.withdraw_witness(command, held.state))
    return shown(session, ledger_id, witness_id)


def shown(session: Session, ledger_id: UUID, witness_id: UUID) -> Witness:
    row = session.view(ledger_id).one(witness_of(ledger_id, witness_id))
    return told(row, calls(session, ledger_id, [row]))


def calls(session: Session, ledger_id: UUID, rows: Collection[Any]) -> dict[UUID, Call]:
    """How far these witnesses of a ledger that was entered have cosigned, as the caller may know it."""
    entered = session.entered[ledger_id]
    if entered.left:
        return calls_seen(session.connection, ledger_id, rows, up_to=entered.size)
    return calls_of(session.connection, ledger_id, [row.id for row in rows])


def told(row: Any, told_of: Mapping[UUID, Call]) -> Witness:
    call = told_of.get(row.id, Call())
    return Witness(
        id=row.id,
        side=row.side,
        name=row.name,
        vkey=row.vkey,
        url=row.url,
        named_at=row.named_at,
        withdrawn_at=row.withdrawn_at,
        cosigned_size=call.cosigned_size,
        cosigned_at=call.cosigned_at,
        failure=call.failure,
        version=row.version,
    )
