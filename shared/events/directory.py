"""The events of services/directory: its part of the published language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from shared.events.declare import Erasable, event

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Level(StrEnum):
    """How far up a person decides; escalation climbs it."""

    WORKING = "working"
    LEADERSHIP = "leadership"
    EXECUTIVE = "executive"


class OrganisationRole(StrEnum):
    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"
    AUDITOR = "auditor"


class AllianceRole(StrEnum):
    """What a person is to an alliance, for one side."""

    EXECUTIVE_SPONSOR = "executive_sponsor"
    ALLIANCE_MANAGER = "alliance_manager"
    LEGAL = "legal"
    SECURITY = "security"
    COMMERCIAL_LEAD = "commercial_lead"
    DELIVERY_LEAD = "delivery_lead"
    WORKING_MEMBER = "working_member"
    OBSERVER = "observer"


class Scope(StrEnum):
    """What an API key may do; each is `service:what`."""

    METRICS_PUSH = "metrics:push"
    METRICS_READ = "metrics:read"
    LEDGER_READ = "ledger:read"
    GOVERNANCE_READ = "governance:read"
    GOVERNANCE_WRITE = "governance:write"
    SCORING_READ = "scoring:read"
    SCORING_WRITE = "scoring:write"
    DIRECTORY_READ = "directory:read"
    WEBHOOKS_READ = "webhooks:read"
    WEBHOOKS_WRITE = "webhooks:write"


@dataclass(frozen=True, slots=True)
class WorkingInterval:
    """Local working time from `start` up to `end`, each `HH:MM`; `end` may be `24:00`."""

    start: str
    end: str


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """When an organisation works.

    `time_zone` is an IANA name. `week` maps days of `WEEKDAYS` to intervals in order; a day left out is free.
    `holiday_country` (ISO 3166-1 alpha-2) and `holiday_region` name public holidays, which are free too.
    """

    time_zone: str
    week: dict[str, tuple[WorkingInterval, ...]]
    holiday_country: str | None
    holiday_region: str | None
    closing_days: tuple[date, ...]


@event("directory.organisation-registered.v1", says="registered the organisation {display_name}")
class OrganisationRegistered:
    legal_name: str
    display_name: str
    country: str
    calendar: WorkingCalendar


@event(
    "directory.organisation-renamed.v1",
    says="renamed the organisation to {display_name}",
    sets=("legal_name", "display_name"),
)
class OrganisationRenamed:
    legal_name: str
    display_name: str


@event("directory.working-calendar-changed.v1", says="changed the working calendar", sets=("calendar",))
class WorkingCalendarChanged:
    calendar: WorkingCalendar


@event("directory.organisation-closed.v1", says="closed the organisation")
class OrganisationClosed:
    reason: Erasable[str] = None


@event("directory.person-added.v1", says="added {name}", person="person_id")
class PersonAdded:
    person_id: UUID
    name: Erasable[str] = None
    email: Erasable[str] = None
    function: Erasable[str] = None
    seniority: Erasable[str] = None
    level: Erasable[Level] = None


@event(
    "directory.person-details-changed.v1",
    says="changed the details of {person_id}",
    person="person_id",
    sets=("name", "email", "function", "seniority", "level"),
)
class PersonDetailsChanged:
    person_id: UUID
    name: Erasable[str] = None
    email: Erasable[str] = None
    function: Erasable[str] = None
    seniority: Erasable[str] = None
    level: Erasable[Level] = None


@event(
    "directory.organisation-role-granted.v1",
    says="made {person_id} {role} of the organisation",
    person="person_id",
    sets=(),
)
class OrganisationRoleGranted:
    person_id: UUID
    role: OrganisationRole


@event("directory.organisation-role-withdrawn.v1", says="withdrew the role {role} from {person_id}", person="person_id")
class OrganisationRoleWithdrawn:
    person_id: UUID
    role: OrganisationRole


@event("directory.person-deactivated.v1", says="deactivated {person_id}", person="person_id")
class PersonDeactivated:
    person_id: UUID
    reason: Erasable[str] = None


@event("directory.person-reactivated.v1", says="let {person_id} in again", person="person_id")
class PersonReactivated:
    person_id: UUID


@event(
    "directory.alliance-role-assigned.v1",
    says="gave {person_id} the role {role} from {starts_on}",
    person="person_id",
    sets=(),
)
class AllianceRoleAssigned:
    """`until` is the first day on which the role is no longer held; None while no end is set."""

    assignment_id: UUID
    person_id: UUID
    side: UUID
    role: AllianceRole
    starts_on: date
    until: date | None


@event("directory.alliance-role-ended.v1", says="ended a role as of {until}", person="person_id")
class AllianceRoleEnded:
    """`until` not after the start of the assignment means that the role was never held."""

    assignment_id: UUID
    person_id: UUID
    until: date
    reason: Erasable[str] = None


@event(
    "directory.delegation-named.v1",
    says="named {delegate_id} to act for {person_id} from {starts_on} until {until}",
    person="person_id",
)
class DelegationNamed:
    """In the alliance's ledger. `until` is the first day on which the delegate no longer acts for the person."""

    delegation_id: UUID
    person_id: UUID
    delegate_id: UUID
    side: UUID
    starts_on: date
    until: date


@event("directory.delegation-ended.v1", says="ended a delegation as of {until}", person="person_id")
class DelegationEnded:
    """`until` not after its start means that the delegate never acted."""

    delegation_id: UUID
    person_id: UUID
    until: date


@event("directory.api-key-issued.v1", says="issued the API key {name} ({prefix}…)")
class ApiKeyIssued:
    """`secret_hash` is the SHA-256 of the secret in lower-case hex; `alliances` empty means all of them."""

    name: str
    prefix: str
    secret_hash: str
    scopes: tuple[Scope, ...]
    alliances: tuple[UUID, ...]
    expires_at: datetime


@event(
    "directory.api-key-rotated.v1",
    says="gave the API key {called} a new secret ({prefix}…)",
    sets=("prefix", "expires_at"),
)
class ApiKeyRotated:
    """The secret before this one opens the key until `previous_until`."""

    prefix: str
    secret_hash: str
    expires_at: datetime
    previous_until: datetime


@event("directory.api-key-revoked.v1", says="revoked the API key {called}")
class ApiKeyRevoked:
    reason: Erasable[str] = None
