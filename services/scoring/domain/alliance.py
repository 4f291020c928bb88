"""An alliance as scoring sees it: with whom a summary would be shared, and whom each side named as its owners."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

from shared.domain import Aggregate, Event
from shared.events.governance import AllianceProposed, OwnerNamed
from shared.events.governance_exit import PartyLeft
from shared.events.governance_terms import OwnerRole


@dataclass(frozen=True, slots=True)
class Alliance:
    parties: tuple[UUID, ...] = ()
    owners: Mapping[tuple[UUID, OwnerRole], UUID] = field(default_factory=dict)

    def owned_by(self, side: UUID, person: UUID) -> bool:
        """Whether this side has named the person as an owner of the alliance."""
        return person in [self.owners.get((side, role)) for role in OwnerRole]


def evolve(alliance: Alliance, event: Event) -> Alliance:
    match event:
        case AllianceProposed():
            return replace(alliance, parties=event.parties)
        case OwnerNamed():
            return replace(alliance, owners={**alliance.owners, (event.side, event.role): event.person_id})
        case PartyLeft():
            return replace(alliance, parties=tuple(party for party in alliance.parties if party != event.party))
    return alliance


ALLIANCE = Aggregate("alliance", Alliance(), evolve)
