"""An alliance: proposed by one side, accepted by every other, and led from stage to stage through gates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from shared.domain import Aggregate, Event, Invalid, Refused
from shared.events.governance import (
    AllianceAccepted,
    AllianceDeclined,
    AllianceProposed,
    GateWaived,
    OwnerNamed,
    StageEntered,
)
from shared.events.governance_exit import PartyLeft
from shared.events.governance_terms import Intent, OwnerRole, Scope, Stage

MIN_PARTIES = 2
MAX_PARTIES = 50
MAX_NAME_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class ProposeAlliance:
    at: datetime
    side: UUID
    name: str
    intent: Intent
    type: str
    structure: str
    parties: tuple[UUID, ...]
    scope: Scope | None = None


@dataclass(frozen=True, slots=True)
class AcceptAlliance:
    at: datetime
    side: UUID


@dataclass(frozen=True, slots=True)
class DeclineAlliance:
    at: datetime
    side: UUID
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class NameOwner:
    at: datetime
    side: UUID
    person_id: UUID
    role: OwnerRole


@dataclass(frozen=True, slots=True)
class WaiveGate:
    at: datetime
    side: UUID
    stage: Stage
    reason: str


@dataclass(frozen=True, slots=True)
class LeaveAlliance:
    """`exit` is the completed exit by which the party leaves."""

    at: datetime
    party: UUID
    exit: UUID


@dataclass(frozen=True)
class Alliance:
    """`stage` is None until every party has accepted."""

    parties: tuple[UUID, ...] = ()
    accepted_by: frozenset[UUID] = frozenset()
    declined: bool = False
    stage: Stage | None = None
    owners: Mapping[tuple[UUID, OwnerRole], UUID] = field(default_factory=dict)
    waived: Mapping[Stage, frozenset[UUID]] = field(default_factory=dict)

    def gate_waived(self, stage: Stage) -> bool:
        return set(self.parties) <= self.waived.get(stage, frozenset())


def evolve(state: Alliance, event: Event) -> Alliance:
    match event:
        case AllianceProposed():
            state = replace(state, parties=event.parties, accepted_by=frozenset({event.side}))
        case AllianceAccepted():
            state = replace(state, accepted_by=state.accepted_by | {event.side})
        case AllianceDeclined():
            state = replace(state, declined=True)
        case OwnerNamed():
            state = replace(state, owners={**state.owners, (event.side, event.role): event.person_id})
        case GateWaived():
            waived_by = state.waived.get(event.stage, frozenset()) | {event.side}
            state = replace(state, waived={**state.waived, event.stage: waived_by})
        case StageEntered():
            state = replace(state, stage=event.stage)
        case PartyLeft():
            parties = tuple(party for party in state.parties if party != event.party)
            owners = {seat: person for seat, person in state.owners.items() if seat[0] != event.party}
            state = replace(state, parties=parties, owners=owners)
    return state


def propose_alliance(command: ProposeAlliance, alliance: Alliance) -> list[Event]:
    if alliance.parties:
        raise Refused("alliance-exists", "It has been proposed already; accept it, decline it or propose another.")
    if not command.name.strip() or len(command.name) > MAX_NAME_CHARACTERS:
        raise Invalid("/name", "name-length", f"A name has 1 to {MAX_NAME_CHARACTERS} characters.")
    for pointer, text in (("/type", command.type), ("/structure", command.structure)):
        if not text.strip():
            raise Invalid(pointer, "blank", "Say it in words; white space alone says nothing.")
    if not MIN_PARTIES <= len(command.parties) <= MAX_PARTIES:
        raise Invalid("/parties", "number-of-parties", f"An alliance has {MIN_PARTIES} to {MAX_PARTIES} parties.")
    if len(set(command.parties)) < len(command.parties):
        raise Invalid("/parties", "party-twice", "Each party is named once.")
    if command.side not in command.parties:
        raise Invalid("/parties", "proposer-no-party", "Who proposes an alliance is one of its parties.")
    return [
        AllianceProposed(
            side=command.side,
            name=command.name,
            intent=command.intent,
            type=command.type,
            structure=command.structure,
            parties=command.parties,
            scope=command.scope,
        )
    ]


def accept_alliance(command: AcceptAlliance, alliance: Alliance) -> list[Event]:
    _check_still_proposed(command.side, alliance)
    accepted = AllianceAccepted(side=command.side)
    everyone = evolve(alliance, accepted).accepted_by == set(alliance.parties)
    return [accepted, StageEntered(stage=Stage.FORMING)] if everyone else [accepted]


def decline_alliance(command: DeclineAlliance, alliance: Alliance) -> list[Event]:
    _check_still_proposed(command.side, alliance)
    return [AllianceDeclined(side=command.side, reason=command.reason)]


def name_owner(command: NameOwner, alliance: Alliance) -> list[Event]:
    check_running(command.side, alliance)
    if alliance.owners.get((command.side, command.role)) == command.person_id:
        return []
    return [OwnerNamed(side=command.side, person_id=command.person_id, role=command.role)]


def waive_gate(command: WaiveGate, alliance: Alliance) -> list[Event]:
    """A gate is waived when every side has done so, each with its reason."""
    check_running(command.side, alliance)
    if not command.reason.strip():
        raise Invalid("/reason", "reason-missing", "Say why the gate is waived.")
    if command.side in alliance.waived.get(command.stage, frozenset()):
        raise Refused("waived-already", f"Your side has waived the gate to {command.stage} already.")
    return [GateWaived(side=command.side, stage=command.stage, reason=command.reason)]


def leave_alliance(command: LeaveAlliance, alliance: Alliance) -> list[Event]:
    """The alliance goes on with the others; of the last two none leaves alone, the alliance ends."""
    if command.party not in alliance.parties or len(alliance.parties) == MIN_PARTIES:
        return []
    return [PartyLeft(party=command.party, exit=command.exit)]


def _check_party(side: UUID, alliance: Alliance) -> None:
    if side not in alliance.parties:
        raise Refused("not-a-party", "Only a party to the alliance may do this.")


def _check_still_proposed(side: UUID, alliance: Alliance) -> None:
    _check_party(side, alliance)
    if alliance.declined or alliance.stage is not None:
        raise Refused("alliance-answered", "The proposal was answered already.")
    if side in alliance.accepted_by:
        raise Refused("accepted-already", "Your side has agreed already; the other parties answer.")


def check_running(side: UUID, alliance: Alliance) -> Stage:
    """The stage of an alliance that every party has accepted and that has not ended; Refused for any other."""
    _check_party(side, alliance)
    if alliance.stage is None:
        raise Refused("alliance-not-accepted", "This is possible once every party has accepted the alliance.")
    if alliance.stage is Stage.ENDED:
        raise Refused("alliance-ended", "The alliance has ended.")
    return alliance.stage


ALLIANCE = Aggregate("alliance", Alliance(), evolve)
