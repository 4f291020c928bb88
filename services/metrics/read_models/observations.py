"""Observations, every version of each. No row ever changes: a correction is a further row naming what it replaces."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from functools import lru_cache, partial
from operator import eq

from sqlalchemy import BigInteger, Column, Date, Index, Integer, Table, Text, Uuid, text

from shared.database.schemas import schema
from shared.events.metrics import BatchIngested
from shared.events.observations import ObservationRow, ObservationRows, decode_rows, dimensions_text
from shared.events.values import Attachment
from shared.log.copying import Columns
from shared.log.envelope import Recorded
from shared.log.read_models import ReadModel
from shared.log.rows import Rows

PERIODS_KEPT = 10_000
BYTEWISE = Text(collation="C")
"""Compared byte by byte, as cursors and Python do, whatever the database's locale."""

observations = Table(
    "observations",
    schema("metrics"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("side", Uuid, primary_key=True),
    Column("observation_id", BYTEWISE, primary_key=True),
    Column("revision", BigInteger, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("place", Integer, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("kpi", BYTEWISE, nullable=False),
    Column("period", BYTEWISE, nullable=False),
    Column("value", BYTEWISE, nullable=False),
    Column("numerator", BYTEWISE),
    Column("denominator", BYTEWISE),
    Column("dimensions", BYTEWISE, nullable=False),
    Column("occurred_at", BYTEWISE),
    Column("supersedes", BYTEWISE),
    Column("note", Text),
    Column("reason", Text),
    Index("observations_by_period", "ledger_id", "kpi", "starts_on"),
    Index(
        "observations_by_superseded",
        "ledger_id",
        "side",
        "supersedes",
        postgresql_where=text("supersedes IS NOT NULL"),
    ),
)

OBSERVATIONS = ReadModel("observations", observations)

_at_hand: ContextVar[tuple[str, ObservationRows] | None] = ContextVar("at_hand", default=None)


@OBSERVATIONS.on(BatchIngested)
def ingested(rows: Rows, e: Recorded[BatchIngested]) -> None:
    if e.event.rows is None:
        return
    if (known := _at_hand.get()) and known[0] == e.event.rows.sha256:
        rows.insert_columns(observations, partial(taken, e, known[1]))
    else:
        content = rows.attachment(e.event.rows.sha256)
        rows.insert_columns(observations, lambda: taken(e, decode_rows(content)))


@contextmanager
def at_hand(attachment: Attachment | None, rows: Sequence[ObservationRow]) -> Iterator[None]:
    """For the length of the block these rows are not read back from the attachment that was just made of them."""
    token = _at_hand.set((attachment.sha256, ObservationRows.of(rows)) if attachment else None)
    try:
        yield
    finally:
        _at_hand.reset(token)


def taken(e: Recorded[BatchIngested], rows: ObservationRows) -> Columns:
    """The rows of a batch by columns.

    `revision` is 0 as first reported, and the seq of its batch when an id is reported anew to correct itself. So the
    primary key lets no id in twice, and (seq, place) is the order in which things became known.
    """
    given = dict(zip(ObservationRow._fields, rows.columns, strict=True))
    return {
        **{name: given[name] for name in ("observation_id", "kpi", "period", "value")},
        **{name: or_none(given[name]) for name in ("numerator", "denominator", "occurred_at", "supersedes")},
        **remarks_of(e, given["observation_id"]),
        "dimensions": list(map(dimensions_text, given["dimensions"])),
        "starts_on": list(map(first_day, given["period"])),
        "side": [e.event.side] * len(rows),
        "revision": revisions(given["observation_id"], given["supersedes"], e.seq),
        "seq": [e.seq] * len(rows),
        "place": list(range(len(rows))),
    }


def or_none(texts: Sequence[str]) -> Sequence[str | None]:
    return [text or None for text in texts] if any(texts) else [None] * len(texts)


def revisions(ids: Sequence[str], supersedes: Sequence[str], seq: int) -> Sequence[int]:
    return [seq if again else 0 for again in map(eq, ids, supersedes)] if any(supersedes) else [0] * len(ids)


def remarks_of(e: Recorded[BatchIngested], ids: Sequence[str]) -> Columns:
    """What people wrote beside the rows; nothing once it is erased."""
    remarks = e.event.remarks or ()
    if not remarks:
        return {"note": [None] * len(ids), "reason": [None] * len(ids)}
    notes = {remark.observation_id: remark.note for remark in remarks if remark.note}
    reasons = {remark.observation_id: remark.reason for remark in remarks if remark.reason}
    return {"note": list(map(notes.get, ids)), "reason": list(map(reasons.get, ids))}


@lru_cache(maxsize=PERIODS_KEPT)
def first_day(period: str) -> date:
    """The first day of a period that is known to be one: `2013-03-01`, `2013-W09`, `2013-03`, `2013-Q1`."""
    match period[5:6]:
        case "W":
            return date.fromisoformat(f"{period}-1")
        case "Q":
            return date(int(period[:4]), 3 * int(period[6:]) - 2, 1)
        case _:
            return date.fromisoformat(f"{period}-01"[:10])
