"""KPIs of an alliance: the terms on the table or agreed, and who is bound to them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Column, DateTime, Index, Select, Table, Text, Uuid, select
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.schemas import schema
from shared.events.metrics import KpiAccepted, KpiAgreed, KpiCountered, KpiProposed, KpiTerms
from shared.log.codec import adapter, as_json
from shared.log.envelope import Recorded
from shared.log.read_models import ReadModel
from shared.log.rows import Rows

PROPOSED, AGREED = "proposed", "agreed"

kpis = Table(
    "kpis",
    schema("metrics"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("key", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("terms", JSONB, nullable=False),
    Column("proposed_by", Uuid, nullable=False),
    Column("parties", ARRAY(Uuid), nullable=False),
    Column("accepted_by", ARRAY(Uuid), nullable=False),
    Column("note", Text),
    Column("agreed_at", DateTime(timezone=True)),
    Column("version", BigInteger, nullable=False),
    Index("kpis_by_key", "ledger_id", "key", unique=True),
)

KPIS = ReadModel("kpis", kpis)


@KPIS.on(KpiProposed)
def proposed(rows: Rows, e: Recorded[KpiProposed]) -> None:
    rows.insert(
        kpis,
        id=e.id,
        key=e.event.terms.key,
        status=PROPOSED,
        terms=as_json(e.event.terms),
        proposed_by=e.event.side,
        parties=list(e.event.parties),
        accepted_by=[e.event.side],
        note=None,
        agreed_at=None,
        version=e.version,
    )


@KPIS.on(KpiCountered)
def countered(rows: Rows, e: Recorded[KpiCountered]) -> None:
    offer = {"terms": as_json(e.event.terms), "accepted_by": [e.event.side], "note": e.event.note}
    rows.change(kpis, {"id": e.id}, **offer, version=e.version)


@KPIS.on(KpiAccepted)
def accepted(rows: Rows, e: Recorded[KpiAccepted]) -> None:
    held = rows.get(kpis, id=e.id)
    bound = held["accepted_by"] if held else []
    rows.change(kpis, {"id": e.id}, accepted_by=[*bound, e.event.side], version=e.version)


@KPIS.on(KpiAgreed)
def agreed(rows: Rows, e: Recorded[KpiAgreed]) -> None:
    rows.change(kpis, {"id": e.id}, status=AGREED, agreed_at=e.effective_at, version=e.version)


def kpis_of(alliance_id: UUID) -> Select[Any]:
    return select(kpis).where(kpis.c.ledger_id == alliance_id)


def kpi(alliance_id: UUID, kpi_id: UUID) -> Select[Any]:
    return kpis_of(alliance_id).where(kpis.c.id == kpi_id)


def agreed_kpis(alliance_id: UUID) -> Select[Any]:
    return kpis_of(alliance_id).where(kpis.c.status == AGREED).order_by(kpis.c.key)


def keys_of(alliance_id: UUID) -> Select[Any]:
    return select(kpis.c.key).where(kpis.c.ledger_id == alliance_id)


def terms_of(row: Any) -> KpiTerms:
    """The terms in a row of `kpis`, as the published language has them."""
    terms: KpiTerms = adapter(KpiTerms).validate_python(row.terms)
    return terms
