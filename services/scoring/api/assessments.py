"""Assessments of a candidate: rounds in which colleagues rate unseen by one another."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Annotated

from fastapi import Query

from services.scoring.api.evidence import require_files
from services.scoring.api.neighbours import require_colleagues
from services.scoring.api.schemas.assessments import (
    AssessedCriterion,
    Assessment,
    AssessmentResult,
    AssessmentSummary,
    AssessorRatings,
    Concern,
    ExcuseAssessor,
    OpenAssessment,
    Rating,
    SubmitRatings,
    WaiveConcern,
)
from services.scoring.api.templates import named
from services.scoring.api.templates import shown as template_shown
from services.scoring.domain import assessment as rules
from services.scoring.domain import assessment_result as results
from services.scoring.domain.assessment import ASSESSMENT
from services.scoring.domain.candidate import CANDIDATE
from services.scoring.read_models.assessments import assessments, assessments_of, reassessments_due, rounds_of
from services.scoring.read_models.candidates import candidate
from shared.auth.caller import ADMINS
from shared.events.scoring_terms import ConcernKind
from shared.http.pages import LIMIT_DEFAULT, Cursor, Limit, Page
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Day, Id
from shared.log.log import Loaded

router = Router("scoring", "assessments")

REASSESS_AFTER_DAYS = 365
FIRST = datetime(1970, 1, 1, tzinfo=UTC)
"""Before all that Concord records; earlier days ask for nothing more."""
DueBy = Annotated[Day | None, Query(description="By the end of this day (UTC); by now unless given.")]


@router.create("/candidates/{candidate_id}/assessments", scope="scoring:write")
def open_assessment(session: Session, candidate_id: Id, body: OpenAssessment) -> Assessment:
    """Open a round of rating under a template. No assessor sees another's ratings before submitting their own."""
    organisation_id = session.caller.organisation
    session.load(CANDIDATE, organisation_id, candidate_id)
    template = named(session, body.template, body.template_version)
    require_colleagues(session, "/assessors", body.assessors)
    view = session.view(organisation_id)
    view.one(candidate(organisation_id, candidate_id).with_for_update())  # so that no two rounds get one number
    rounds = view.one(rounds_of(organisation_id, candidate_id, template.key))[0]
    command = rules.OpenAssessment(
        by=session.caller.person,
        at=session.at,
        candidate=candidate_id,
        template=template,
        assessors=tuple(body.assessors),
        round=rounds + 1,
    )
    opened = rules.open_round(command, ASSESSMENT.empty)
    return shown(session, session.create(ASSESSMENT, organisation_id, session.new_id(), opened))


@router.read("/candidates/{candidate_id}/assessments", scope="scoring:read")
def list_assessments(
    session: Session, candidate_id: Id, cursor: Cursor = None, limit: Limit = LIMIT_DEFAULT
) -> Page[AssessmentSummary]:
    """The rounds of rating of a candidate, in the order they were opened."""
    organisation_id = session.caller.organisation
    view = session.view(organisation_id)
    view.one(candidate(organisation_id, candidate_id))
    found = assessments_of(organisation_id, candidate_id)
    turned = view.page(found, order=[assessments.c.id], cursor=cursor, limit=limit)
    items = [AssessmentSummary.model_validate(row) for row in turned.rows]
    return Page[AssessmentSummary](items=items, next_cursor=turned.next_cursor)


@router.read("/reassessments", scope="scoring:read")
def list_reassessments(
    session: Session, due_by: DueBy = None, cursor: Cursor = None, limit: Limit = LIMIT_DEFAULT
) -> Page[AssessmentSummary]:
    """The candidates whom it is time to assess anew: a year after the newest round, in the order those were opened."""
    organisation_id = session.caller.organisation
    by = session.at if due_by is None else datetime.combine(due_by, time.max, UTC)
    found = reassessments_due(organisation_id, max(by, FIRST) - timedelta(days=REASSESS_AFTER_DAYS))
    turned = session.view(organisation_id).page(found, order=[assessments.c.id], cursor=cursor, limit=limit)
    items = [AssessmentSummary.model_validate(row) for row in turned.rows]
    return Page[AssessmentSummary](items=items, next_cursor=turned.next_cursor)


@router.read("/assessments/{assessment_id}", scope="scoring:read")
def get_assessment(session: Session, assessment_id: Id) -> Assessment:
    """One round of rating: your own ratings, and those of others as soon as you may see them.

    It is read from the history itself: ratings stand in no table, so there is one place that decides who sees them.
    """
    return shown(session, session.load(ASSESSMENT, session.caller.organisation, assessment_id))


@router.change("/assessments/{assessment_id}/submit")
def submit_ratings(session: Session, assessment_id: Id, body: SubmitRatings) -> Assessment:
    """Submit all your ratings. Keep drafts with you: Concord holds none, and nothing can be changed afterwards."""
    held = session.change(ASSESSMENT, assessment_id, session.caller.organisation)
    kept = require_files(session, named_files(body))
    command = rules.SubmitRatings(
        by=session.caller.person, at=session.at, ratings=tuple(rating.value(kept) for rating in body.ratings)
    )
    return shown(session, session.append(ASSESSMENT, held, rules.submit(command, held.state)))


@router.change("/assessments/{assessment_id}/excuse", scope="scoring:write")
def excuse_assessor(session: Session, assessment_id: Id, body: ExcuseAssessor) -> Assessment:
    """Excuse an assessor who has not submitted, so that the round can complete without them.

    It takes somebody who does not rate in this round.
    """
    held = session.change(ASSESSMENT, assessment_id, session.caller.organisation)
    command = rules.ExcuseAssessor(by=session.caller.person, at=session.at, assessor=body.assessor, reason=body.reason)
    return shown(session, session.append(ASSESSMENT, held, rules.excuse(command, held.state)))


@router.change("/assessments/{assessment_id}/waive", roles=ADMINS)
def waive_concern(session: Session, assessment_id: Id, body: WaiveConcern) -> Assessment:
    """Answer, by your name and with a reason, for a concern that makes the candidate not recommended.

    It takes an owner or admin who did not rate in this round.
    """
    held = session.change(ASSESSMENT, assessment_id, session.caller.organisation)
    concern = results.Concern(body.criterion, ConcernKind(body.kind))
    command = rules.WaiveConcern(by=session.caller.person, at=session.at, concern=concern, reason=body.reason)
    return shown(session, session.append(ASSESSMENT, held, rules.waive(command, held.state)))


def named_files(body: SubmitRatings) -> Iterator[tuple[str, str]]:
    """A pointer to each file that a rating names, and its SHA-256."""
    for place, rating in enumerate(body.ratings):
        for number, digest in enumerate(rating.evidence.files if rating.evidence else ()):
            yield f"/ratings/{place}/evidence/files/{number}", digest


def shown(session: Session, loaded: Loaded[rules.Assessment]) -> Assessment:
    """What the caller may see of it."""
    state = loaded.state
    assert state.candidate is not None
    assert state.template is not None
    visible = state.visible_to(session.caller.person)
    return Assessment(
        id=loaded.id,
        candidate_id=state.candidate,
        round=state.round,
        template=template_shown(state.template),
        assessors=list(state.assessors),
        submitted=list(state.ratings),
        complete=state.complete,
        ratings=[AssessorRatings(assessor=who, ratings=[Rating.of(r) for r in said]) for who, said in visible.items()],
        result=None if state.result is None else result_shown(state.result),
        version=loaded.version,
    )


def result_shown(result: results.Result) -> AssessmentResult:
    return AssessmentResult(
        low=result.low,
        high=result.high,
        criteria=[AssessedCriterion.model_validate(criterion) for criterion in result.criteria],
        concerns=[
            Concern(criterion=c.criterion, kind=c.kind.value, waived_by=result.waived.get(c)) for c in result.concerns
        ],
        not_recommended=result.not_recommended,
    )
