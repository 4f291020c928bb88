"""A person: known by an opaque id, belongs to one organisation, and acts in it by the roles that were granted."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from services.directory.domain.wording import require_words
from shared.domain import Aggregate, Event, Invalid, Refused
from shared.events.directory import (
    Level,
    OrganisationRole,
    OrganisationRoleGranted,
    OrganisationRoleWithdrawn,
    PersonAdded,
    PersonDeactivated,
    PersonDetailsChanged,
    PersonReactivated,
)
from shared.events.directory_access import IdentityLinked, IdentityUnlinked, PersonErased


@dataclass(frozen=True, slots=True)
class Details:
    """What is known of a person; each is None when it was not said or has been erased."""

    name: str | None = None
    email: str | None = None
    function: str | None = None
    seniority: str | None = None
    level: Level | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """What an issuer calls a person; `subject` is None once erased."""

    issuer: str
    subject: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddPerson:
    """`email_taken`: whether another person of the organisation has this e-mail address."""

    by: UUID
    at: datetime
    person_id: UUID
    details: Details
    roles: tuple[OrganisationRole, ...]
    email_taken: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePersonDetails:
    """The whole of the details, as they are from now on.

    `email_taken`: whether another person of the organisation has this e-mail address.
    """

    by: UUID
    at: datetime
    details: Details
    email_taken: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantOrganisationRole:
    by: UUID
    at: datetime
    role: OrganisationRole


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawOrganisationRole:
    """`other_owners`: how many other active people own the organisation."""

    by: UUID
    at: datetime
    role: OrganisationRole
    other_owners: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeactivatePerson:
    """`other_owners`: how many other active people own the organisation."""

    by: UUID
    at: datetime
    other_owners: int
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasePerson:
    """`other_owners`: how many other active people own the organisation."""

    by: UUID
    at: datetime
    other_owners: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactivatePerson:
    """The person comes back with the roles they had."""

    by: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class Person:
    """`person_id` is None until the person is added."""

    person_id: UUID | None = None
    details: Details = Details()
    roles: frozenset[OrganisationRole] = field(default_factory=frozenset)
    active: bool = False
    identity: Identity | None = None
    """How they sign in; None before that was linked, and again after."""
    erased: bool = False


def evolve(state: Person, event: Event) -> Person:
    match event:
        case PersonAdded():
            return Person(event.person_id, details_in(event), active=True)
        case PersonDetailsChanged():
            return replace(state, details=details_in(event))
        case OrganisationRoleGranted(role=role):
            return replace(state, roles=state.roles | {role})
        case OrganisationRoleWithdrawn(role=role):
            return replace(state, roles=state.roles - {role})
        case PersonDeactivated():
            return replace(state, active=False)
        case PersonReactivated():
            return replace(state, active=True)
        case PersonErased():
            return replace(state, active=False, erased=True, details=Details(), identity=None)
        case IdentityLinked():
            return replace(state, identity=Identity(event.issuer, event.subject))
        case IdentityUnlinked():
            return replace(state, identity=None)
    return state


def details_in(event: PersonAdded | PersonDetailsChanged) -> Details:
    return Details(event.name, event.email, event.function, event.seniority, event.level)


PERSON = Aggregate("person", Person(), evolve)


def add(command: AddPerson, person: Person) -> list[Event]:
    if person.person_id is not None:
        raise Refused("person-added", "This person was added before.")
    known = check(command.details, email_taken=command.email_taken)
    granted = [OrganisationRoleGranted(person_id=command.person_id, role=role) for role in dict.fromkeys(command.roles)]
    return [
        PersonAdded(
            person_id=command.person_id,
            name=known.name,
            email=known.email,
            function=known.function,
            seniority=known.seniority,
            level=known.level,
        ),
        *granted,
    ]


def change_details(command: ChangePersonDetails, person: Person) -> list[Event]:
    person_id = require_active(person)
    known = check(command.details, email_taken=command.email_taken)
    if known == person.details:
        return []
    return [
        PersonDetailsChanged(
            person_id=person_id,
            name=known.name,
            email=known.email,
            function=known.function,
            seniority=known.seniority,
            level=known.level,
        )
    ]


def grant_role(command: GrantOrganisationRole, person: Person) -> list[Event]:
    person_id = require_active(person)
    if command.role in person.roles:
        raise Refused("role-held", f"This person is {command.role} of the organisation already.")
    return [OrganisationRoleGranted(person_id=person_id, role=command.role)]


def withdraw_role(command: WithdrawOrganisationRole, person: Person) -> list[Event]:
    person_id = require_active(person)
    if command.role not in person.roles:
        raise Refused("role-not-held", f"This person is not {command.role} of the organisation.")
    if command.role is OrganisationRole.OWNER:
        require_other_owner(command.other_owners)
    return [OrganisationRoleWithdrawn(person_id=person_id, role=command.role)]


def deactivate(command: DeactivatePerson, person: Person) -> list[Event]:
    person_id = require_active(person)
    if OrganisationRole.OWNER in person.roles:
        require_other_owner(command.other_owners)
    return [PersonDeactivated(person_id=person_id, reason=command.reason)]


def reactivate(_: ReactivatePerson, person: Person) -> list[Event]:
    if person.person_id is None:
        raise Refused("person-not-added", "Add the person first.")
    if person.erased:
        raise Refused("person-erased", "This person was erased; add them anew, as somebody else.")
    if person.active:
        raise Refused("person-active", "This person is active; there is nothing to take back.")
    return [PersonReactivated(person_id=person.person_id)]


def erase(command: ErasePerson, person: Person) -> list[Event]:
    """It may be asked again: what was recorded of an erased person since, such as why a role ended, goes then too."""
    if person.person_id is None:
        raise Refused("person-not-added", "Add the person first.")
    if person.erased:
        return []
    if person.active and OrganisationRole.OWNER in person.roles:
        require_other_owner(command.other_owners)
    return [PersonErased(person_id=person.person_id)]


def require_active(person: Person) -> UUID:
    if person.person_id is None:
        raise Refused("person-not-added", "Add the person first.")
    if not person.active:
        raise Refused("person-deactivated", "This person is deactivated.")
    return person.person_id


def require_other_owner(other_owners: int) -> None:
    if other_owners < 1:
        raise Refused("last-owner", "An organisation keeps at least one owner: make another person owner first.")


def check(details: Details, *, email_taken: bool) -> Details:
    require_words("/name", details.name or "")
    require_words("/email", details.email or "")
    if details.level is None:
        raise Invalid("/level", "missing", f"Say the level: {', '.join(Level)}.")
    if email_taken:
        raise Refused("email-taken", "A colleague has this e-mail address; two people never share one.")
    return details
