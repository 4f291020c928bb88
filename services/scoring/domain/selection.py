"""A selection: a primary and a backup partner for a brief, made from a ranking, with the reason where it differs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.scoring.domain.ranking import Ranking
from shared.domain import Aggregate, Event, Refused
from shared.events.scoring import PartnersSelected


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectPartners:
    """The selection's stream is that of the brief. `ranking_seq` is where in the ledger `ranking` was recorded.

    `not_recommended` are the candidates against whom a concern stands now that nobody has waived, `rejected` those who
    have left the funnel since it was made.
    """

    by: UUID
    at: datetime
    brief: UUID
    ranking_id: UUID
    ranking_seq: int
    ranking: Ranking
    not_recommended: Collection[UUID]
    rejected: Collection[UUID] = ()
    primary: UUID
    backup: UUID | None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """The partners last selected; None until then."""

    primary: UUID | None = None
    backup: UUID | None = None
    ranking_id: UUID | None = None
    ranking_seq: int | None = None


def evolve(state: Selection, event: Event) -> Selection:
    match event:
        case PartnersSelected():
            return Selection(event.primary, event.backup, event.ranking, event.ranking_seq)
    return state


SELECTION = Aggregate("selection", Selection(), evolve)


def select(command: SelectPartners, selection: Selection) -> list[Event]:
    order = command.ranking.order
    if command.ranking.brief != command.brief:
        raise Refused("other-brief", "That ranking was made for another brief; cite one made for this brief.")
    if command.primary not in order or command.backup not in (None, *order):
        raise Refused("not-ranked", "Select from the candidates of the ranking you cite, or make a new ranking.")
    if command.primary == command.backup:
        raise Refused("backup-is-primary", "The backup is another candidate than the primary.")
    if command.primary in command.rejected or command.backup in command.rejected:
        raise Refused("candidate-rejected", "That candidate was rejected since; select from those still in the funnel.")
    if command.primary in command.not_recommended:
        raise Refused(
            "not-recommended", "The primary is not recommended; a named person has to waive the concerns first."
        )
    said = bool(command.reason and command.reason.strip())
    chosen = (command.primary, command.backup)
    if chosen != (order[0], order[1] if len(order) > 1 else None) and not said:
        raise Refused("reason-missing", "This differs from the order of the ranking; say why.")
    if command.backup in command.not_recommended and not said:
        raise Refused("reason-missing", "The backup is not recommended; say why it is chosen all the same.")
    if selection.primary is not None and not said:
        raise Refused("reason-missing", "Partners are selected already; say why others are.")
    return [
        PartnersSelected(
            ranking=command.ranking_id,
            ranking_seq=command.ranking_seq,
            primary=command.primary,
            backup=command.backup,
            reason=command.reason,
        )
    ]
