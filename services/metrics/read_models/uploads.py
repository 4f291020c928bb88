"""Uploads: how far each has come."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Column, DateTime, Select, Table, Text, Uuid, select

from shared.database.schemas import schema
from shared.events.metrics import UploadAdvanced, UploadCompleted, UploadOpened
from shared.log.envelope import Recorded
from shared.log.read_models import ReadModel
from shared.log.rows import Rows

OPEN, COMPLETED = "open", "completed"

uploads = Table(
    "uploads",
    schema("metrics"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("side", Uuid, nullable=False),
    Column("source", Text),
    Column("media_type", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("offset_bytes", BigInteger, nullable=False),
    Column("rows_taken", BigInteger, nullable=False),
    Column("header", ARRAY(Text)),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("version", BigInteger, nullable=False),
)

UPLOADS = ReadModel("uploads", uploads)


@UPLOADS.on(UploadOpened)
def opened(rows: Rows, e: Recorded[UploadOpened]) -> None:
    rows.insert(
        uploads,
        id=e.id,
        side=e.event.side,
        source=e.event.source,
        media_type=e.event.media_type,
        status=OPEN,
        offset_bytes=0,
        rows_taken=0,
        header=None,
        opened_at=e.recorded_at,
        version=e.version,
    )


@UPLOADS.on(UploadAdvanced)
def advanced(rows: Rows, e: Recorded[UploadAdvanced]) -> None:
    header = None if e.event.header is None else list(e.event.header)
    changes = {"offset_bytes": e.event.offset, "rows_taken": e.event.rows, "header": header, "version": e.version}
    rows.change(uploads, {"id": e.id}, **changes)


@UPLOADS.on(UploadCompleted)
def completed(rows: Rows, e: Recorded[UploadCompleted]) -> None:
    rows.change(uploads, {"id": e.id}, status=COMPLETED, version=e.version)


def uploads_of(alliance_id: UUID) -> Select[Any]:
    return select(uploads).where(uploads.c.ledger_id == alliance_id)


def upload(alliance_id: UUID, upload_id: UUID) -> Select[Any]:
    return uploads_of(alliance_id).where(uploads.c.id == upload_id)
