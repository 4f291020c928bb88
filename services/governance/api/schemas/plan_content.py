"""The content of operating plan, change request and unwind plan. It reads the same both ways: it is signed."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from services.governance.api.schemas.agreement_content import PARTIES_MAX, Items, SomeItems
from services.governance.api.schemas.governance_models import ForumMember
from shared.http.types import Day, DecimalText, Id, KeyText, Name, Schema, Text

DELIVERABLES_MAX = 50
MilestoneArea = Literal[
    "joint_teams", "glossary_and_norms", "integration", "quick_win", "kpi_baseline", "internal_communication", "other"
]


class PlannedMilestone(Schema):
    """A milestone due 30, 60 or 90 days after the plan's start, with an owner on each side."""

    key: KeyText
    title: Name
    area: MilestoneArea
    due_day: Literal[30, 60, 90]
    owners: list[ForumMember] = Field(max_length=PARTIES_MAX)
    depends_on: list[KeyText] = Field(default_factory=list, max_length=DELIVERABLES_MAX)
    deliverables: list[Name] = Field(default_factory=list, max_length=DELIVERABLES_MAX)


class PromisedResource(Schema):
    """`unit` in words, such as people, EUR or hours a week."""

    side: Id
    resource: Name
    amount: DecimalText
    unit: Name


class OperatingPlanContent(Schema):
    """The first 90 days. It is signed once it has milestones for day 30, 60 and 90, each with an owner on each side."""

    kind: Literal["operating_plan"]
    starts_on: Day
    milestones: list[PlannedMilestone] = Items
    resources: list[PromisedResource] = SomeItems


class ChangeConsequence(Schema):
    """What a change does to one part of the deal, and how where it changes it. Undetermined, it cannot be signed."""

    effect: Literal["undetermined", "changed", "confirmed_unchanged"]
    how: Text | None = None


class ChangeRequestContent(Schema):
    """A change of scope or roadmap. It says for economics, resources and governance whether and how they change."""

    kind: Literal["change_request"]
    title: Name
    change_of: Literal["scope", "roadmap"]
    description: Text
    economics: ChangeConsequence
    resources: ChangeConsequence
    governance: ChangeConsequence


class UnwindDisposition(Schema):
    """What becomes of one thing, by when. It is done once every side has given its receipt."""

    key: KeyText
    area: Literal["assets", "data", "clients", "ip", "people", "communication"]
    what: Text
    disposition: Text
    due_on: Day


class UnwindPlanContent(Schema):
    """What becomes of everything. It is signed once it speaks of every area."""

    kind: Literal["unwind_plan"]
    dispositions: list[UnwindDisposition] = Items
