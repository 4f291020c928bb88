"""What the endpoints of decisions and their clocks take and give."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints

from services.governance.api.schemas.governance_models import DecisionOwner
from services.governance.api.schemas.signing_keys import SIGNED, OwnSignature, ShownSignature
from shared.http.types import Answer, Count, Id, KeyText, Schema, Text, Timestamp

DecisionStatus = Literal["open", "approved", "rejected", "withdrawn", "lapsed"]
Choice = Literal["approve", "reject", "abstain", "ask_for_information"]
Percent = Annotated[int, Field(ge=1, le=99)]
OPTIONS_MAX = 50
VALUES_MAX = 50
Values = Annotated[
    dict[KeyText, Annotated[str, StringConstraints(max_length=200)]],
    Field(max_length=VALUES_MAX, json_schema_extra={"additionalProperties": False}),
]


class RaiseDecision(Schema):
    """What is to be decided, under the governance model in force."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "roadmap_change",
                "subject": "Move the launch of the second route to March",
                "options": ["Move it", "Keep the date"],
                "context": "The certification takes longer than planned.",
            }
        }
    )

    type: KeyText = Field(description="A decision type of the matrix; any other is recorded as outside of it.")
    subject: Text
    options: list[Text] = Field(default_factory=list, max_length=OPTIONS_MAX)
    context: Text | None = None
    values: Values | None = Field(
        default=None, description="For a `sometimes`: the values that its condition asks for, as texts."
    )
    owner_side: Id | None = Field(
        default=None, description="The side that decides alone what is not joint; yours unless the matrix or this says."
    )


class CastVote(Schema):
    """Your side's vote; a later one replaces it while the decision is open."""

    model_config = ConfigDict(json_schema_extra={"example": {"choice": "approve", "reason": "The date holds."}})

    choice: Choice
    reason: Text | None = None
    signature: OwnSignature | None = Field(default=None, description=SIGNED)


class AssignDecision(Schema):
    """The colleague who is to be in charge of the decision on your side."""

    model_config = ConfigDict(json_schema_extra={"example": {"person_id": "0190c5a2-7d3b-7c1e-9d55-0d8f6a1b2c3d"}})

    person_id: Id


class ResubmitDecision(Schema):
    """What is said anew; what is left out stays as it was."""

    model_config = ConfigDict(json_schema_extra={"example": {"context": "The certificate has come."}})

    subject: Text | None = None
    options: list[Text] | None = Field(default=None, max_length=OPTIONS_MAX)
    context: Text | None = None


class GiveInformation(Schema):
    """What another side asked for."""

    model_config = ConfigDict(json_schema_extra={"example": {"answer": "The certificate is expected on 3 March."}})

    answer: Text


class Vote(Answer):
    """How a side stands."""

    side: Id
    choice: Choice
    reason: str | None
    person_id: Id | None
    cast_at: Timestamp
    signature: ShownSignature | None = Field(description="That of a key of the side's own, if it has any.")


class Information(Answer):
    """What a side answered."""

    side: Id
    answer: str | None
    given_at: Timestamp


class PersonInCharge(Answer):
    """Whom a side put in charge of a decision."""

    side: Id
    person_id: Id


class Decision(Answer):
    """A decision, how it is decided, how its sides voted and when it is due.

    `due_at` is that of the forum it stands with (null while paused), `original_due_at` that of the beginning.
    """

    id: Id
    alliance_id: Id
    type: str
    title: str
    subject: str | None
    options: list[str] | None
    context: str | None
    raised_by: Id
    raised_at: Timestamp
    model_id: Id | None
    outside_matrix: bool
    owner: DecisionOwner
    joint: bool
    condition: str | None
    evaluated: dict[str, str] | None
    sides: list[Id] = Field(description="Who decides: each of them when joint.")
    status: DecisionStatus
    outcome: Literal["approved", "rejected"] | None
    votes: list[Vote]
    information: list[Information]
    assigned: list[PersonInCharge]
    silent: list[Id] = Field(description="Sides whose silence the signed matrix took for approval.")
    waits_for: list[Id] = Field(description="The sides in whose court the ball is.")
    cycle: Count = Field(description="1, and one more each time it is reopened.")
    rung: Count = Field(description="How far it was escalated; 0: not.")
    forum: str | None
    due_at: Timestamp | None
    original_due_at: Timestamp | None
    breached: bool = Field(description="A due time of this cycle has passed without an outcome.")
    acknowledged: bool
    settled_at: Timestamp | None
    late: bool = Field(description="It was settled after a due time.")
    version: Count
