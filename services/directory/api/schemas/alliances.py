"""What endpoints about roles and delegates in alliances take and give."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import ConfigDict, Field

from shared.http.types import Answer, Count, Day, Id, Schema, Text

AllianceRole = Literal[
    "executive_sponsor", "alliance_manager", "legal", "security",
    "commercial_lead", "delivery_lead", "working_member", "observer",
]  # fmt: skip


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


class NameDelegate(Schema):
    """A colleague who acts for a person of your side, for a period; in one alliance."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "delegate_id": "0190c5a2-7d3b-7c1e-9d55-0d8f6a1b2c3e",
                "starts_on": "2026-08-03",
                "until": "2026-08-17",
            }
        }
    )

    person_id: Id | None = Field(default=None, description="Who is away; you, when it is not said. An admin may say.")
    delegate_id: Id
    starts_on: Day
    until: Day = Field(description="The first day on which the delegate no longer acts.")


class Delegation(Answer):
    """Who acts for whom in the alliance, from a day until a day."""

    id: Id
    alliance_id: Id = Field(validation_alias="ledger_id")
    person_id: Id
    delegate_id: Id
    side: Id
    starts_on: date
    until: date
    version: Count


class NoteAbsence(Schema):
    """When a person is away, and who acts for them in every alliance in which they have a role."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "delegate_id": "0190c5a2-7d3b-7c1e-9d55-0d8f6a1b2c3e",
                "starts_on": "2026-08-03",
                "until": "2026-08-17",
            }
        }
    )

    delegate_id: Id
    starts_on: Day
    until: Day = Field(description="The first day back.")


class Absence(Answer):
    """The delegations by which a person's absence is covered, one in each alliance."""

    delegations: list[Delegation]


class Ending(Schema):
    """When something ends: the first day on which it no longer holds."""

    model_config = ConfigDict(json_schema_extra={"example": {"until": "2026-08-10"}})

    until: Day
    reason: Text | None = None
