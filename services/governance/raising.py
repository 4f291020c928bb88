"""Decisions and disputes as they come into being: under the governance model and on the calendars of this moment."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from services.governance.acting import Acting
from services.governance.calendars import to_run_on, working_calendars
from services.governance.domain.alliance import ALLIANCE
from services.governance.domain.decision import DECISION
from services.governance.domain.dispute import DISPUTE, OpenDispute, open_dispute
from services.governance.domain.governance_model import GOVERNANCE_MODEL, GovernanceModel
from services.governance.domain.issue import ISSUE, EscalateIssue, Issue, escalate_issue
from services.governance.domain.route import RaiseDecision, raise_decision
from services.governance.read_models.governance_models import in_force
from shared.domain import Refused
from shared.events.governance_disputes import DisputeSource, Escalation
from shared.events.governance_terms import DecisionRight, GovernanceContent
from shared.log.log import Loaded


def model_in_force(acting: Acting, alliance_id: UUID) -> Loaded[GovernanceModel]:
    found = acting.connection.execute(in_force(alliance_id)).first()
    if found is None:
        raise Refused("no-governance-model", "This goes by a governance model, and none is in force; sign one first.")
    return acting.load(GOVERNANCE_MODEL, alliance_id, found.id)


def terms_of(acting: Acting, model: Loaded[GovernanceModel], right: DecisionRight | None) -> GovernanceContent:
    """What was signed, with the calendars that a clock started now runs on."""
    content = model.state.content
    assert content is not None, "what is in force was drafted"
    known = working_calendars(acting.connection, model.ledger_id)
    return replace(content, calendars=to_run_on(content.calendars, known, acting.at, right))


def raise_under_model(
    acting: Acting, alliance_id: UUID, side: UUID, decision_type: str, decision_id: UUID | None = None, **said: Any
) -> UUID:
    """Raise a decision for a side; its id. `said` is the rest of `RaiseDecision`."""
    parties = acting.load(ALLIANCE, alliance_id, alliance_id).state.parties
    model = model_in_force(acting, alliance_id)
    command = RaiseDecision(
        at=acting.at,
        side=side,
        type=decision_type,
        parties=parties,
        model_id=model.id,
        model=terms_of(acting, model, model.state.right(decision_type)),
        **said,
    )
    decision_id = decision_id or acting.new_id()
    acting.create(DECISION, alliance_id, decision_id, raise_decision(command, DECISION.empty))
    return decision_id


def open_under_model(
    acting: Acting,
    alliance_id: UUID,
    side: UUID | None,
    source: DisputeSource,
    thing: UUID | None,
    subject: str | None = None,
    *,
    dispute_id: UUID | None = None,
) -> UUID:
    """Open a dispute on the steps agreed in the model in force; its id. `side` is None when time does it."""
    parties = acting.load(ALLIANCE, alliance_id, alliance_id).state.parties
    content = terms_of(acting, model_in_force(acting, alliance_id), None)
    command = OpenDispute(
        at=acting.at,
        side=side,
        parties=parties,
        source=source,
        thing=thing,
        steps=content.dispute_steps,
        calendars=content.calendars,
        calendar_setting=content.calendar_setting,
        subject=subject,
    )
    dispute_id = dispute_id or acting.new_id()
    acting.create(DISPUTE, alliance_id, dispute_id, open_dispute(command, DISPUTE.empty))
    return dispute_id


def become(
    acting: Acting, thing: Loaded[Issue], into: Escalation, decision_type: str | None, *, side: UUID | None
) -> Loaded[Issue]:
    """Make a dispute or a decision of an issue; `side` is None when time does it."""
    logged = thing.state.logged
    assert logged is not None, "an issue begins by being logged"
    thing_id = acting.new_id()
    events = escalate_issue(EscalateIssue(acting.at, side, into, thing_id), thing.state)
    if into is Escalation.DECISION:
        assert decision_type is not None, "an issue that becomes a decision has its type"
        said: dict[str, Any] = {"subject": logged.title, "context": logged.description, "evaluate": False}
        raise_under_model(acting, thing.ledger_id, side or logged.side, decision_type, thing_id, **said)
    else:
        source, subject = DisputeSource.ISSUE, logged.title
        open_under_model(acting, thing.ledger_id, side, source, thing.id, subject, dispute_id=thing_id)
    return acting.append(ISSUE, thing, events)
