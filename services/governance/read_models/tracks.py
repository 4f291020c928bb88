"""Integration tracks of an alliance, and how far each deliverable has come."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Column, Select, Table, Text, Uuid, select
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.schemas import schema
from shared.events.governance_work import TrackClosed, TrackDeliverableReported, TrackOpened, TrackReplanned, TrackTerms
from shared.log.codec import as_json
from shared.log.envelope import Recorded
from shared.log.read_models import ReadModel
from shared.log.rows import Rows

tracks = Table(
    "tracks",
    schema("governance"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("owners", JSONB, nullable=False),
    Column("headcount", JSONB, nullable=False),
    Column("kpis", JSONB, nullable=False),
    Column("deliverables", JSONB, nullable=False),
    Column("closed", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
)
"""`deliverables`: in order, each with its status."""

TRACKS = ReadModel("tracks", tracks)


@TRACKS.on(TrackOpened)
def opened(rows: Rows, e: Recorded[TrackOpened]) -> None:
    rows.insert(tracks, id=e.id, kind=e.event.kind, **planned(e.event.terms, {}), closed=False, version=e.version)


@TRACKS.on(TrackReplanned)
def replanned(rows: Rows, e: Recorded[TrackReplanned]) -> None:
    change(rows, e, **planned(e.event.terms, {d["key"]: d["status"] for d in held(rows, e)["deliverables"]}))


@TRACKS.on(TrackDeliverableReported)
def reported(rows: Rows, e: Recorded[TrackDeliverableReported]) -> None:
    key, status = e.event.key, str(e.event.status)
    deliverables = held(rows, e)["deliverables"]
    change(rows, e, deliverables=[{**d, "status": status} if d["key"] == key else d for d in deliverables])


@TRACKS.on(TrackClosed)
def closed(rows: Rows, e: Recorded[TrackClosed]) -> None:
    change(rows, e, closed=True)


def planned(terms: TrackTerms, reached: dict[str, str]) -> dict[str, Any]:
    told = as_json(terms)
    deliverables = [{**one, "status": reached.get(one["key"], "planned")} for one in told["deliverables"]]
    return {**told, "deliverables": deliverables}


def held(rows: Rows, e: Recorded[Any]) -> dict[str, Any]:
    row = rows.get(tracks, id=e.id)
    assert row is not None, "a track begins by being opened"
    return row


def change(rows: Rows, e: Recorded[Any], **changes: Any) -> None:
    rows.change(tracks, {"id": e.id}, **changes, version=e.version)


def track(alliance_id: UUID, track_id: UUID) -> Select[Any]:
    return tracks_of(alliance_id).where(tracks.c.id == track_id)


def tracks_of(alliance_id: UUID) -> Select[Any]:
    return select(tracks).where(tracks.c.ledger_id == alliance_id)
