"""What the rehearsal of a governance model takes and gives."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from services.governance.api.schemas.governance_models import DecisionOwner, GovernanceContent, SideCalendar
from services.governance.domain.alliance import MAX_PARTIES
from shared.http.types import Answer, Count, Id, Schema, Timestamp

REHEARSED_MAX = 200


class RehearseGovernanceModel(Schema):
    """The other model: one of the alliance's by its id, whole content, or the one in force; and other calendars."""

    model_config = ConfigDict(json_schema_extra={"example": {"model_id": "0190c5a2-7d3b-7c1e-9d55-0d8f6a1b2c3d"}})

    model_id: Id | None = None
    content: GovernanceContent | None = None
    calendars: list[SideCalendar] | None = Field(
        default=None, max_length=MAX_PARTIES, description="One a side, in place of those of the model."
    )


class RehearsedCourse(Answer):
    """Who decides, where, when it was due, and whether it was not settled by then."""

    owner: DecisionOwner
    outside_matrix: bool
    joint: bool
    sides: list[Id]
    forum: str | None
    due_at: Timestamp | None
    breached: bool


class RehearsedDecision(Answer):
    """A decision of the past as it went, and as it would have gone."""

    decision_id: Id
    type: str
    subject: str | None
    raised_at: Timestamp
    settled_at: Timestamp | None
    as_it_went: RehearsedCourse
    rehearsed: RehearsedCourse
    changes: list[Literal["who_decides", "forum", "due_at", "breached"]]


class GovernanceRehearsal(Answer):
    """The latest decisions of the alliance under the other model. Nothing of this is recorded."""

    decisions: list[RehearsedDecision] = Field(max_length=REHEARSED_MAX)
    changed: Count
    breached: Count
    breached_when_rehearsed: Count
