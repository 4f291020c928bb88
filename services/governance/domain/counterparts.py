"""Counterparts: people of different sides who answer each other, for one function on one level."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from shared.domain import Aggregate, Event, Invalid, Refused
from shared.events.governance_duties import CounterpartsPaired, CounterpartsParted, Level
from shared.events.governance_terms import Member

SIDES_MIN = 2


@dataclass(frozen=True, slots=True)
class PairCounterparts:
    at: datetime
    side: UUID
    parties: tuple[UUID, ...]
    function: str
    level: Level
    people: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class PartCounterparts:
    at: datetime
    side: UUID
    reason: str | None = None


@dataclass(frozen=True)
class Counterparts:
    people: tuple[Member, ...] = ()
    parted: bool = False


def evolve(state: Counterparts, event: Event) -> Counterparts:
    match event:
        case CounterpartsPaired():
            state = Counterparts(event.people)
        case CounterpartsParted():
            state = replace(state, parted=True)
    return state


def pair_counterparts(command: PairCounterparts, counterparts: Counterparts) -> list[Event]:
    if counterparts.people:
        raise Refused("paired-already", "They have been paired already.")
    sides = [member.side for member in command.people]
    if len(sides) < SIDES_MIN or len(set(sides)) < len(sides) or set(sides) - set(command.parties):
        raise Invalid("/people", "one-a-side", "Name one person each of two parties or more.")
    if command.side not in sides:
        raise Invalid("/people", "nobody-of-your-side", "A pair that your side names has a person of your side.")
    return [
        CounterpartsPaired(side=command.side, function=command.function, level=command.level, people=command.people)
    ]


def part_counterparts(command: PartCounterparts, counterparts: Counterparts) -> list[Event]:
    if counterparts.parted:
        raise Refused("parted-already", "This pair was ended already.")
    if command.side not in {member.side for member in counterparts.people}:
        raise Refused("not-your-pair", "A side that has a person in the pair ends it.")
    return [CounterpartsParted(side=command.side, reason=command.reason)]


COUNTERPARTS = Aggregate("counterparts", Counterparts(), evolve)
