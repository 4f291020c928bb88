"""What directory's endpoints take and give."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, JsonValue, StringConstraints

from services.directory.domain.person import Details
from shared.events import directory as events
from shared.http.types import Answer, Count, Day, Id, Name, Schema, Text, Timestamp

ClockTime = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-4]):[0-5][0-9]$")]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Level = Literal["working", "leadership", "executive"]
OrganisationRole = Literal["owner", "admin", "member", "auditor"]
AllianceRole = Literal[
    "executive_sponsor", "alliance_manager", "legal", "security",
    "commercial_lead", "delivery_lead", "working_member", "observer",
]  # fmt: skip
Scope = Literal[
    "metrics:push", "metrics:read", "ledger:read", "governance:read", "governance:write", "scoring:read",
    "scoring:write", "directory:read", "directory:write", "webhooks:read", "webhooks:write",
]  # fmt: skip

WEEK: dict[str, JsonValue] = {day: [{"start": "09:00", "end": "17:00"}] for day in ("mon", "tue", "wed", "thu", "fri")}


class WorkingInterval(Schema):
    """Local working time, `HH:MM` to `HH:MM`."""

    start: ClockTime
    end: ClockTime


class WorkingCalendar(Schema):
    """When an organisation works: what SLA clocks run on."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"time_zone": "America/New_York", "week": WEEK, "holiday_country": "US"}}
    )

    time_zone: Annotated[Name, Field(description="IANA name.")]
    week: dict[Weekday, Annotated[list[WorkingInterval], Field(max_length=8)]]
    holiday_country: Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")] | None = None
    holiday_region: Annotated[str, StringConstraints(min_length=1, max_length=20)] | None = None
    closing_days: list[Day] = Field(default_factory=list, max_length=1_000)

    def value(self) -> events.WorkingCalendar:
        week: dict[str, tuple[events.WorkingInterval, ...]] = {
            day: tuple(events.WorkingInterval(i.start, i.end) for i in hours) for day, hours in self.week.items()
        }
        return events.WorkingCalendar(
            self.time_zone, week, self.holiday_country, self.holiday_region, tuple(self.closing_days)
        )


class PersonDetails(Schema):
    """What is known of a person; erased on request."""

    model_config = ConfigDict(json_schema_extra={"example": {"name": "Lee Park", "email": "lee.park@united.example"}})

    name: Name
    email: Annotated[str, StringConstraints(min_length=3, max_length=254, pattern=r"^[^@\s\x00]+@[^@\s\x00]+$")]
    function: Name | None = None
    seniority: Name | None = None
    level: Level = "working"

    def value(self) -> Details:
        return Details(self.name, self.email, self.function, self.seniority, events.Level(self.level))


class RegisterOrganisation(Schema):
    """A company that will use Concord, and the first person who owns its account."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "legal_name": "United Air Lines, Inc.",
                "display_name": "United",
                "country": "US",
                "calendar": {"time_zone": "America/Chicago", "week": WEEK, "holiday_country": "US"},
                "owner": {"name": "Ana Ruiz", "email": "ana.ruiz@united.example", "level": "leadership"},
            }
        }
    )

    legal_name: Name
    display_name: Name
    country: Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")]
    calendar: WorkingCalendar
    owner: PersonDetails


class Organisation(Answer):
    """An organisation as its own members see it."""

    id: Id
    legal_name: str
    display_name: str
    country: str
    calendar: WorkingCalendar
    closed: bool
    version: Count


class RegisteredOrganisation(Answer):
    """The organisation's id, which is its ledger's too, and its first owner's."""

    id: Id
    owner_id: Id
    version: Count


class AddPerson(PersonDetails):
    """A person of your organisation and what they are in it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"name": "Lee Park", "email": "lee.park@united.example", "level": "working", "roles": ["member"]}
        }
    )

    roles: list[OrganisationRole] = Field(min_length=1, max_length=4)


class OrganisationRoleWish(Schema):
    """A role in the organisation."""

    model_config = ConfigDict(json_schema_extra={"example": {"role": "admin"}})

    role: OrganisationRole


class Person(Answer):
    """A person of your organisation; details are null once erased."""

    id: Id
    name: str | None
    email: str | None
    function: str | None
    seniority: str | None
    level: Level | None
    roles: list[OrganisationRole]
    active: bool
    version: Count


class IssueApiKey(Schema):
    """A key for one of your systems."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "name": "KPI feed",
                "scopes": ["metrics:push"],
                "alliances": [],
                "expires_at": "2027-12-31T00:00:00Z",
            }
        }
    )

    name: Name
    scopes: list[Scope] = Field(min_length=1, max_length=20)
    alliances: list[Id] = Field(default_factory=list, max_length=100, description="Empty: all of your alliances.")
    expires_at: Timestamp


class ApiKey(Answer):
    """A key as it can be seen afterwards: never its secret."""

    id: Id
    name: str
    prefix: str
    scopes: list[Scope]
    alliances: list[Id]
    expires_at: Annotated[datetime, Timestamp]
    revoked: bool
    version: Count


class IssuedApiKey(ApiKey):
    """The only answer that ever shows the key."""

    key: str = Field(description="Send it as `Authorization: Bearer`. It is shown this once.")


class Reason(Schema):
    """Why, if it is to be kept."""

    model_config = ConfigDict(json_schema_extra={"example": {"reason": "The server was replaced."}})

    reason: Text | None = None


class AssignRole(Schema):
    """A role in an alliance for a person of your side."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "person_id": "0190c5a2-7d3b-7c1e-9d55-0d8f6a1b2c3d",
                "role": "alliance_manager",
                "starts_on": "2026-01-01",
            }
        }
    )

    person_id: Id
    role: AllianceRole
    starts_on: Day
    until: Day | None = Field(default=None, description="The first day on which it is no longer held.")


class RoleAssignment(Answer):
    """Who is what to the alliance, for which side and how long."""

    id: Id
    person_id: Id
    side: Id
    role: AllianceRole
    starts_on: date
    until: date | None
    version: Count


class IssueToken(Schema):
    """The person to sign in."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "organisation_id": "0190c5a2-7d3b-7c1e-9d55-0d8f6a1b2c3d",
                "person_id": "0190c5a2-7d3b-7c1e-9d55-0d8f6a1b2c3e",
            }
        }
    )

    organisation_id: Id
    person_id: Id


class DevelopmentToken(Answer):
    """A bearer token of the development issuer."""

    token: str
