"""Long histories out of short ones, by SQL: the events of a few things again under other ids, or whole ledgers again.

What is copied was written by Concord itself; copies are as valid as it is: bodies with ids of the same length in place
of the old ones, leaves hashed anew, disclosures and keys beside them.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import psycopg

COPY_STREAMS = """
WITH things AS (
    SELECT c.n, s.stream, s.id, gen_random_uuid()::text AS other
      FROM generate_series(1, %(copies)s) AS c (n)
     CROSS JOIN (SELECT DISTINCT stream, split_part(stream, '/', 2) AS id FROM log.events
                  WHERE ledger_id = %(ledger)s AND stream LIKE %(kind)s || '/%%') s
), copied AS (
    SELECT row_number() OVER (ORDER BY t.n, t.stream, e.version) - 1 + h.size AS seq, e.seq AS old_seq,
           h.last_us AS us, e.event_id, gen_random_uuid() AS new_id, replace(e.stream, t.id, t.other) AS stream,
           e.version, e.type, replace(convert_from(e.body, 'UTF8'), t.id, t.other) AS body
      FROM things t JOIN log.events e ON e.ledger_id = %(ledger)s AND e.stream = t.stream
      JOIN log.ledgers h ON h.ledger_id = %(ledger)s
), written AS (
    SELECT c.*, convert_to(replace(body, event_id::text, new_id::text), 'UTF8') AS bytes FROM copied c
), added AS (
    INSERT INTO log.events (ledger_id, seq, recorded_us, event_id, stream, version, type, body, leaf)
    SELECT %(ledger)s, seq, us, new_id, stream, version, type, bytes,
           sha256('\\x0001'::bytea || int8send(seq) || int8send(us) || bytes) FROM written RETURNING seq
), disclosed AS (
    INSERT INTO log.disclosures (ledger_id, seq, name, digest, person_id, sealed)
    SELECT %(ledger)s, c.seq, d.name, d.digest, d.person_id, d.sealed
      FROM copied c JOIN log.disclosures d ON d.ledger_id = %(ledger)s AND d.seq = c.old_seq
)
UPDATE log.ledgers SET size = size + (SELECT count(*) FROM added) WHERE ledger_id = %(ledger)s
"""
COPY_LEDGER = """
WITH copies AS MATERIALIZED (SELECT gen_random_uuid() AS id FROM generate_series(1, %(copies)s)),
heads AS (INSERT INTO log.ledgers (ledger_id, kind, size, last_us)
          SELECT c.id, h.kind, h.size, h.last_us FROM copies c, log.ledgers h WHERE h.ledger_id = %(ledger)s),
readers AS (INSERT INTO log.readers (ledger_id, org_id, until_seq)
            SELECT c.id, c.id, NULL FROM copies c),
keys AS (INSERT INTO log.person_keys (ledger_id, person_id, key)
         SELECT c.id, k.person_id, k.key FROM copies c, log.person_keys k WHERE k.ledger_id = %(ledger)s),
attachments AS (INSERT INTO log.attachments (ledger_id, sha256, media_type, content)
         SELECT c.id, a.sha256, a.media_type, a.content FROM copies c, log.attachments a
          WHERE a.ledger_id = %(ledger)s),
disclosed AS (INSERT INTO log.disclosures (ledger_id, seq, name, digest, person_id, sealed)
         SELECT c.id, d.seq, d.name, d.digest, d.person_id, d.sealed FROM copies c, log.disclosures d
          WHERE d.ledger_id = %(ledger)s)
INSERT INTO log.events (ledger_id, seq, recorded_us, event_id, stream, version, type, body, leaf)
SELECT c.id, e.seq, e.recorded_us, e.event_id, e.stream, e.version, e.type, e.body, e.leaf
  FROM copies c, log.events e WHERE e.ledger_id = %(ledger)s
"""


def lengthen(url: str, ledger_id: UUID, kind: str, events: int) -> int:
    """Copy the streams of a kind within their ledger until it has at least so many events; how many it has."""
    with psycopg.connect(url) as connection:
        copied = events_of(connection, ledger_id, f"{kind}/%")
        missing = max(0, events - events_of(connection, ledger_id, "%"))
        copies = -(-missing // copied)
        connection.execute(COPY_STREAMS, {"ledger": ledger_id, "kind": kind, "copies": copies})
        settle(connection)
        return events_of(connection, ledger_id, "%")


def multiply(url: str, ledgers: Sequence[UUID], copies: int) -> int:
    """So many further ledgers with the events of each of these, each read by nobody else; events there are in all."""
    with psycopg.connect(url) as connection:
        for ledger_id in ledgers:
            connection.execute(COPY_LEDGER, {"ledger": ledger_id, "copies": copies})
        settle(connection)
        row = connection.execute("SELECT count(*) FROM log.events").fetchone()
        assert row is not None
        return int(row[0])


def events_of(connection: psycopg.Connection[tuple[object, ...]], ledger_id: UUID, streams: str) -> int:
    row = connection.execute(
        "SELECT count(*) FROM log.events WHERE ledger_id = %s AND stream LIKE %s", (ledger_id, streams)
    ).fetchone()
    assert row is not None
    return int(str(row[0]))


def settle(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """Statistics and visibility as they would be had it grown slowly."""
    connection.commit()
    connection.autocommit = True
    connection.execute("VACUUM (ANALYZE) log.events, log.disclosures, log.ledgers, log.readers, log.person_keys")
    connection.autocommit = False
