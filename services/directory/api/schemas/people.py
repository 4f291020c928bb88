"""What endpoints about people take and give."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from services.directory.api.schemas.alliances import AllianceRole
from services.directory.domain.person import Details
from shared.events import directory as events
from shared.http.types import Answer, Count, Id, Name, Schema, Text

Level = Literal["working", "leadership", "executive"]
BLANK = r"\x00-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
"""White space and control characters, spelled out: what `\\s` takes in differs between engines of patterns."""
EMAIL = f"^[^@{BLANK}]+@[^@{BLANK}]+$"


def email_address(text: str) -> str:
    if not re.fullmatch(EMAIL, text):
        raise ValueError("write an e-mail address, such as lee.park@united.example, without blanks")
    return text


Email = Annotated[
    str,
    StringConstraints(min_length=3, max_length=254),
    AfterValidator(email_address),
    Field(json_schema_extra={"pattern": EMAIL}),
]
OrganisationRole = Literal["owner", "admin", "member", "auditor"]


class PersonDetails(Schema):
    """What is known of a person; erased on request."""

    model_config = ConfigDict(json_schema_extra={"example": {"name": "Lee Park", "email": "lee.park@united.example"}})

    name: Name
    email: Email
    function: Name | None = None
    seniority: Name | None = None
    level: Level = "working"

    def value(self) -> Details:
        return Details(self.name, self.email, self.function, self.seniority, events.Level(self.level))


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


class WithReason(Schema):
    """Why, if it is to be kept."""

    model_config = ConfigDict(json_schema_extra={"example": {"reason": "The server was replaced."}})

    reason: Text | None = None


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


class AllianceSeat(Answer):
    """The roles that you use in an alliance at this moment: yours, or those of a colleague you act for."""

    alliance_id: Id
    person_id: Id = Field(description="Whose roles they are.")
    roles: list[AllianceRole]
    lent: bool = Field(description="They are a colleague's, who named you as delegate.")


class Me(Answer):
    """Who you are."""

    person: Person
    organisation_id: Id
    organisation_name: str
    seats: list[AllianceSeat]
