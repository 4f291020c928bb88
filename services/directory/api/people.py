"""People of the caller's organisation."""

from __future__ import annotations

from uuid import UUID

from services.directory.api.owners import leave_owners_to_owners, owners_beside
from services.directory.api.schemas.people import (
    AddPerson,
    DevelopmentToken,
    IssueToken,
    OrganisationRoleWish,
    Person,
    PersonDetails,
    WithReason,
)
from services.directory.domain import person as rules
from services.directory.domain.person import PERSON
from services.directory.read_models.identities import issuer_of
from services.directory.read_models.people import people, people_of, person, with_email
from shared.auth.caller import ADMINS
from shared.domain import Refused
from shared.events.directory import OrganisationRole
from shared.http.pages import LIMIT_DEFAULT, Cursor, Limit, Page
from shared.http.problems import not_found
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id

router = Router("directory", "people")


@router.create("/people", roles=ADMINS)
def add_person(session: Session, body: AddPerson) -> Person:
    """Add a person to your organisation. An owner is added by an owner."""
    leave_owners_to_owners(session, body.roles)
    person_id = session.new_id()
    command = rules.AddPerson(
        by=session.caller.person,
        at=session.at,
        person_id=person_id,
        details=body.value(),
        roles=tuple(OrganisationRole(r) for r in body.roles),
        email_taken=email_taken(session, body.email, person_id),
    )
    session.create(PERSON, session.caller.organisation, person_id, rules.add(command, PERSON.empty))
    return shown(session, person_id)


@router.read("/people", scope="directory:read")
def list_people(session: Session, cursor: Cursor = None, limit: Limit = LIMIT_DEFAULT) -> Page[Person]:
    """The people of your organisation, in the order they were added."""
    organisation_id = session.caller.organisation
    turned = session.view(organisation_id).page(
        people_of(organisation_id), order=[people.c.id], cursor=cursor, limit=limit
    )
    return Page[Person](items=[Person.model_validate(r) for r in turned.rows], next_cursor=turned.next_cursor)


@router.read("/people/{person_id}", scope="directory:read")
def get_person(session: Session, person_id: Id) -> Person:
    """One person of your organisation."""
    return shown(session, person_id)


@router.change("/people/{person_id}", method="PUT", roles=ADMINS)
def change_person_details(session: Session, person_id: Id, body: PersonDetails) -> Person:
    """Replace a person's details."""
    held = session.change(PERSON, person_id, session.caller.organisation)
    command = rules.ChangePersonDetails(
        by=session.caller.person,
        at=session.at,
        details=body.value(),
        email_taken=email_taken(session, body.email, person_id),
    )
    session.append(PERSON, held, rules.change_details(command, held.state))
    return shown(session, person_id)


@router.change("/people/{person_id}/deactivate", roles=ADMINS)
def deactivate_person(session: Session, person_id: Id, body: WithReason) -> Person:
    """Take a person's access away; what they did stays in the history. An owner's is taken by an owner."""
    held = session.change(PERSON, person_id, session.caller.organisation)
    leave_owners_to_owners(session, held.state.roles)
    command = rules.DeactivatePerson(
        by=session.caller.person,
        at=session.at,
        other_owners=owners_beside(session, person_id),
        reason=body.reason,
    )
    session.append(PERSON, held, rules.deactivate(command, held.state))
    return shown(session, person_id)


@router.change("/people/{person_id}/roles", roles=ADMINS)
def grant_organisation_role(session: Session, person_id: Id, body: OrganisationRoleWish) -> Person:
    """Give a person another role in your organisation. Only an owner makes somebody owner."""
    held = session.change(PERSON, person_id, session.caller.organisation)
    leave_owners_to_owners(session, {body.role})
    command = rules.GrantOrganisationRole(by=session.caller.person, at=session.at, role=OrganisationRole(body.role))
    session.append(PERSON, held, rules.grant_role(command, held.state))
    return shown(session, person_id)


@router.change("/people/{person_id}/roles/withdraw", roles=ADMINS)
def withdraw_organisation_role(session: Session, person_id: Id, body: OrganisationRoleWish) -> Person:
    """Take a role from a person. Only an owner takes that of owner, and the last owner stays one."""
    held = session.change(PERSON, person_id, session.caller.organisation)
    leave_owners_to_owners(session, {body.role})
    command = rules.WithdrawOrganisationRole(
        by=session.caller.person,
        at=session.at,
        role=OrganisationRole(body.role),
        other_owners=owners_beside(session, person_id),
    )
    session.append(PERSON, held, rules.withdraw_role(command, held.state))
    return shown(session, person_id)


@router.change("/people/{person_id}/reactivate", roles=ADMINS)
def reactivate_person(session: Session, person_id: Id) -> Person:
    """Let a deactivated person in again, with the roles they had. An owner is let in by an owner."""
    held = session.change(PERSON, person_id, session.caller.organisation)
    leave_owners_to_owners(session, held.state.roles)
    session.append(
        PERSON, held, rules.reactivate(rules.ReactivatePerson(by=session.caller.person, at=session.at), held.state)
    )
    return shown(session, person_id)


@router.operate("/development/tokens")
def issue_development_token(session: Session, body: IssueToken) -> DevelopmentToken:
    """Sign in a person without an identity provider. Development only: in production there is no such issuer."""
    issuer = session.runtime.authenticator.issuer
    known = session.view().first(person(body.organisation_id, body.person_id))
    if issuer is None or known is None:
        raise not_found()
    if not known.active:
        raise Refused("person-deactivated", "This person is deactivated or erased; no token would sign them in.")
    if session.view().first(issuer_of(body.organisation_id)) is not None:
        raise Refused("issuer-bound", "This organisation has an identity provider, whose tokens alone sign in.")
    return DevelopmentToken(token=issuer.token(body.organisation_id, body.person_id))


def email_taken(session: Session, email: str, person_id: UUID) -> bool:
    """Whether another person has it. Whoever asks for the same address at the same time waits until this is over."""
    organisation_id = session.caller.organisation
    session.take_turn(f"email/{organisation_id}/{email.lower()}")
    return session.view().first(with_email(organisation_id, email, but=person_id)) is not None


def shown(session: Session, person_id: Id) -> Person:
    organisation_id = session.caller.organisation
    return Person.model_validate(session.view(organisation_id).one(person(organisation_id, person_id)))
