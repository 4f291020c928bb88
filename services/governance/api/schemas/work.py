"""What the endpoints of milestones, integration tracks and pilots take and give."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, Field

from services.governance.api.schemas.agreement_content import ITEMS_MAX, PARTIES_MAX, Items, KpiThreshold, SomeItems
from services.governance.api.schemas.governance_models import ForumMember
from services.governance.api.schemas.plan_content import DELIVERABLES_MAX, MilestoneArea
from shared.http.types import Answer, Count, Day, DecimalText, Id, KeyText, Name, Schema, Text

SOMEBODY = "0190c5a2-7d3b-7c1e-9d55-0d8f6a1b2c3d"
OWNERS: Any = [{"side": SOMEBODY, "person_id": SOMEBODY}]
MilestoneStatus = Literal["planned", "in_progress", "blocked", "reached", "dropped"]
TrackKind = Literal["technical", "go_to_market", "customer_success", "knowledge"]
DeliverableStatus = Literal["planned", "building", "delivered", "in_use"]
PilotVerdict = Literal["commit", "extend", "stop"]


class PlanMilestone(Schema):
    """A milestone beside the operating plan, with an owner on each side."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "key": "crew_app",
                "title": "One crew app",
                "area": "integration",
                "due_on": "2026-09-30",
                "owners": OWNERS,
            }
        }
    )

    key: KeyText
    title: Name
    area: MilestoneArea
    due_on: Day
    owners: list[ForumMember] = Field(min_length=1, max_length=PARTIES_MAX)
    depends_on: list[Id] = Field(default_factory=list, max_length=DELIVERABLES_MAX)
    deliverables: list[Name] = Field(default_factory=list, max_length=DELIVERABLES_MAX)


class ReportMilestone(Schema):
    """Where a milestone stands. It is reached once what it depends on is, and all is delivered."""

    model_config = ConfigDict(json_schema_extra={"example": {"status": "in_progress"}})

    status: Literal["in_progress", "blocked", "reached", "dropped"]
    note: Text | None = None


class DeliverDeliverable(Schema):
    """A deliverable by its place in the milestone's list, from 0."""

    model_config = ConfigDict(json_schema_extra={"example": {"place": 0}})

    place: int = Field(ge=0, lt=DELIVERABLES_MAX)


class MoveMilestone(Schema):
    """The new day, and the change request of the roadmap, in force, that allows it."""

    model_config = ConfigDict(json_schema_extra={"example": {"due_on": "2026-10-31", "change_request": SOMEBODY}})

    due_on: Day
    change_request: Id


class MilestoneDeliverable(Answer):
    """What a milestone delivers."""

    title: str
    delivered: bool


class Milestone(Answer):
    """A milestone. `missed`: its day passed before it was reached; `late`: it was reached after that."""

    id: Id
    alliance_id: Id
    plan: Id | None = Field(description="The operating plan that it comes from; null for one added later.")
    key: str
    title: str
    area: MilestoneArea
    quick_win: bool
    due_on: Day
    owners: list[ForumMember]
    depends_on: list[Id]
    deliverables: list[MilestoneDeliverable]
    status: MilestoneStatus
    late: bool
    missed: bool
    version: Count


class TrackDeliverable(Schema):
    """What a track brings into the other side."""

    key: KeyText
    title: Name
    due_on: Day | None = None


class SideHeadcount(Schema):
    """Full-time people of a side that are ring-fenced for a track."""

    side: Id
    people: DecimalText


class TrackTerms(Schema):
    """What a track delivers, who owns it on each side, who works on it, and the KPIs that show it is used."""

    title: Name
    owners: list[ForumMember] = Field(min_length=1, max_length=PARTIES_MAX)
    deliverables: list[TrackDeliverable] = Items
    headcount: list[SideHeadcount] = Field(default_factory=list, max_length=PARTIES_MAX)
    kpis: list[KeyText] = SomeItems


EXAMPLE_TRACK: dict[str, Any] = {
    "title": "Shared operations data",
    "owners": OWNERS,
    "deliverables": [{"key": "feed", "title": "Daily feed of delays"}],
    "kpis": ["regional_on_time_rate"],
}


class OpenTrack(Schema):
    """An integration track of one kind."""

    model_config = ConfigDict(json_schema_extra={"example": {"kind": "technical", "terms": EXAMPLE_TRACK}})

    kind: TrackKind
    terms: TrackTerms


class ReplanTrack(Schema):
    """All of the track's terms as they are from now on; a deliverable with the same key keeps where it stood."""

    model_config = ConfigDict(json_schema_extra={"example": {"terms": EXAMPLE_TRACK}})

    terms: TrackTerms


class ReportTrackDeliverable(Schema):
    """How far a deliverable has come; in use is what an integration is for."""

    model_config = ConfigDict(json_schema_extra={"example": {"key": "feed", "status": "in_use"}})

    key: KeyText
    status: DeliverableStatus
    note: Text | None = None


class TrackedDeliverable(TrackDeliverable, Answer):
    """A deliverable of a track and how far it has come."""

    status: DeliverableStatus


class Track(Answer):
    """An integration track. `depth` from 0 to 1: the mean of how far its deliverables are, all in use being 1."""

    id: Id
    alliance_id: Id
    kind: TrackKind
    title: str
    owners: list[ForumMember]
    headcount: list[SideHeadcount]
    kpis: list[str]
    deliverables: list[TrackedDeliverable]
    depth: DecimalText | None
    closed: bool
    version: Count


class PilotCriterion(Schema):
    """What success is; told by a figure where `test` is given."""

    key: KeyText
    statement: Text
    test: KpiThreshold | None = None


class ProposePilot(Schema):
    """A pilot with its own end and what success is."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "title": "One route first",
                "ends_on": "2036-06-30",
                "criteria": [{"key": "on_time", "statement": "Seven flights of ten leave on time."}],
            }
        }
    )

    title: Name
    ends_on: Day
    criteria: list[PilotCriterion] = Field(min_length=1, max_length=ITEMS_MAX)


class GivePilotVerdict(Schema):
    """Your side's verdict, the criteria it finds met, and for `extend` the new last day."""

    model_config = ConfigDict(json_schema_extra={"example": {"verdict": "commit", "met": ["on_time"]}})

    verdict: PilotVerdict
    met: list[KeyText] = SomeItems
    until: Day | None = None
    reason: Text | None = None


class PilotVerdictOfSide(Answer):
    """What a side said last; `reason` is null when erased or not given."""

    side: Id
    verdict: PilotVerdict
    met: list[str]
    until: Day | None
    reason: str | None


class Pilot(Answer):
    """A pilot. `missed`: it had no verdict by its end."""

    id: Id
    alliance_id: Id
    title: str
    status: Literal["proposed", "declined", "running", "concluded"]
    ends_on: Day
    criteria: list[PilotCriterion]
    accepted_by: list[Id]
    said: list[PilotVerdictOfSide]
    verdict: PilotVerdict | None
    missed: bool
    version: Count
