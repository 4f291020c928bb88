"""Organisations: registered by the operator, seen by their members."""

from __future__ import annotations

from uuid import UUID

from services.directory.api.schemas.invitations import FoundOrganisation
from services.directory.api.schemas.organisations import (
    Organisation,
    RegisteredOrganisation,
    RegisterOrganisation,
    RenameOrganisation,
    WorkingCalendar,
)
from services.directory.api.schemas.people import WithReason
from services.directory.domain import organisation as rules
from services.directory.domain import person as person_rules
from services.directory.domain.organisation import ORGANISATION
from services.directory.domain.person import PERSON
from services.directory.gazetteer import gazetteer
from services.directory.read_models.organisations import acquaintances, organisation
from shared.auth.caller import ADMINS, OWNERS
from shared.events.directory import OrganisationRole
from shared.http.pages import LIMIT_DEFAULT, Cursor, Limit, Page
from shared.http.problems import not_found
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id

router = Router("directory", "organisations")


@router.operate("/organisations")
def register_organisation(session: Session, body: RegisterOrganisation) -> RegisteredOrganisation:
    """Register an organisation and its first owner. Only the operator of the installation may."""
    return found_organisation(session, session.new_id(), session.new_id(), body)


@router.read("/organisations", scope="directory:read", as_of=False)
def list_organisations(session: Session, cursor: Cursor = None, limit: Limit = LIMIT_DEFAULT) -> Page[Organisation]:
    """Your organisation and those you share an alliance with, or shared one, as they are now.

    Joint clocks run on the calendars of all parties, so these are shown too.
    """
    statement, by_id = acquaintances(session.caller.alliances)
    turned = session.view().page(statement, order=[by_id], cursor=cursor, limit=limit)
    return Page[Organisation](
        items=[Organisation.model_validate(r) for r in turned.rows], next_cursor=turned.next_cursor
    )


@router.read("/organisations/{organisation_id}", scope="directory:read")
def get_organisation(session: Session, organisation_id: Id) -> Organisation:
    """Your own organisation. Your partners are in the list of organisations."""
    return shown(session, organisation_id)


@router.change("/organisations/{organisation_id}/rename", roles=ADMINS)
def rename_organisation(session: Session, organisation_id: Id, body: RenameOrganisation) -> Organisation:
    """Rename your organisation. What it was called before stays in the history."""
    held = session.change(ORGANISATION, organisation_id, own(session, organisation_id))
    command = rules.RenameOrganisation(
        by=session.caller.person, at=session.at, legal_name=body.legal_name, display_name=body.display_name
    )
    session.append(ORGANISATION, held, rules.rename(command, held.state))
    return shown(session, organisation_id)


@router.change("/organisations/{organisation_id}/calendar", method="PUT", roles=ADMINS)
def change_working_calendar(session: Session, organisation_id: Id, body: WorkingCalendar) -> Organisation:
    """Replace your working calendar. Clocks that run already keep the terms they were started on."""
    held = session.change(ORGANISATION, organisation_id, own(session, organisation_id))
    command = rules.ChangeWorkingCalendar(
        by=session.caller.person, at=session.at, calendar=body.value(), gazetteer=gazetteer()
    )
    session.append(ORGANISATION, held, rules.change_calendar(command, held.state))
    return shown(session, organisation_id)


@router.change("/organisations/{organisation_id}/close", roles=OWNERS)
def close_organisation(session: Session, organisation_id: Id, body: WithReason) -> Organisation:
    """Close your organisation's account for good: nobody of it signs in and no key opens anything any more.

    Its partners keep the joint history. The answer to this is the last that your organisation gets.
    """
    held = session.change(ORGANISATION, organisation_id, own(session, organisation_id))
    command = rules.CloseOrganisation(by=session.caller.person, at=session.at, reason=body.reason)
    session.append(ORGANISATION, held, rules.close(command, held.state))
    return shown(session, organisation_id)


def shown(session: Session, organisation_id: UUID) -> Organisation:
    return Organisation.model_validate(session.view(organisation_id).one(organisation(organisation_id)))


def own(session: Session, organisation_id: UUID) -> UUID:
    """The caller's own organisation; any other is not there to be changed."""
    if organisation_id != session.caller.organisation:
        raise not_found()
    return organisation_id


def found_organisation(
    session: Session, organisation_id: UUID, owner_id: UUID, body: RegisterOrganisation | FoundOrganisation
) -> RegisteredOrganisation:
    """Open an organisation's ledger, and record it and its first owner there."""
    session.log.open_ledger(organisation_id, "organisation", [organisation_id])
    command = rules.RegisterOrganisation(
        by=owner_id,
        at=session.at,
        legal_name=body.legal_name,
        display_name=body.display_name,
        country=body.country,
        calendar=body.calendar.value(),
        gazetteer=gazetteer(),
    )
    made = session.create(ORGANISATION, organisation_id, organisation_id, rules.register(command, ORGANISATION.empty))
    owner = person_rules.AddPerson(
        by=owner_id,
        at=session.at,
        person_id=owner_id,
        details=body.owner.value(),
        roles=(OrganisationRole.OWNER,),
    )
    session.create(PERSON, organisation_id, owner_id, person_rules.add(owner, PERSON.empty))
    return RegisteredOrganisation(id=organisation_id, owner_id=owner_id, version=made.version)
