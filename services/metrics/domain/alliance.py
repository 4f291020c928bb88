"""An alliance as metrics sees it: the organisations that agree on its KPIs, told by governance's events."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from shared.domain import Aggregate, Event
from shared.events.governance import AllianceProposed
from shared.events.governance_exit import PartyLeft


@dataclass(frozen=True, slots=True)
class Alliance:
    parties: tuple[UUID, ...] = ()


def evolve(alliance: Alliance, event: Event) -> Alliance:
    match event:
        case AllianceProposed():
            return Alliance(event.parties)
        case PartyLeft():
            return Alliance(tuple(party for party in alliance.parties if party != event.party))
        case _:
            return alliance


ALLIANCE = Aggregate("alliance", Alliance(), evolve)
