"""Endpoints of an organisation, in its own ledger. A removed one keeps its row: its queue is over."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Boolean, Column, DateTime, Integer, Select, Table, Text, Uuid, select
from sqlalchemy.dialects.postgresql import JSONB

from services.webhooks.domain.wishes import Wishes
from shared.database.schemas import schema
from shared.events.webhooks import (
    EndpointChanged,
    EndpointDisabled,
    EndpointPaused,
    EndpointRegistered,
    EndpointRemoved,
    EndpointResumed,
    EndpointSecretRotated,
    FieldCondition,
)
from shared.log.envelope import Recorded
from shared.log.read_models import ReadModel
from shared.log.rows import Rows

ENABLED, PAUSED, DISABLED, REMOVED = "enabled", "paused", "disabled", "removed"

endpoints = Table(
    "endpoints",
    schema("webhooks"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("url", Text, nullable=False),
    Column("event_types", ARRAY(Text), nullable=False),
    Column("alliances", ARRAY(Uuid), nullable=False),
    Column("description", Text),
    Column("filters", JSONB, nullable=False),
    Column("headers", ARRAY(Text), nullable=False),
    Column("concurrency", Integer, nullable=False),
    Column("rate_per_minute", Integer),
    Column("fifo", Boolean, nullable=False),
    Column("status", Text, nullable=False),
    Column("disabled_reason", Text),
    Column("registered_at", DateTime(timezone=True), nullable=False),
    Column("version", BigInteger, nullable=False),
)

ENDPOINTS = ReadModel("endpoints", endpoints)


@ENDPOINTS.on(EndpointRegistered)
def registered(rows: Rows, e: Recorded[EndpointRegistered]) -> None:
    rows.insert(
        endpoints,
        id=e.id,
        **wishes(e.event),
        status=ENABLED,
        disabled_reason=None,
        registered_at=e.recorded_at,
        version=e.version,
    )


@ENDPOINTS.on(EndpointChanged)
def changed(rows: Rows, e: Recorded[EndpointChanged]) -> None:
    rows.change(endpoints, {"id": e.id}, **wishes(e.event), version=e.version)


@ENDPOINTS.on(EndpointPaused)
def paused(rows: Rows, e: Recorded[EndpointPaused]) -> None:
    rows.change(endpoints, {"id": e.id}, status=PAUSED, disabled_reason=None, version=e.version)


@ENDPOINTS.on(EndpointResumed)
def resumed(rows: Rows, e: Recorded[EndpointResumed]) -> None:
    rows.change(endpoints, {"id": e.id}, status=ENABLED, disabled_reason=None, version=e.version)


@ENDPOINTS.on(EndpointDisabled)
def disabled(rows: Rows, e: Recorded[EndpointDisabled]) -> None:
    rows.change(endpoints, {"id": e.id}, status=DISABLED, disabled_reason=str(e.event.reason), version=e.version)


@ENDPOINTS.on(EndpointSecretRotated)
def secret_rotated(rows: Rows, e: Recorded[EndpointSecretRotated]) -> None:
    rows.change(endpoints, {"id": e.id}, version=e.version)


@ENDPOINTS.on(EndpointRemoved)
def removed(rows: Rows, e: Recorded[EndpointRemoved]) -> None:
    rows.change(endpoints, {"id": e.id}, status=REMOVED, disabled_reason=None, version=e.version)


def wishes(event: EndpointRegistered | EndpointChanged) -> dict[str, Any]:
    return {
        "url": event.url,
        "event_types": list(event.event_types),
        "alliances": list(event.alliances),
        "description": event.description,
        "filters": [{"field": f.field, "one_of": list(f.one_of)} for f in event.filters],
        "headers": list(event.headers),
        "concurrency": event.concurrency,
        "rate_per_minute": event.rate_per_minute,
        "fifo": event.fifo,
    }


def wishes_of(row: Any) -> Wishes:
    """A row's, as the rules know them."""
    filters = tuple(FieldCondition(one["field"], tuple(one["one_of"])) for one in row.filters)
    return Wishes(
        row.url,
        tuple(row.event_types),
        tuple(row.alliances),
        row.description,
        filters,
        tuple(row.headers),
        row.concurrency,
        row.rate_per_minute,
        row.fifo,
    )


def endpoints_of(organisation_id: UUID) -> Select[Any]:
    """All that are not removed."""
    return select(endpoints).where(endpoints.c.ledger_id == organisation_id, endpoints.c.status != REMOVED)


def endpoint(organisation_id: UUID, endpoint_id: UUID) -> Select[Any]:
    return endpoints_of(organisation_id).where(endpoints.c.id == endpoint_id)
