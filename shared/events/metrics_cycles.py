"""The event of planning cycles: when each side's planning year begins."""

from __future__ import annotations

from uuid import UUID

from shared.events.declare import event


@event("metrics.planning-cycle-told.v1", says="told when their planning year begins: month {year_begins_month}")
class PlanningCycleTold:
    """`year_begins_month` from 1 to 12."""

    side: UUID
    year_begins_month: int
