"""Terms and rows that the tests of metrics start from."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from shared.events.metrics import (
    Aggregation,
    Area,
    Direction,
    Frequency,
    Group,
    KpiTerms,
    Nature,
    Target,
    Tolerance,
    ToleranceKind,
    Unit,
    UntilSettled,
)
from shared.events.observations import ObservationRow

A, B, C, OUTSIDER, PERSON = (UUID(int=number) for number in range(1, 6))
AT = datetime(2013, 6, 1, 12, tzinfo=UTC)

ON_TIME = KpiTerms(
    key="on_time",
    title="On-time rate",
    definition="Flights on time ÷ flights.",
    area=Area.VALUE,
    group=Group.HEALTH,
    unit=Unit.RATIO,
    direction=Direction.UP,
    frequency=Frequency.DAY,
    aggregation=Aggregation.RATIO_OF_SUMS,
    nature=Nature.MEASURED,
    leading=False,
    reported_by=(A, B),
    tolerance=Tolerance(ToleranceKind.ABSOLUTE, Decimal("0.01")),
    until_settled=UntilSettled.MEAN,
    targets=(Target(date(2013, 1, 1), Decimal("0.75")),),
    dimensions=("route",),
    due_days=3,
)
FLIGHTS = replace(ON_TIME, key="flights", unit=Unit.COUNT, aggregation=Aggregation.SUM, dimensions=(), targets=())


def flights(identity: str = "f-1", **fields: Any) -> ObservationRow:
    return ObservationRow(
        **{"observation_id": identity, "kpi": "flights", "period": "2013-03-01", "value": "115"} | fields
    )


def on_time(identity: str = "o-1", **fields: Any) -> ObservationRow:
    given = {"kpi": "on_time", "period": "2013-03-01", "value": "0.548", "numerator": "63", "denominator": "115"}
    return ObservationRow(**{"observation_id": identity, **given, **fields})
