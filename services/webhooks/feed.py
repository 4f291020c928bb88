"""The feed: all that an organisation may be told, in one order, for streams and polling. A working table.

Its ledgers have an order each; the feed puts them in one. Writers of one organisation's feed queue behind its head row,
so places are given in the order of commits, dense, and a reader who has seen a place has seen all before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Connection, Select, Table, Uuid, select

from shared.database.schemas import schema

feed = Table(
    "feed",
    schema("webhooks"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("place", BigInteger, primary_key=True),
    Column("source", Uuid, nullable=False),
    Column("seq", BigInteger, nullable=False),
)
"""`ledger_id`: the reader's; `source` and `seq`: where the event is."""

feed_heads = Table(
    "feed_heads",
    schema("webhooks"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("size", BigInteger, nullable=False),
)

ADD = """
WITH told AS (
    SELECT r.org_id, s.seq FROM log.readers r CROSS JOIN unnest(%s::bigint[]) AS s (seq)
     WHERE r.ledger_id = %s AND (r.until_seq IS NULL OR r.until_seq >= s.seq)
), counts AS (
    SELECT org_id, count(*) AS added FROM told GROUP BY org_id
), heads AS (
    INSERT INTO webhooks.feed_heads AS h (ledger_id, size) SELECT org_id, added FROM counts ORDER BY org_id
    ON CONFLICT (ledger_id) DO UPDATE SET size = h.size + excluded.size RETURNING ledger_id, size
)
INSERT INTO webhooks.feed (ledger_id, place, source, seq)
SELECT t.org_id, h.size - c.added - 1 + row_number() OVER (PARTITION BY t.org_id ORDER BY t.seq), %s, t.seq
  FROM told t JOIN counts c ON c.org_id = t.org_id JOIN heads h ON h.ledger_id = t.org_id
"""
"""Heads in one order everywhere, so that two writers never wait for each other."""


def add_to_feeds(connection: Connection, source: UUID, seqs: Sequence[int]) -> None:
    """Events of one ledger, to the feed of each organisation that may read them."""
    connection.exec_driver_sql(ADD, (list(seqs), source, source))


def feed_from(organisation_id: UUID, place: int, limit: int) -> Select[Any]:
    return (
        select(feed.c.place, feed.c.source, feed.c.seq)
        .where(feed.c.ledger_id == organisation_id, feed.c.place >= place)
        .order_by(feed.c.place)
        .limit(limit)
    )


def feed_size(connection: Connection, organisation_id: UUID) -> int:
    """The place that the next event will have."""
    found = connection.execute(select(feed_heads.c.size).where(feed_heads.c.ledger_id == organisation_id)).scalar()
    return int(found or 0)
