"""A KPI: proposed by one party, countered at will, in force once every other party accepts the same terms."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.metrics.domain.terms import check_terms
from shared.domain import Aggregate, Event, Invalid, Refused
from shared.events.metrics import KpiAccepted, KpiAgreed, KpiCountered, KpiProposed, KpiTerms

PARTIES_MIN, PARTIES_MAX = 2, 50
KPIS_MAX = 500
"""As many keys as one event can name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeKpi:
    """`keys_taken` are the keys of the alliance's other KPIs."""

    by: UUID
    side: UUID
    parties: tuple[UUID, ...]
    terms: KpiTerms
    keys_taken: frozenset[str]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterKpi:
    by: UUID
    side: UUID
    terms: KpiTerms
    note: str | None = None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptKpi:
    by: UUID
    side: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class Kpi:
    """`accepted` are the sides bound to the terms on the table: the one that offered them, and those that accepted."""

    parties: tuple[UUID, ...] = ()
    terms: KpiTerms | None = None
    accepted: frozenset[UUID] = frozenset()
    agreed: bool = False


def propose(command: ProposeKpi, kpi: Kpi) -> list[Event]:
    """Raises `Refused` already-proposed, not-a-party, key-taken, too-many-kpis; `Invalid` for bad parties or terms."""
    if kpi.terms is not None:
        raise Refused("already-proposed", f"The KPI {kpi.terms.key} is on the table already; counter it instead.")
    _check_parties(command.parties)
    _check_party(command.side, command.parties)
    check_terms(command.terms, command.parties)
    if command.terms.key in command.keys_taken:
        raise Refused("key-taken", f"The alliance has a KPI {command.terms.key}; choose another key.")
    if len(command.keys_taken) >= KPIS_MAX:
        raise Refused("too-many-kpis", f"An alliance has at most {KPIS_MAX} KPIs.")
    return [KpiProposed(side=command.side, parties=command.parties, terms=command.terms)]


def counter(command: CounterKpi, kpi: Kpi) -> list[Event]:
    """Raises `Refused` not-proposed, not-a-party, kpi-agreed, key-fixed, nothing-changed; `Invalid` for bad terms."""
    offered = _on_the_table(command.side, kpi)
    check_terms(command.terms, kpi.parties)
    if command.terms.key != offered.key:
        raise Refused("key-fixed", f"The key stays {offered.key}; propose another KPI for another key.")
    if command.terms == offered:
        raise Refused("nothing-changed", "These are the terms on the table; accept them, or change one.")
    return [KpiCountered(side=command.side, terms=command.terms, note=command.note)]


def accept(command: AcceptKpi, kpi: Kpi) -> list[Event]:
    """Raises `Refused` not-proposed, not-a-party, kpi-agreed, already-accepted."""
    offered = _on_the_table(command.side, kpi)
    if command.side in kpi.accepted:
        raise Refused("already-accepted", "This side offered or accepted these terms; another party has to answer.")
    accepted = KpiAccepted(side=command.side, key=offered.key)
    complete = kpi.accepted | {command.side} >= set(kpi.parties)
    return [accepted, KpiAgreed(key=offered.key)] if complete else [accepted]


def evolve(kpi: Kpi, event: Event) -> Kpi:
    match event:
        case KpiProposed():
            return Kpi(parties=event.parties, terms=event.terms, accepted=frozenset({event.side}))
        case KpiCountered():
            return replace(kpi, terms=event.terms, accepted=frozenset({event.side}))
        case KpiAccepted():
            return replace(kpi, accepted=kpi.accepted | {event.side})
        case KpiAgreed():
            return replace(kpi, agreed=True)
        case _:
            return kpi


KPI = Aggregate("kpi", Kpi(), evolve)


def _on_the_table(side: UUID, kpi: Kpi) -> KpiTerms:
    if kpi.terms is None:
        raise Refused("not-proposed", "No terms are on the table; propose the KPI first.")
    _check_party(side, kpi.parties)
    if kpi.agreed:
        raise Refused("kpi-agreed", f"All parties have agreed on {kpi.terms.key}; its terms stand.")
    return kpi.terms


def _check_party(side: UUID, parties: tuple[UUID, ...]) -> None:
    if side not in parties:
        raise Refused("not-a-party", "Only a party of the alliance negotiates its KPIs.")


def _check_parties(parties: tuple[UUID, ...]) -> None:
    if not PARTIES_MIN <= len(parties) <= PARTIES_MAX or len(set(parties)) != len(parties):
        bounds = f"{PARTIES_MIN} to {PARTIES_MAX}"
        raise Invalid("/parties", "bad-parties", f"An alliance has {bounds} parties, each named once.")
