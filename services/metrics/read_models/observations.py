"""Observations, every version of each. No row ever changes: a correction is a further row naming what it replaces."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from sqlalchemy import BigInteger, Column, Date, Index, Integer, Table, Text, Uuid, text

from shared.database.schemas import schema
from shared.events.metrics import BatchIngested, Remark
from shared.events.observations import decode_rows
from shared.log.envelope import Recorded
from shared.log.read_models import ReadModel
from shared.log.rows import COPIED, Row, Rows

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
    info=COPIED,
)

OBSERVATIONS = ReadModel("observations", observations)
NO_REMARK = Remark("", "", "")


@OBSERVATIONS.on(BatchIngested)
def ingested(rows: Rows, e: Recorded[BatchIngested]) -> None:
    if e.event.rows is not None:
        rows.insert_many(observations, taken(e, rows.attachment(e.event.rows.sha256)))


def taken(e: Recorded[BatchIngested], content: bytes) -> Iterator[Row]:
    """`revision` is 0 as first reported, and the seq of its batch when an id is reported anew to correct itself.

    So the primary key lets no id in twice, and (seq, place) is the order in which things became known.
    """
    remarks = {remark.observation_id: remark for remark in e.event.remarks or ()}
    for place, row in enumerate(decode_rows(content)):
        identity, kpi, period, value, numerator, denominator, dimensions, occurred_at, supersedes, _, _ = row
        remark = remarks.get(identity, NO_REMARK)
        yield {
            "side": e.event.side,
            "observation_id": identity,
            "revision": e.seq if supersedes == identity else 0,
            "seq": e.seq,
            "place": place,
            "starts_on": first_day(period),
            "kpi": kpi,
            "period": period,
            "value": value,
            "numerator": numerator or None,
            "denominator": denominator or None,
            "dimensions": dimensions_text(dimensions),
            "occurred_at": occurred_at or None,
            "supersedes": supersedes or None,
            "note": remark.note or None,
            "reason": remark.reason or None,
        }


@lru_cache(maxsize=10_000)
def first_day(period: str) -> date:
    """The first day of a period that is known to be one: `2013-03-01`, `2013-W09`, `2013-03`, `2013-Q1`."""
    match period[5:]:
        case week if week.startswith("W"):
            return date.fromisoformat(f"{period}-1")
        case quarter if quarter.startswith("Q"):
            return date(int(period[:4]), 3 * int(quarter[1:]) - 2, 1)
        case _:
            return date.fromisoformat(f"{period}-01"[:10])


@lru_cache(maxsize=10_000)
def dimensions_text(dimensions: tuple[tuple[str, str], ...]) -> str:
    """Equal dimensions as equal texts: canonical JSON, `{}` for none."""
    return json.dumps(dict(dimensions), ensure_ascii=False, separators=(",", ":"))


@lru_cache(maxsize=10_000)
def dimensions_of(written: str) -> tuple[tuple[str, str], ...]:
    return tuple(json.loads(written).items())
