"""Appends: what order costs against a table with none, and against the `eventsourcing` library's own recorder."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import psycopg
import rfc8785
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from sqlalchemy import Engine

from shared.database.engine import make_engine
from shared.ids import uuid7
from shared.log.recorder import IdentifiedEvent, LedgerRecorder
from shared.log.rows import driver
from tests.bench.figures import Measured, by_turns
from tests.bench.stage import Stage
from tests.bench.writers import WRITERS, Write, writes_per_second

LEDGERS = 100
TYPE = "governance.vote-cast.v1"
COLUMNS = "ledger_id, seq, recorded_us, event_id, stream, version, type, body, leaf"
INSERT = f"INSERT INTO unordered ({COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
SEQS_A_WRITER = 10**9


def against_no_order(stage: Stage) -> Measured:
    """The store alone: a prepared event a transaction, by `log.append` or by INSERT, then COMMIT with fsync."""
    with stage.database() as url, ExitStack() as connections:
        ledgers = hundred_ledgers(url)
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE unordered (LIKE log.events INCLUDING ALL)")
        held = [connections.enter_context(psycopg.connect(url)) for _ in range(WRITERS)]
        seqs = [itertools.count(n * SEQS_A_WRITER) for n in range(WRITERS)]
        return by_turns(
            "prepared bodies of 360 bytes, one event a transaction, a connection a writer; the reference has the same"
            " columns, unique keys and fsync, its seq and leaf made beforehand by the client, and no head row",
            "appends/s",
            stage.scale.rounds,
            concord=lambda: writes_per_second(lambda n: appending(held[n], ledgers), stage.scale.append_seconds),
            reference=lambda: writes_per_second(
                lambda n: inserting(held[n], ledgers, seqs[n]), stage.scale.append_seconds
            ),
        )


def against_stock_recorder(stage: Stage) -> Measured:
    """Both as the library uses its recorders: `insert_events` of one event, over a pool of 16 connections."""
    with stage.database() as url:
        ledgers = hundred_ledgers(url)
        engine = make_engine(url, pool_size=WRITERS)
        datastore = stock_datastore(url)
        stock = PostgresApplicationRecorder(datastore, events_table_name="stock_events")
        stock.create_table()
        try:
            return by_turns(
                "the same event by insert_events, each over its own pool of 16 connections (ours through SQLAlchemy,"
                " as services use it); the library's recorder locks its table for each append",
                "appends/s",
                stage.scale.rounds,
                concord=lambda: writes_per_second(lambda _: recording(engine, ledgers), stage.scale.append_seconds),
                reference=lambda: writes_per_second(lambda _: stock_recording(stock), stage.scale.append_seconds),
            )
        finally:
            datastore.close()
            engine.dispose()


def appending(connection: psycopg.Connection[Any], ledgers: Sequence[UUID]) -> Write:
    @contextmanager
    def cursors() -> Iterator[psycopg.Cursor[Any]]:
        with connection.cursor() as cursor:
            yield cursor
        connection.commit()

    return to_any_of([LedgerRecorder(ledger_id, cursors) for ledger_id in ledgers])


def recording(engine: Engine, ledgers: Sequence[UUID]) -> Write:
    @contextmanager
    def cursors() -> Iterator[psycopg.Cursor[Any]]:
        with engine.begin() as connection, driver(connection).cursor() as cursor:
            yield cursor

    return to_any_of([LedgerRecorder(ledger_id, cursors) for ledger_id in ledgers])


def to_any_of(recorders: Sequence[LedgerRecorder]) -> Write:
    def write() -> None:
        event_id, stream = identity()
        random.choice(recorders).insert_events([IdentifiedEvent(stream, 1, TYPE, BODY, event_id)])

    return write


def inserting(connection: psycopg.Connection[Any], ledgers: Sequence[UUID], seqs: Iterator[int]) -> Write:
    def write() -> None:
        event_id, stream = identity()
        row = (random.choice(ledgers), next(seqs), 0, event_id, stream, 1, TYPE, BODY, LEAF)
        with connection.cursor() as cursor:
            cursor.execute(INSERT, row)
        connection.commit()

    return write


def stock_recording(recorder: PostgresApplicationRecorder) -> Write:
    def write() -> None:
        recorder.insert_events([StoredEvent(uuid4(), 1, TYPE, BODY)])

    return write


def identity() -> tuple[UUID, str]:
    return uuid7(), f"decision/{uuid7()}"


def hundred_ledgers(url: str) -> list[UUID]:
    ledgers = [uuid7() for _ in range(LEDGERS)]
    with psycopg.connect(url) as connection:
        for ledger_id in ledgers:
            connection.execute("SELECT log.open_ledger(%s, 'alliance', %s::uuid[])", (ledger_id, [uuid7(), uuid7()]))
    return ledgers


def stock_datastore(url: str) -> PostgresDatastore:
    parts = urlsplit(url)
    place = parse_qs(parts.query)
    return PostgresDatastore(
        parts.path.lstrip("/"), place["host"][0], place["port"][0], parts.username or "", "", pool_size=WRITERS
    )


def body() -> bytes:
    """As a vote is stored: canonical JSON with all keys of a body."""
    return rfc8785.dumps(
        {
            "type": TYPE,
            "id": str(uuid7()),
            "stream": f"decision/{uuid7()}",
            "version": 2,
            "actor": {"org": str(uuid7()), "sub": str(uuid7())},
            "effective_at": "2026-03-01T09:30:00Z",
            "cause": {"command": str(uuid7())},
            "data": {"choice": "approve", "side": str(uuid7())},
        }
    )


BODY = body()
LEAF = sha256(BODY).digest()
