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
KpiStatus = Literal["proposed", "agreed"]
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
    reported_by: list[Id] = Field(min_length=1, max_length=50, description="The organisations that report it.")
    tolerance: KpiTolerance
    until_settled: Literal["reporter", "mean", "lower", "none"] = Field(
        description="Which value counts while the sides differ; `reporter` is the first of `reported_by`."
    )
    targets: list[KpiTarget] = Field(default_factory=list, max_length=200)
    baseline: DecimalText | None = None
    owners: list[KpiOwner] = Field(default_factory=list, max_length=50)
    dimensions: list[KeyText] = Field(default_factory=list, max_length=16)
    due_days: int = Field(ge=0, le=366, description="Calendar days after the last day of a period.")

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
            due_days=self.due_days,
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


class Kpi(Answer):
    """A KPI: the terms on the table, and the sides bound to them; agreed once all are."""

    id: Id
    key: KeyText
    status: KpiStatus
    terms: KpiTerms
    proposed_by: Id
    parties: list[Id]
    accepted_by: list[Id]
    note: str | None = Field(description="Said with the last counter-offer; null when nothing was, or once erased.")
    agreed_at: Timestamp | None
    version: Count
