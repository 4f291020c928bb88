"""What endpoints about signing in take and give."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints

from shared.http.types import NO_NUL, Answer, Count, Id, Name, Schema

Address = Annotated[str, StringConstraints(min_length=8, max_length=255, pattern=NO_NUL)]
Subject = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=NO_NUL)]


class FirstIdentity(Schema):
    """One of the organisation's people, and what the issuer calls them."""

    person_id: Id
    subject: Subject


class BindIssuer(Schema):
    """A company's own identity provider (OpenID Connect)."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "issuer": "https://login.united.example",
                "audience": "concord",
                "first": {"person_id": "0190c5a2-7d3b-7c1e-9d55-0d8f6a1b2c3e", "subject": "248289761001"},
            }
        }
    )

    issuer: Address = Field(description="The address that its tokens bear as `iss`, to the letter.")
    audience: Name = Field(description="What its tokens for Concord bear as `aud`.")
    first: FirstIdentity | None = Field(default=None, description="Who signs in first, and links the others.")


class IdentityProvider(Answer):
    """The identity provider that speaks for an organisation, and for no other."""

    organisation_id: Id = Field(validation_alias="ledger_id")
    issuer: str
    audience: str
    version: Count


class LinkIdentity(Schema):
    """What the organisation's identity provider calls a person."""

    model_config = ConfigDict(json_schema_extra={"example": {"subject": "248289761001"}})

    subject: Subject = Field(description="The claim `sub` of the person's tokens.")


class Identity(Answer):
    """How a person signs in."""

    person_id: Id
    issuer: str
    subject: str | None = Field(description="Null once erased.")
    version: Count = Field(description="The person's version, for If-Match.")
