"""A risk of allying with a candidate: how likely, how bad, who owns it, and what is left once something is done."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.scoring.domain.wording import require_points, require_words
from shared.domain import Aggregate, Event, Invalid, Refused
from shared.events.scoring_diligence import RiskOpened, RiskRevised, RiskStatus, RiskTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRisk:
    """`item` is the item of the candidate's diligence whose finding it comes from, if any."""

    by: UUID
    at: datetime
    candidate: UUID
    item: str | None
    area: str
    terms: RiskTerms
    mitigation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviseRisk:
    """The whole risk, as it is from now on."""

    by: UUID
    at: datetime
    terms: RiskTerms
    mitigation: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Risk:
    """`candidate` and `terms` are None until it is opened."""

    candidate: UUID | None = None
    area: str = ""
    terms: RiskTerms | None = None
    mitigation: str | None = None


def evolve(state: Risk, event: Event) -> Risk:
    match event:
        case RiskOpened():
            return Risk(event.candidate, event.area, event.terms, event.mitigation)
        case RiskRevised():
            return replace(state, terms=event.terms, mitigation=event.mitigation)
    return state


RISK = Aggregate("risk", Risk(), evolve)


def open_risk(command: OpenRisk, risk: Risk) -> list[Event]:
    if risk.terms is not None:
        raise Refused("risk-opened", "This risk is open already; revise it instead.")
    check_terms(command.terms, command.mitigation)
    return [
        RiskOpened(
            candidate=command.candidate,
            item=command.item,
            area=command.area,
            terms=command.terms,
            mitigation=command.mitigation,
        )
    ]


def revise(command: ReviseRisk, risk: Risk) -> list[Event]:
    if risk.terms is None:
        raise Refused("risk-not-opened", "Open the risk first.")
    if risk.terms.status is RiskStatus.CLOSED:
        raise Refused("risk-closed", "This risk is closed; open a new one if it is there again.")
    check_terms(command.terms, command.mitigation)
    if command.terms.status in (RiskStatus.ACCEPTED, RiskStatus.CLOSED):
        require_words("/reason", command.reason or "")
    revised = RiskRevised(terms=command.terms, mitigation=command.mitigation, reason=command.reason)
    return [] if evolve(risk, revised) == risk else [revised]


def check_terms(terms: RiskTerms, mitigation: str | None) -> None:
    require_words("/title", terms.title)
    require_points("/likelihood", terms.likelihood)
    require_points("/impact", terms.impact)
    if terms.status is RiskStatus.MITIGATING:
        require_words("/mitigation", mitigation or "")
    if terms.residual is None:
        return
    require_points("/residual/likelihood", terms.residual.likelihood)
    require_points("/residual/impact", terms.residual.impact)
    if terms.residual.likelihood * terms.residual.impact > terms.likelihood * terms.impact:
        raise Invalid("/residual", "out-of-range", "What is left is not more than there was.")
