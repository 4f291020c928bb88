"""Uploads: files and datasets larger than a request, part by part, going on where a cut connection left off."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import ConfigDict, Field

from services.metrics.api.observation_schemas import BatchCounts, SourceName
from services.metrics.api.observations import as_problem, taken_in
from services.metrics.api.turn import INGESTION
from services.metrics.domain import upload as rules
from services.metrics.domain.alliance import ALLIANCE
from services.metrics.domain.batch import Mode
from services.metrics.domain.upload import UPLOAD
from services.metrics.ingestion.formats import CSV
from services.metrics.ingestion.part import read_part
from services.metrics.read_models import uploads as asked
from shared.http.pages import LIMIT_DEFAULT, Cursor, Limit, Page
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import INT_MAX, Answer, Count, Id, Schema, Timestamp

router = Router("metrics", "uploads")

PART_BYTES_MAX = 16 * 1024 * 1024
OCTETS = "application/octet-stream"
Offset = Annotated[int, Query(ge=0, le=INT_MAX, description="The byte of the unpacked whole where the part begins.")]
Last = Annotated[bool, Query(description="Nothing comes after this part; its last row needs no line break.")]


class OpenUpload(Schema):
    """What is going to be uploaded."""

    model_config = ConfigDict(json_schema_extra={"example": {"media_type": CSV, "source": "warehouse"}})

    media_type: Literal[
        "text/csv",
        "application/x-ndjson",
        "application/vnd.apache.parquet",
        "application/vnd.apache.arrow.stream",
        "application/vnd.apache.arrow.file",
    ]
    source: SourceName | None = None


class Upload(Answer):
    """How far an upload has come."""

    id: Id
    side: Id
    source: str | None
    media_type: str
    status: Literal["open", "completed"]
    offset_bytes: Count = Field(description="Where the next part begins: all before it is taken, and on record.")
    rows_taken: Count
    header: list[str] | None = Field(description="The columns of a CSV, from its first part on.")
    opened_at: Timestamp
    version: Count


class UploadPart(Upload):
    """How far an upload has come, and what became of the rows of this part."""

    batch_id: Id | None = Field(description="Null when no row was in it.")
    counts: BatchCounts


@router.create("/alliances/{alliance_id}/uploads", scope="metrics:push")
def open_upload(session: Session, alliance_id: Id, body: OpenUpload) -> Upload:
    """Begin an upload of any size. Its parts are sent one after the other.

    A CSV or NDJSON file is cut wherever you like. Parquet and Arrow come as a dataset: every part is a whole file of
    at most 100,000 rows and 16 MiB, as writers of datasets make them.
    """
    session.load(ALLIANCE, alliance_id, alliance_id)
    command = rules.OpenUpload(
        by=session.caller.person,
        side=session.caller.organisation,
        source=body.source,
        media_type=body.media_type,
        at=session.at,
    )
    upload_id = session.new_id()
    session.create(UPLOAD, alliance_id, upload_id, rules.open_upload(command, UPLOAD.empty))
    return Upload.model_validate(session.view(alliance_id).one(asked.upload(alliance_id, upload_id)))


@router.read("/alliances/{alliance_id}/uploads", scope="metrics:push")
def list_uploads(
    session: Session, alliance_id: Id, cursor: Cursor = None, limit: Limit = LIMIT_DEFAULT
) -> Page[Upload]:
    """Uploads of the alliance, oldest first."""
    view = session.view(alliance_id)
    turned = view.page(asked.uploads_of(alliance_id), order=[asked.uploads.c.id], cursor=cursor, limit=limit)
    return Page[Upload](items=[Upload.model_validate(row) for row in turned.rows], next_cursor=turned.next_cursor)


@router.read("/alliances/{alliance_id}/uploads/{upload_id}", scope="metrics:push")
def get_upload(session: Session, alliance_id: Id, upload_id: Id) -> Upload:
    """Where to go on: `offset_bytes`."""
    return Upload.model_validate(session.view(alliance_id).one(asked.upload(alliance_id, upload_id)))


@router.create(
    "/alliances/{alliance_id}/uploads/{upload_id}/parts",
    status=200,
    scope="metrics:push",
    raw=True,
    takes=(OCTETS,),
    body_bytes_max=PART_BYTES_MAX,
    room=INGESTION,
)
def send_part(
    session: Session, alliance_id: Id, upload_id: Id, body: bytes, offset: Offset, *, last: Last = False
) -> UploadPart:
    """Send the part that begins at `offset`. Its whole rows are taken at once, up to 100,000; the rest is sent again.

    Of a dataset in Parquet or Arrow a part is one file, taken as a whole; the offset counts the files' bytes together.

    Go on from the `offset_bytes` of the answer. When a connection is cut, ask where to go on: a part is taken whole or
    not at all. A part may be packed by itself (Content-Encoding); offsets count unpacked bytes. The rows have the
    outcomes that they would have in a batch.
    """
    held = session.load(UPLOAD, alliance_id, upload_id)
    side = session.caller.organisation
    rules.check_part(side, offset, held.state)
    batch_id, counts, taken = None, dict.fromkeys(BatchCounts.model_fields, 0), 0
    if body:
        with as_problem():
            part = read_part(held.state.media_type, body, held.state.header, last=last)
        taken = part.taken
        if part.rows is not None:
            batch = taken_in(session, alliance_id, part.rows, Mode.PARTIAL, held.state.source)
            batch_id, counts = batch.id, batch.counts.model_dump()
        advanced = rules.AdvanceUpload(
            side=side,
            offset=offset,
            taken=taken,
            rows=0 if part.rows is None else len(part.rows),
            batch=batch_id,
            header=part.header,
            at=session.at,
        )
        held = session.append(UPLOAD, held, rules.advance(advanced, held.state))
    if last and taken == len(body):
        session.append(UPLOAD, held, rules.complete(rules.CompleteUpload(side=side, at=session.at), held.state))
    return told(session.view(alliance_id).one(asked.upload(alliance_id, upload_id)), batch_id, counts)


def told(row: Any, batch_id: Any, counts: dict[str, int]) -> UploadPart:
    return UploadPart(**row._asdict(), batch_id=batch_id, counts=BatchCounts(**counts))
