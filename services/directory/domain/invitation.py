"""An invitation: opens the door once, to one person or one company, until it expires or is taken back."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from services.directory.domain.wording import require_words
from shared.domain import Aggregate, Event, Invalid, Refused
from shared.events.directory import OrganisationRole
from shared.events.directory_access import InvitationAccepted, InvitationRevoked, OrganisationInvited, PersonInvited

DAYS_MAX = 30
SHA256_HEX = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitePerson:
    """`person_id`: whom they will be. `email_taken`: a colleague has this e-mail address already."""

    at: datetime
    person_id: UUID
    name: str
    email: str
    roles: tuple[OrganisationRole, ...]
    prefix: str
    secret_hash: str
    expires_at: datetime
    email_taken: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteOrganisation:
    """`organisation_id`, `person_id`: who the company and its first owner will be."""

    at: datetime
    organisation_id: UUID
    person_id: UUID
    legal_name: str
    name: str
    email: str
    message: str | None
    prefix: str
    secret_hash: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptInvitation:
    """`organisation_id`: to which the person belongs from now on."""

    at: datetime
    organisation_id: UUID
    person_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeInvitation:
    at: datetime
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Invitation:
    """`expires_at` is None until it is sent."""

    person_id: UUID | None = None
    expires_at: datetime | None = None
    roles: tuple[OrganisationRole, ...] = ()
    accepted: bool = False
    revoked: bool = False


def evolve(state: Invitation, event: Event) -> Invitation:
    match event:
        case PersonInvited(person_id=person_id, expires_at=expires_at, roles=roles):
            return Invitation(person_id, expires_at, roles)
        case OrganisationInvited(person_id=person_id, expires_at=expires_at):
            return Invitation(person_id, expires_at, (OrganisationRole.OWNER,))
        case InvitationAccepted():
            return replace(state, accepted=True)
        case InvitationRevoked():
            return replace(state, revoked=True)
    return state


INVITATION = Aggregate("invitation", Invitation(), evolve)


def invite_person(command: InvitePerson, invitation: Invitation) -> list[Event]:
    check(command, invitation)
    if not command.roles or len(set(command.roles)) < len(command.roles):
        raise Invalid("/roles", "repeated", "Name at least one role, and each once.")
    if command.email_taken:
        raise Refused("email-taken", "A colleague has this e-mail address; two people never share one.")
    return [
        PersonInvited(
            person_id=command.person_id,
            roles=command.roles,
            prefix=command.prefix,
            secret_hash=command.secret_hash,
            expires_at=command.expires_at,
            name=command.name,
            email=command.email,
        )
    ]


def invite_organisation(command: InviteOrganisation, invitation: Invitation) -> list[Event]:
    require_words("/legal_name", command.legal_name)
    check(command, invitation)
    return [
        OrganisationInvited(
            organisation_id=command.organisation_id,
            person_id=command.person_id,
            legal_name=command.legal_name,
            prefix=command.prefix,
            secret_hash=command.secret_hash,
            expires_at=command.expires_at,
            name=command.name,
            email=command.email,
            message=command.message,
        )
    ]


def accept(command: AcceptInvitation, invitation: Invitation) -> list[Event]:
    require_open(invitation)
    if invitation.expires_at is not None and invitation.expires_at <= command.at:
        raise Refused("invitation-expired", "This invitation has expired; ask for another.")
    return [InvitationAccepted(organisation_id=command.organisation_id, person_id=command.person_id)]


def revoke(command: RevokeInvitation, invitation: Invitation) -> list[Event]:
    require_open(invitation)
    return [InvitationRevoked(reason=command.reason)]


def require_open(invitation: Invitation) -> None:
    if invitation.expires_at is None:
        raise Refused("invitation-not-sent", "Nobody was invited so.")
    if invitation.accepted:
        raise Refused("invitation-accepted", "This invitation was accepted; it opens nothing a second time.")
    if invitation.revoked:
        raise Refused("invitation-revoked", "This invitation was taken back; ask for another.")


def check(command: InvitePerson | InviteOrganisation, invitation: Invitation) -> None:
    if invitation.expires_at is not None:
        raise Refused("invitation-sent", "This invitation was sent before.")
    require_words("/name", command.name)
    require_words("/email", command.email)
    if not SHA256_HEX.fullmatch(command.secret_hash):
        raise Invalid("/secret_hash", "malformed", "The hash of a secret is its SHA-256 in lower-case hex.")
    if not command.at < command.expires_at <= command.at + timedelta(days=DAYS_MAX):
        raise Invalid("/expires_in_days", "out-of-range", f"An invitation is open for 1 to {DAYS_MAX} days.")
