"""Candidates of a brief on their way through the funnel."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Query

from services.scoring.api.neighbours import require_organisation
from services.scoring.api.schemas.candidates import (
    AddCandidate,
    Candidate,
    FunnelStep,
    FunnelWarning,
    MoveCandidate,
    Stage,
)
from services.scoring.domain import candidate as rules
from services.scoring.domain.brief import BRIEF
from services.scoring.domain.candidate import CANDIDATE, guidance
from services.scoring.read_models.briefs import brief
from services.scoring.read_models.candidates import candidate, candidates, candidates_of, reached, steps_of
from shared.events import scoring_terms as terms
from shared.http.pages import LIMIT_DEFAULT, Cursor, Limit, Page
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id
from shared.http.view import View

router = Router("scoring", "candidates")

OfStage = Annotated[Stage | None, Query(description="Only candidates who are in this stage.")]


@router.create("/briefs/{brief_id}/candidates", scope="scoring:write")
def add_candidate(session: Session, brief_id: Id, body: AddCandidate) -> Candidate:
    """Put a candidate on the long list of a brief. The candidate learns nothing of it, also where it uses Concord."""
    organisation_id = session.caller.organisation
    session.load(BRIEF, organisation_id, brief_id)
    require_organisation(session, "/organisation_id", body.organisation_id)
    candidate_id = session.new_id()
    command = rules.ListCandidate(
        by=session.caller.person,
        at=session.at,
        brief=brief_id,
        name=body.name,
        organisation=body.organisation_id,
        reason=body.reason,
    )
    session.create(CANDIDATE, organisation_id, candidate_id, rules.enlist(command, CANDIDATE.empty))
    return shown(session, candidate_id)


@router.read("/briefs/{brief_id}/candidates", scope="scoring:read")
def list_candidates(
    session: Session, brief_id: Id, stage: OfStage = None, cursor: Cursor = None, limit: Limit = LIMIT_DEFAULT
) -> Page[Candidate]:
    """The candidates of a brief, in the order they were listed."""
    organisation_id = session.caller.organisation
    view = session.view(organisation_id)
    view.one(brief(organisation_id, brief_id))
    found = candidates_of(organisation_id, brief_id, stage)
    turned = view.page(found, order=[candidates.c.id], cursor=cursor, limit=limit)
    return Page[Candidate](items=candidates_with(session, view, turned.rows), next_cursor=turned.next_cursor)


@router.read("/candidates/{candidate_id}", scope="scoring:read")
def get_candidate(session: Session, candidate_id: Id) -> Candidate:
    """One candidate, with each step it took."""
    return shown(session, candidate_id)


@router.change("/candidates/{candidate_id}/move", scope="scoring:write")
def move_candidate(session: Session, candidate_id: Id, body: MoveCandidate) -> Candidate:
    """Move a candidate to the next stage, or reject it. Unusual numbers are warned of and never refused."""
    held = session.change(CANDIDATE, candidate_id, session.caller.organisation)
    command = rules.MoveCandidate(
        by=session.caller.person, at=session.at, stage=terms.Stage(body.stage), reason=body.reason
    )
    session.append(CANDIDATE, held, rules.move(command, held.state))
    return shown(session, candidate_id)


def shown(session: Session, candidate_id: Id) -> Candidate:
    organisation_id = session.caller.organisation
    view = session.view(organisation_id)
    return candidates_with(session, view, [view.one(candidate(organisation_id, candidate_id))])[0]


def candidates_with(session: Session, view: View, rows: Sequence[Any]) -> list[Candidate]:
    """Candidates of one brief, each with its steps, and with what is unusual about the brief's funnel."""
    if not rows:
        return []
    organisation_id = session.caller.organisation
    steps = defaultdict(list)
    for step in view.all(steps_of(organisation_id, [row.id for row in rows])):
        steps[step.candidate_id].append(FunnelStep.model_validate(step))
    counts = {terms.Stage(stage): count for stage, count in view.all(reached(organisation_id, rows[0].brief_id))}
    warnings = [FunnelWarning(stage=stage.value, detail=detail) for stage, detail in guidance(counts).items()]
    return [Candidate.model_validate({**row._asdict(), "steps": steps[row.id], "warnings": warnings}) for row in rows]
