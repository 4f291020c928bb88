"""What an organisation says of its portfolio: places, investments, limits, and the quarterly review."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Path

from services.metrics.api.portfolio import known_alliances, proposed
from services.metrics.api.portfolio_schemas import (
    ConcentrationLimit,
    GiveVerdict,
    OpenReview,
    PlaceAlliance,
    PortfolioReview,
    Recorded,
    RecordInvestment,
)
from services.metrics.domain import review as rules
from services.metrics.domain.review import LIMITS, PLACE, REVIEW, Place, place_id, review_id
from services.metrics.read_models import portfolio as asked
from shared.auth.caller import ADMINS
from shared.events.metrics_signals import PortfolioRole, Verdict
from shared.http.pages import LIMIT_DEFAULT, Cursor, Limit, Page
from shared.http.problems import not_found
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id
from shared.log.log import Loaded

router = Router("metrics", "portfolio")

QuarterName = Annotated[str, Path(pattern=r"^(19[1-9][0-9]|2[01][0-9]{2})-Q[1-4]$", examples=["2026-Q1"])]


@router.create("/alliances/{alliance_id}/portfolio-place", status=200)
def place_alliance(session: Session, alliance_id: Id, body: PlaceAlliance) -> Recorded:
    """Say what one of your alliances is for. It stands in your own ledger; the partner does not read it."""
    held = place_of(session, alliance_id)
    command = rules.SetPlace(alliance_id, PortfolioRole(body.role), body.region, body.gap)
    return Recorded(version=session.append(PLACE, held, rules.set_place(command, held.state)).version)


@router.create("/alliances/{alliance_id}/investments", status=200)
def record_investment(session: Session, alliance_id: Id, body: RecordInvestment) -> Recorded:
    """Record what one of your alliances cost you in a month. It stands in your own ledger."""
    held = place_of(session, alliance_id)
    command = rules.RecordInvestment(alliance_id, body.month, body.amount, body.currency)
    return Recorded(version=session.append(PLACE, held, rules.record_investment(command, held.state)).version)


@router.create("/portfolio/concentration-limit", status=200, roles=ADMINS)
def limit_concentration(session: Session, body: ConcentrationLimit) -> Recorded:
    """Set the largest share that one partner may have."""
    own = session.caller.organisation
    held = session.log.load(LIMITS, own, own)
    command = rules.SetLimit(body.share_max)
    return Recorded(version=session.append(LIMITS, held, rules.set_limit(command, held.state)).version)


@router.create("/portfolio/reviews")
def open_portfolio_review(session: Session, body: OpenReview) -> PortfolioReview:
    """Open the review of a quarter."""
    own = session.caller.organisation
    held = session.log.load(REVIEW, own, review_id(own, body.quarter))
    session.append(REVIEW, held, rules.open_review(rules.OpenReview(body.quarter), held.state))
    return shown(session, body.quarter)


@router.read("/portfolio/reviews", scope="metrics:read")
def list_portfolio_reviews(
    session: Session, cursor: Cursor = None, limit: Limit = LIMIT_DEFAULT
) -> Page[PortfolioReview]:
    """Your reviews, by quarter."""
    own = session.caller.organisation
    found, order = asked.of_org(asked.portfolio_reviews, own), [asked.portfolio_reviews.c.quarter]
    turned = session.view(own).page(found, order=order, cursor=cursor, limit=limit)
    items = [PortfolioReview.model_validate(row) for row in turned.rows]
    return Page[PortfolioReview](items=items, next_cursor=turned.next_cursor)


@router.read("/portfolio/reviews/{quarter}", scope="metrics:read")
def get_portfolio_review(session: Session, quarter: QuarterName) -> PortfolioReview:
    """One review with its verdicts."""
    return shown(session, quarter)


@router.create("/alliances/{alliance_id}/portfolio-verdicts", status=200)
def give_portfolio_verdict(session: Session, alliance_id: Id, body: GiveVerdict) -> PortfolioReview:
    """Decide on an alliance in an open review: take what Concord proposes now, or overrule it with a reason."""
    own = session.caller.organisation
    session.enter(alliance_id)
    session.refuse_bystander(alliance_id)
    held = session.load(REVIEW, own, review_id(own, body.quarter))
    known = known_alliances(session).get(alliance_id)
    if known is None:
        raise not_found()
    command = rules.GiveVerdict(alliance_id, proposed(known, session.at), Verdict(body.verdict), body.reason)
    session.append(REVIEW, held, rules.give_verdict(command, held.state))
    return shown(session, body.quarter)


@router.change("/portfolio/reviews/{quarter}/close")
def close_portfolio_review(session: Session, quarter: QuarterName) -> PortfolioReview:
    """Close the review; its verdicts stay on record."""
    own = session.caller.organisation
    held = session.change(REVIEW, review_id(own, quarter), own)
    session.append(REVIEW, held, rules.close_review(rules.CloseReview(session.at), held.state))
    return shown(session, quarter)


def place_of(session: Session, alliance_id: UUID) -> Loaded[Place]:
    """The place in the caller's portfolio of an alliance that the caller is a party of."""
    own = session.caller.organisation
    session.enter(alliance_id)
    session.refuse_bystander(alliance_id)
    return session.log.load(PLACE, own, place_id(own, alliance_id))


def shown(session: Session, quarter: str) -> PortfolioReview:
    own = session.caller.organisation
    return PortfolioReview.model_validate(session.view(own).one(asked.review_row(own, quarter)))
