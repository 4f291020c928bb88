"""Partner briefs of the caller's organisation."""

from __future__ import annotations

from services.scoring.api.schemas.briefs import Brief, WriteBrief
from services.scoring.domain import brief as rules
from services.scoring.domain.brief import BRIEF
from services.scoring.read_models.briefs import brief, briefs, briefs_of
from shared.http.pages import LIMIT_DEFAULT, Cursor, Limit, Page
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id

router = Router("scoring", "briefs")


@router.create("/briefs", scope="scoring:write")
def write_brief(session: Session, body: WriteBrief) -> Brief:
    """Write down what you look for in a partner. Only your own organisation ever sees it."""
    brief_id = session.new_id()
    command = rules.WriteBrief(by=session.caller.person, at=session.at, **body.values())
    session.create(BRIEF, session.caller.organisation, brief_id, rules.write(command, BRIEF.empty))
    return shown(session, brief_id)


@router.read("/briefs", scope="scoring:read")
def list_briefs(session: Session, cursor: Cursor = None, limit: Limit = LIMIT_DEFAULT) -> Page[Brief]:
    """The briefs of your organisation, in the order they were written."""
    organisation_id = session.caller.organisation
    view = session.view(organisation_id)
    turned = view.page(briefs_of(organisation_id), order=[briefs.c.id], cursor=cursor, limit=limit)
    return Page[Brief](items=[Brief.model_validate(row) for row in turned.rows], next_cursor=turned.next_cursor)


@router.read("/briefs/{brief_id}", scope="scoring:read")
def get_brief(session: Session, brief_id: Id) -> Brief:
    """One brief of your organisation."""
    return shown(session, brief_id)


@router.change("/briefs/{brief_id}", method="PUT", scope="scoring:write")
def revise_brief(session: Session, brief_id: Id, body: WriteBrief) -> Brief:
    """Replace what the brief says."""
    held = session.change(BRIEF, brief_id, session.caller.organisation)
    command = rules.ReviseBrief(by=session.caller.person, at=session.at, **body.values())
    session.append(BRIEF, held, rules.revise(command, held.state))
    return shown(session, brief_id)


def shown(session: Session, brief_id: Id) -> Brief:
    organisation_id = session.caller.organisation
    return Brief.model_validate(session.view(organisation_id).one(brief(organisation_id, brief_id)))
