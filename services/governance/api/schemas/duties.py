"""What the endpoints of commitments, risks, counterparts and announcements take and give."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from services.governance.api.schemas.agreement_content import PARTIES_MAX
from services.governance.api.schemas.governance_models import ForumMember
from services.governance.api.schemas.work import OWNERS, SOMEBODY
from shared.http.types import Answer, Count, Day, DecimalText, Id, Name, Schema, Text

CommitmentOf = Literal["people", "money", "headcount"]
Level = Literal["executive", "leadership", "working"]


class PromiseCommitment(Schema):
    """What your side promises for a period. `unit` is an ISO 4217 code for money, else what is counted."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "title": "Planners for the joint flight plan",
                "of": "headcount",
                "amount": "2",
                "unit": "people",
                "starts_on": "2026-04-01",
                "ends_on": "2026-06-30",
                "ring_fenced": True,
            }
        }
    )

    title: Name
    of: CommitmentOf
    amount: DecimalText
    unit: Name
    starts_on: Day
    ends_on: Day
    ring_fenced: bool = False


class DeliverCommitment(Schema):
    """What has come in all, not what came since the last time."""

    model_config = ConfigDict(json_schema_extra={"example": {"amount": "1.5"}})

    amount: DecimalText
    note: Text | None = None


class ConfirmDelivery(Schema):
    """What your side finds has come in all."""

    model_config = ConfigDict(json_schema_extra={"example": {"amount": "1.5"}})

    amount: DecimalText


class ContestDelivery(Schema):
    """What your side finds has come in all: less than was said."""

    model_config = ConfigDict(json_schema_extra={"example": {"amount": "1", "reason": "One planner left in May."}})

    amount: DecimalText
    reason: Text | None = None


class FoundBySide(Answer):
    """What a side found has come, and whether it contests what was said."""

    side: Id
    amount: DecimalText
    contested: bool


class Commitment(Answer):
    """A commitment. `confirmed` is what every other side has found has come; `missed`: not kept in its period."""

    id: Id
    alliance_id: Id
    side: Id
    title: str
    of: CommitmentOf
    amount: DecimalText
    unit: str
    starts_on: Day
    ends_on: Day
    ring_fenced: bool
    delivered: DecimalText
    confirmed: DecimalText
    found: list[FoundBySide]
    status: Literal["promised", "delivered", "kept"]
    missed: bool
    version: Count


class RiskTerms(Schema):
    """A risk; `likelihood` and `impact` from 1 (low) to 5 (high)."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "title": "Pilots become scarce",
                "area": "resources",
                "likelihood": 3,
                "impact": 4,
                "mitigation": "A joint training course from spring on.",
            }
        }
    )

    title: Name
    area: Name
    likelihood: int = Field(ge=1, le=5)
    impact: int = Field(ge=1, le=5)
    mitigation: Text
    owner: ForumMember | None = None


class CloseRisk(Schema):
    """Whether the risk became real, and why it is closed."""

    model_config = ConfigDict(json_schema_extra={"example": {"occurred": False, "reason": "Forty pilots are trained."}})

    occurred: bool
    reason: Text | None = None


class Risk(Answer):
    """A risk of the joint register. `exposure` is likelihood times impact. `side` is null when diligence found it."""

    id: Id
    alliance_id: Id
    side: Id | None
    source: Id | None = Field(description="The event it came from, when a side shared its diligence.")
    title: str
    area: str
    likelihood: int = Field(ge=1, le=5)
    impact: int = Field(ge=1, le=5)
    exposure: int = Field(ge=1, le=25)
    mitigation: str
    owner: ForumMember | None
    status: Literal["open", "closed"]
    occurred: bool
    version: Count


class PairCounterparts(Schema):
    """One person each of two sides or more, who answer each other for a function on a level."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "function": "operations",
                "level": "working",
                "people": [*OWNERS, {"side": "0190c5a2-7d3b-7c1e-9d55-0d8f6a1b2c3e", "person_id": SOMEBODY}],
            }
        }
    )

    function: Name
    level: Level
    people: list[ForumMember] = Field(min_length=2, max_length=PARTIES_MAX)


class Counterparts(Answer):
    """A pair of counterparts, or one of more sides."""

    id: Id
    alliance_id: Id
    function: str
    level: Level
    people: list[ForumMember]
    parted: bool
    version: Count


class PersonInAlliance(Answer):
    """A person of the alliance, what they are to it, and what breaks if they leave."""

    side: Id
    person_id: Id
    name: str | None = Field(description="Null for somebody of another side without a role in the alliance.")
    active: bool
    owner_roles: list[Literal["alliance_manager", "executive_sponsor"]]
    forums: list[str]
    pairs: list[Id]
    milestones: list[Id]
    tracks: list[Id]
    breaks: list[str] = Field(description="What nobody of the same side would hold any more, in words.")


class SideStrength(Answer):
    """How many active people a side has in the alliance; fewer than three is thin."""

    side: Id
    active_people: Count
    thin: bool


class Relationships(Answer):
    """The people of an alliance, the pairs across its sides, and how many each side has."""

    people: list[PersonInAlliance]
    pairs: list[Counterparts]
    sides: list[SideStrength]


class AnnounceAlliance(Schema):
    """The day of the announcement, and its text if it is to be kept."""

    model_config = ConfigDict(json_schema_extra={"example": {"on": "2026-04-01"}})

    on: Day
    text: Text | None = None


class Announcement(Answer):
    """An announcement in public, with what was in place for it."""

    id: Id
    alliance_id: Id
    side: Id
    on: Day
    plan: Id
    kpis: Count
    text: str | None
    version: Count
