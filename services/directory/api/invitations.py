"""Invitations: of a person into the organisation, of a company into Concord. The token is shown once and opens once."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from services.directory.api.api_keys import new_secret
from services.directory.api.owners import leave_owners_to_owners
from services.directory.api.people import email_taken
from services.directory.api.schemas.invitations import (
    Invitation,
    InviteOrganisation,
    InvitePerson,
    IssuedInvitation,
)
from services.directory.api.schemas.people import WithReason
from services.directory.domain import invitation as rules
from services.directory.domain.api_key import hash_of
from services.directory.domain.invitation import INVITATION
from services.directory.read_models.invitations import invitation, invitations, invitations_of
from shared.auth.authenticate import INVITATION_PREFIX
from shared.auth.caller import ADMINS, OVERSEERS
from shared.events.directory import OrganisationRole
from shared.http.pages import LIMIT_DEFAULT, Cursor, Limit, Page
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id

router = Router("directory", "invitations")


@router.create("/invitations", roles=ADMINS)
def invite_person(session: Session, body: InvitePerson) -> IssuedInvitation:
    """Invite somebody into your organisation. They are added when they accept, in the roles given here.

    An owner is invited by an owner.
    """
    leave_owners_to_owners(session, body.roles)
    invitation_id, person_id = session.new_id(), session.new_id()
    prefix, secret = new_secret()
    command = rules.InvitePerson(
        at=session.at,
        person_id=person_id,
        name=body.name,
        email=body.email,
        roles=tuple(OrganisationRole(role) for role in body.roles),
        prefix=prefix,
        secret_hash=hash_of(secret),
        expires_at=session.at + timedelta(days=body.expires_in_days),
        email_taken=email_taken(session, body.email, person_id),
    )
    sent = rules.invite_person(command, INVITATION.empty)
    session.create(INVITATION, session.caller.organisation, invitation_id, sent)
    return issued(session, invitation_id, f"{INVITATION_PREFIX}{prefix}_{secret}")


@router.create("/organisation-invitations", roles=ADMINS)
def invite_organisation(session: Session, body: InviteOrganisation) -> IssuedInvitation:
    """Invite a company that is not here yet. When it accepts, it has its own account, and you may propose alliances."""
    invitation_id = session.new_id()
    prefix, secret = new_secret()
    command = rules.InviteOrganisation(
        at=session.at,
        organisation_id=session.new_id(),
        person_id=session.new_id(),
        legal_name=body.legal_name,
        name=body.name,
        email=body.email,
        message=body.message,
        prefix=prefix,
        secret_hash=hash_of(secret),
        expires_at=session.at + timedelta(days=body.expires_in_days),
    )
    sent = rules.invite_organisation(command, INVITATION.empty)
    session.create(INVITATION, session.caller.organisation, invitation_id, sent)
    return issued(session, invitation_id, f"{INVITATION_PREFIX}{prefix}_{secret}")


@router.read("/invitations", roles=OVERSEERS)
def list_invitations(session: Session, cursor: Cursor = None, limit: Limit = LIMIT_DEFAULT) -> Page[Invitation]:
    """The invitations of your organisation, in the order they were sent."""
    organisation_id = session.caller.organisation
    turned = session.view(organisation_id).page(
        invitations_of(organisation_id), order=[invitations.c.id], cursor=cursor, limit=limit
    )
    return Page[Invitation](items=[Invitation.model_validate(r) for r in turned.rows], next_cursor=turned.next_cursor)


@router.read("/invitations/{invitation_id}", roles=OVERSEERS)
def get_invitation(session: Session, invitation_id: Id) -> Invitation:
    """One invitation of your organisation."""
    return shown(session, invitation_id)


@router.change("/invitations/{invitation_id}/revoke", roles=ADMINS)
def revoke_invitation(session: Session, invitation_id: Id, body: WithReason) -> Invitation:
    """Take an open invitation back; its token opens nothing from the next request on."""
    held = session.change(INVITATION, invitation_id, session.caller.organisation)
    command = rules.RevokeInvitation(at=session.at, reason=body.reason)
    session.append(INVITATION, held, rules.revoke(command, held.state))
    return shown(session, invitation_id)


def shown(session: Session, invitation_id: UUID) -> Invitation:
    organisation_id = session.caller.organisation
    return Invitation.model_validate(session.view(organisation_id).one(invitation(organisation_id, invitation_id)))


def issued(session: Session, invitation_id: UUID, token: str) -> IssuedInvitation:
    return IssuedInvitation(**shown(session, invitation_id).model_dump(), token=token)
