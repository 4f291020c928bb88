"""Drafts of governance models: each organisation's own, in its own ledger, until they are proposed to the others."""

from __future__ import annotations

from uuid import UUID

from services.governance.api import drafts
from services.governance.api.governance_models import shown as model_shown
from services.governance.api.schemas.alliances import Because
from services.governance.api.schemas.governance_models import (
    DraftGovernanceModel,
    GovernanceModel,
    GovernanceModelDraft,
    ReviseGovernanceModelDraft,
)
from services.governance.calendars import to_sign, working_calendars
from services.governance.domain import governance_model as rules
from services.governance.domain.alliance import Alliance
from services.governance.domain.governance_model import GOVERNANCE_MODEL
from services.governance.domain.model_draft import MODEL_DRAFTING
from services.governance.domain.starter import starter_model
from services.governance.read_models.model_drafts import model_draft, model_drafts, model_drafts_of
from services.governance.standing import running
from shared.domain import Invalid
from shared.events.governance_terms import GovernanceContent
from shared.http.pages import LIMIT_DEFAULT, Cursor, Limit, Page
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id

router = Router("governance", "governance-models")


@router.create("/alliances/{alliance_id}/governance-model-drafts", scope="governance:write")
def draft_governance_model(session: Session, alliance_id: Id, body: DraftGovernanceModel) -> GovernanceModelDraft:
    """Draft a governance model: your own content, or the shipped starter filled in. Only your organisation sees it."""
    alliance = running(session, alliance_id)
    content = content_of(session, alliance_id, alliance, body)
    return shown(session, drafts.begin(session, MODEL_DRAFTING, alliance_id, alliance, content))


@router.read("/alliances/{alliance_id}/governance-model-drafts", scope="governance:read")
def list_governance_model_drafts(
    session: Session, alliance_id: Id, cursor: Cursor = None, limit: Limit = LIMIT_DEFAULT
) -> Page[GovernanceModelDraft]:
    """Your organisation's own drafts for an alliance, in the order they were begun."""
    session.enter(alliance_id)
    own = session.caller.organisation
    turned = session.view(own).page(
        model_drafts_of(own, alliance_id), order=[model_drafts.c.id], cursor=cursor, limit=limit
    )
    items = [GovernanceModelDraft.model_validate(row) for row in turned.rows]
    return Page[GovernanceModelDraft](items=items, next_cursor=turned.next_cursor)


@router.read("/governance-model-drafts/{model_draft_id}", scope="governance:read")
def get_governance_model_draft(session: Session, model_draft_id: Id) -> GovernanceModelDraft:
    """One of your organisation's drafts."""
    drafts.alliance_of(session, MODEL_DRAFTING, model_draft_id)
    return shown(session, model_draft_id)


@router.change("/governance-model-drafts/{model_draft_id}/revise", scope="governance:write")
def revise_governance_model_draft(
    session: Session, model_draft_id: Id, body: ReviseGovernanceModelDraft
) -> GovernanceModelDraft:
    """Put other content in place of the draft's."""
    drafts.revise(session, MODEL_DRAFTING, model_draft_id, body.content.value())
    return shown(session, model_draft_id)


@router.change("/governance-model-drafts/{model_draft_id}/discard", scope="governance:write")
def discard_governance_model_draft(session: Session, model_draft_id: Id, body: Because) -> GovernanceModelDraft:
    """Give the draft up. It stays readable to your organisation."""
    drafts.discard(session, MODEL_DRAFTING, model_draft_id, body.reason)
    return shown(session, model_draft_id)


@router.change("/governance-model-drafts/{model_draft_id}/propose", scope="governance:write")
def propose_governance_model(session: Session, model_draft_id: Id) -> GovernanceModel:
    """Put the draft on the table: from now on every party reads it, as the governance model with the same id."""
    alliance_id, content, content_sha256 = drafts.propose(session, MODEL_DRAFTING, model_draft_id)
    command = rules.DraftModel(
        at=session.at,
        side=session.caller.organisation,
        parties=running(session, alliance_id).parties,
        content=content,
        content_sha256=content_sha256,
    )
    session.create(
        GOVERNANCE_MODEL, alliance_id, model_draft_id, rules.put_on_the_table(command, GOVERNANCE_MODEL.empty)
    )
    return model_shown(session, alliance_id, model_draft_id)


def content_of(
    session: Session, alliance_id: UUID, alliance: Alliance, body: DraftGovernanceModel
) -> GovernanceContent:
    if body.starter == (body.content is not None):
        raise Invalid("/content", "content-or-starter", "Give the whole content, or ask for the starter.")
    if body.content is not None:
        return body.content.value()
    calendars = to_sign(working_calendars(session.connection, alliance_id), session.at)
    return starter_model(alliance.parties, calendars, alliance.owners)


def shown(session: Session, draft_id: UUID) -> GovernanceModelDraft:
    own = session.caller.organisation
    return GovernanceModelDraft.model_validate(session.view(own).one(model_draft(own, draft_id)))
