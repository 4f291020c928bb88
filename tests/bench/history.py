"""Long histories out of short ones, by SQL: the events of one thing again under other ids, or whole ledgers again.

What is copied was written by Concord itself, and copies are as valid as it is: bodies with ids of the same length in
place of the old ones, leaves hashed anew, disclosures, keys and read models beside them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql

from services.rooms import ROOMS
from tests.bench.appends import BODY, TYPE

COPY_STREAMS = """
WITH things AS (
    SELECT c.n, s.stream, s.id, gen_random_uuid()::text AS other
      FROM generate_series(1, %(copies)s) AS c (n)
     CROSS JOIN (SELECT stream, split_part(stream, '/', 2) AS id FROM log.events
                  WHERE ledger_id = %(ledger)s AND stream LIKE %(kind)s || '/%%' ORDER BY seq LIMIT 1) s
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
UPDATE log.ledgers SET size = size + (SELECT count(*) FROM added), changed_at = clock_timestamp()
 WHERE ledger_id = %(ledger)s
"""
FIRST_THING = (
    "SELECT count(*) OVER (PARTITION BY stream) FROM log.events WHERE ledger_id = %s AND stream LIKE %s"
    " ORDER BY min(seq) OVER (PARTITION BY stream) LIMIT 1"
)
FILL = """
WITH added AS (
    INSERT INTO log.events (ledger_id, seq, recorded_us, event_id, stream, version, type, body, leaf)
    SELECT h.ledger_id, n, h.last_us, lpad(to_hex(n), 32, '0')::uuid, 'filler/' || lpad(to_hex(n), 32, '0')::uuid, 1,
           %(type)s, %(body)s, sha256('\\x0001'::bytea || int8send(n) || int8send(h.last_us) || %(body)s::bytea)
      FROM log.ledgers h CROSS JOIN generate_series(h.size, %(size)s - 1) AS g (n) WHERE h.ledger_id = %(ledger)s
)
UPDATE log.ledgers SET size = greatest(size, %(size)s) WHERE ledger_id = %(ledger)s
"""
STRANGERS = (
    "INSERT INTO log.readers (ledger_id, org_id) SELECT copy_id, gen_random_uuid() FROM copies, generate_series(1, 2)"
)
OF_A_LEDGER = ("log.ledgers", "log.person_keys", "log.attachments", "log.disclosures", "log.events")
VACUUM = "VACUUM (ANALYZE) log.events, log.disclosures, log.ledgers, log.readers, log.person_keys"

Connection = psycopg.Connection[Any]


def lengthen(url: str, ledger_id: UUID, kind: str, events: int) -> int:
    """Copy the first thing of a kind within its ledger until that has at least so many events; how many it has."""
    with psycopg.connect(url) as connection:
        row = connection.execute(FIRST_THING, (ledger_id, f"{kind}/%")).fetchone()
        assert row is not None
        missing = max(0, events - events_of(connection, ledger_id))
        copies = -(-missing // row[0])
        connection.execute(COPY_STREAMS, {"ledger": ledger_id, "kind": kind, "copies": copies})
        settle(connection)
        return events_of(connection, ledger_id)


def multiply(url: str, ledgers: Sequence[UUID], copies: int) -> int:
    """So many further ledgers with the events and the read models of each of these, each read by two strangers.

    How many events they have in all.
    """
    read_models = [table.fullname for service in ROOMS for model in service.read_models for table in model.tables]
    with psycopg.connect(url) as connection:
        for ledger_id in ledgers:
            connection.execute("CREATE TEMPORARY TABLE copies (copy_id uuid) ON COMMIT DROP")
            connection.execute("INSERT INTO copies SELECT gen_random_uuid() FROM generate_series(1, %s)", (copies,))
            for table in (*OF_A_LEDGER, *read_models):
                copy_rows(connection, table, ledger_id)
            connection.execute(STRANGERS)
            connection.commit()
        settle(connection)
        return copies * sum(events_of(connection, ledger_id) for ledger_id in ledgers)


def copy_rows(connection: Connection, table: str, ledger_id: UUID) -> None:
    """The rows of one ledger again for each ledger in `copies`."""
    found = connection.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
        " AND attname <> 'ledger_id' ORDER BY attnum",
        (table,),
    )
    names = [sql.Identifier(name) for (name,) in found]
    place = sql.Identifier(*table.split("."))
    again = sql.SQL("INSERT INTO {0} (ledger_id, {1}) SELECT copy_id, {1} FROM copies, {0} WHERE ledger_id = %s")
    connection.execute(again.format(place, sql.SQL(", ").join(names)), (ledger_id,))


def fill(url: str, ledger_id: UUID, size: int) -> None:
    """Entries of the same body, each the only one of its stream, until the ledger has so many."""
    with psycopg.connect(url) as connection:
        connection.execute(FILL, {"ledger": ledger_id, "size": size, "type": TYPE, "body": BODY})
        settle(connection)


def events_of(connection: Connection, ledger_id: UUID) -> int:
    row = connection.execute("SELECT count(*) FROM log.events WHERE ledger_id = %s", (ledger_id,)).fetchone()
    assert row is not None
    return int(row[0])


def settle(connection: Connection) -> None:
    """Statistics, visibility and pages on disk as they would be had it grown slowly."""
    connection.commit()
    connection.autocommit = True
    connection.execute(VACUUM)
    connection.execute("CHECKPOINT")
    connection.autocommit = False
