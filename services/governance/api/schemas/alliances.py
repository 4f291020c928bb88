"""What the endpoints of alliances take and give."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from services.governance.domain.alliance import MAX_PARTIES
from shared.events import governance_terms as terms
from shared.http.types import Answer, Count, Id, Name, Schema, Text

Intent = Literal["market_access", "capability_extension", "revenue_acceleration", "risk_mitigation", "co_innovation"]
Stage = Literal["forming", "designing", "launching", "operating", "evolving", "exiting", "ended"]
GatedStage = Literal["designing", "launching", "operating", "evolving", "exiting", "ended"]
OwnerRole = Literal["alliance_manager", "executive_sponsor"]
AllianceStatus = Literal["proposed", "accepted", "declined"]
POINTS_MAX = 100


class AllianceScope(Schema):
    """What the alliance is about, and what it is not."""

    inside: list[Text] = Field(default_factory=list, max_length=POINTS_MAX)
    outside: list[Text] = Field(default_factory=list, max_length=POINTS_MAX)
    not_a_goal: list[Text] = Field(default_factory=list, max_length=POINTS_MAX)

    def value(self) -> terms.Scope:
        return terms.Scope(tuple(self.inside), tuple(self.outside), tuple(self.not_a_goal))


class ProposeAlliance(Schema):
    """An alliance of your organisation with others."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "name": "Transatlantic codeshare",
                "intent": "market_access",
                "type": "codeshare",
                "structure": "contractual",
                "parties": ["0190c5a2-7d3b-7c1e-9d55-0d8f6a1b2c3d"],
                "scope": {"inside": ["Flights between Chicago and Frankfurt"], "outside": ["Cargo"], "not_a_goal": []},
            }
        }
    )

    name: Name
    intent: Intent
    type: Name = Field(description="In your words, such as codeshare or reseller agreement.")
    structure: Name = Field(description="In your words, such as contractual or joint venture.")
    parties: list[Id] = Field(
        min_length=1, max_length=MAX_PARTIES - 1, description="The other parties: organisations that use Concord."
    )
    scope: AllianceScope | None = None


class AllianceOwner(Answer):
    """A person who answers for the alliance on one side."""

    side: Id
    role: OwnerRole
    person_id: Id


class GateWaiver(Answer):
    """A side's consent to open a gate although something is missing; it opens once every side has given it."""

    side: Id
    stage: Stage
    reason: str | None


class Alliance(Answer):
    """An alliance; `stage` is null until every party has accepted. `scope` is null once erased."""

    id: Id
    name: str
    intent: Intent
    type: str
    structure: str
    scope: AllianceScope | None
    parties: list[Id]
    proposed_by: Id
    status: AllianceStatus
    accepted_by: list[Id]
    declined_by: Id | None
    reason: str | None = Field(description="Why it was declined, if that was said.")
    stage: Stage | None
    owners: list[AllianceOwner]
    waivers: list[GateWaiver]
    version: Count


class MissingThing(Answer):
    """One thing that keeps a gate shut; `side` is null for what all must bring together."""

    code: Literal[
        "owner-not-named",
        "no-governance-model",
        "no-value-thesis",
        "no-value-exchange",
        "no-term-sheet",
        "no-operating-plan",
        "no-roadmap",
        "no-kpis",
        "no-review",
        "no-exit",
        "exit-not-completed",
    ]
    detail: str
    side: Id | None


class StageGate(Answer):
    """The gate to a stage. It opens when nothing is missing, or when every side has waived it."""

    stage: GatedStage
    missing: list[MissingThing]
    waived_by: list[Id]
    opens: bool


class AllianceGates(Answer):
    """What every gate of an alliance misses at this moment, and what an announcement in public would."""

    stage: Stage | None
    gates: list[StageGate]
    announcement: list[MissingThing]


class Because(Schema):
    """Why, if it is to be kept."""

    model_config = ConfigDict(json_schema_extra={"example": {"reason": "Our plans have changed."}})

    reason: Text | None = None


class NameOwner(Schema):
    """A person of your organisation who answers for the alliance on your side."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"role": "alliance_manager", "person_id": "0190c5a2-7d3b-7c1e-9d55-0d8f6a1b2c3d"}}
    )

    role: OwnerRole
    person_id: Id


class AdvanceAlliance(Schema):
    """The stage to enter: the next one, or from any stage `exiting`."""

    model_config = ConfigDict(json_schema_extra={"example": {"stage": "designing"}})

    stage: GatedStage | None = Field(default=None, description="The next one unless given.")


class WaiveGate(Schema):
    """The gate that your side agrees to open although something is missing, and why."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"stage": "operating", "reason": "The KPIs are agreed with the first figures."}}
    )

    stage: GatedStage
    reason: Text
