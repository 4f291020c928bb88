"""The values that governance events carry: stages, the terms of a governance model, the route of a decision.

Agreed terms are the sides' text, not a person's: they are signed by their hash and therefore not erasable.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from shared.events.values import Duration


class Intent(StrEnum):
    MARKET_ACCESS = "market_access"
    CAPABILITY_EXTENSION = "capability_extension"
    REVENUE_ACCELERATION = "revenue_acceleration"
    RISK_MITIGATION = "risk_mitigation"
    CO_INNOVATION = "co_innovation"


class Stage(StrEnum):
    """In the order in which an alliance passes through them."""

    FORMING = "forming"
    DESIGNING = "designing"
    LAUNCHING = "launching"
    OPERATING = "operating"
    EVOLVING = "evolving"
    EXITING = "exiting"
    ENDED = "ended"


class OwnerRole(StrEnum):
    ALLIANCE_MANAGER = "alliance_manager"
    EXECUTIVE_SPONSOR = "executive_sponsor"


@dataclass(frozen=True, slots=True)
class Scope:
    inside: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    not_a_goal: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment at which time alone changes a thing; `step` names it within the thing, such as `opens`."""

    step: str
    at: datetime


class Layer(StrEnum):
    EXECUTIVE_STEERING = "executive_steering"
    OPERATIONAL_COUNCIL = "operational_council"
    WORKING_TEAM = "working_team"


class Joint(StrEnum):
    """Whether each side must approve."""

    YES = "yes"
    NO = "no"
    SOMETIMES = "sometimes"


class CalendarSetting(StrEnum):
    """Which calendars a clock follows that waits for several sides."""

    EACH_OWN = "each_own"
    ALL = "all"
    OWNER = "owner"


@dataclass(frozen=True, slots=True)
class Hours:
    """Local wall-clock times `HH:MM`; `closes` is later than `opens` and may be `24:00`."""

    opens: str
    closes: str


@dataclass(frozen=True, slots=True)
class SideCalendar:
    """A side's working calendar with its holidays as dates; `week` is keyed `mon` … `sun`."""

    side: UUID
    time_zone: str
    week: dict[str, tuple[Hours, ...]]
    holidays: tuple[date, ...] = ()
    closing_days: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class Member:
    side: UUID
    person_id: UUID


@dataclass(frozen=True, slots=True)
class Forum:
    """`cadence` is an RFC 5545 RRULE, None when it meets as needed. A quorum always needs one member of each side.

    `early_cadence` is followed until the alliance is operating. `meets_at` is a local time `HH:MM` in `time_zone`;
    without it a meeting begins when all sides are at work. A meeting lasts `minutes`.
    """

    key: str
    title: str
    layer: Layer
    cadence: str | None = None
    members: tuple[Member, ...] = ()
    chair: UUID | None = None
    quorum: int = 2
    early_cadence: str | None = None
    meets_at: str | None = None
    time_zone: str | None = None
    minutes: int = 60


@dataclass(frozen=True, slots=True)
class Owner:
    """Who decides: holders of one of these roles, or the members of a forum; of one side, or of each (None)."""

    roles: tuple[str, ...] = ()
    forum: str | None = None
    side: UUID | None = None


@dataclass(frozen=True, slots=True)
class Rung:
    """A step of an escalation ladder; without its own SLA it has that of the decision right."""

    forum: str
    sla: Duration | None = None


@dataclass(frozen=True, slots=True)
class DecisionRight:
    """One row of the matrix. `condition` says when a `sometimes` is joint.

    `silence_approves`: when time is over, sides that have said nothing count as approving.
    """

    type: str
    title: str
    owner: Owner
    joint: Joint
    sla: Duration
    forum: str | None = None
    condition: str | None = None
    escalates_to: tuple[Rung, ...] = ()
    silence_approves: bool = False


@dataclass(frozen=True, slots=True)
class DisputeStep:
    """Who tries to settle a dispute, and within what time: a forum of the model, or in words such as mediation."""

    key: str
    title: str
    sla: Duration
    forum: str | None = None


@dataclass(frozen=True, slots=True)
class GovernanceContent:
    """What the sides sign. It is agreed text, not a person's, and therefore not erasable."""

    forums: tuple[Forum, ...]
    decision_rights: tuple[DecisionRight, ...]
    calendars: tuple[SideCalendar, ...]
    calendar_setting: CalendarSetting = CalendarSetting.ALL
    warning_shares: tuple[int, ...] = (75, 90)
    dispute_steps: tuple[DisputeStep, ...] = ()


class StepKind(StrEnum):
    """In the order in which steps of one moment fire."""

    RESUMPTION = "resumption"
    WARNING = "warning"
    BREACH = "breach"


@dataclass(frozen=True, slots=True)
class Step:
    """A moment at which a clock must act: the side it concerns, and the share of a warning in percent."""

    kind: StepKind
    at: datetime
    share: int | None = None
    side: UUID | None = None

    @property
    def key(self) -> str:
        """Names the step within its clock, also when a pause has moved it: `breach`, `warning/75/<side>`."""
        return "/".join(str(part) for part in (self.kind, self.share, self.side) if part is not None)


class Choice(StrEnum):
    APPROVE = "approve"
    REJECT = "reject"
    ABSTAIN = "abstain"
    ASK_FOR_INFORMATION = "ask_for_information"


@dataclass(frozen=True, slots=True)
class Route:
    """How a decision is decided: the row in force when it was raised, pinned with all that its clock needs.

    `sides` must each approve when `joint`; otherwise it is the one side that owns the decision.
    `evaluated` keeps the values from which a `sometimes` was found joint or not.
    A type that the matrix does not know is `outside_matrix`: no SLA and no ladder, and every side must approve.
    """

    title: str
    owner: Owner
    joint: bool
    sides: tuple[UUID, ...]
    parties: tuple[UUID, ...]
    outside_matrix: bool = False
    model_id: UUID | None = None
    sla: Duration | None = None
    forum: str | None = None
    condition: str | None = None
    evaluated: dict[str, str] | None = None
    ladder: tuple[Rung, ...] = ()
    forums: tuple[Forum, ...] = ()
    calendars: tuple[SideCalendar, ...] = ()
    calendar_setting: CalendarSetting = CalendarSetting.ALL
    warning_shares: tuple[int, ...] = ()
    silence_approves: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockTerms:
    """What a clock runs on: the part of a route that a rebaseline replaces. `model_id` is where the terms come from."""

    model_id: UUID | None
    sla: Duration
    calendars: tuple[SideCalendar, ...]
    calendar_setting: CalendarSetting
    warning_shares: tuple[int, ...]
