"""A pilot: an alliance in small, with its own end, what success is, and a verdict that every side gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from services.governance.domain.moment import Due, day_of, end_of
from shared.domain import Aggregate, Event, Invalid, Refused
from shared.events.governance_terms import Moment
from shared.events.governance_work import (
    PilotAccepted,
    PilotConcluded,
    PilotCriterion,
    PilotDeclined,
    PilotExtended,
    PilotProposed,
    PilotStarted,
    PilotVerdict,
    PilotVerdictGiven,
    PilotVerdictMissed,
)

DUE = "verdict"


class PilotStatus(StrEnum):
    NONE = "none"
    PROPOSED = "proposed"
    DECLINED = "declined"
    RUNNING = "running"
    CONCLUDED = "concluded"


@dataclass(frozen=True, slots=True)
class ProposePilot:
    at: datetime
    side: UUID
    parties: tuple[UUID, ...]
    title: str
    ends_on: date
    criteria: tuple[PilotCriterion, ...]
    zones: tuple[ZoneInfo, ...] = ()


@dataclass(frozen=True, slots=True)
class AcceptPilot:
    at: datetime
    side: UUID


@dataclass(frozen=True, slots=True)
class DeclinePilot:
    at: datetime
    side: UUID
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class GiveVerdict:
    """`met` are the keys of the criteria that the side finds met. `until` is the day that `extend` names."""

    at: datetime
    side: UUID
    verdict: PilotVerdict
    met: tuple[str, ...] = ()
    until: date | None = None
    reason: str | None = None
    zones: tuple[ZoneInfo, ...] = ()


@dataclass(frozen=True)
class Pilot:
    status: PilotStatus = PilotStatus.NONE
    title: str = ""
    parties: tuple[UUID, ...] = ()
    ends_on: date | None = None
    verdict_due_at: datetime | None = None
    criteria: tuple[PilotCriterion, ...] = ()
    accepted_by: frozenset[UUID] = frozenset()
    verdicts: Mapping[UUID, tuple[PilotVerdict, date | None]] = field(default_factory=dict)
    missed: bool = False


def evolve(state: Pilot, event: Event) -> Pilot:
    match event:
        case PilotProposed():
            state = Pilot(
                status=PilotStatus.PROPOSED,
                title=event.title,
                parties=event.parties,
                ends_on=event.ends_on,
                verdict_due_at=event.verdict_due_at,
                criteria=event.criteria,
                accepted_by=frozenset({event.side}),
            )
        case PilotAccepted():
            state = replace(state, accepted_by=state.accepted_by | {event.side})
        case PilotDeclined():
            state = replace(state, status=PilotStatus.DECLINED)
        case PilotStarted():
            state = replace(state, status=PilotStatus.RUNNING)
        case PilotVerdictGiven():
            state = replace(state, verdicts={**state.verdicts, event.side: (event.verdict, event.until)})
        case PilotConcluded():
            state = replace(state, status=PilotStatus.CONCLUDED)
        case PilotExtended():
            due = event.verdict_due_at
            state = replace(state, ends_on=event.ends_on, verdict_due_at=due, verdicts={}, missed=False)
        case PilotVerdictMissed():
            state = replace(state, missed=True)
    return state


def propose_pilot(command: ProposePilot, pilot: Pilot) -> list[Event]:
    if pilot.status is not PilotStatus.NONE:
        raise Refused("pilot-exists", "It has been proposed already.")
    if command.side not in command.parties:
        raise Refused("not-a-party", "Only a party to the alliance may do this.")
    if command.ends_on <= day_of(command.at):
        raise Invalid("/ends_on", "ends-in-the-past", "A pilot ends after today.")
    keys = [one.key for one in command.criteria]
    if not keys or len(set(keys)) < len(keys):
        raise Invalid("/criteria", "criteria", "Say what success is: at least one criterion, each with its own key.")
    return [
        PilotProposed(
            side=command.side,
            parties=command.parties,
            title=command.title,
            ends_on=command.ends_on,
            verdict_due_at=end_of(command.ends_on, command.zones),
            criteria=command.criteria,
        )
    ]


def accept_pilot(command: AcceptPilot, pilot: Pilot) -> list[Event]:
    """The last acceptance starts it."""
    _check_proposed(command.side, pilot)
    accepted = PilotAccepted(side=command.side)
    if evolve(pilot, accepted).accepted_by != set(pilot.parties):
        return [accepted]
    assert pilot.verdict_due_at is not None, "a proposed pilot has an end"
    return [accepted, PilotStarted(title=pilot.title, verdict_due_at=pilot.verdict_due_at)]


def decline_pilot(command: DeclinePilot, pilot: Pilot) -> list[Event]:
    _check_proposed(command.side, pilot)
    return [PilotDeclined(side=command.side, reason=command.reason)]


def give_verdict(command: GiveVerdict, pilot: Pilot) -> list[Event]:
    """Once every side gives the same verdict it stands: the pilot is concluded, or extended until the day they name."""
    _check_party(command.side, pilot)
    if pilot.status is not PilotStatus.RUNNING:
        raise Refused("pilot-not-running", f"The pilot is {pilot.status}.")
    if unknown := set(command.met) - {one.key for one in pilot.criteria}:
        raise Invalid("/met", "no-such-criterion", f"The pilot has no criterion {min(unknown)}.")
    extends = command.verdict is PilotVerdict.EXTEND
    if extends != (command.until is not None):
        raise Invalid("/until", "until-when", "Name the new last day when you extend, and only then.")
    if command.until is not None and pilot.ends_on is not None and command.until <= pilot.ends_on:
        raise Invalid("/until", "until-when", f"The pilot lasts until {pilot.ends_on} already.")
    given = PilotVerdictGiven(
        side=command.side, verdict=command.verdict, met=command.met, until=command.until, reason=command.reason
    )
    verdicts = {evolve(pilot, given).verdicts.get(party) for party in pilot.parties}
    if verdicts != {(command.verdict, command.until)}:
        return [given]
    if command.until is not None:
        return [given, PilotExtended(ends_on=command.until, verdict_due_at=end_of(command.until, command.zones))]
    late = pilot.verdict_due_at is not None and command.at >= pilot.verdict_due_at
    missed = fire_pilot(Due(command.at, DUE), pilot) if late else []
    return [*missed, given, PilotConcluded(verdict=command.verdict, late=late)]


def ahead(pilot: Pilot) -> tuple[Moment, ...]:
    if pilot.status is not PilotStatus.RUNNING or pilot.missed or pilot.verdict_due_at is None:
        return ()
    return (Moment(DUE, pilot.verdict_due_at),)


def fire_pilot(due: Due, pilot: Pilot) -> list[Event]:
    """Without a verdict the pilot goes on; that it had none in time is on record."""
    if pilot.status is not PilotStatus.RUNNING or pilot.missed or pilot.ends_on is None:
        return []
    return [PilotVerdictMissed(title=pilot.title, ends_on=pilot.ends_on, detected_at=due.at)]


def _check_party(side: UUID, pilot: Pilot) -> None:
    if side not in pilot.parties:
        raise Refused("not-a-party", "Only a party to the alliance may do this.")


def _check_proposed(side: UUID, pilot: Pilot) -> None:
    _check_party(side, pilot)
    if pilot.status is not PilotStatus.PROPOSED:
        raise Refused("pilot-answered", "The proposal was answered already.")
    if side in pilot.accepted_by:
        raise Refused("accepted-already", "Your side has agreed already; the other parties answer.")


PILOT = Aggregate("pilot", Pilot(), evolve)
