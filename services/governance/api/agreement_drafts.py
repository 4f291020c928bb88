"""Drafts of agreements: each organisation's own, in its own ledger, until they are proposed to the others."""

from __future__ import annotations

from uuid import UUID

from services.governance.api import drafts
from services.governance.api.agreements import shown as agreement_shown
from services.governance.api.schemas.agreements import (
    Agreement,
    AgreementDraft,
    DraftAgreement,
    ReviseAgreementDraft,
    value_of,
)
from services.governance.api.schemas.alliances import Because
from services.governance.domain import agreement as rules
from services.governance.domain.agreement import AGREEMENT
from services.governance.domain.agreement_draft import AGREEMENT_DRAFTING
from services.governance.read_models.agreements import agreement_drafts, draft, drafts_of
from services.governance.standing import running, standing_of
from shared.http.pages import LIMIT_DEFAULT, Cursor, Limit, Page
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id

router = Router("governance", "agreements")


@router.create("/alliances/{alliance_id}/agreement-drafts", scope="governance:write")
def draft_agreement(session: Session, alliance_id: Id, body: DraftAgreement) -> AgreementDraft:
    """Draft a joint document. Only your organisation sees it, until you propose it."""
    alliance = running(session, alliance_id)
    return shown(session, drafts.begin(session, AGREEMENT_DRAFTING, alliance_id, alliance, value_of(body.content)))


@router.read("/alliances/{alliance_id}/agreement-drafts", scope="governance:read")
def list_agreement_drafts(
    session: Session, alliance_id: Id, cursor: Cursor = None, limit: Limit = LIMIT_DEFAULT
) -> Page[AgreementDraft]:
    """Your organisation's own drafts for an alliance, in the order they were begun."""
    session.enter(alliance_id)
    own = session.caller.organisation
    turned = session.view(own).page(
        drafts_of(own, alliance_id), order=[agreement_drafts.c.id], cursor=cursor, limit=limit
    )
    items = [AgreementDraft.model_validate(row) for row in turned.rows]
    return Page[AgreementDraft](items=items, next_cursor=turned.next_cursor)


@router.read("/agreement-drafts/{draft_id}", scope="governance:read")
def get_agreement_draft(session: Session, draft_id: Id) -> AgreementDraft:
    """One of your organisation's drafts."""
    drafts.alliance_of(session, AGREEMENT_DRAFTING, draft_id)
    return shown(session, draft_id)


@router.change("/agreement-drafts/{draft_id}/revise", scope="governance:write")
def revise_agreement_draft(session: Session, draft_id: Id, body: ReviseAgreementDraft) -> AgreementDraft:
    """Put other content of the same kind in place of the draft's."""
    drafts.revise(session, AGREEMENT_DRAFTING, draft_id, value_of(body.content))
    return shown(session, draft_id)


@router.change("/agreement-drafts/{draft_id}/discard", scope="governance:write")
def discard_agreement_draft(session: Session, draft_id: Id, body: Because) -> AgreementDraft:
    """Give the draft up. It stays readable to your organisation."""
    drafts.discard(session, AGREEMENT_DRAFTING, draft_id, body.reason)
    return shown(session, draft_id)


@router.change("/agreement-drafts/{draft_id}/propose", scope="governance:write")
def propose_agreement(session: Session, draft_id: Id) -> Agreement:
    """Put the draft on the table: from now on every party reads it, as the agreement with the same id."""
    alliance_id, content, content_sha256 = drafts.propose(session, AGREEMENT_DRAFTING, draft_id)
    command = rules.ProposeAgreement(
        at=session.at,
        side=session.caller.organisation,
        parties=running(session, alliance_id).parties,
        content=content,
        content_sha256=content_sha256,
        standing=standing_of(session, alliance_id),
    )
    session.create(AGREEMENT, alliance_id, draft_id, rules.propose_agreement(command, AGREEMENT.empty))
    return agreement_shown(session, alliance_id, draft_id)


def shown(session: Session, draft_id: UUID) -> AgreementDraft:
    own = session.caller.organisation
    return AgreementDraft.model_validate(session.view(own).one(draft(own, draft_id)))
