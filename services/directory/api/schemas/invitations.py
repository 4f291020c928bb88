"""What endpoints about invitations take and give."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints

from services.directory.api.schemas.organisations import WEEK, WorkingCalendar
from services.directory.api.schemas.people import Email, Level, OrganisationRole, PersonDetails
from shared.http.types import Answer, Count, Id, Name, Schema, Text, Timestamp

Days = Annotated[int, Field(ge=1, le=30, description="How long it is open, in days.")]
IdentityToken = Annotated[str, StringConstraints(min_length=20, max_length=8_192, pattern=r"^[A-Za-z0-9._-]+$")]


class InvitePerson(Schema):
    """Somebody who is to come into your organisation."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"name": "Lee Park", "email": "lee.park@united.example", "roles": ["member"]}}
    )

    name: Name
    email: Email
    roles: list[OrganisationRole] = Field(min_length=1, max_length=4)
    expires_in_days: Days = 7


class InviteOrganisation(Schema):
    """A company that is not here yet, and who may open its account."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "legal_name": "ExpressJet Airlines, Inc.",
                "name": "Kim Berg",
                "email": "kim.berg@expressjet.example",
                "message": "Let us run our codeshare here.",
            }
        }
    )

    legal_name: Name
    name: Name
    email: Email
    message: Text | None = None
    expires_in_days: Days = 14


class Invitation(Answer):
    """An invitation as it can be seen afterwards: never its token."""

    id: Id
    kind: Literal["person", "organisation"]
    organisation_id: Id = Field(description="Yours; or that of the company that is invited, once it is here.")
    person_id: Id = Field(description="Whom the invited will be.")
    legal_name: str | None
    name: str | None = Field(description="Null once erased; so is the e-mail address.")
    email: str | None
    roles: list[OrganisationRole]
    expires_at: Timestamp
    status: Literal["open", "accepted", "revoked"] = Field(description="An open one that has expired opens nothing.")
    version: Count


class IssuedInvitation(Invitation):
    """The only answer that ever shows the token, to be sent to the invited by you."""

    shown_once = ("token",)

    token: str | None = Field(
        description="Who sends it as `Authorization: Bearer` may look at the invitation and accept it, once. It is "
        "shown this once: when the request is repeated with its Idempotency-Key, this is null."
    )


class VisibleLedger(Answer):
    """A history that the invited will read, whole, from its beginning."""

    ledger_id: Id
    kind: Literal["organisation", "alliance"]
    entries: Count


class OpenInvitation(Answer):
    """What the invited are invited to, before they decide."""

    kind: Literal["person", "organisation"]
    invited_by: str = Field(description="The organisation that invites.")
    legal_name: str | None
    name: str | None
    email: str | None
    message: str | None
    roles: list[OrganisationRole]
    expires_at: Timestamp
    sees: list[VisibleLedger] = Field(description="What you will read. A company reads each alliance it accepts.")


class AcceptInvitation(Schema):
    """How the invited person wants to be known; what is left out is as the invitation has it."""

    model_config = ConfigDict(json_schema_extra={"example": {"function": "Network planning", "level": "leadership"}})

    name: Name | None = None
    function: Name | None = None
    seniority: Name | None = None
    level: Level = "working"
    identity_token: IdentityToken | None = Field(
        default=None, description="A token of your company's identity provider, which signs you in from then on."
    )


class FoundOrganisation(Schema):
    """The invited company, as it wants to be known, and its first owner."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "legal_name": "ExpressJet Airlines, Inc.",
                "display_name": "ExpressJet",
                "country": "US",
                "calendar": {"time_zone": "America/New_York", "week": WEEK, "holiday_country": "US"},
                "owner": {"name": "Kim Berg", "email": "kim.berg@expressjet.example", "level": "executive"},
            }
        }
    )

    legal_name: Name
    display_name: Name
    country: Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")]
    calendar: WorkingCalendar
    owner: PersonDetails
