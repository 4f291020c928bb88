"""An alliance as metrics sees it: the organisations that agree on its KPIs, told by governance's events."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from shared.domain import Aggregate, Event
from shared.events.governance import AllianceProposed


@dataclass(frozen=True, slots=True)
class Alliance:
    parties: tuple[UUID, ...] = ()


def evolve(alliance: Alliance, event: Event) -> Alliance:
    return Alliance(event.parties) if isinstance(event, AllianceProposed) else alliance


ALLIANCE = Aggregate("alliance", Alliance(), evolve)
