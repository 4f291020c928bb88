"""Signals of an organisation about its alliances, raised and cleared, and its own thresholds. In its own ledger."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Column, DateTime, Select, Table, Text, Uuid, select
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.schemas import schema
from shared.events.metrics_signals import SignalCleared, SignalRaised, SignalThresholdsSet
from shared.log.codec import as_json
from shared.log.envelope import Recorded
from shared.log.read_models import ReadModel
from shared.log.rows import Rows

signals = Table(
    "signals",
    schema("metrics"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("alliance", Uuid, nullable=False),
    Column("rule", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("advice", Text, nullable=False),
    Column("measured", Text, nullable=False),
    Column("threshold", Text, nullable=False),
    Column("evidence", JSONB, nullable=False),
    Column("raised_at", DateTime(timezone=True), nullable=False),
    Column("cleared_at", DateTime(timezone=True)),
)
signal_thresholds = Table(
    "signal_thresholds",
    schema("metrics"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("limits", JSONB, nullable=False),
    Column("muted", ARRAY(Text), nullable=False),
    Column("version", BigInteger, nullable=False),
)

SIGNALS = ReadModel("signals", signals, signal_thresholds)


@SIGNALS.on(SignalRaised)
def raised(rows: Rows, e: Recorded[SignalRaised]) -> None:
    told = as_json(e.event)
    rows.insert(
        signals,
        seq=e.seq,
        alliance=e.event.alliance,
        rule=told["rule"],
        words=told["words"],
        advice=told["advice"],
        measured=told["measured"],
        threshold=told["limit"],
        evidence=told["evidence"],
        raised_at=e.recorded_at,
        cleared_at=None,
    )


@SIGNALS.on(SignalCleared)
def cleared(rows: Rows, e: Recorded[SignalCleared]) -> None:
    for row in rows.where(signals, alliance=e.event.alliance, rule=str(e.event.rule)):
        if row["cleared_at"] is None:
            rows.change(signals, {"seq": row["seq"]}, cleared_at=e.recorded_at)


@SIGNALS.on(SignalThresholdsSet)
def set_(rows: Rows, e: Recorded[SignalThresholdsSet]) -> None:
    limits = [as_json(one) for one in e.event.limits]
    rows.put(signal_thresholds, limits=limits, muted=[str(rule) for rule in e.event.muted], version=e.version)


def signals_of(org: UUID) -> Select[Any]:
    return select(signals).where(signals.c.ledger_id == org)


def thresholds_of(org: UUID) -> Select[Any]:
    return select(signal_thresholds).where(signal_thresholds.c.ledger_id == org)
