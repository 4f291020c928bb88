"""The plans that the sides sign: the operating plan, a change to it, and the unwinding at the end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Literal
from uuid import UUID

from shared.events.governance_terms import Member

# --- Operating plan and change request -------------------------------------------------------------------------------


class MilestoneArea(StrEnum):
    JOINT_TEAMS = "joint_teams"
    GLOSSARY_AND_NORMS = "glossary_and_norms"
    INTEGRATION = "integration"
    QUICK_WIN = "quick_win"
    KPI_BASELINE = "kpi_baseline"
    INTERNAL_COMMUNICATION = "internal_communication"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class PlannedMilestone:
    """Due `due_day` days after the plan's start. `depends_on` are keys of other milestones of the plan."""

    key: str
    title: str
    area: MilestoneArea
    due_day: int
    owners: tuple[Member, ...]
    depends_on: tuple[str, ...] = ()
    deliverables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PromisedResource:
    """`unit` in words, such as people, EUR or hours a week."""

    side: UUID
    resource: str
    amount: Decimal
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatingPlan:
    kind: Literal["operating_plan"] = "operating_plan"
    starts_on: date
    milestones: tuple[PlannedMilestone, ...]
    resources: tuple[PromisedResource, ...]


class ChangeOf(StrEnum):
    SCOPE = "scope"
    ROADMAP = "roadmap"


class Effect(StrEnum):
    """What a change does to one part of the deal. What is undetermined keeps the request from being signed."""

    UNDETERMINED = "undetermined"
    CHANGED = "changed"
    CONFIRMED_UNCHANGED = "confirmed_unchanged"


@dataclass(frozen=True, slots=True)
class Consequence:
    """`how` says how it is changed; None for any other effect."""

    effect: Effect
    how: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRequest:
    kind: Literal["change_request"] = "change_request"
    title: str
    change_of: ChangeOf
    description: str
    economics: Consequence
    resources: Consequence
    governance: Consequence


# --- Unwind plan -----------------------------------------------------------------------------------------------------


class UnwindArea(StrEnum):
    ASSETS = "assets"
    DATA = "data"
    CLIENTS = "clients"
    IP = "ip"
    PEOPLE = "people"
    COMMUNICATION = "communication"


@dataclass(frozen=True, slots=True)
class Disposition:
    """What becomes of one thing, by when. It is done once every side has given its receipt."""

    key: str
    area: UnwindArea
    what: str
    disposition: str
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class UnwindPlan:
    kind: Literal["unwind_plan"] = "unwind_plan"
    dispositions: tuple[Disposition, ...]
