"""Planning cycles: what each side tells of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from shared.domain import Aggregate, Event
from shared.events.metrics_cycles import PlanningCycleTold


@dataclass(frozen=True, slots=True)
class TellCycle:
    side: UUID
    year_begins_month: int


@dataclass(frozen=True, slots=True)
class Cycles:
    months: Mapping[UUID, int] = field(default_factory=dict)


def tell_cycle(command: TellCycle, cycles: Cycles) -> list[Event]:
    """Nothing when it is known already."""
    if cycles.months.get(command.side) == command.year_begins_month:
        return []
    return [PlanningCycleTold(side=command.side, year_begins_month=command.year_begins_month)]


def evolve(cycles: Cycles, event: Event) -> Cycles:
    if not isinstance(event, PlanningCycleTold):
        return cycles
    return Cycles({**cycles.months, event.side: event.year_begins_month})


CYCLE = Aggregate("planning-cycles", Cycles(), evolve)
