"""The opportunity with each candidate: importance by feasibility, and how far the businesses overlap."""

from __future__ import annotations

from typing import Any

from services.scoring.api.candidates import shown as candidate_shown
from services.scoring.api.schemas.candidates import Candidate
from services.scoring.api.schemas.opportunities import (
    OPPORTUNITIES_MAX,
    EstimateOverlap,
    Opportunity,
    OpportunityMatrix,
    OpportunityThresholds,
    RateOpportunity,
    SetOpportunityThresholds,
)
from services.scoring.api.schemas.rules import FiredRule
from services.scoring.domain import opportunity as rules
from services.scoring.domain.candidate import CANDIDATE
from services.scoring.domain.opportunity import THRESHOLDS, Thresholds, quadrant
from services.scoring.read_models.briefs import brief
from services.scoring.read_models.candidates import opportunities_of
from services.scoring.read_models.opportunity_thresholds import thresholds_of
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id
from shared.http.view import View

router = Router("scoring", "opportunities")


@router.change("/candidates/{candidate_id}/overlap", scope="scoring:write")
def estimate_overlap(session: Session, candidate_id: Id, body: EstimateOverlap) -> Candidate:
    """Say how far a candidate's business overlaps with yours, now and as expected in three years."""
    held = session.change(CANDIDATE, candidate_id, session.caller.organisation)
    command = rules.EstimateOverlap(
        by=session.caller.person,
        at=session.at,
        now_percent=body.now_percent,
        in_three_years_percent=body.in_three_years_percent,
        basis=body.basis,
    )
    session.append(CANDIDATE, held, rules.estimate_overlap(command, held.state))
    return candidate_shown(session, candidate_id)


@router.change("/candidates/{candidate_id}/opportunity", scope="scoring:write")
def rate_opportunity(session: Session, candidate_id: Id, body: RateOpportunity) -> Candidate:
    """Rate the opportunity with a candidate: how much it matters, and how feasible it is."""
    held = session.change(CANDIDATE, candidate_id, session.caller.organisation)
    command = rules.RateOpportunity(
        by=session.caller.person,
        at=session.at,
        importance=tuple(part.value() for part in body.importance),
        feasibility=tuple(part.value() for part in body.feasibility),
        note=body.note,
    )
    session.append(CANDIDATE, held, rules.rate(command, held.state))
    return candidate_shown(session, candidate_id)


@router.read("/briefs/{brief_id}/opportunities", scope="scoring:read")
def get_opportunity_matrix(session: Session, brief_id: Id) -> OpportunityMatrix:
    """The candidates of a brief by importance and feasibility, each in its quadrant; rejected ones are left out."""
    return matrix(session, brief_id)


@router.read("/opportunity-thresholds", scope="scoring:read")
def get_opportunity_thresholds(session: Session) -> OpportunityThresholds:
    """From where on your organisation calls an opportunity important, and feasible."""
    return thresholds(session, session.view(session.caller.organisation))


@router.change("/opportunity-thresholds", method="PUT", scope="scoring:write")
def set_opportunity_thresholds(session: Session, body: SetOpportunityThresholds) -> OpportunityThresholds:
    """Set your organisation's own thresholds. The matrix goes by them at once."""
    organisation_id = session.caller.organisation
    held = session.begin_or_change(THRESHOLDS, organisation_id, organisation_id)
    command = rules.SetThresholds(
        by=session.caller.person, at=session.at, importance=body.importance, feasibility=body.feasibility
    )
    session.append(THRESHOLDS, held, rules.set_thresholds(command, held.state))
    return thresholds(session, session.view(organisation_id))


def matrix(session: Session, brief_id: Id) -> OpportunityMatrix:
    organisation_id = session.caller.organisation
    view = session.view(organisation_id)
    view.one(brief(organisation_id, brief_id))
    limits = thresholds(session, view)
    rows = view.all(opportunities_of(organisation_id, brief_id, OPPORTUNITIES_MAX))
    return OpportunityMatrix(thresholds=limits, opportunities=[opportunity(row, limits) for row in rows])


def opportunity(row: Any, limits: OpportunityThresholds) -> Opportunity:
    rule = quadrant(row.importance, row.feasibility, Thresholds(limits.importance, limits.feasibility))
    return Opportunity.model_validate(
        {
            "candidate_id": row.id,
            "name": row.name,
            "importance": row.importance,
            "feasibility": row.feasibility,
            "importance_parts": row.opportunity["importance"],
            "feasibility_parts": row.opportunity["feasibility"],
            "quadrant": rule.outcome,
            "fired": FiredRule.model_validate(rule),
        }
    )


def thresholds(session: Session, view: View) -> OpportunityThresholds:
    row = view.first(thresholds_of(session.caller.organisation))
    return OpportunityThresholds() if row is None else OpportunityThresholds.model_validate(row)
