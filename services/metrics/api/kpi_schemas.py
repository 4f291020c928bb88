"""KPIs as they are proposed, countered and shown."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints

from shared.events import metrics as events
from shared.http.types import Answer, Count, Day, DecimalText, Id, KeyText, Name, Schema, Text, Timestamp

Area = Literal["value", "execution", "relationship", "capability"]
Group = Literal["revenue_impact", "adoption", "strategic_value", "health"]
Unit = Literal["currency", "count", "ratio", "score", "days"]
Direction = Literal["up", "down", "to_target"]
Frequency = Literal["day", "week", "month", "quarter"]
Aggregation = Literal["sum", "mean", "last", "max", "ratio_of_sums"]
Nature = Literal["measured", "estimated", "judged"]
KpiStatus = Literal["proposed", "agreed", "retired", "withdrawn"]
Derivation = Literal[
    "milestones_reached", "decision_days", "sla_attainment", "decisions_escalated", "commitments_kept", "conflicts",
    "conflict_days", "meetings_held", "reviews_done",
]  # fmt: skip
Currency = Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")]

ORGANISATION = "0190c5a2-7d3b-7c1e-9d55-0d8f6a1b2c3d"
TERMS: dict[str, Any] = {
    "key": "regional_on_time_rate",
    "title": "Regional on-time rate",
    "definition": "Flights on time within 15 minutes ÷ flights counted, on the day.",
    "area": "value",
    "group": "health",
    "unit": "ratio",
    "direction": "up",
    "frequency": "day",
    "aggregation": "ratio_of_sums",
    "nature": "measured",
    "leading": False,
    "reported_by": [ORGANISATION],
    "tolerance": {"kind": "absolute", "amount": "0.02"},
    "until_settled": "reporter",
    "targets": [{"since": "2013-01-01", "value": "0.75"}],
    "due_days": 3,
}


class KpiTolerance(Schema):
    """How far two sides may lie apart: in the KPI's unit, or as a share of the larger magnitude (0.05 is 5 %)."""

    kind: Literal["absolute", "relative"]
    amount: DecimalText


class KpiTarget(Schema):
    """The value aimed at from a day on, until the next target starts."""

    since: Day
    value: DecimalText


class KpiOwner(Schema):
    """The person who answers for the KPI on one side."""

    side: Id
    person: Id


class KpiTerms(Schema):
    """All that the parties agree on about one KPI."""

    model_config = ConfigDict(json_schema_extra={"example": TERMS})

    key: KeyText
    title: Name
    definition: Text
    area: Area
    group: Group
    unit: Unit
    currency: Currency | None = Field(default=None, description="Given when, and only when, the unit is currency.")
    direction: Direction
    frequency: Frequency
    aggregation: Aggregation = Field(description="Over time and over dimensions.")
    nature: Nature
    leading: bool
    reported_by: list[Id] = Field(max_length=50, description="The organisations that report it; none if it is derived.")
    tolerance: KpiTolerance
    until_settled: Literal["reporter", "mean", "lower", "none"] = Field(
        description="Which value counts while the sides differ; `reporter` is the first of `reported_by`."
    )
    targets: list[KpiTarget] = Field(default_factory=list, max_length=200)
    baseline: DecimalText | None = None
    owners: list[KpiOwner] = Field(default_factory=list, max_length=50)
    dimensions: list[KeyText] = Field(default_factory=list, max_length=16)
    over_dimensions: Literal["sum", "mean", "max"] | None = Field(
        default=None,
        description="How one period's figures are put together over dimensions; null: as `aggregation` says, and for "
        "`last` currencies and counts are summed, other units averaged.",
    )
    alarm: DecimalText | None = Field(default=None, description="Beyond it, in the wrong direction, is an alarm.")
    derived: Derivation | None = Field(default=None, description="Told by governance's events; nobody reports it.")
    due_days: int = Field(ge=0, le=366, description="Calendar days after the last day of a period.")
    late_days_max: int | None = Field(
        default=None, ge=0, le=3_660, description="First reports are taken until so many days after a period's end."
    )
    future_days_max: int = Field(default=0, ge=0, le=3_660, description="How far ahead a period may begin.")
    settle_days: int = Field(default=10, ge=1, le=366, description="How long a difference may stay unsettled.")

    def value(self) -> events.KpiTerms:
        return events.KpiTerms(
            key=self.key,
            title=self.title,
            definition=self.definition,
            area=events.Area(self.area),
            group=events.Group(self.group),
            unit=events.Unit(self.unit),
            currency=self.currency,
            direction=events.Direction(self.direction),
            frequency=events.Frequency(self.frequency),
            aggregation=events.Aggregation(self.aggregation),
            nature=events.Nature(self.nature),
            leading=self.leading,
            reported_by=tuple(self.reported_by),
            tolerance=events.Tolerance(events.ToleranceKind(self.tolerance.kind), self.tolerance.amount),
            until_settled=events.UntilSettled(self.until_settled),
            targets=tuple(events.Target(target.since, target.value) for target in self.targets),
            baseline=self.baseline,
            owners=tuple(events.Owner(owner.side, owner.person) for owner in self.owners),
            dimensions=tuple(self.dimensions),
            over_dimensions=None if self.over_dimensions is None else events.OverDimensions(self.over_dimensions),
            alarm=self.alarm,
            derived=None if self.derived is None else events.Derivation(self.derived),
            due_days=self.due_days,
            late_days_max=self.late_days_max,
            future_days_max=self.future_days_max,
            settle_days=self.settle_days,
        )


class ProposeKpi(Schema):
    """A KPI for the parties to agree on."""

    model_config = ConfigDict(json_schema_extra={"example": {"terms": TERMS}})

    terms: KpiTerms


class CounterKpi(Schema):
    """Other terms for the KPI on the table, and why."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"terms": {**TERMS, "due_days": 5}, "note": "Three days are too few for us."}}
    )

    terms: KpiTerms
    note: Text | None = None


class ReviseKpi(Schema):
    """Other terms for a KPI in force, and why. What has been reported keeps its meaning."""

    model_config = ConfigDict(json_schema_extra={"example": {"terms": {**TERMS, "due_days": 5}, "note": "More time."}})

    terms: KpiTerms
    note: Text | None = None


class RetireKpi(Schema):
    """Why the KPI should go."""

    model_config = ConfigDict(json_schema_extra={"example": {"reason": "The routes are closed."}})

    reason: Text | None = None


class NoteDefinition(Schema):
    """How your side counts what it reports; null takes the note away."""

    model_config = ConfigDict(json_schema_extra={"example": {"note": "On time by arrival at the gate."}})

    note: Text | None


class Kpi(Answer):
    """A KPI: the terms in force or on the table, and the sides bound to them; agreed once all are."""

    id: Id
    key: KeyText
    status: KpiStatus
    terms: KpiTerms
    revision: KpiTerms | None = Field(description="Terms on the table for a KPI in force.")
    proposed_by: Id
    parties: list[Id]
    accepted_by: list[Id]
    retired_by: list[Id] = Field(description="The parties that have asked to retire it.")
    definition_notes: dict[str, str] = Field(description="How each side counts, by organisation.")
    note: str | None = Field(description="Said with the last counter-offer; null when nothing was, or once erased.")
    agreed_at: Timestamp | None
    version: Count
