"""A risk of the joint register: likelihood, impact, what is done about it and by whom, until it is closed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from shared.domain import Aggregate, Event, Invalid, Refused
from shared.events.governance_duties import RiskClosed, RiskReassessed, RiskRegistered, RiskTerms

SCALE = range(1, 6)


@dataclass(frozen=True, slots=True)
class RegisterRisk:
    """`side` is None for what a side's shared diligence found, which is the event `source`."""

    at: datetime
    side: UUID | None
    parties: tuple[UUID, ...]
    terms: RiskTerms
    source: UUID | None = None


@dataclass(frozen=True, slots=True)
class ReassessRisk:
    at: datetime
    side: UUID
    parties: tuple[UUID, ...]
    terms: RiskTerms


@dataclass(frozen=True, slots=True)
class CloseRisk:
    at: datetime
    side: UUID
    occurred: bool
    reason: str | None = None


@dataclass(frozen=True)
class Risk:
    terms: RiskTerms | None = None
    closed: bool = False


def evolve(state: Risk, event: Event) -> Risk:
    match event:
        case RiskRegistered() | RiskReassessed():
            state = replace(state, terms=event.terms)
        case RiskClosed():
            state = replace(state, closed=True)
    return state


def register_risk(command: RegisterRisk, risk: Risk) -> list[Event]:
    if risk.terms is not None:
        raise Refused("risk-exists", "It has been registered already; reassess it.")
    _check_terms(command.terms, command.parties)
    return [RiskRegistered(side=command.side, terms=command.terms, source=command.source)]


def reassess_risk(command: ReassessRisk, risk: Risk) -> list[Event]:
    _check_open(risk)
    if command.terms == risk.terms:
        return []
    _check_terms(command.terms, command.parties)
    return [RiskReassessed(side=command.side, terms=command.terms)]


def close_risk(command: CloseRisk, risk: Risk) -> list[Event]:
    _check_open(risk)
    return [RiskClosed(side=command.side, occurred=command.occurred, reason=command.reason)]


def _check_terms(terms: RiskTerms, parties: tuple[UUID, ...]) -> None:
    for name in ("likelihood", "impact"):
        if getattr(terms, name) not in SCALE:
            raise Invalid(f"/{name}", "off-the-scale", f"From {SCALE[0]} (low) to {SCALE[-1]} (high).")
    if terms.owner is not None and terms.owner.side not in parties:
        raise Invalid("/owner/side", "not-a-party", "An owner belongs to a party of the alliance.")


def _check_open(risk: Risk) -> None:
    if risk.closed:
        raise Refused("risk-closed", "The risk is closed; register it anew if it is back.")


RISK = Aggregate("risk", Risk(), evolve)
