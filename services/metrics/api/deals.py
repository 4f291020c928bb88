"""Attribution: deals that the partner sourced or influenced, each counted once, the two never added together."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query
from pydantic import ConfigDict, Field, StringConstraints

from services.metrics.api.figure_schemas import Figure
from services.metrics.domain import deal as rules
from services.metrics.domain.alliance import ALLIANCE
from services.metrics.domain.deal import DEAL
from services.metrics.read_models import deals as asked
from shared.events import metrics_deals as events
from shared.events.values import Money as EventMoney
from shared.http.pages import LIMIT_DEFAULT, Cursor, Limit, Page
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import NO_NUL, Answer, Count, Day, DecimalText, Id, Schema, Text, Timestamp

router = Router("metrics", "deals")

DEALS = "metrics.deals"
SHARES_MAX = 10_000
ExternalId = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=NO_NUL)]
AccountHash = Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]
Currency = Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")]
Role = Literal["sourced", "influenced"]
Stage = Literal["open", "won", "lost"]
Status = Literal["claimed", "confirmed", "contested", "withdrawn"]
ORGANISATION = "0190c5a2-7d3b-7c1e-9d55-0d8f6a1b2c3d"
TERMS: dict[str, Any] = {
    "partner": ORGANISATION,
    "role": "sourced",
    "amount": {"amount": "120000", "currency": "USD"},
    "stage": "won",
    "opened_on": "2013-03-01",
    "closed_on": "2013-05-17",
}


class DealAmount(Schema):
    """An exact amount in an ISO 4217 currency."""

    amount: DecimalText
    currency: Currency


class DealTerms(Schema):
    """What the partner did for the deal, and how it stands."""

    model_config = ConfigDict(json_schema_extra={"example": TERMS})

    partner: Id = Field(description="The party that sourced or influenced it.")
    role: Role
    amount: DealAmount
    stage: Stage
    opened_on: Day
    closed_on: Day | None = Field(default=None, description="Given when, and only when, it is won or lost.")

    def value(self) -> events.DealTerms:
        return events.DealTerms(
            partner=self.partner,
            role=events.PartnerRole(self.role),
            amount=EventMoney(self.amount.amount, self.amount.currency),
            stage=events.DealStage(self.stage),
            opened_on=self.opened_on,
            closed_on=self.closed_on,
        )


class ClaimDeal(Schema):
    """A deal of yours that the partner sourced or influenced."""

    model_config = ConfigDict(json_schema_extra={"example": {"external_id": "opp-17", "terms": TERMS}})

    external_id: ExternalId = Field(description="Your own id of it.")
    account_hash: AccountHash | None = Field(
        default=None,
        description="SHA-256 of the alliance's id, a line break and the account's name in lower case: so the same "
        "customer is known on both sides and need not be named.",
    )
    distinct_from: list[Id] = Field(default_factory=list, max_length=50, description="Other deals of this account.")
    terms: DealTerms


class LinkDeal(Schema):
    """Your own id of a deal that the other side claimed."""

    model_config = ConfigDict(json_schema_extra={"example": {"external_id": "deal-4711"}})

    external_id: ExternalId


class UpdateDeal(Schema):
    """How the deal stands now."""

    model_config = ConfigDict(json_schema_extra={"example": {"terms": TERMS}})

    terms: DealTerms


class DealReason(Schema):
    """Why."""

    model_config = ConfigDict(json_schema_extra={"example": {"reason": "We knew the customer before."}})

    reason: Text


class Deal(Answer):
    """A deal, whose it is, and whether the other side agrees."""

    id: Id
    side: Id = Field(description="Whose deal it is.")
    external_ids: dict[str, str] = Field(description="What it is called in the books of each side.")
    account_hash: str | None
    partner: Id
    role: Role
    amount: str
    currency: str
    stage: Stage
    opened_on: Day
    closed_on: Day | None
    status: Status
    contested_because: str | None
    claimed_at: Timestamp
    version: Count


class AttributedShare(Answer):
    """Deals that are alike in all this."""

    role: Role
    side: Id
    status: Status
    stage: Stage
    currency: str
    deals: Count
    amount: Figure


class Attribution(Answer):
    """What the partners brought each other. Sourced and influenced are never added together, nor are currencies."""

    items: list[AttributedShare] = Field(max_length=SHARES_MAX)


From = Annotated[Day | None, Query(alias="from", description="Closed, or opened if it is open, from this day on.")]
To = Annotated[Day | None, Query(alias="to", description="Closed, or opened if it is open, until this day.")]


@router.create("/alliances/{alliance_id}/deals", scope="metrics:push")
def claim_deal(session: Session, alliance_id: Id, body: ClaimDeal) -> Deal:
    """Claim a deal as sourced or influenced by the partner, who confirms or contests it."""
    parties = session.load(ALLIANCE, alliance_id, alliance_id).state.parties
    session.take_turn(DEALS, alliance_id)
    side, view = session.caller.organisation, session.view(alliance_id)
    same = [] if body.account_hash is None else view.all(asked.of_account(alliance_id, body.account_hash))
    command = rules.ClaimDeal(
        by=session.caller.person,
        side=side,
        parties=parties,
        external_id=body.external_id,
        account_hash=body.account_hash,
        distinct_from=tuple(body.distinct_from),
        terms=body.terms.value(),
        same_id=[row.id for row in view.all(asked.of_external_id(alliance_id, side, body.external_id))],
        same_account=[row.id for row in same],
        at=session.at,
    )
    deal_id = session.new_id()
    session.create(DEAL, alliance_id, deal_id, rules.claim(command, DEAL.empty))
    return shown(session, alliance_id, deal_id)


@router.read("/alliances/{alliance_id}/deals", scope="metrics:read")
def list_deals(
    session: Session,
    alliance_id: Id,
    status: Status | None = None,
    role: Role | None = None,
    cursor: Cursor = None,
    limit: Limit = LIMIT_DEFAULT,
) -> Page[Deal]:
    """The deals of an alliance."""
    found = asked.deals_of(alliance_id)
    if status is not None:
        found = found.where(asked.deals.c.status == status)
    if role is not None:
        found = found.where(asked.deals.c.role == role)
    turned = session.view(alliance_id).page(found, order=[asked.deals.c.id], cursor=cursor, limit=limit)
    return Page[Deal](items=[Deal.model_validate(row) for row in turned.rows], next_cursor=turned.next_cursor)


@router.read("/alliances/{alliance_id}/deals/{deal_id}", scope="metrics:read")
def get_deal(session: Session, alliance_id: Id, deal_id: Id) -> Deal:
    """One deal."""
    return shown(session, alliance_id, deal_id)


@router.change("/alliances/{alliance_id}/deals/{deal_id}", method="PUT", scope="metrics:push")
def update_deal(session: Session, alliance_id: Id, deal_id: Id, body: UpdateDeal) -> Deal:
    """Say how your deal stands now. Another amount, role or partner asks the other side anew."""
    return decided(session, alliance_id, deal_id, rules.update, rules.UpdateDeal, terms=body.terms.value())


@router.change("/alliances/{alliance_id}/deals/{deal_id}/link", scope="metrics:push")
def link_deal(session: Session, alliance_id: Id, deal_id: Id, body: LinkDeal) -> Deal:
    """Say what the deal is called in your own books, so that it is not counted twice."""
    session.take_turn(DEALS, alliance_id)
    side = session.caller.organisation
    same = session.view(alliance_id).all(asked.of_external_id(alliance_id, side, body.external_id))
    more = {"external_id": body.external_id, "same_id": [row.id for row in same]}
    return decided(session, alliance_id, deal_id, rules.link, rules.LinkDeal, **more)


@router.change("/alliances/{alliance_id}/deals/{deal_id}/confirm")
def confirm_deal(session: Session, alliance_id: Id, deal_id: Id) -> Deal:
    """Confirm what your side did for the other's deal."""
    return decided(session, alliance_id, deal_id, rules.confirm, rules.AnswerDeal)


@router.change("/alliances/{alliance_id}/deals/{deal_id}/contest")
def contest_deal(session: Session, alliance_id: Id, deal_id: Id, body: DealReason) -> Deal:
    """Contest the other side's claim."""
    return decided(session, alliance_id, deal_id, rules.contest, rules.AnswerDeal, reason=body.reason)


@router.change("/alliances/{alliance_id}/deals/{deal_id}/withdraw")
def withdraw_deal(session: Session, alliance_id: Id, deal_id: Id, body: DealReason) -> Deal:
    """Withdraw your claim."""
    return decided(session, alliance_id, deal_id, rules.withdraw, rules.AnswerDeal, reason=body.reason)


@router.read("/alliances/{alliance_id}/attribution", scope="metrics:read")
def get_attribution(session: Session, alliance_id: Id, since: From = None, until: To = None) -> Attribution:
    """What the partners sourced and influenced for each other, each deal counted once."""
    rows = session.view(alliance_id).all(asked.attribution(alliance_id, since, until))
    items = [AttributedShare(**{**row._asdict(), "amount": Decimal(row.amount)}) for row in rows[:SHARES_MAX]]
    return Attribution(items=items)


def decided(session: Session, alliance_id: UUID, deal_id: UUID, rule: Any, command: Any, **more: Any) -> Deal:
    held = session.change(DEAL, deal_id, alliance_id)
    made = command(by=session.caller.person, side=session.caller.organisation, at=session.at, **more)
    session.append(DEAL, held, rule(made, held.state))
    return shown(session, alliance_id, deal_id)


def shown(session: Session, alliance_id: UUID, deal_id: UUID) -> Deal:
    return Deal.model_validate(session.view(alliance_id).one(asked.deal(alliance_id, deal_id)))
