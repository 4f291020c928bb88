"""What the endpoints of governance models take and give. The content reads the same both ways, since it is signed."""

from __future__ import annotations

from typing import Annotated, Literal

from dateutil.rrule import rrulestr
from pydantic import AfterValidator, ConfigDict, Field, StringConstraints
from pydantic.config import JsonDict

from services.governance.api.schemas.signing_keys import OWN_SIGNATURES, SIGNED, ActSignature, OwnSignature
from services.governance.domain.alliance import MAX_PARTIES
from services.governance.domain.calendar import MAX_INTERVALS_A_DAY
from services.governance.domain.matrix import (
    MAX_DECISION_RIGHTS,
    MAX_DISPUTE_STEPS,
    MAX_FORUMS,
    MAX_RUNGS,
    MAX_SLA_HOURS,
)
from shared.events import governance_terms as terms
from shared.http.types import Answer, Count, Day, Id, KeyText, Name, Schema, Text, Timestamp
from shared.log.codec import adapter

ModelStatus = Literal["draft", "proposed", "in_force", "superseded"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Opens = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Closes = Annotated[str, StringConstraints(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
CADENCE = (
    r"^FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY)"
    r"(;(INTERVAL=[1-9][0-9]{0,2}|(BYDAY|BYMONTHDAY|BYMONTH|BYSETPOS|WKST)=[A-Z0-9,+-]+))*$"
)
MEMBERS_MAX = 100
ROLES_MAX = 20
DAYS_OFF_MAX = 1_000
SHARES_MAX = 5
MEETING_MINUTES_MAX = 1_440
WARNING_SHARES = (75, 90)


def a_rule(cadence: str) -> str:
    try:
        rrulestr(cadence)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise ValueError("not a recurrence rule of RFC 5545, such as FREQ=MONTHLY;INTERVAL=3") from error
    return cadence


Cadence = Annotated[str, StringConstraints(pattern=CADENCE, max_length=200), AfterValidator(a_rule)]


class SlaDuration(Schema):
    """A length of time and its unit; a business day is a day of the calendar, not 24 working hours."""

    value: int = Field(ge=1, le=MAX_SLA_HOURS)
    unit: Literal["business_days", "working_hours", "calendar_days", "elapsed_hours"]


class ForumMember(Schema):
    """A person of one side."""

    side: Id
    person_id: Id


class Forum(Schema):
    """Where decisions are made: its members, chair, quorum, and how often it meets (null: as needed)."""

    key: KeyText
    title: Name
    layer: Literal["executive_steering", "operational_council", "working_team"]
    cadence: Cadence | None = Field(default=None, description="An RRULE of RFC 5545.")
    members: list[ForumMember] = Field(default_factory=list, max_length=MEMBERS_MAX)
    chair: Id | None = None
    quorum: int = Field(default=2, ge=1, le=MEMBERS_MAX)
    early_cadence: Cadence | None = Field(default=None, description="Followed until the alliance is operating.")
    meets_at: Opens | None = Field(default=None, description="Local time; without it, when all sides are at work.")
    time_zone: Name | None = Field(default=None, description="An IANA time zone, for `meets_at`.")
    minutes: int = Field(default=60, ge=1, le=MEETING_MINUTES_MAX)


class DecisionOwner(Schema):
    """Who decides: holders of one of these roles, or the members of a forum; of one side, or of each (null)."""

    roles: list[KeyText] = Field(default_factory=list, max_length=ROLES_MAX)
    forum: KeyText | None = None
    side: Id | None = None


class LadderRung(Schema):
    """The forum that a breach goes to, and the time it has; without its own SLA that of the decision right."""

    forum: KeyText
    sla: SlaDuration | None = None


class DecisionRight(Schema):
    """One row of the matrix. `condition` says when a `sometimes` is joint."""

    type: KeyText
    title: Name
    owner: DecisionOwner
    joint: Literal["yes", "no", "sometimes"]
    sla: SlaDuration
    forum: KeyText | None = None
    condition: Text | None = None
    escalates_to: list[LadderRung] = Field(default_factory=list, max_length=MAX_RUNGS)
    silence_approves: bool = Field(
        default=False, description="When time is over, sides that have said nothing count as approving."
    )


class DisputeStep(Schema):
    """Who tries to settle a dispute, and within what time: a forum of the model, or in words such as mediation."""

    key: KeyText
    title: Name
    sla: SlaDuration
    forum: KeyText | None = None


class OfficeHours(Schema):
    """Local times; `closes` is later than `opens` and may be `24:00`."""

    opens: Opens
    closes: Closes


class SideCalendar(Schema):
    """When a side works: hours by weekday in its time zone, without holidays and closing days."""

    side: Id
    time_zone: Annotated[Name, Field(description="IANA name.")]
    week: dict[Weekday, Annotated[list[OfficeHours], Field(max_length=MAX_INTERVALS_A_DAY)]]
    holidays: list[Day] = Field(default_factory=list, max_length=DAYS_OFF_MAX)
    closing_days: list[Day] = Field(default_factory=list, max_length=DAYS_OFF_MAX)


class GovernanceContent(Schema):
    """What the sides sign: forums, decision rights, calendars, and when a clock warns."""

    forums: list[Forum] = Field(max_length=MAX_FORUMS)
    decision_rights: list[DecisionRight] = Field(max_length=MAX_DECISION_RIGHTS)
    calendars: list[SideCalendar] = Field(max_length=MAX_PARTIES)
    calendar_setting: Literal["each_own", "all", "owner"] = "all"
    warning_shares: list[Annotated[int, Field(ge=1, le=99)]] = Field(
        default_factory=lambda: list(WARNING_SHARES),
        max_length=SHARES_MAX,
        description="Percents of the time, in rising order.",
    )
    dispute_steps: list[DisputeStep] = Field(
        default_factory=list, max_length=MAX_DISPUTE_STEPS, description="In the order in which a dispute takes them."
    )

    def value(self) -> terms.GovernanceContent:
        content: terms.GovernanceContent = adapter(terms.GovernanceContent).validate_python(
            self.model_dump(mode="json")
        )
        return content


CONTENT_EXAMPLE: JsonDict = {
    "forums": [],
    "decision_rights": [
        {
            "type": "data_sharing",
            "title": "Data sharing",
            "owner": {"roles": ["security", "legal"]},
            "joint": "yes",
            "sla": {"value": 20, "unit": "business_days"},
        }
    ],
    "calendars": [
        {
            "side": "0190c5a2-7d3b-7c1e-9d55-0d8f6a1b2c3d",
            "time_zone": "Europe/Berlin",
            "week": {"mon": [{"opens": "09:00", "closes": "17:00"}]},
        }
    ],
}


class DraftGovernanceModel(Schema):
    """The whole content, or the shipped starter with each side's working calendar and the owners it has named."""

    model_config = ConfigDict(json_schema_extra={"example": {"starter": True}})

    starter: bool = False
    content: GovernanceContent | None = None


class ReviseGovernanceModelDraft(Schema):
    """The whole content that takes the place of the draft's."""

    model_config = ConfigDict(json_schema_extra={"example": {"content": CONTENT_EXAMPLE}})

    content: GovernanceContent


class GovernanceModelDraft(Answer):
    """Your organisation's draft. Proposed, it is the governance model with the same id."""

    id: Id
    alliance_id: Id
    status: Literal["draft", "proposed", "discarded"]
    content: GovernanceContent
    content_sha256: str
    version: Count


class CounterGovernanceModel(Schema):
    """Other content in place of that on the table; all signatures fall away."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "reason": "Data sharing needs our security people.",
                "content": CONTENT_EXAMPLE,
            }
        }
    )

    content: GovernanceContent
    reason: Text | None = None


class SignGovernanceModel(Schema):
    """The SHA-256 of what you read: of the content on the table as canonical JSON (RFC 8785), in lower-case hex."""

    model_config = ConfigDict(json_schema_extra={"example": {"content_sha256": "0a1b2c3d" * 8}})

    content_sha256: Sha256
    signature: OwnSignature | None = Field(default=None, description=SIGNED)


class GovernanceModelSummary(Answer):
    """A governance model without its content; `author` is the side whose content is on the table."""

    id: Id
    status: ModelStatus
    author: Id
    content_sha256: str
    signed_by: list[Id]
    in_force_since: Timestamp | None
    superseded_by: Id | None
    reaffirmed_by: list[Id] = Field(description="Who has signed the yearly re-ratification that is under way.")
    reratified_at: Timestamp | None
    signatures: list[ActSignature] = Field(description=OWN_SIGNATURES)
    version: Count


class GovernanceModel(GovernanceModelSummary):
    """A governance model. `content_sha256` is the SHA-256 of `content` as canonical JSON (RFC 8785)."""

    content: GovernanceContent


class StarterGovernanceModel(Answer):
    """The governance model that ships with Concord, to start from."""

    content: GovernanceContent
    content_sha256: str
