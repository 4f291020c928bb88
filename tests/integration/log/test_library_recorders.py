"""The `eventsourcing` library's own published recorder cases, imported and run against our log on PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg
import pytest
from eventsourcing.tests.persistence import (
    AggregateRecorderTestCase,
    ApplicationRecorderTestCase,
    NonInterleavingNotificationIDsBaseCase,
)
from sqlalchemy import Engine

from shared.ids import uuid7
from shared.log.recorder import LedgerRecorder, StreamRecorder


@pytest.fixture(autouse=True)
def lend_engine(request: pytest.FixtureRequest, engine: Engine) -> Iterator[None]:
    """The library's cases leave reader threads running out; they must be done before the engine is put away."""
    before = set(threading.enumerate())
    request.instance.engine = engine
    yield
    for thread in set(threading.enumerate()) - before:
        thread.join(timeout=10)


class OnOneLedger:
    """Each case gets a ledger of its own; each call of its recorder a transaction of its own."""

    engine: Engine

    def ledger(self) -> tuple[UUID, Any]:
        ledger_id = uuid7()
        with self.engine.begin() as connection:
            connection.exec_driver_sql("SELECT log.open_ledger(%s, 'alliance', %s::uuid[])", (ledger_id, [uuid7()]))
        return ledger_id, self.cursors

    @contextmanager
    def cursors(self) -> Iterator[psycopg.Cursor[Any]]:
        with self.engine.begin() as connection:
            driver = connection.connection.driver_connection
            assert driver is not None
            with driver.cursor() as cursor:
                yield cursor


class TestStreamRecorder(OnOneLedger, AggregateRecorderTestCase):
    def create_recorder(self) -> StreamRecorder:
        return StreamRecorder(*self.ledger())


class TestLedgerRecorder(OnOneLedger, ApplicationRecorderTestCase[LedgerRecorder]):
    def create_recorder(self) -> LedgerRecorder:
        return LedgerRecorder(*self.ledger())

    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class TestDenseNotificationIds(OnOneLedger, NonInterleavingNotificationIDsBaseCase):
    def create_recorder(self) -> LedgerRecorder:
        return LedgerRecorder(*self.ledger())
