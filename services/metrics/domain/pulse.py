"""A pulse survey: how both sides find it, told only where enough people answered that no answer leads to a person.

An answer is never an event and is kept nowhere as a whole: it is added to counts, and the counts are told at the close.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from shared.domain import Aggregate, Event, Invalid, Refused
from shared.events.metrics_pulse import (
    PulseClosed,
    PulseLevel,
    PulseMean,
    PulseOpened,
    PulseQuestion,
    PulseResult,
)

ANSWERS_MIN = 3
OPEN_MIN, OPEN_MAX = timedelta(days=1), timedelta(days=60)
APART_MIN = timedelta(days=28)
"""From one survey's opening to the next: who answered only one of two stands out in their difference."""
NPS = "nps"
PROMOTER_MIN, DETRACTOR_MAX = 9, 6

Counts = Mapping[tuple[UUID, PulseLevel, str], Mapping[int, int]]
"""How many people of a side and level gave which score to which question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPulse:
    """`last_opened_at` of the alliance's latest survey; `is_open` while that is."""

    by: UUID
    side: UUID
    parties: tuple[UUID, ...]
    closes_at: datetime
    last_opened_at: datetime | None
    is_open: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class ClosePulse:
    counts: Counts
    at: datetime


@dataclass(frozen=True, slots=True)
class Pulse:
    parties: tuple[UUID, ...] = ()
    closes_at: datetime | None = None
    answers_min: int = ANSWERS_MIN
    closed: bool = False


def open_pulse(command: OpenPulse, pulse: Pulse) -> list[Event]:
    """Raises `Refused` already-open, not-a-party, too-soon; `Invalid` bad-close."""
    if pulse.parties or command.is_open:
        raise Refused("already-open", "A survey is open; its result comes when it closes.")
    if command.side not in command.parties:
        raise Refused("not-a-party", "A party of the alliance opens its surveys.")
    if not OPEN_MIN <= command.closes_at - command.at <= OPEN_MAX:
        bounds = f"{OPEN_MIN.days} to {OPEN_MAX.days} days"
        raise Invalid("/closes_at", "bad-close", f"A survey is open for {bounds}.")
    if command.last_opened_at is not None and command.at - command.last_opened_at < APART_MIN:
        raise Refused("too-soon", f"The last survey was opened less than {APART_MIN.days} days ago.")
    return [
        PulseOpened(side=command.side, parties=command.parties, closes_at=command.closes_at, answers_min=ANSWERS_MIN)
    ]


def check_answer(side: UUID, at: datetime, pulse: Pulse) -> None:
    """Raises `Refused` not-a-party, pulse-closed."""
    if side not in pulse.parties:
        raise Refused("not-a-party", "People of the parties answer.")
    if pulse.closed or pulse.closes_at is None or at >= pulse.closes_at:
        raise Refused("pulse-closed", "This survey is closed.")


def close(command: ClosePulse, pulse: Pulse) -> list[Event]:
    """Nothing before its time. A side is told in all, and by level where every level of it has enough answers."""
    if pulse.closed or pulse.closes_at is None or command.at < pulse.closes_at:
        return []
    results: list[PulseResult] = []
    too_few = []
    for side in pulse.parties:
        levels = {level: of_level(command.counts, side, [level]) for level in PulseLevel}
        everybody = of_level(command.counts, side, list(PulseLevel))
        if people(everybody) < pulse.answers_min:
            too_few.append(side)
            continue
        results.append(result(side, None, everybody))
        there = {level: counts for level, counts in levels.items() if people(counts)}
        if len(there) > 1 and all(people(counts) >= pulse.answers_min for counts in there.values()):
            results += [result(side, level, counts) for level, counts in there.items()]
    return [PulseClosed(results=tuple(results), too_few=tuple(too_few))]


def of_level(counts: Counts, side: UUID, levels: Sequence[PulseLevel]) -> dict[str, dict[int, int]]:
    """By question, how many gave which score."""
    found: dict[str, dict[int, int]] = {}
    for (whose, level, question), scores in counts.items():
        if whose == side and level in levels:
            here = found.setdefault(question, {})
            for score, count in scores.items():
                here[score] = here.get(score, 0) + count
    return found


def people(counts: Mapping[str, Mapping[int, int]]) -> int:
    """How many answered: everybody answers every question."""
    return sum(counts.get(NPS, {}).values())


def result(side: UUID, level: PulseLevel | None, counts: Mapping[str, Mapping[int, int]]) -> PulseResult:
    count = people(counts)
    promoters = sum(number for score, number in counts[NPS].items() if score >= PROMOTER_MIN)
    detractors = sum(number for score, number in counts[NPS].items() if score <= DETRACTOR_MAX)
    means = tuple(PulseMean(question, mean(counts[str(question)])) for question in PulseQuestion)
    nps = round(Decimal(100 * (promoters - detractors)) / count)
    return PulseResult(side=side, level=level, answers=count, means=means, nps=nps)


def mean(scores: Mapping[int, int]) -> Decimal:
    total = sum(score * number for score, number in scores.items())
    return round(Decimal(total) / sum(scores.values()), 1)


def evolve(pulse: Pulse, event: Event) -> Pulse:
    match event:
        case PulseOpened():
            return Pulse(event.parties, event.closes_at, event.answers_min)
        case PulseClosed():
            return replace(pulse, closed=True)
        case _:
            return pulse


PULSE = Aggregate("pulse", Pulse(), evolve)
