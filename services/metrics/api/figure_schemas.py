"""Figures compared and drawn together: reconciliation and the monthly scorecard."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, PlainSerializer, WithJsonSchema

from services.metrics.api.kpi_schemas import Area, Group, Nature, Unit
from shared.http.pages import Page
from shared.http.types import Answer, Count, Id

NUMBER = r"^-?[0-9]+(\.[0-9]+)?$"
Figure = Annotated[
    Decimal,
    PlainSerializer(lambda number: format(number, "f"), return_type=str),
    WithJsonSchema({"type": "string", "pattern": NUMBER, "examples": ["0.784"]}),
]
PairStatus = Literal["waiting", "one_sided", "matched", "discrepant", "disputed", "agreed"]
EXCEPTIONS_SHOWN_MAX = 200


class SideFigure(Answer):
    """What one side says."""

    side: Id
    value: Figure
    numerator: Figure | None
    denominator: Figure | None


class ReconciledPair(Answer):
    """What the two sides say of one period and dimensions. `difference` is first minus second, in the KPI's unit."""

    period: str
    dimensions: dict[str, str]
    status: PairStatus
    first: SideFigure | None
    second: SideFigure | None
    difference: Figure | None
    settled: Figure | None = Field(description="The value that the sides settled on; null unless `agreed`.")


class LargestDifference(Answer):
    """Where the sides lie furthest apart."""

    period: str
    dimensions: dict[str, str]
    difference: Figure


class SystematicDifference(Answer):
    """What is systematic in how the sides differ: it holds on `explained` of `compared` figures."""

    kind: Literal["shift", "offset", "ratio", "one_sided", "level"]
    sentence: str
    amount: Figure
    explained: Count
    compared: Count
    exceptions: list[str] = Field(max_length=EXCEPTIONS_SHOWN_MAX, description="Periods on which it is not so.")


class ReconciliationSummary(Answer):
    """How the sides compare over all periods asked for."""

    both_report: Count
    matched: Count
    discrepant: Count
    disputed: Count
    agreed: Count
    one_sided: Count
    waiting: Count
    largest_difference: LargestDifference | None
    finding: SystematicDifference | None = Field(description="Null when nothing is systematic, or too little is known.")


class Reconciliation(Page[ReconciledPair]):
    """The figures of two sides beside each other, and what stands out."""

    kpi: str
    sides: list[Id] = Field(description="Who reports it, the first first; with one side alone there are no pairs.")
    summary: ReconciliationSummary


class LineCoverage(Answer):
    """Periods reported of periods due; one reported before it is due counts in both."""

    reported: Count
    due: Count
    share: Figure | None


class ScorecardLine(Answer):
    """One KPI in one month, with what its figure stands on. `value` is null below the least coverage."""

    kpi_id: Id
    kpi: str
    title: str
    area: Area
    group: Group
    unit: Unit
    currency: str | None
    nature: Nature
    leading: bool
    value: Figure | None
    target: Figure | None
    status: Literal["on_target", "off_target", "no_target", "no_figure"]
    change: Figure | None = Field(description="Since the month before, in the KPI's unit.")
    trend: Literal["better", "worse", "unchanged", "unknown"]
    coverage: LineCoverage
    reported_by: list[Id] = Field(description="Who has reported on this month.")
    discrepant: Count = Field(description="Figures of this month on which the sides differ beyond the tolerance.")


class Scorecard(Answer):
    """How an alliance did in a month, KPI by KPI."""

    month: str
    lines: list[ScorecardLine] = Field(max_length=500)
