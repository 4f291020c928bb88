"""Absence and delegation: a person names a colleague of the same side, who then acts for them in an alliance."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from services.directory.api.schemas.alliances import Absence, Delegation, Ending, NameDelegate, NoteAbsence
from services.directory.domain import delegation as rules
from services.directory.domain.delegation import DELEGATIONS
from services.directory.domain.person import PERSON, require_active
from services.directory.read_models.alliance_roles import alliances_with_roles_of
from services.directory.read_models.delegations import delegation, delegations, delegations_in
from shared.auth.caller import ADMINS, WRITERS
from shared.domain import Invalid, Refused
from shared.http.pages import LIMIT_DEFAULT, Cursor, Limit, Page
from shared.http.problems import not_found, problem
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id

router = Router("directory", "delegations")


@router.create("/alliances/{alliance_id}/delegations", roles=WRITERS)
def name_delegate(session: Session, alliance_id: Id, body: NameDelegate) -> Delegation:
    """Name who acts for you in an alliance while you are away; an admin may name it for a colleague.

    The delegate uses your roles and seats from `starts_on` until `until`. What they do so shows both names.
    """
    # Whether there is a seat is not asked: owners, members of forums and who is put in charge hold one without a role.
    person_id = body.person_id or session.caller.person
    may_speak_for(session, person_id)
    session.enter(alliance_id)
    require_colleague(session, "/delegate_id", body.delegate_id)
    return Delegation.model_validate(named(session, alliance_id, person_id, body))


@router.create("/people/{person_id}/absences", roles=WRITERS)
def note_absence(session: Session, person_id: Id, body: NoteAbsence) -> Absence:
    """Name one delegate for all alliances in which a person has a role in that time. All of it or nothing."""
    may_speak_for(session, person_id)
    require_colleague(session, "/delegate_id", body.delegate_id)
    ledgers = session.ledgers("alliance")
    rows = session.view(*ledgers).all(alliances_with_roles_of(ledgers, person_id, body.starts_on, body.until))
    if not rows:
        raise Refused("no-role-to-delegate", "This person has no role in an alliance in that time.")
    # In the order of their ids, so that two of these never wait for each other.
    made = [named(session, row.ledger_id, person_id, body) for row in rows]
    return Absence(delegations=[Delegation.model_validate(one) for one in made])


@router.read("/alliances/{alliance_id}/delegations", scope="directory:read")
def list_delegations(
    session: Session, alliance_id: Id, cursor: Cursor = None, limit: Limit = LIMIT_DEFAULT
) -> Page[Delegation]:
    """Who acts for whom in an alliance, on all sides, past delegations included."""
    turned = session.view(alliance_id).page(
        delegations_in(alliance_id), order=[delegations.c.id], cursor=cursor, limit=limit
    )
    items = [Delegation.model_validate(r) for r in turned.rows]
    return Page[Delegation](items=items, next_cursor=turned.next_cursor)


@router.create("/alliances/{alliance_id}/delegations/{delegation_id}/end", roles=WRITERS, status=200)
def end_delegation(session: Session, alliance_id: Id, delegation_id: Id, body: Ending) -> Delegation:
    """End a delegation of your side earlier than it was named for."""
    session.enter(alliance_id)
    held = session.log.load(DELEGATIONS, alliance_id, alliance_id)
    named_before = held.state.named.get(delegation_id)
    if named_before is None:
        raise not_found()
    may_speak_for(session, named_before.person_id)
    command = rules.EndDelegation(
        by=session.caller.person,
        at=session.at,
        delegation_id=delegation_id,
        side=session.caller.organisation,
        until=body.until,
    )
    session.append(DELEGATIONS, held, rules.end_delegation(command, held.state))
    return Delegation.model_validate(session.view(alliance_id).one(delegation(alliance_id, delegation_id)))


def named(session: Session, alliance_id: UUID, person_id: UUID, body: NameDelegate | NoteAbsence) -> Any:
    delegation_id = session.new_id()
    command = rules.NameDelegate(
        by=session.caller.person,
        at=session.at,
        delegation_id=delegation_id,
        person_id=person_id,
        delegate_id=body.delegate_id,
        side=session.caller.organisation,
        starts_on=body.starts_on,
        until=body.until,
    )
    held = session.log.load(DELEGATIONS, alliance_id, alliance_id)
    session.append(DELEGATIONS, held, rules.name_delegate(command, held.state))
    return session.view(alliance_id).one(delegation(alliance_id, delegation_id))


def may_speak_for(session: Session, person_id: UUID) -> None:
    """A person speaks for themselves, an admin for any active colleague."""
    if person_id == session.caller.person:
        return
    if not (session.caller.roles & ADMINS):
        raise problem("forbidden", "You name your own delegate; for a colleague, an owner or admin does it.")
    require_active(session.load(PERSON, session.caller.organisation, person_id).state)


def require_colleague(session: Session, pointer: str, person_id: UUID) -> None:
    """Raises Invalid when this is no active person of the caller's organisation."""
    found = session.log.load(PERSON, session.caller.organisation, person_id).state
    if not found.active:
        raise Invalid(pointer, "no-colleague", "Name an active person of your own organisation.")
