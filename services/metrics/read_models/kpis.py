"""KPIs of an alliance: the terms in force or on the table, who is bound to them, and what was published of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Index,
    Integer,
    Select,
    Table,
    Text,
    Uuid,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.schemas import schema
from shared.events.metrics import (
    DefinitionNoted,
    KpiAccepted,
    KpiAgreed,
    KpiCountered,
    KpiOfferWithdrawn,
    KpiProposed,
    KpiRetired,
    KpiRetirementAsked,
    KpiRevisionProposed,
    KpiTerms,
)
from shared.events.metrics_truth import FigurePublished
from shared.log.codec import adapter, as_json
from shared.log.envelope import Recorded
from shared.log.read_models import ReadModel
from shared.log.rows import Rows

PROPOSED, AGREED, RETIRED, WITHDRAWN = "proposed", "agreed", "retired", "withdrawn"

kpis = Table(
    "kpis",
    schema("metrics"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("key", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("terms", JSONB, nullable=False),
    Column("revision", JSONB),
    Column("proposed_by", Uuid, nullable=False),
    Column("parties", ARRAY(Uuid), nullable=False),
    Column("accepted_by", ARRAY(Uuid), nullable=False),
    Column("retired_by", ARRAY(Uuid), nullable=False),
    Column("definition_notes", JSONB, nullable=False),
    Column("note", Text),
    Column("agreed_at", DateTime(timezone=True)),
    Column("version", BigInteger, nullable=False),
    Index("kpis_by_key", "ledger_id", "key", unique=True, postgresql_where=text("status <> 'withdrawn'")),
)

published_figures = Table(
    "published_figures",
    schema("metrics"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("kpi_id", Uuid, primary_key=True),
    Column("period", Text(collation="C"), primary_key=True),
    Column("key", Text(collation="C"), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("value", Text),
    Column("target", Text),
    Column("status", Text, nullable=False),
    Column("attained", Text),
    Column("nature", Text, nullable=False),
    Column("reported", Integer, nullable=False),
    Column("due", Integer, nullable=False),
    Column("restates", Boolean, nullable=False),
)

KPIS = ReadModel("kpis", kpis, published_figures)


@KPIS.on(KpiProposed)
def proposed(rows: Rows, e: Recorded[KpiProposed]) -> None:
    rows.insert(
        kpis,
        id=e.id,
        key=e.event.terms.key,
        status=PROPOSED,
        terms=as_json(e.event.terms),
        revision=None,
        proposed_by=e.event.side,
        parties=list(e.event.parties),
        accepted_by=[e.event.side],
        retired_by=[],
        definition_notes={},
        note=None,
        agreed_at=None,
        version=e.version,
    )


@KPIS.on(KpiCountered, KpiRevisionProposed)
def offered(rows: Rows, e: Recorded[KpiCountered | KpiRevisionProposed]) -> None:
    """A first offer stands as the terms; that of an agreed KPI stands beside them."""
    where = "revision" if of(rows, e)["status"] == AGREED else "terms"
    offer = {where: as_json(e.event.terms), "accepted_by": [e.event.side], "note": e.event.note}
    rows.change(kpis, {"id": e.id}, **offer, version=e.version)


@KPIS.on(KpiAccepted)
def accepted(rows: Rows, e: Recorded[KpiAccepted]) -> None:
    rows.change(kpis, {"id": e.id}, accepted_by=[*of(rows, e)["accepted_by"], e.event.side], version=e.version)


@KPIS.on(KpiAgreed)
def agreed(rows: Rows, e: Recorded[KpiAgreed]) -> None:
    held = of(rows, e)
    since = {"agreed_at": held["agreed_at"] or e.effective_at}
    terms = held["revision"] or held["terms"]
    rows.change(kpis, {"id": e.id}, status=AGREED, terms=terms, revision=None, **since, version=e.version)


@KPIS.on(KpiOfferWithdrawn)
def withdrawn(rows: Rows, e: Recorded[KpiOfferWithdrawn]) -> None:
    status = AGREED if of(rows, e)["status"] == AGREED else WITHDRAWN
    rows.change(kpis, {"id": e.id}, status=status, revision=None, version=e.version)


@KPIS.on(KpiRetirementAsked)
def retirement_asked(rows: Rows, e: Recorded[KpiRetirementAsked]) -> None:
    rows.change(kpis, {"id": e.id}, retired_by=[*of(rows, e)["retired_by"], e.event.side], version=e.version)


@KPIS.on(KpiRetired)
def retired(rows: Rows, e: Recorded[KpiRetired]) -> None:
    rows.change(kpis, {"id": e.id}, status=RETIRED, revision=None, version=e.version)


@KPIS.on(DefinitionNoted)
def definition_noted(rows: Rows, e: Recorded[DefinitionNoted]) -> None:
    notes = {**of(rows, e)["definition_notes"], str(e.event.side): e.event.note}
    said = {side: note for side, note in notes.items() if note is not None}
    rows.change(kpis, {"id": e.id}, definition_notes=said, version=e.version)


@KPIS.on(FigurePublished)
def published(rows: Rows, e: Recorded[FigurePublished]) -> None:
    figure = as_json(e.event)
    del figure["key"]
    rows.put(published_figures, kpi_id=e.id, key=e.event.key, seq=e.seq, recorded_at=e.recorded_at, **figure)
    rows.change(kpis, {"id": e.id}, version=e.version)


def of(rows: Rows, e: Recorded[Any]) -> dict[str, Any]:
    held = rows.get(kpis, id=e.id)
    assert held is not None, f"The KPI {e.id} was never proposed."
    return held


def kpis_of(alliance_id: UUID) -> Select[Any]:
    return select(kpis).where(kpis.c.ledger_id == alliance_id)


def kpi(alliance_id: UUID, kpi_id: UUID) -> Select[Any]:
    return kpis_of(alliance_id).where(kpis.c.id == kpi_id)


def agreed_kpis(alliance_id: UUID) -> Select[Any]:
    return kpis_of(alliance_id).where(kpis.c.status == AGREED).order_by(kpis.c.key)


def keys_of(alliance_id: UUID) -> Select[Any]:
    return select(kpis.c.key).where(kpis.c.ledger_id == alliance_id, kpis.c.status != WITHDRAWN)


def published_of(alliance_id: UUID) -> Select[Any]:
    return select(published_figures).where(published_figures.c.ledger_id == alliance_id)


def terms_of(row: Any) -> KpiTerms:
    """The terms in a row of `kpis`, as the published language has them."""
    terms: KpiTerms = adapter(KpiTerms).validate_python(row.terms)
    return terms
