"""Partner briefs of the caller's organisation."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from services.scoring.api.schemas.briefs import Brief, ReviewBrief, WriteBrief
from services.scoring.domain import brief as rules
from services.scoring.domain.brief import BRIEF
from services.scoring.read_models.briefs import brief, briefs, briefs_of, reviews_due
from services.scoring.read_models.gaps import gaps_named
from shared.domain import Invalid
from shared.http.pages import LIMIT_DEFAULT, Cursor, Limit, Page
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Day, Id

router = Router("scoring", "briefs")

ReviewBy = Annotated[Day | None, Query(description="Only briefs whose yearly review is due by this day.")]


@router.create("/briefs", scope="scoring:write")
def write_brief(session: Session, body: WriteBrief) -> Brief:
    """Write down what you look for in a partner. Only your own organisation ever sees it."""
    require_gaps(session, body)
    brief_id = session.new_id()
    command = rules.WriteBrief(by=session.caller.person, at=session.at, **body.values())
    session.create(BRIEF, session.caller.organisation, brief_id, rules.write(command, BRIEF.empty))
    return shown(session, brief_id)


@router.read("/briefs", scope="scoring:read")
def list_briefs(
    session: Session, review_by: ReviewBy = None, cursor: Cursor = None, limit: Limit = LIMIT_DEFAULT
) -> Page[Brief]:
    """The briefs of your organisation, in the order they were written."""
    organisation_id = session.caller.organisation
    view = session.view(organisation_id)
    found = briefs_of(organisation_id) if review_by is None else reviews_due(organisation_id, review_by)
    turned = view.page(found, order=[briefs.c.id], cursor=cursor, limit=limit)
    return Page[Brief](items=[Brief.model_validate(row) for row in turned.rows], next_cursor=turned.next_cursor)


@router.read("/briefs/{brief_id}", scope="scoring:read")
def get_brief(session: Session, brief_id: Id) -> Brief:
    """One brief of your organisation."""
    return shown(session, brief_id)


@router.change("/briefs/{brief_id}", method="PUT", scope="scoring:write")
def revise_brief(session: Session, brief_id: Id, body: WriteBrief) -> Brief:
    """Replace what the brief says."""
    held = session.change(BRIEF, brief_id, session.caller.organisation)
    require_gaps(session, body)
    command = rules.ReviseBrief(by=session.caller.person, at=session.at, **body.values())
    session.append(BRIEF, held, rules.revise(command, held.state))
    return shown(session, brief_id)


@router.change("/briefs/{brief_id}/review", scope="scoring:write")
def review_brief(session: Session, brief_id: Id, body: ReviewBrief) -> Brief:
    """Say that the brief was looked at, as it is to be at least yearly, and when to look next."""
    held = session.change(BRIEF, brief_id, session.caller.organisation)
    command = rules.ReviewBrief(
        by=session.caller.person, at=session.at, next_review_on=body.next_review_on, finding=body.finding
    )
    session.append(BRIEF, held, rules.review(command, held.state))
    return shown(session, brief_id)


def require_gaps(session: Session, body: WriteBrief) -> None:
    """Raises Invalid for the first gap that the organisation does not have."""
    organisation_id = session.caller.organisation
    known = {row.id for row in session.view(organisation_id).all(gaps_named(organisation_id, body.gaps))}
    for place, gap_id in enumerate(body.gaps):
        if gap_id not in known:
            raise Invalid(f"/gaps/{place}", "unknown-gap", "Identify this gap first, or leave it out.")


def shown(session: Session, brief_id: Id) -> Brief:
    organisation_id = session.caller.organisation
    return Brief.model_validate(session.view(organisation_id).one(brief(organisation_id, brief_id)))
