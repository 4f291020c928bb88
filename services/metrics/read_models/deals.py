"""Deals of an alliance: whose they are, what the partner did, and whether the other side agrees."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Date, DateTime, Index, Numeric, Select, Table, Text, Uuid, func, select
from sqlalchemy.dialects.postgresql import JSONB

from services.metrics.domain.deal import DealStatus
from shared.database.schemas import schema
from shared.events.metrics_deals import (
    DealClaimed,
    DealConfirmed,
    DealContested,
    DealLinked,
    DealTerms,
    DealUpdated,
    DealWithdrawn,
)
from shared.log.envelope import Recorded
from shared.log.read_models import ReadModel
from shared.log.rows import Rows

deals = Table(
    "deals",
    schema("metrics"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("side", Uuid, nullable=False),
    Column("external_ids", JSONB, nullable=False),
    Column("account_hash", Text),
    Column("partner", Uuid, nullable=False),
    Column("role", Text, nullable=False),
    Column("amount", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("opened_on", Date, nullable=False),
    Column("closed_on", Date),
    Column("status", Text, nullable=False),
    Column("contested_because", Text),
    Column("claimed_at", DateTime(timezone=True), nullable=False),
    Column("version", BigInteger, nullable=False),
    Index("deals_by_account", "ledger_id", "account_hash"),
)

DEALS = ReadModel("deals", deals)


def terms_as_columns(terms: DealTerms) -> dict[str, Any]:
    return {
        "partner": terms.partner,
        "role": str(terms.role),
        "amount": format(terms.amount.amount, "f"),
        "currency": terms.amount.currency,
        "stage": str(terms.stage),
        "opened_on": terms.opened_on,
        "closed_on": terms.closed_on,
    }


@DEALS.on(DealClaimed)
def claimed(rows: Rows, e: Recorded[DealClaimed]) -> None:
    rows.insert(
        deals,
        id=e.id,
        side=e.event.side,
        external_ids={str(e.event.side): e.event.external_id},
        account_hash=e.event.account_hash,
        **terms_as_columns(e.event.terms),
        status=str(DealStatus.CLAIMED),
        contested_because=None,
        claimed_at=e.recorded_at,
        version=e.version,
    )


@DEALS.on(DealLinked)
def linked(rows: Rows, e: Recorded[DealLinked]) -> None:
    held = rows.get(deals, id=e.id) or {}
    ids = {**held.get("external_ids", {}), str(e.event.side): e.event.external_id}
    rows.change(deals, {"id": e.id}, external_ids=ids, version=e.version)


@DEALS.on(DealUpdated)
def updated(rows: Rows, e: Recorded[DealUpdated]) -> None:
    held, changes = rows.get(deals, id=e.id) or {}, terms_as_columns(e.event.terms)
    asks_anew = any(held.get(name) != changes[name] for name in ("amount", "currency", "role", "partner"))
    status = {"status": str(DealStatus.CLAIMED)} if asks_anew else {}
    rows.change(deals, {"id": e.id}, **changes, **status, version=e.version)


@DEALS.on(DealConfirmed)
def confirmed(rows: Rows, e: Recorded[DealConfirmed]) -> None:
    rows.change(deals, {"id": e.id}, status=str(DealStatus.CONFIRMED), contested_because=None, version=e.version)


@DEALS.on(DealContested)
def contested(rows: Rows, e: Recorded[DealContested]) -> None:
    because = {"contested_because": e.event.reason}
    rows.change(deals, {"id": e.id}, status=str(DealStatus.CONTESTED), **because, version=e.version)


@DEALS.on(DealWithdrawn)
def withdrawn(rows: Rows, e: Recorded[DealWithdrawn]) -> None:
    rows.change(deals, {"id": e.id}, status=str(DealStatus.WITHDRAWN), version=e.version)


def deals_of(alliance_id: UUID) -> Select[Any]:
    return select(deals).where(deals.c.ledger_id == alliance_id)


def deal(alliance_id: UUID, deal_id: UUID) -> Select[Any]:
    return deals_of(alliance_id).where(deals.c.id == deal_id)


def live_deals(alliance_id: UUID) -> Select[Any]:
    return deals_of(alliance_id).where(deals.c.status != str(DealStatus.WITHDRAWN)).order_by(deals.c.id)


def of_external_id(alliance_id: UUID, side: UUID, external_id: str) -> Select[Any]:
    return live_deals(alliance_id).where(deals.c.external_ids[str(side)].astext == external_id)


def of_account(alliance_id: UUID, account_hash: str) -> Select[Any]:
    return live_deals(alliance_id).where(deals.c.account_hash == account_hash)


def attribution(alliance_id: UUID, since: date | None, until: date | None) -> Select[Any]:
    """How many deals of how much, by role, side, status, stage and currency; by the day closed, or opened if open."""
    day = func.coalesce(deals.c.closed_on, deals.c.opened_on)
    by = [deals.c[name] for name in ("role", "side", "status", "stage", "currency")]
    amount = func.sum(deals.c.amount.cast(Numeric)).label("amount")
    found = select(*by, func.count().label("deals"), amount).where(
        deals.c.ledger_id == alliance_id, deals.c.status != str(DealStatus.WITHDRAWN)
    )
    if since is not None:
        found = found.where(day >= since)
    if until is not None:
        found = found.where(day <= until)
    return found.group_by(*by).order_by(*by)
