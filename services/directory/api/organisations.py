"""Organisations: registered by the operator, seen by their members."""

from __future__ import annotations

from services.directory.api.schemas import Organisation, RegisteredOrganisation, RegisterOrganisation
from services.directory.domain import organisation as rules
from services.directory.domain import person as person_rules
from services.directory.domain.organisation import ORGANISATION
from services.directory.domain.person import PERSON
from services.directory.gazetteer import gazetteer
from services.directory.read_models.organisations import organisation
from shared.events.directory import OrganisationRole
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id

router = Router("directory", "organisations")


@router.operate("/organisations")
def register_organisation(session: Session, body: RegisterOrganisation) -> RegisteredOrganisation:
    """Register an organisation and its first owner. Only the operator of the installation may."""
    organisation_id, owner_id = session.new_id(), session.new_id()
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


@router.read("/organisations/{organisation_id}", scope="directory:read")
def get_organisation(session: Session, organisation_id: Id) -> Organisation:
    """Your own organisation."""
    return Organisation.model_validate(session.view(organisation_id).one(organisation(organisation_id)))
