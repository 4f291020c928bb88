"""Pilots: an alliance in small, with its own end, what success is, and a verdict that every side gives."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from services.governance.api.schemas.alliances import Because
from services.governance.api.schemas.work import GivePilotVerdict, Pilot, ProposePilot
from services.governance.domain import pilot as rules
from services.governance.domain.pilot import PILOT
from services.governance.read_models.pilots import pilot, pilots, pilots_of
from services.governance.standing import running
from services.governance.zones import zones
from shared.events.governance_work import PilotCriterion, PilotVerdict
from shared.http.pages import LIMIT_DEFAULT, Cursor, Limit, Page
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id
from shared.log.codec import adapter

router = Router("governance", "pilots")


@router.create("/alliances/{alliance_id}/pilots", scope="governance:write")
def propose_pilot(session: Session, alliance_id: Id, body: ProposePilot) -> Pilot:
    """Propose a pilot with its end and what success is. It runs once every party has accepted."""
    alliance = running(session, alliance_id)
    criteria = adapter(tuple[PilotCriterion, ...]).validate_python(
        [one.model_dump(mode="json") for one in body.criteria]
    )
    command = rules.ProposePilot(
        at=session.at,
        side=session.caller.organisation,
        parties=alliance.parties,
        title=body.title,
        ends_on=body.ends_on,
        criteria=criteria,
        zones=zones(session.connection, alliance_id),
    )
    pilot_id = session.new_id()
    session.create(PILOT, alliance_id, pilot_id, rules.propose_pilot(command, PILOT.empty))
    return shown(session, alliance_id, pilot_id)


@router.read("/alliances/{alliance_id}/pilots", scope="governance:read")
def list_pilots(session: Session, alliance_id: Id, cursor: Cursor = None, limit: Limit = LIMIT_DEFAULT) -> Page[Pilot]:
    """The pilots of an alliance, in the order they were proposed."""
    turned = session.view(alliance_id).page(pilots_of(alliance_id), order=[pilots.c.id], cursor=cursor, limit=limit)
    return Page[Pilot](items=[as_shown(row) for row in turned.rows], next_cursor=turned.next_cursor)


@router.read("/pilots/{pilot_id}", scope="governance:read")
def get_pilot(session: Session, pilot_id: Id) -> Pilot:
    """One pilot, and what each side found."""
    return shown(session, session.home(PILOT, pilot_id), pilot_id)


@router.change("/pilots/{pilot_id}/accept")
def accept_pilot(session: Session, pilot_id: Id) -> Pilot:
    """Accept for your side. The last acceptance starts the pilot."""
    held = session.change(PILOT, pilot_id)
    running(session, held.ledger_id)
    command = rules.AcceptPilot(at=session.at, side=session.caller.organisation)
    session.append(PILOT, held, rules.accept_pilot(command, held.state))
    return shown(session, held.ledger_id, pilot_id)


@router.change("/pilots/{pilot_id}/decline")
def decline_pilot(session: Session, pilot_id: Id, body: Because) -> Pilot:
    """Decline for your side, which ends the proposal."""
    held = session.change(PILOT, pilot_id)
    running(session, held.ledger_id)
    command = rules.DeclinePilot(at=session.at, side=session.caller.organisation, reason=body.reason)
    session.append(PILOT, held, rules.decline_pilot(command, held.state))
    return shown(session, held.ledger_id, pilot_id)


@router.change("/pilots/{pilot_id}/verdict")
def give_pilot_verdict(session: Session, pilot_id: Id, body: GivePilotVerdict) -> Pilot:
    """Give your side's verdict. Once every side gives the same, it stands."""
    held = session.change(PILOT, pilot_id)
    running(session, held.ledger_id)
    command = rules.GiveVerdict(
        at=session.at,
        side=session.caller.organisation,
        verdict=PilotVerdict(body.verdict),
        met=tuple(body.met),
        until=body.until,
        reason=body.reason,
        zones=zones(session.connection, held.ledger_id),
    )
    session.append(PILOT, held, rules.give_verdict(command, held.state))
    return shown(session, held.ledger_id, pilot_id)


def shown(session: Session, alliance_id: UUID, pilot_id: UUID) -> Pilot:
    return as_shown(session.view(alliance_id).one(pilot(alliance_id, pilot_id)))


def as_shown(row: Any) -> Pilot:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
    return Pilot(alliance_id=values.pop("ledger_id"), said=list(values.pop("said").values()), **values)
