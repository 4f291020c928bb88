"""Due diligence on a candidate, and the risks that its findings open."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any

from fastapi import Path

from services.scoring.api.evidence import require_files
from services.scoring.api.neighbours import require_colleagues
from services.scoring.api.schemas.assessments import RatingEvidence
from services.scoring.api.schemas.diligence import (
    AddDiligenceItem,
    AnswerDiligenceItem,
    Diligence,
    DiligenceItem,
    OpenPartnerRisk,
    PartnerRisk,
    RevisePartnerRisk,
)
from services.scoring.domain import diligence as rules
from services.scoring.domain import risk as risk_rules
from services.scoring.domain.candidate import CANDIDATE
from services.scoring.domain.diligence import DILIGENCE, require_concern
from services.scoring.domain.risk import RISK
from services.scoring.read_models.candidates import candidate
from services.scoring.read_models.diligence import diligence, items_of
from services.scoring.read_models.risks import risk, risks, risks_of
from shared.domain import Invalid
from shared.events.scoring_diligence import ItemStatus
from shared.http.pages import LIMIT_DEFAULT, Cursor, Limit, Page
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id

router = Router("scoring", "diligence")

ItemKey = Annotated[str, Path(pattern="^[a-z][a-z0-9_]{0,62}$", description="Such as finance.")]


@router.create("/candidates/{candidate_id}/diligence", scope="scoring:write")
def begin_diligence(session: Session, candidate_id: Id) -> Diligence:
    """Begin the due diligence on a candidate, with one question on each area."""
    organisation_id = session.caller.organisation
    session.load(CANDIDATE, organisation_id, candidate_id)
    held = session.log.load(DILIGENCE, organisation_id, candidate_id)
    command = rules.BeginDiligence(by=session.caller.person, at=session.at)
    session.append(DILIGENCE, held, rules.begin(command, held.state))
    return shown(session, candidate_id)


@router.read("/candidates/{candidate_id}/diligence", scope="scoring:read")
def get_diligence(session: Session, candidate_id: Id) -> Diligence:
    """The due diligence on a candidate; not found until it is begun."""
    return shown(session, candidate_id)


@router.change("/candidates/{candidate_id}/diligence/items", scope="scoring:write")
def add_diligence_item(session: Session, candidate_id: Id, body: AddDiligenceItem) -> Diligence:
    """Add a question of your own to the due diligence."""
    held = session.change(DILIGENCE, candidate_id, session.caller.organisation)
    command = rules.AddItem(by=session.caller.person, at=session.at, item=body.value())
    session.append(DILIGENCE, held, rules.add(command, held.state))
    return shown(session, candidate_id)


@router.change("/candidates/{candidate_id}/diligence/items/{item_key}/answer", scope="scoring:write")
def answer_diligence_item(
    session: Session, candidate_id: Id, item_key: ItemKey, body: AnswerDiligenceItem
) -> Diligence:
    """Answer one item: what was found out, on what evidence, and what it means for us."""
    held = session.change(DILIGENCE, candidate_id, session.caller.organisation)
    said = body.evidence
    named = [(f"/evidence/files/{place}", digest) for place, digest in enumerate(said.files if said else ())]
    kept = require_files(session, named)
    command = rules.AnswerItem(
        by=session.caller.person,
        at=session.at,
        item=item_key,
        status=ItemStatus(body.status),
        answer=body.answer,
        evidence=None if said is None else said.value(kept),
        finding=body.finding,
    )
    session.append(DILIGENCE, held, rules.answer(command, held.state))
    return shown(session, candidate_id)


@router.create("/candidates/{candidate_id}/risks", scope="scoring:write")
def open_partner_risk(session: Session, candidate_id: Id, body: OpenPartnerRisk) -> PartnerRisk:
    """Open a risk from a finding of the due diligence."""
    organisation_id = session.caller.organisation
    session.load(CANDIDATE, organisation_id, candidate_id)
    require_owner(session, body.owner)
    area = require_concern(session.log.load(DILIGENCE, organisation_id, candidate_id).state, body.item)
    risk_id = session.new_id()
    command = risk_rules.OpenRisk(
        by=session.caller.person,
        at=session.at,
        candidate=candidate_id,
        item=body.item,
        area=area,
        terms=body.terms(),
        mitigation=body.mitigation,
    )
    session.create(RISK, organisation_id, risk_id, risk_rules.open_risk(command, RISK.empty))
    return risk_shown(session, risk_id)


@router.read("/candidates/{candidate_id}/risks", scope="scoring:read")
def list_partner_risks(
    session: Session, candidate_id: Id, cursor: Cursor = None, limit: Limit = LIMIT_DEFAULT
) -> Page[PartnerRisk]:
    """The risks of allying with a candidate, in the order they were opened."""
    organisation_id = session.caller.organisation
    view = session.view(organisation_id)
    view.one(candidate(organisation_id, candidate_id))
    found = risks_of(organisation_id, candidate_id)
    turned = view.page(found, order=[risks.c.id], cursor=cursor, limit=limit)
    return Page[PartnerRisk](items=[risk_of(row) for row in turned.rows], next_cursor=turned.next_cursor)


@router.read("/risks/{risk_id}", scope="scoring:read")
def get_partner_risk(session: Session, risk_id: Id) -> PartnerRisk:
    """One risk of allying with a candidate."""
    return risk_shown(session, risk_id)


@router.change("/risks/{risk_id}", method="PUT", scope="scoring:write")
def revise_partner_risk(session: Session, risk_id: Id, body: RevisePartnerRisk) -> PartnerRisk:
    """Replace what the risk says: how bad it is, who owns it, what is done about it, what is left."""
    held = session.change(RISK, risk_id, session.caller.organisation)
    require_owner(session, body.owner)
    command = risk_rules.ReviseRisk(
        by=session.caller.person, at=session.at, terms=body.terms(), mitigation=body.mitigation, reason=body.reason
    )
    session.append(RISK, held, risk_rules.revise(command, held.state))
    return risk_shown(session, risk_id)


def require_owner(session: Session, owner: Id) -> None:
    try:
        require_colleagues(session, "/owner", [owner])
    except Invalid as stranger:
        raise Invalid("/owner", stranger.code, stranger.detail) from stranger


def shown(session: Session, candidate_id: Id) -> Diligence:
    organisation_id = session.caller.organisation
    view = session.view(organisation_id)
    row = view.one(diligence(organisation_id, candidate_id))
    items = [item_of(item) for item in view.all(items_of(organisation_id, candidate_id))]
    counts = Counter(item.status for item in items)
    return Diligence(candidate_id=candidate_id, items=items, by_status=dict(counts), version=row.version)


def item_of(row: Any) -> DiligenceItem:
    said = row.evidence
    evidence = said and RatingEvidence(
        text=said["text"], links=said["links"], files=[each["sha256"] for each in said["attachments"]]
    )
    return DiligenceItem.model_validate({**row._asdict(), "evidence": evidence})


def risk_shown(session: Session, risk_id: Id) -> PartnerRisk:
    organisation_id = session.caller.organisation
    return risk_of(session.view(organisation_id).one(risk(organisation_id, risk_id)))


def risk_of(row: Any) -> PartnerRisk:
    left = row.residual and row.residual["likelihood"] * row.residual["impact"]
    exposures = {"exposure": row.likelihood * row.impact, "residual_exposure": left}
    return PartnerRisk.model_validate({**row._asdict(), **exposures})
