"""Decisions: raised under the governance model in force, decided by those who hold the right."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from services.governance.api.entitlement import is_named_owner, require_colleague
from services.governance.api.schemas.alliances import Because
from services.governance.api.schemas.decisions import (
    AssignDecision,
    CastVote,
    Decision,
    DecisionStatus,
    GiveInformation,
    Information,
    PersonInCharge,
    RaiseDecision,
    ResubmitDecision,
    Vote,
)
from services.governance.api.schemas.signing_keys import own_signature
from services.governance.domain import route as raising
from services.governance.domain import vote as voting
from services.governance.domain.alliance import ALLIANCE, check_running
from services.governance.domain.decision import DECISION
from services.governance.raising import raise_under_model
from services.governance.read_models.decisions import decision, decisions, decisions_of
from services.governance.signed_acts import append_act
from shared.events.governance_terms import Choice
from shared.http.pages import LIMIT_DEFAULT, Cursor, Limit, Page
from shared.http.router import Router
from shared.http.session import Seat, Session
from shared.http.types import Id

router = Router("governance", "decisions")

OUTCOMES = ("approved", "rejected")
Status = Annotated[DecisionStatus | None, Query(description="Only those of this status.")]


@router.create("/alliances/{alliance_id}/decisions", scope="governance:write")
def raise_decision(session: Session, alliance_id: Id, body: RaiseDecision) -> Decision:
    """Raise a decision. The matrix and the calendars of this moment route it and stay with it; its clock starts."""
    alliance = session.load(ALLIANCE, alliance_id, alliance_id).state
    check_running(session.caller.organisation, alliance)
    decision_id = raise_under_model(
        session,
        alliance_id,
        session.caller.organisation,
        body.type,
        values=body.values,
        owner_side=body.owner_side,
        subject=body.subject,
        options=tuple(body.options) or None,
        context=body.context,
    )
    return shown(session, alliance_id, decision_id)


@router.read("/alliances/{alliance_id}/decisions", scope="governance:read")
def list_decisions(
    session: Session, alliance_id: Id, status: Status = None, cursor: Cursor = None, limit: Limit = LIMIT_DEFAULT
) -> Page[Decision]:
    """The decisions of an alliance, in the order they were raised."""
    turned = session.view(alliance_id).page(
        decisions_of(alliance_id, status), order=[decisions.c.raised_at, decisions.c.id], cursor=cursor, limit=limit
    )
    return Page[Decision](items=[of_row(row) for row in turned.rows], next_cursor=turned.next_cursor)


@router.read("/decisions/{decision_id}", scope="governance:read")
def get_decision(session: Session, decision_id: Id) -> Decision:
    """One decision: where it stands, how its sides voted, when it is due."""
    return shown(session, session.home(DECISION, decision_id), decision_id)


@router.change("/decisions/{decision_id}/votes")
def cast_vote(session: Session, decision_id: Id, body: CastVote) -> Decision:
    """Cast your side's vote: as holder of a role that owns the decision, as member of its forum, or as named owner.

    A delegate of somebody who may does so on their behalf, and the history names both.
    """
    held = session.change(DECISION, decision_id)
    signature = own_signature(body.signature)
    commands = [
        (seat, voting.CastVote(**right, choice=Choice(body.choice), reason=body.reason, signature=signature))
        for seat, right in rights(session, held.ledger_id)
    ]
    seat, command = next((one for one in commands if voting.may_decide(one[1], held.state)), commands[0])
    append_act(session, DECISION, held, voting.cast_vote(command, held.state), on_behalf_of=seat.on_behalf_of)
    return shown(session, held.ledger_id, decision_id)


@router.change("/decisions/{decision_id}/assign")
def assign_decision(session: Session, decision_id: Id, body: AssignDecision) -> Decision:
    """Put a colleague in charge, who may then vote for your side. It changes neither the route nor the clock."""
    held = session.change(DECISION, decision_id)
    require_colleague(session, "/person_id", body.person_id)
    commands = [
        (seat, voting.AssignDecision(**right, to=body.person_id)) for seat, right in rights(session, held.ledger_id)
    ]
    seat, command = next((one for one in commands if voting.may_decide(one[1], held.state)), commands[0])
    session.append(DECISION, held, voting.assign_decision(command, held.state), on_behalf_of=seat.on_behalf_of)
    return shown(session, held.ledger_id, decision_id)


@router.change("/decisions/{decision_id}/information", scope="governance:write")
def give_information(session: Session, decision_id: Id, body: GiveInformation) -> Decision:
    """Answer what another side asked. It ends the pause that waited for it, and the other side votes anew."""
    held = session.change(DECISION, decision_id)
    command = voting.GiveInformation(at=session.at, side=session.caller.organisation, answer=body.answer)
    session.append(DECISION, held, voting.give_information(command, held.state))
    return shown(session, held.ledger_id, decision_id)


@router.change("/decisions/{decision_id}/withdraw", scope="governance:write")
def withdraw_decision(session: Session, decision_id: Id, body: Because) -> Decision:
    """Take back a decision that your side raised."""
    held = session.change(DECISION, decision_id)
    command = voting.WithdrawDecision(at=session.at, side=session.caller.organisation, reason=body.reason)
    session.append(DECISION, held, voting.withdraw_decision(command, held.state))
    return shown(session, held.ledger_id, decision_id)


@router.change("/decisions/{decision_id}/resubmit", scope="governance:write")
def resubmit_decision(session: Session, decision_id: Id, body: ResubmitDecision) -> Decision:
    """Put a decision that your side had withdrawn to the vote again, with what you say anew: a new cycle and clock."""
    held = session.change(DECISION, decision_id)
    alliance = session.load(ALLIANCE, held.ledger_id, held.ledger_id).state
    check_running(session.caller.organisation, alliance)
    command = raising.ResubmitDecision(
        at=session.at,
        side=session.caller.organisation,
        subject=body.subject,
        options=None if body.options is None else tuple(body.options),
        context=body.context,
    )
    session.append(DECISION, held, raising.resubmit_decision(command, held.state))
    return shown(session, held.ledger_id, decision_id)


@router.change("/decisions/{decision_id}/reopen", scope="governance:write")
def reopen_decision(session: Session, decision_id: Id, body: Because) -> Decision:
    """Decide anew what was settled: a new cycle with its own clock on the same terms; the old one stays on record."""
    held = session.change(DECISION, decision_id)
    alliance = session.load(ALLIANCE, held.ledger_id, held.ledger_id).state
    check_running(session.caller.organisation, alliance)
    command = raising.ReopenDecision(at=session.at, side=session.caller.organisation, reason=body.reason)
    session.append(DECISION, held, raising.reopen_decision(command, held.state))
    return shown(session, held.ledger_id, decision_id)


def rights(session: Session, alliance_id: UUID) -> list[tuple[Seat, dict[str, Any]]]:
    """What a command says of who gives it, for each seat that the caller may use: the caller's own first."""
    alliance = session.load(ALLIANCE, alliance_id, alliance_id).state
    return [
        (
            seat,
            {
                "at": session.at,
                "side": session.caller.organisation,
                "person_id": seat.person,
                "roles": tuple(seat.roles),
                "named_owner": is_named_owner(session, alliance, seat.person),
            },
        )
        for seat in session.seats(alliance_id)
    ]


def shown(session: Session, alliance_id: UUID, decision_id: UUID) -> Decision:
    return of_row(session.view(alliance_id).one(decision(alliance_id, decision_id)))


def of_row(row: Any) -> Decision:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
    votes = [Vote.model_validate(vote) for vote in values.pop("votes").values()]
    assigned = [PersonInCharge(side=side, person_id=person) for side, person in values.pop("assigned").items()]
    information = [Information.model_validate(one) for one in values.pop("information")]
    outcome = row.status if row.status in OUTCOMES else None
    said = {"votes": votes, "information": information, "assigned": assigned}
    return Decision(alliance_id=row.ledger_id, outcome=outcome, **said, **values)
