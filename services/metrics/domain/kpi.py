"""A KPI: proposed by one party, countered at will, in force once every other party accepts the same terms.

Agreed, it is revised the same way, its terms standing until the new ones are accepted, and retired once all ask for it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.metrics.domain.terms import check_terms
from shared.domain import Aggregate, Event, Invalid, Refused
from shared.events.metrics import (
    DefinitionNoted,
    KpiAccepted,
    KpiAgreed,
    KpiCountered,
    KpiOfferWithdrawn,
    KpiProposed,
    KpiRetired,
    KpiRetirementAsked,
    KpiRevisionProposed,
    KpiTerms,
)

PARTIES_MIN, PARTIES_MAX = 2, 50
KPIS_MAX = 500
"""As many keys as one event can name."""
MEANING = ("key", "unit", "currency", "frequency", "aggregation", "over_dimensions", "derived")
"""What figures already reported were reported by: a revision leaves it alone."""


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
class ReviseKpi:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawOffer:
    by: UUID
    side: UUID
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RetireKpi:
    by: UUID
    side: UUID
    reason: str | None = None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteDefinition:
    """`note` None takes an earlier note away."""

    by: UUID
    side: UUID
    note: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Kpi:
    """`offer` are the terms on the table, `terms` those in force.

    `accepted` are the sides bound to the offer: the one that made it, and those that accepted it. `leaving` are the
    sides that have asked to retire it. `over`: retired, or withdrawn before it was agreed.
    """

    parties: tuple[UUID, ...] = ()
    offer: KpiTerms | None = None
    terms: KpiTerms | None = None
    accepted: frozenset[UUID] = frozenset()
    leaving: frozenset[UUID] = frozenset()
    over: bool = False


def propose(command: ProposeKpi, kpi: Kpi) -> list[Event]:
    """Raises `Refused` already-proposed, not-a-party, key-taken, too-many-kpis; `Invalid` for bad parties or terms."""
    if kpi.parties:
        raise Refused("already-proposed", "This KPI is on the table already; counter it instead.")
    _check_parties(command.parties)
    _check_party(command.side, command.parties)
    check_terms(command.terms, command.parties)
    if command.terms.key in command.keys_taken:
        raise Refused("key-taken", f"The alliance has a KPI {command.terms.key}; choose another key.")
    if len(command.keys_taken) >= KPIS_MAX:
        raise Refused("too-many-kpis", f"An alliance has at most {KPIS_MAX} KPIs.")
    return [KpiProposed(side=command.side, parties=command.parties, terms=command.terms)]


def counter(command: CounterKpi, kpi: Kpi) -> list[Event]:
    """Raises `Refused` not-proposed, not-a-party, kpi-agreed, kpi-over, key-fixed, meaning-fixed, nothing-changed."""
    offered = _on_the_table(command.side, kpi)
    check_terms(command.terms, kpi.parties)
    if command.terms.key != offered.key:
        raise Refused("key-fixed", f"The key stays {offered.key}; propose another KPI for another key.")
    _check_meaning(command.terms, kpi.terms)
    if command.terms == offered:
        raise Refused("nothing-changed", "These are the terms on the table; accept them, or change one.")
    return [KpiCountered(side=command.side, terms=command.terms, note=command.note)]


def revise(command: ReviseKpi, kpi: Kpi) -> list[Event]:
    """Raises `Refused` not-a-party, kpi-over, not-agreed, offer-open, meaning-fixed, nothing-changed; `Invalid`."""
    in_force = _in_force(command.side, kpi)
    if kpi.offer is not None:
        raise Refused("offer-open", "Other terms are on the table; counter or accept those.")
    check_terms(command.terms, kpi.parties)
    _check_meaning(command.terms, in_force)
    if command.terms == in_force:
        raise Refused("nothing-changed", "These are the terms in force; change one.")
    return [KpiRevisionProposed(side=command.side, terms=command.terms, note=command.note)]


def accept(command: AcceptKpi, kpi: Kpi) -> list[Event]:
    """Raises `Refused` not-proposed, not-a-party, kpi-agreed, kpi-over, already-accepted."""
    offered = _on_the_table(command.side, kpi)
    if command.side in kpi.accepted:
        raise Refused("already-accepted", "This side offered or accepted these terms; another party has to answer.")
    accepted = KpiAccepted(side=command.side, key=offered.key)
    complete = kpi.accepted | {command.side} >= set(kpi.parties)
    return [accepted, KpiAgreed(key=offered.key)] if complete else [accepted]


def withdraw(command: WithdrawOffer, kpi: Kpi) -> list[Event]:
    """Any party may end a negotiation. Raises `Refused` not-proposed, not-a-party, kpi-agreed, kpi-over."""
    return [KpiOfferWithdrawn(side=command.side, key=_on_the_table(command.side, kpi).key)]


def retire(command: RetireKpi, kpi: Kpi) -> list[Event]:
    """Raises `Refused` not-a-party, kpi-over, not-agreed, already-asked."""
    key = _in_force(command.side, kpi).key
    if command.side in kpi.leaving:
        raise Refused("already-asked", "Your side has asked for it; the other parties have to ask as well.")
    asked = KpiRetirementAsked(side=command.side, key=key, reason=command.reason)
    complete = kpi.leaving | {command.side} >= set(kpi.parties)
    return [asked, KpiRetired(key=key)] if complete else [asked]


def note_definition(command: NoteDefinition, kpi: Kpi) -> list[Event]:
    """Raises `Refused` not-a-party, kpi-over, not-agreed."""
    return [DefinitionNoted(side=command.side, key=_in_force(command.side, kpi).key, note=command.note)]


def evolve(kpi: Kpi, event: Event) -> Kpi:
    match event:
        case KpiProposed():
            return Kpi(parties=event.parties, offer=event.terms, accepted=frozenset({event.side}))
        case KpiCountered() | KpiRevisionProposed():
            return replace(kpi, offer=event.terms, accepted=frozenset({event.side}))
        case KpiAccepted():
            return replace(kpi, accepted=kpi.accepted | {event.side})
        case KpiAgreed():
            return replace(kpi, terms=kpi.offer, offer=None)
        case KpiOfferWithdrawn():
            return replace(kpi, offer=None, over=kpi.terms is None)
        case KpiRetirementAsked():
            return replace(kpi, leaving=kpi.leaving | {event.side})
        case KpiRetired():
            return replace(kpi, offer=None, over=True)
        case _:
            return kpi


KPI = Aggregate("kpi", Kpi(), evolve)


def _on_the_table(side: UUID, kpi: Kpi) -> KpiTerms:
    if not kpi.parties:
        raise Refused("not-proposed", "No terms are on the table; propose the KPI first.")
    _check_party(side, kpi.parties)
    _check_alive(kpi)
    if kpi.offer is None:
        raise Refused("kpi-agreed", "All parties have agreed on this KPI; propose a revision of its terms.")
    return kpi.offer


def _in_force(side: UUID, kpi: Kpi) -> KpiTerms:
    _check_party(side, kpi.parties)
    _check_alive(kpi)
    if kpi.terms is None:
        raise Refused("not-agreed", "The parties have not agreed on this KPI yet.")
    return kpi.terms


def _check_alive(kpi: Kpi) -> None:
    if kpi.over:
        raise Refused("kpi-over", "This KPI was withdrawn or retired; propose another.")


def _check_meaning(terms: KpiTerms, in_force: KpiTerms | None) -> None:
    if in_force is None:
        return
    changed = [name for name in MEANING if getattr(terms, name) != getattr(in_force, name)]
    if set(in_force.dimensions) - set(terms.dimensions):
        changed.append("dimensions")
    if changed:
        words = f"The {' and '.join(changed)} of a KPI that has been reported stay; propose another KPI."
        raise Refused("meaning-fixed", words)


def _check_party(side: UUID, parties: tuple[UUID, ...]) -> None:
    if side not in parties:
        raise Refused("not-a-party", "Only a party of the alliance negotiates its KPIs.")


def _check_parties(parties: tuple[UUID, ...]) -> None:
    if not PARTIES_MIN <= len(parties) <= PARTIES_MAX or len(set(parties)) != len(parties):
        bounds = f"{PARTIES_MIN} to {PARTIES_MAX}"
        raise Invalid("/parties", "bad-parties", f"An alliance has {bounds} parties, each named once.")
