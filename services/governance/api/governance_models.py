"""Governance models on the table: countered, and signed by every side by the hash of what it read."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query

from services.governance.api.entitlement import require_signatory
from services.governance.api.schemas.governance_models import (
    CounterGovernanceModel,
    GovernanceModel,
    GovernanceModelSummary,
    SignGovernanceModel,
    StarterGovernanceModel,
)
from services.governance.api.schemas.governance_models import GovernanceContent as ContentShown
from services.governance.api.schemas.signing_keys import own_signature
from services.governance.domain import governance_model as rules
from services.governance.domain.alliance import ALLIANCE, check_running
from services.governance.domain.governance_model import GOVERNANCE_MODEL
from services.governance.domain.starter import starter_model
from services.governance.hashing import hash_of
from services.governance.meeting_plan import plan_meetings
from services.governance.read_models.governance_models import (
    governance_model,
    governance_models,
    governance_models_of,
    in_force,
)
from services.governance.signed_acts import append_act
from shared.domain import Invalid
from shared.http.pages import LIMIT_DEFAULT, Cursor, Limit, Page
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id
from shared.log.codec import as_json

router = Router("governance", "governance-models")

SomeParty = Annotated[Id | None, Query(description="An organisation; a stand-in unless given.")]
STAND_INS = (UUID(int=1), UUID(int=2))


@router.read("/alliances/{alliance_id}/governance-models", scope="governance:read")
def list_governance_models(
    session: Session, alliance_id: Id, cursor: Cursor = None, limit: Limit = LIMIT_DEFAULT
) -> Page[GovernanceModelSummary]:
    """The governance models of an alliance, in the order they were proposed, without their content."""
    turned = session.view(alliance_id).page(
        governance_models_of(alliance_id), order=[governance_models.c.id], cursor=cursor, limit=limit
    )
    items = [GovernanceModelSummary.model_validate(r) for r in turned.rows]
    return Page[GovernanceModelSummary](items=items, next_cursor=turned.next_cursor)


@router.read("/governance-models/starter", scope="governance:read", as_of=False)
def get_starter_governance_model(
    _session: Session, first_party: SomeParty = None, second_party: SomeParty = None
) -> StarterGovernanceModel:
    """The governance model that ships with Concord, for two parties, in office hours of UTC."""
    parties = (first_party or STAND_INS[0], second_party or STAND_INS[1])
    if parties[0] == parties[1]:
        raise Invalid("query/second_party", "party-twice", "Give two different parties.")
    content = starter_model(parties)
    return StarterGovernanceModel(
        content=ContentShown.model_validate(as_json(content)), content_sha256=hash_of(content)
    )


@router.read("/governance-models/{model_id}", scope="governance:read")
def get_governance_model(session: Session, model_id: Id) -> GovernanceModel:
    """One governance model with its content, and the hash that signing it takes."""
    return shown(session, session.home(GOVERNANCE_MODEL, model_id), model_id)


@router.change("/governance-models/{model_id}/counter", scope="governance:write")
def counter_governance_model(session: Session, model_id: Id, body: CounterGovernanceModel) -> GovernanceModel:
    """Answer the other side's proposal with other content. Signatures given to the earlier one fall away."""
    held = session.change(GOVERNANCE_MODEL, model_id)
    content = body.content.value()
    command = rules.CounterModel(
        at=session.at,
        side=session.caller.organisation,
        content=content,
        content_sha256=hash_of(content),
        reason=body.reason,
    )
    session.append(GOVERNANCE_MODEL, held, rules.counter_model(command, held.state))
    return shown(session, held.ledger_id, model_id)


@router.change("/governance-models/{model_id}/sign")
def sign_governance_model(session: Session, model_id: Id, body: SignGovernanceModel) -> GovernanceModel:
    """Sign for your side what you read, by its hash. The last signature puts it in force in place of any other."""
    held = session.change(GOVERNANCE_MODEL, model_id)
    alliance = session.load(ALLIANCE, held.ledger_id, held.ledger_id).state
    lent_by = require_signatory(session, held.ledger_id, alliance)
    command = rules.SignModel(
        at=session.at,
        side=session.caller.organisation,
        content_sha256=body.content_sha256,
        signature=own_signature(body.signature),
    )
    append_act(session, GOVERNANCE_MODEL, held, rules.sign_model(command, held.state), on_behalf_of=lent_by)
    supersede_older(session, held.ledger_id, model_id)
    return shown(session, held.ledger_id, model_id)


@router.change("/governance-models/{model_id}/reaffirm")
def reaffirm_governance_model(session: Session, model_id: Id, body: SignGovernanceModel) -> GovernanceModel:
    """Sign for your side, by its hash, that the model in force stays: the yearly re-ratification."""
    held = session.change(GOVERNANCE_MODEL, model_id)
    alliance = session.load(ALLIANCE, held.ledger_id, held.ledger_id).state
    check_running(session.caller.organisation, alliance)
    lent_by = require_signatory(session, held.ledger_id, alliance)
    command = rules.ReaffirmModel(
        at=session.at,
        side=session.caller.organisation,
        content_sha256=body.content_sha256,
        signature=own_signature(body.signature),
    )
    append_act(session, GOVERNANCE_MODEL, held, rules.reaffirm_model(command, held.state), on_behalf_of=lent_by)
    return shown(session, held.ledger_id, model_id)


def supersede_older(session: Session, alliance_id: UUID, model_id: UUID) -> None:
    """Once this model is in force no other is, and its forums meet.

    The append before this holds the ledger's writers, so that no two models come into force unseen by one another.
    """
    found = [row.id for row in session.view(alliance_id).all(in_force(alliance_id))]
    if model_id not in found:
        return
    for other in found:
        if other != model_id:
            older = session.load(GOVERNANCE_MODEL, alliance_id, other)
            command = rules.SupersedeModel(at=session.at, by=model_id)
            session.append(GOVERNANCE_MODEL, older, rules.supersede_model(command, older.state))
    plan_meetings(session, alliance_id)


def shown(session: Session, alliance_id: UUID, model_id: UUID) -> GovernanceModel:
    return GovernanceModel.model_validate(session.view(alliance_id).one(governance_model(alliance_id, model_id)))
