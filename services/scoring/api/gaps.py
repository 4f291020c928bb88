"""Gaps of the caller's organisation, and whether to build, buy or partner."""

from __future__ import annotations

from services.scoring.api.schemas.gaps import ChooseGapRoute, CloseGap, Gap, IdentifyGap
from services.scoring.api.schemas.rules import RuleBook
from services.scoring.domain import gap as rules
from services.scoring.domain.gap import GAP
from services.scoring.read_models.gaps import gap, gaps, gaps_of
from shared.events.scoring_gaps import Route
from shared.http.pages import LIMIT_DEFAULT, Cursor, Limit, Page
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id

router = Router("scoring", "gaps")


@router.create("/gaps", scope="scoring:write")
def identify_gap(session: Session, body: IdentifyGap) -> Gap:
    """Write down what is missing in your value chain. Only your own organisation ever sees it."""
    gap_id = session.new_id()
    command = rules.IdentifyGap(
        by=session.caller.person, at=session.at, terms=body.terms(), description=body.description
    )
    session.create(GAP, session.caller.organisation, gap_id, rules.identify(command, GAP.empty))
    return shown(session, gap_id)


@router.read("/gaps", scope="scoring:read")
def list_gaps(session: Session, cursor: Cursor = None, limit: Limit = LIMIT_DEFAULT) -> Page[Gap]:
    """The gaps of your organisation, in the order they were identified."""
    organisation_id = session.caller.organisation
    view = session.view(organisation_id)
    turned = view.page(gaps_of(organisation_id), order=[gaps.c.id], cursor=cursor, limit=limit)
    return Page[Gap](items=[Gap.of(row) for row in turned.rows], next_cursor=turned.next_cursor)


@router.read("/gaps/{gap_id}", scope="scoring:read")
def get_gap(session: Session, gap_id: Id) -> Gap:
    """One gap, with the route chosen for it and the rules behind it."""
    return shown(session, gap_id)


@router.change("/gaps/{gap_id}", method="PUT", scope="scoring:write")
def revise_gap(session: Session, gap_id: Id, body: IdentifyGap) -> Gap:
    """Replace what the gap says."""
    held = session.change(GAP, gap_id, session.caller.organisation)
    command = rules.ReviseGap(by=session.caller.person, at=session.at, terms=body.terms(), description=body.description)
    session.append(GAP, held, rules.revise(command, held.state))
    return shown(session, gap_id)


@router.change("/gaps/{gap_id}/route", scope="scoring:write")
def choose_gap_route(session: Session, gap_id: Id, body: ChooseGapRoute) -> Gap:
    """Compare build, buy and partner, and choose. Another route than the recommended one takes a reason."""
    held = session.change(GAP, gap_id, session.caller.organisation)
    command = rules.ChooseRoute(
        by=session.caller.person,
        at=session.at,
        options=tuple(option.value() for option in body.options),
        core=body.core,
        scarce=body.scarce,
        chosen=None if body.chosen is None else Route(body.chosen),
        reason=body.reason,
    )
    session.append(GAP, held, rules.choose_route(command, held.state))
    return shown(session, gap_id)


@router.change("/gaps/{gap_id}/close", scope="scoring:write")
def close_gap(session: Session, gap_id: Id, body: CloseGap) -> Gap:
    """Say that it is no gap any longer, and why."""
    held = session.change(GAP, gap_id, session.caller.organisation)
    command = rules.CloseGap(by=session.caller.person, at=session.at, reason=body.reason)
    session.append(GAP, held, rules.close(command, held.state))
    return shown(session, gap_id)


@router.read("/rules", scope="scoring:read", as_of=False)
def get_rule_book(session: Session) -> RuleBook:  # noqa: ARG001 - the rules are the same for everybody who may ask
    """Every rule that a recommendation can come from: of route, quadrant, structure and each test before signing."""
    return RuleBook.of_the_house()


def shown(session: Session, gap_id: Id) -> Gap:
    organisation_id = session.caller.organisation
    return Gap.of(session.view(organisation_id).one(gap(organisation_id, gap_id)))
