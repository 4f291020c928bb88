"""Observations: pushed in batches, tried out before, and listed with the chain of their corrections."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query

from services.metrics.api.batches import first_outcomes, shown_fields
from services.metrics.api.known import agreed_terms, held_by, months_closed, period_asked
from services.metrics.api.observation_schemas import (
    BATCH_BODY,
    ContentType,
    JudgedBatch,
    Observation,
    PushedBatch,
    Source,
    TakeMode,
)
from services.metrics.api.turn import INGESTION, OBSERVATIONS
from services.metrics.domain.alliance import ALLIANCE
from services.metrics.domain.batch import BATCH, IngestBatch, JudgeBatch, Judgement, Mode, ingest, judge
from services.metrics.ingestion.formats import MALFORMED, READERS, TOO_LARGE
from services.metrics.read_models import figures as asked
from services.metrics.read_models.batches import batch
from services.metrics.read_models.observations import at_hand
from shared.domain import Invalid
from shared.events.observations import MEDIA_TYPE, ObservationRows, dimensions_of, encode_rest, encode_rows
from shared.http.pages import LIMIT_DEFAULT, Cursor, Limit, Page
from shared.http.problems import problem
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id

router = Router("metrics", "observations")

TAKING: dict[str, Any] = {
    "scope": "metrics:push",
    "raw": True,
    "takes": tuple(READERS),
    "body_bytes_max": 64 * 1024 * 1024,
    "openapi_extra": BATCH_BODY,
    "room": INGESTION,
}
From = Annotated[str | None, Query(alias="from", max_length=10, description="A period; none before it.")]
To = Annotated[str | None, Query(alias="to", max_length=10, description="A period; none after it.")]


@router.create("/alliances/{alliance_id}/observations", **TAKING)
def push_observations(
    session: Session,
    alliance_id: Id,
    body: bytes,
    content_type: ContentType = "",
    mode: TakeMode = "partial",
    source: Source = None,
) -> PushedBatch:
    """Report figures for your organisation: JSON, NDJSON, CSV, Parquet or Arrow, up to 100,000 rows at once.

    Every row gets an outcome. The same row again is a duplicate, never an error, however often it comes. A row that
    names what it `supersedes` and the `reason` is a correction; what it corrects stays on record. Answered once all is
    committed; 429 when too many batches are being worked on.
    """
    session.load(ALLIANCE, alliance_id, alliance_id)
    return taken_in(session, alliance_id, read_rows(content_type, body), Mode(mode), source)


@router.create("/alliances/{alliance_id}/observations/validate", status=200, **TAKING)
def validate_observations(
    session: Session, alliance_id: Id, body: bytes, content_type: ContentType = "", mode: TakeMode = "partial"
) -> JudgedBatch:
    """Try a batch out: what would come of it now. Nothing is written."""
    session.load(ALLIANCE, alliance_id, alliance_id)
    rows = read_rows(content_type, body)
    judgement = judged(session, alliance_id, rows, Mode(mode))
    outcomes = first_outcomes(judgement.taken, judgement.not_taken(rows))
    return JudgedBatch(rows=len(rows), counts=judgement.counts, outcomes=outcomes)


@router.read("/alliances/{alliance_id}/observations", scope="metrics:read")
def list_observations(
    session: Session,
    alliance_id: Id,
    kpi: Annotated[str | None, Query(max_length=63, description="A KPI's key.")] = None,
    side: Annotated[Id | None, Query(description="The organisation that reported.")] = None,
    observation_id: Annotated[str | None, Query(max_length=200)] = None,
    since: From = None,
    until: To = None,
    versions: Annotated[
        Literal["current", "all"], Query(description="`all`: with what corrections replaced.")
    ] = "current",
    cursor: Cursor = None,
    limit: Limit = LIMIT_DEFAULT,
) -> Page[Observation]:
    """What has been reported, by KPI and period: what holds now, or every version in its chain of corrections."""
    first, last = period_asked(since, "from"), period_asked(until, "to")
    found = asked.versions(
        alliance_id,
        kpi=kpi,
        side=side,
        observation_id=observation_id,
        since=first.first if first else None,
        until=last.last if last else None,
        only_current=versions == "current",
    )
    turned = session.view(alliance_id).page(found, order=asked.ORDER, cursor=cursor, limit=limit)
    items = [shown(row) for row in turned.rows]
    return Page[Observation](items=items, next_cursor=turned.next_cursor)


def taken_in(session: Session, alliance_id: UUID, rows: ObservationRows, mode: Mode, source: str | None) -> PushedBatch:
    """Judge a batch, record what came of it, and tell of its first rows."""
    session.take_turn(OBSERVATIONS, alliance_id, session.caller.organisation)
    judgement = judged(session, alliance_id, rows, mode)
    taken, rest = judgement.taken, judgement.not_taken(rows)
    command = IngestBatch(
        by=session.caller.person,
        side=session.caller.organisation,
        source=source,
        judgement=judgement,
        rows=session.attach(alliance_id, encode_rows(taken), MEDIA_TYPE) if taken else None,
        rest=session.attach(alliance_id, encode_rest(rest), MEDIA_TYPE) if rest else None,
        at=session.at,
    )
    batch_id = session.new_id()
    with at_hand(command.rows, taken):
        session.create(BATCH, alliance_id, batch_id, ingest(command, BATCH.empty))
    row = session.view(alliance_id).one(batch(alliance_id, batch_id))
    return PushedBatch(**shown_fields(row), outcomes=first_outcomes(taken, rest))


def shown(row: Any) -> Observation:
    return Observation(**{**row._asdict(), "dimensions": dict(dimensions_of(row.dimensions))})


def read_rows(content_type: str, body: bytes) -> ObservationRows:
    read = READERS.get(content_type.partition(";")[0].strip().lower())
    if read is None:
        raise problem("unsupported-media-type", f"Send Content-Type {' or '.join(READERS)}.")
    with as_problem():
        return read(body)


@contextmanager
def as_problem() -> Iterator[None]:
    """What is wrong with the bytes, and not with what they say, as the problem that it is."""
    try:
        yield
    except Invalid as invalid:
        if invalid.code in MALFORMED:
            raise problem("malformed", invalid.detail) from invalid
        if invalid.code in TOO_LARGE:
            raise problem("too-large", invalid.detail) from invalid
        raise


def judged(session: Session, alliance_id: UUID, rows: ObservationRows, mode: Mode) -> Judgement:
    """What comes of the rows, given what is held. Take your turn before, or another may add to it meanwhile."""
    view, side = session.view(alliance_id), session.caller.organisation
    command = JudgeBatch(
        side=side,
        rows=rows,
        kpis=agreed_terms(view, alliance_id),
        held=held_by(view, alliance_id, side, rows),
        closed=months_closed(view, alliance_id),
        mode=mode,
        at=session.at,
    )
    return judge(command)
