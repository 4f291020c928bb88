"""Being invited: what an invitation's token shows, and how it is accepted. It opens these operations alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from services.directory.api.identities import link
from services.directory.api.organisations import found_organisation
from services.directory.api.people import email_taken
from services.directory.api.schemas.invitations import (
    AcceptInvitation,
    FoundOrganisation,
    OpenInvitation,
    VisibleLedger,
)
from services.directory.api.schemas.organisations import RegisteredOrganisation
from services.directory.api.schemas.people import Person
from services.directory.domain import invitation as rules
from services.directory.domain import person as person_rules
from services.directory.domain.invitation import INVITATION
from services.directory.domain.person import PERSON, Details
from services.directory.read_models.identities import issuer_of
from services.directory.read_models.invitations import invitation_to
from services.directory.read_models.organisations import organisation
from services.directory.read_models.people import person
from shared.auth.caller import INVITED
from shared.auth.development import BadToken
from shared.auth.oidc import claimed
from shared.domain import Invalid
from shared.events.directory import Level, OrganisationRole
from shared.http.problems import not_found
from shared.http.router import Router
from shared.http.session import Session

router = Router("directory", "invitations")

WILL_SEE = "SELECT ledger_id, kind, size AS entries FROM log.ledgers ORDER BY kind DESC, ledger_id LIMIT 200"
"""The ledgers that the inviting organisation reads."""


@router.read("/invitation", roles=INVITED, as_of=False)
def see_invitation(session: Session) -> OpenInvitation:
    """What you are invited to, and what you will see there, with the invitation's token."""
    held = invited(session)
    by = session.view().one(organisation(session.caller.organisation)).display_name
    ledgers = session.connection.exec_driver_sql(WILL_SEE).all() if held.kind == "person" else []
    return OpenInvitation(
        kind=held.kind,
        invited_by=by,
        legal_name=held.legal_name,
        name=held.name,
        email=held.email,
        message=held.message,
        roles=held.roles,
        expires_at=held.expires_at,
        sees=[VisibleLedger.model_validate(row) for row in ledgers],
    )


@router.create("/invitation/accept", roles=INVITED)
def accept_invitation(session: Session, body: AcceptInvitation) -> Person:
    """Accept: you are a person of the organisation from now on, and the token opens nothing any more."""
    held = invited(session)
    if held.kind != "person":
        raise not_found()
    organisation_id, person_id = session.caller.organisation, session.caller.person
    command = person_rules.AddPerson(
        by=person_id,
        at=session.at,
        person_id=person_id,
        details=Details(body.name or held.name, held.email, body.function, body.seniority, Level(body.level)),
        roles=tuple(OrganisationRole(role) for role in held.roles),
        email_taken=email_taken(session, held.email, person_id),
    )
    session.create(PERSON, organisation_id, person_id, person_rules.add(command, PERSON.empty))
    if body.identity_token is not None:
        link(session, organisation_id, person_id, proven_subject(session, organisation_id, body.identity_token))
    accepted(session, held, organisation_id)
    return Person.model_validate(session.view().one(person(organisation_id, person_id)))


@router.create("/invitation/organisation", roles=INVITED)
def found_invited_organisation(session: Session, body: FoundOrganisation) -> RegisteredOrganisation:
    """Accept for a company that is not here yet: it gets its own account, and you are its first owner.

    The organisation that invited you learns its id and may then propose an alliance to it, which you accept or decline.
    """
    held = invited(session)
    if held.kind != "organisation":
        raise not_found()
    home = session.caller.organisation
    session.caller = replace(session.caller, org=held.organisation_id)
    accepted(session, held, home)
    # The rest is in a ledger that is only now made, which the inviting organisation does not read.
    session.connection.exec_driver_sql("SELECT set_config('concord.org', %s, true)", (str(held.organisation_id),))
    return found_organisation(session, held.organisation_id, held.person_id, body)


def invited(session: Session) -> Any:
    """The invitation that the caller holds."""
    return session.view().one(invitation_to(session.caller.organisation, session.caller.person))


def accepted(session: Session, held: Any, home: UUID) -> None:
    """Record in the ledger of the organisation that invited, `home`, that this invitation has opened the door."""
    before = session.load(INVITATION, home, held.id)
    command = rules.AcceptInvitation(at=session.at, organisation_id=held.organisation_id, person_id=held.person_id)
    session.append(INVITATION, before, rules.accept(command, before.state))


def proven_subject(session: Session, organisation_id: UUID, token: str) -> str:
    """Whom the organisation's identity provider says the holder of this token is."""
    bad = Invalid("/identity_token", "bad-token", "This is no valid token of the organisation's identity provider.")
    bound = session.view().first(issuer_of(organisation_id))
    try:
        said = claimed(token)
        if bound is not None and said.issuer == bound.issuer:
            session.runtime.authenticator.issuers.check(token, said, bound.audience)
            return said.subject
    except BadToken as error:
        raise bad from error
    raise bad
