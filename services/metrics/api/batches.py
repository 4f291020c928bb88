"""Batches on record: what came of each, row by row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from services.metrics.api.observation_schemas import OUTCOMES_SHOWN_MAX, Batch, BatchCounts, Outcome, RowOutcome
from services.metrics.api.outcomes import outcomes, shown
from services.metrics.read_models import batches as asked
from shared.events.observations import ObservationRow, RowNotTaken, decode_rest, decode_rows
from shared.http.pages import LIMIT_DEFAULT, Cursor, Limit, Page, bad_cursor, open_cursor, sign
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id

router = Router("metrics", "batches")


@router.read("/alliances/{alliance_id}/batches", scope="metrics:read")
def list_batches(session: Session, alliance_id: Id, cursor: Cursor = None, limit: Limit = LIMIT_DEFAULT) -> Page[Batch]:
    """The batches that the parties have sent, oldest first."""
    view = session.view(alliance_id)
    turned = view.page(asked.batches_of(alliance_id), order=[asked.batches.c.seq], cursor=cursor, limit=limit)
    return Page[Batch](items=[Batch(**shown_fields(row)) for row in turned.rows], next_cursor=turned.next_cursor)


@router.read("/alliances/{alliance_id}/batches/{batch_id}", scope="metrics:read")
def get_batch(session: Session, alliance_id: Id, batch_id: Id) -> Batch:
    """One batch: who sent it, and how many rows had which outcome."""
    return Batch(**shown_fields(session.view(alliance_id).one(asked.batch(alliance_id, batch_id))))


@router.read("/alliances/{alliance_id}/batches/{batch_id}/outcomes", scope="metrics:read")
def list_outcomes(
    session: Session,
    alliance_id: Id,
    batch_id: Id,
    outcome: Annotated[Outcome | None, Query(description="Only the rows that had this outcome.")] = None,
    cursor: Cursor = None,
    limit: Limit = LIMIT_DEFAULT,
) -> Page[RowOutcome]:
    """What became of every row of a batch, in the order they were sent."""
    start = row_of(open_cursor(session.cursor_secret, cursor)) if cursor else 0
    chosen = (one for one in outcomes_of(session, alliance_id, batch_id, start) if outcome in (None, one.outcome))
    found = list(islice(chosen, limit + 1))
    more = sign(session.cursor_secret, [found[limit].row]) if len(found) > limit else None
    return Page[RowOutcome](items=[shown(one) for one in found[:limit]], next_cursor=more)


def outcomes_of(session: Session, alliance_id: UUID, batch_id: UUID, start: int = 0) -> Iterator[RowNotTaken]:
    row = session.view(alliance_id).one(asked.batch(alliance_id, batch_id))
    taken = decode_rows(session.log.attachment(alliance_id, row.rows_sha256)) if row.rows_sha256 else ()
    rest = decode_rest(session.log.attachment(alliance_id, row.rest_sha256)) if row.rest_sha256 else ()
    return outcomes(taken, rest, start)


def row_of(values: Sequence[str]) -> int:
    try:
        (row,) = map(int, values)
    except ValueError as error:
        raise bad_cursor("A cursor of another list.") from error
    return row


def first_outcomes(taken: Sequence[ObservationRow], rest: Sequence[RowNotTaken]) -> list[RowOutcome]:
    return [shown(one) for one in islice(outcomes(taken, rest), OUTCOMES_SHOWN_MAX)]


def shown_fields(row: Any) -> dict[str, Any]:
    """A row of `batches` as the fields of a `Batch`."""
    counts = BatchCounts.model_validate(row)
    return {
        **row._asdict(),
        "counts": counts,
        "rows": sum(counts.model_dump().values()),
        "outcomes_path": f"/metrics/v1/alliances/{row.ledger_id}/batches/{row.id}/outcomes",
    }
