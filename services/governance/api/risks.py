"""The joint risk register."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from services.governance.api.schemas.duties import CloseRisk, Risk
from services.governance.api.schemas.duties import RiskTerms as TermsGiven
from services.governance.domain import risk as rules
from services.governance.domain.risk import RISK
from services.governance.read_models.risks import risk, risks, risks_of
from services.governance.standing import running
from shared.events.governance_duties import RiskTerms
from shared.http.pages import LIMIT_DEFAULT, Cursor, Limit, Page
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id
from shared.log.codec import adapter

router = Router("governance", "risks")


@router.create("/alliances/{alliance_id}/risks", scope="governance:write")
def register_risk(session: Session, alliance_id: Id, body: TermsGiven) -> Risk:
    """Put a risk on the joint register."""
    alliance = running(session, alliance_id)
    command = rules.RegisterRisk(
        at=session.at, side=session.caller.organisation, parties=alliance.parties, terms=terms_of(body)
    )
    risk_id = session.new_id()
    session.create(RISK, alliance_id, risk_id, rules.register_risk(command, RISK.empty))
    return shown(session, alliance_id, risk_id)


@router.read("/alliances/{alliance_id}/risks", scope="governance:read")
def list_risks(session: Session, alliance_id: Id, cursor: Cursor = None, limit: Limit = LIMIT_DEFAULT) -> Page[Risk]:
    """The risks of an alliance, in the order they were registered."""
    turned = session.view(alliance_id).page(risks_of(alliance_id), order=[risks.c.seq], cursor=cursor, limit=limit)
    return Page[Risk](items=[as_shown(row) for row in turned.rows], next_cursor=turned.next_cursor)


@router.read("/risks/{risk_id}", scope="governance:read")
def get_risk(session: Session, risk_id: Id) -> Risk:
    """One risk."""
    return shown(session, session.home(RISK, risk_id), risk_id)


@router.change("/risks/{risk_id}/reassess", scope="governance:write")
def reassess_risk(session: Session, risk_id: Id, body: TermsGiven) -> Risk:
    """Put the risk as it is seen now in place of what stood there."""
    held = session.change(RISK, risk_id)
    alliance = running(session, held.ledger_id)
    command = rules.ReassessRisk(
        at=session.at, side=session.caller.organisation, parties=alliance.parties, terms=terms_of(body)
    )
    session.append(RISK, held, rules.reassess_risk(command, held.state))
    return shown(session, held.ledger_id, risk_id)


@router.change("/risks/{risk_id}/close", scope="governance:write")
def close_risk(session: Session, risk_id: Id, body: CloseRisk) -> Risk:
    """Close a risk: it is over, or it has become real."""
    held = session.change(RISK, risk_id)
    running(session, held.ledger_id)
    command = rules.CloseRisk(
        at=session.at, side=session.caller.organisation, occurred=body.occurred, reason=body.reason
    )
    session.append(RISK, held, rules.close_risk(command, held.state))
    return shown(session, held.ledger_id, risk_id)


def terms_of(given: TermsGiven) -> RiskTerms:
    terms: RiskTerms = adapter(RiskTerms).validate_python(given.model_dump(mode="json"))
    return terms


def shown(session: Session, alliance_id: UUID, risk_id: UUID) -> Risk:
    return as_shown(session.view(alliance_id).one(risk(alliance_id, risk_id)))


def as_shown(row: Any) -> Risk:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
    return Risk(alliance_id=values.pop("ledger_id"), exposure=row.likelihood * row.impact, **values)
