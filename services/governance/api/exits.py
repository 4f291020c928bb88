"""Exits: triggered on a ground, with dates from the agreement, unwound to the last receipt; and rehearsed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from services.governance.api.schemas.alliances import Because
from services.governance.api.schemas.exits import Exit, GiveReceipt, TriggerExit
from services.governance.domain import exit as rules
from services.governance.domain import exit_silence as silence
from services.governance.domain.exit import EXIT
from services.governance.domain.exit_dates import ExitAsked, exit_dates
from services.governance.domain.moment import day_of
from services.governance.follow_ups import exit_moved_on
from services.governance.read_models.exits import exit_of, exits, exits_of, running_exit
from services.governance.readings import latest_readings
from services.governance.standing import running, term_sheet_of
from services.governance.zones import zones
from shared.events.governance_agreement_terms import ExitGround
from shared.http.pages import LIMIT_DEFAULT, Cursor, Limit, Page
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id

router = Router("governance", "exits")


@router.create("/alliances/{alliance_id}/exits")
def trigger_exit(session: Session, alliance_id: Id, body: TriggerExit) -> Exit:
    """Leave, on a ground that the term sheet gives; its dates are computed from it. Of two parties both leave."""
    asked = asked_by(session, alliance_id, body)
    term_sheet, terms = term_sheet_of(session, alliance_id)
    command = rules.TriggerExit(
        at=session.at,
        side=asked.side,
        parties=asked.parties,
        ground=asked.ground,
        dates=exit_dates(asked, terms, term_sheet),
        reason=body.reason,
        another=session.view(alliance_id).first(running_exit(alliance_id)) is not None,
    )
    exit_id = session.new_id()
    session.create(EXIT, alliance_id, exit_id, rules.trigger_exit(command, EXIT.empty))
    return shown(session, alliance_id, exit_id)


@router.read("/alliances/{alliance_id}/exits", scope="governance:read")
def list_exits(session: Session, alliance_id: Id, cursor: Cursor = None, limit: Limit = LIMIT_DEFAULT) -> Page[Exit]:
    """The exits of an alliance, in the order they were triggered."""
    turned = session.view(alliance_id).page(exits_of(alliance_id), order=[exits.c.id], cursor=cursor, limit=limit)
    return Page[Exit](items=[as_shown(row) for row in turned.rows], next_cursor=turned.next_cursor)


@router.read("/exits/{exit_id}", scope="governance:read")
def get_exit(session: Session, exit_id: Id) -> Exit:
    """One exit: its ground, its dates, and which receipts are given."""
    return shown(session, session.home(EXIT, exit_id), exit_id)


@router.change("/exits/{exit_id}/cure")
def confirm_cure(session: Session, exit_id: Id) -> Exit:
    """Say, as the side that alleged the breach, that it is mended. The exit is over."""
    held = session.change(EXIT, exit_id)
    command = rules.ConfirmCure(at=session.at, side=session.caller.organisation)
    session.append(EXIT, held, rules.confirm_cure(command, held.state))
    return shown(session, held.ledger_id, exit_id)


@router.change("/exits/{exit_id}/withdraw")
def withdraw_exit(session: Session, exit_id: Id, body: Because) -> Exit:
    """Take your side's exit back before it takes effect."""
    held = session.change(EXIT, exit_id)
    command = rules.WithdrawExit(at=session.at, side=session.caller.organisation, reason=body.reason)
    session.append(EXIT, held, rules.withdraw_exit(command, held.state))
    return shown(session, held.ledger_id, exit_id)


@router.change("/exits/{exit_id}/receipts")
def give_receipt(session: Session, exit_id: Id, body: GiveReceipt) -> Exit:
    """Give your side's receipt for one disposition of the signed unwind plan. The last one completes the exit."""
    held = session.change(EXIT, exit_id)
    command = rules.GiveReceipt(at=session.at, side=session.caller.organisation, key=body.key, note=body.note)
    after = session.append(EXIT, held, rules.give_receipt(command, held.state))
    exit_moved_on(session, after)
    session.entered.clear()  # with its last receipt the caller's side may have left; it is shown its exit, then nothing
    return shown(session, held.ledger_id, exit_id)


@router.change("/exits/{exit_id}/close")
def ask_closing(session: Session, exit_id: Id, body: Because) -> Exit:
    """Ask, once the time for unwinding is over, to close the exit without the receipts of sides that say nothing.

    Those sides have 30 days to say anything. If none does, the exit is completed, with what is missing on record.
    """
    held = session.change(EXIT, exit_id)
    where = zones(session.connection, held.ledger_id)
    command = silence.AskClosing(at=session.at, side=session.caller.organisation, reason=body.reason, zones=where)
    session.append(EXIT, held, silence.ask_closing(command, held.state))
    return shown(session, held.ledger_id, exit_id)


@router.change("/exits/{exit_id}/object")
def answer_closing(session: Session, exit_id: Id, body: Because) -> Exit:
    """Say for a side that was thought silent that the exit is not to be closed yet. A receipt says so as well."""
    held = session.change(EXIT, exit_id)
    command = silence.AnswerClosing(at=session.at, side=session.caller.organisation, reason=body.reason)
    session.append(EXIT, held, silence.answer_closing(command, held.state))
    return shown(session, held.ledger_id, exit_id)


def asked_by(session: Session, alliance_id: UUID, body: TriggerExit) -> ExitAsked:
    """The exit that the caller's side asks for, with what its dates hang on."""
    alliance = running(session, alliance_id)
    return ExitAsked(
        at=session.at,
        side=session.caller.organisation,
        parties=alliance.parties,
        ground=ExitGround(body.ground),
        condition=body.condition,
        readings=latest_readings(session.log, alliance_id, day_of(session.at)),
        zones=zones(session.connection, alliance_id),
    )


def shown(session: Session, alliance_id: UUID, exit_id: UUID) -> Exit:
    return as_shown(session.view(alliance_id).one(exit_of(alliance_id, exit_id)))


def as_shown(row: Any) -> Exit:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
    ends = set(values.pop("parties")) == set(row.leaving)
    return Exit(alliance_id=values.pop("ledger_id"), alliance_ends=ends, **values)
