"""Beside a transaction that stands open: everything arrives, and for minutes hardly slower than without it.

For its sake PostgreSQL keeps every version of every row, so whatever is read by its latest version, or looked for among
those that wait, has ever more to step over.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean, geometric_mean

import psycopg
import pytest

from services.directory.app import DIRECTORY
from services.webhooks.app import WEBHOOKS
from shared.testing.api import serve
from shared.testing.postgres import PostgresServer, fresh_database
from tests.bench.processes import process
from tests.integration.webhooks.ports import free_port
from tests.integration.webhooks.receiver import Receiver
from tests.integration.webhooks.room import Room, room_in

ROOT = Path(__file__).parents[3]
ENDPOINTS = 20
AHEAD_DELIVERIES = 2_000
"""Made and not yet sent, so that the sender is never without work."""
SETTLE_SECONDS = 15
WINDOW_SECONDS = 60
OPEN_MINUTES = 3
KEPT_SHARE_MIN = 0.9
TEMPLATE = "concord"
WORK = """
import sys
from services.webhooks.app import WEBHOOKS
from shared.processes import Loops
from shared.testing.api import runtime_on
loops = Loops(runtime_on(sys.argv[1], (WEBHOOKS,)))
loops.start(frozenset({"webhooks.deliveries", "webhooks.sender"}))
sys.stdin.read()
loops.stop()
"""
OPEN = "SELECT pg_current_xact_id(), count(*) FROM webhooks.deliveries"
STANDS_OPEN = "SELECT backend_xid IS NOT NULL AND backend_xmin IS NOT NULL FROM pg_stat_activity WHERE pid = %s"
MADE = "SELECT pg_stat_get_tuples_inserted('webhooks.attempts'::regclass)"
DELIVERED = "SELECT count(*) FROM webhooks.attempts WHERE status = 204 AND started_at >= %s AND started_at < %s"


@contextmanager
def old_transaction(url: str) -> Iterator[None]:
    """With an id and a snapshot of its own, older than all that follows, and still so at the end."""
    with psycopg.connect(url) as old, psycopg.connect(url, autocommit=True) as other:
        old.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        old.execute(OPEN)
        yield
        assert other.execute(STANDS_OPEN, (old.info.backend_pid,)).fetchone() == (True,)


def test_everything_arrives_while_a_transaction_stands_open(room: Room, receiver: Receiver, url: str) -> None:
    in_order = room.register(f"{receiver.address}/in-order", "governance.*", fifo=True)
    room.register(f"{receiver.address}/any", "governance.*")
    with old_transaction(url):
        for _ in range(3):
            recorded = [room.vote() for _ in range(10)]
            room.tell()
        assert len(receiver.of("/any")) == len(receiver.of("/in-order")) == 30
        assert {one["state"] for one in room.deliveries(in_order, limit=200)} == {"delivered"}
        page = room.united.get("/webhooks/v1/events", event_type="governance.*", limit=200)["items"]
        assert page[-1]["id"] == str(recorded[-1].event_id)


@dataclass(frozen=True)
class Side:
    """A database of its own, in which deliveries are made and sent without a pause."""

    url: str
    connection: psycopg.Connection[tuple[int]]

    def delivered(self, since: datetime, until: datetime) -> int:
        row = self.connection.execute(DELIVERED, (since, until)).fetchone()
        assert row is not None
        return row[0]


@pytest.mark.faults
def test_minutes_beside_a_transaction_that_stands_open(server: PostgresServer) -> None:
    """Two databases at once, and a transaction in one of them, then in the other.

    So whatever else the machine does meets both, and neither is the faster one by nature.
    """
    with ExitStack() as around:
        port = free_port()
        sink = around.enter_context(process(["tests.bench.sink", str(port)], {}, port, "/"))
        sides = [around.enter_context(side_with_work(server, sink)) for _ in range(2)]
        kept = [beside(*pair) for pair in (sides, reversed(sides))]
    minutes = [geometric_mean(each) for each in zip(*kept, strict=True)]
    assert fmean(minutes) >= KEPT_SHARE_MIN, kept
    assert minutes[-1] >= KEPT_SHARE_MIN, kept


def beside(held: Side, free: Side) -> list[float]:
    """What is delivered beside a transaction, of what is without one: a figure for each minute it stands open."""
    time.sleep(SETTLE_SECONDS)
    with old_transaction(held.url):
        minutes = [window() for _ in range(OPEN_MINUTES)]
    counts = [(held.delivered(*one), free.delivered(*one)) for one in minutes]
    print("each minute, beside it and without:", counts)  # noqa: T201 - what was measured
    return [one / other for one, other in counts]


def window() -> tuple[datetime, datetime]:
    """A minute from now, which is waited for."""
    since = datetime.now(UTC)
    time.sleep(WINDOW_SECONDS)
    return since, datetime.now(UTC)


@contextmanager
def side_with_work(server: PostgresServer, sink: str) -> Iterator[Side]:
    with ExitStack() as around:
        url = around.enter_context(fresh_database(server, TEMPLATE))
        room = room_in(around.enter_context(serve(url, (DIRECTORY, WEBHOOKS))))
        for n in range(ENDPOINTS):
            room.register(f"{sink}/hooks/{n}", "governance.*")
        around.enter_context(working(url))
        around.enter_context(recording(room, url))
        yield Side(url, around.enter_context(psycopg.connect(url, autocommit=True)))


@contextmanager
def working(url: str) -> Iterator[None]:
    """The follower and the sender as they run in earnest, in a process of their own."""
    with subprocess.Popen([sys.executable, "-c", WORK, url], cwd=ROOT, stdin=subprocess.PIPE) as worker:
        assert worker.stdin is not None
        try:
            yield
        finally:
            worker.stdin.close()
            worker.wait()


@contextmanager
def recording(room: Room, url: str) -> Iterator[None]:
    """One event after another, each in a transaction of its own, so fast as they are delivered."""
    over = threading.Event()

    def record() -> None:
        recorded = 0
        with psycopg.connect(url, autocommit=True) as connection:
            while not over.wait(0.05):
                row = connection.execute(MADE).fetchone()
                assert row is not None
                while recorded * ENDPOINTS < row[0] + AHEAD_DELIVERIES:
                    room.vote()
                    recorded += 1

    recorder = threading.Thread(target=record)
    recorder.start()
    try:
        yield
    finally:
        over.set()
        recorder.join()
