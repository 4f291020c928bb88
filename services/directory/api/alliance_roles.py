"""Roles in an alliance: each side says who of its people is what."""

from __future__ import annotations

from services.directory.api.schemas.alliances import AssignRole, Ending, RoleAssignment
from services.directory.domain import alliance_role as rules
from services.directory.domain.alliance_role import ALLIANCE_ROLES
from services.directory.domain.person import PERSON
from services.directory.read_models.alliance_roles import alliance_roles, role_assignment, roles_in
from shared.auth.caller import ADMINS
from shared.events.directory import AllianceRole
from shared.http.pages import LIMIT_DEFAULT, Cursor, Limit, Page
from shared.http.problems import not_found, problem
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id

router = Router("directory", "alliance-roles")


@router.create("/alliances/{alliance_id}/roles", roles=ADMINS)
def assign_alliance_role(session: Session, alliance_id: Id, body: AssignRole) -> RoleAssignment:
    """Give a person of your organisation a role in an alliance, for your side."""
    session.enter(alliance_id)
    session.load(PERSON, session.caller.organisation, body.person_id)
    assignment_id = session.new_id()
    command = rules.AssignAllianceRole(
        by=session.caller.person,
        at=session.at,
        assignment_id=assignment_id,
        person_id=body.person_id,
        side=session.caller.organisation,
        role=AllianceRole(body.role),
        starts_on=body.starts_on,
        until=body.until,
    )
    roles = session.log.load(ALLIANCE_ROLES, alliance_id, alliance_id)
    session.append(ALLIANCE_ROLES, roles, rules.assign(command, roles.state))
    return RoleAssignment.model_validate(session.view(alliance_id).one(role_assignment(alliance_id, assignment_id)))


@router.create("/alliances/{alliance_id}/roles/{assignment_id}/end", roles=ADMINS, status=200)
def end_alliance_role(session: Session, alliance_id: Id, assignment_id: Id, body: Ending) -> RoleAssignment:
    """End a role of your side: from `until` on it is no longer held. Not after its start, it was never held."""
    session.enter(alliance_id)
    roles = session.log.load(ALLIANCE_ROLES, alliance_id, alliance_id)
    held = roles.state.assignments.get(assignment_id)
    if held is None:
        raise not_found()
    if held.side != session.caller.organisation:
        raise problem("forbidden", "Each side ends the roles of its own people.")
    command = rules.EndAllianceRole(
        by=session.caller.person, at=session.at, assignment_id=assignment_id, until=body.until, reason=body.reason
    )
    session.append(ALLIANCE_ROLES, roles, rules.end(command, roles.state))
    return RoleAssignment.model_validate(session.view(alliance_id).one(role_assignment(alliance_id, assignment_id)))


@router.read("/alliances/{alliance_id}/roles", scope="directory:read")
def list_alliance_roles(
    session: Session, alliance_id: Id, cursor: Cursor = None, limit: Limit = LIMIT_DEFAULT
) -> Page[RoleAssignment]:
    """Who is what to an alliance, on all sides, ended assignments included."""
    turned = session.view(alliance_id).page(
        roles_in(alliance_id), order=[alliance_roles.c.id], cursor=cursor, limit=limit
    )
    items = [RoleAssignment.model_validate(r) for r in turned.rows]
    return Page[RoleAssignment](items=items, next_cursor=turned.next_cursor)
