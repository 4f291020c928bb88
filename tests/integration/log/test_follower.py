"""Followers under concurrency and real kills: nothing skipped, nothing doubled, every seq dense."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from shared.database.engine import make_engine
from shared.database.migrate import migrate
from shared.events.directory import OrganisationRenamed
from shared.ids import uuid7
from shared.log.envelope import Actor, Cause
from shared.log.followers import Follower, Following, resume
from shared.log.log import Log, Stale
from shared.testing.postgres import PostgresServer, postgres_server

WRITERS = 8
ROLLBACK_SHARE = 0.3
LEDGERS = 3
WRITES_EACH = 40
DEADLINE_SECONDS = 120
AT = datetime(2026, 1, 1, tzinfo=UTC)

SEEN = "CREATE TABLE IF NOT EXISTS log.seen (ledger_id uuid, seq bigint, event_id uuid)"


def note(connection: Connection, recorded: Any) -> None:
    """What a follower does in these tests: one row an event, without a key, so that a doubled event would show."""
    connection.exec_driver_sql(
        "INSERT INTO log.seen VALUES (%s, %s, %s)", (recorded.ledger_id, recorded.seq, recorded.event_id)
    )


FOLLOWER = Follower("test.seen", "concord_ledger", note)


def prepare(engine: Engine) -> list[UUID]:
    ledgers = [uuid7() for _ in range(LEDGERS)]
    with engine.begin() as connection:
        connection.exec_driver_sql(SEEN)
        connection.exec_driver_sql("GRANT INSERT ON log.seen TO concord_ledger")
        for ledger_id in ledgers:
            Log(connection).open_ledger(ledger_id, "organisation", [ledger_id])
    return ledgers


def append_one(connection: Connection, ledger_id: UUID) -> None:
    thing = uuid7()
    event = OrganisationRenamed(legal_name="A", display_name="A")
    actor = Actor(system="test")
    Log(connection).append(ledger_id, f"organisation/{thing}", 0, [event], actor=actor, effective_at=AT, cause=Cause())


def write(
    engine: Engine, ledgers: list[UUID], luck: random.Random, committed: list[int], stop: threading.Event
) -> None:
    """Append, and roll 30 % of it back; a write that the database lost on its way counts as not made."""
    for _ in range(WRITES_EACH):
        if stop.is_set():
            return
        try:
            with engine.connect() as connection:
                append_one(connection, luck.choice(ledgers))
                if luck.random() < ROLLBACK_SHARE:
                    connection.rollback()
                else:
                    connection.commit()
                    committed.append(1)
        except (DBAPIError, psycopg.Error, Stale):
            time.sleep(luck.random() / 100)


def writers(engine: Engine, ledgers: list[UUID]) -> tuple[list[threading.Thread], list[int], threading.Event]:
    committed: list[int] = []
    stop = threading.Event()
    threads = [
        threading.Thread(target=write, args=(engine, ledgers, random.Random(n), committed, stop))
        for n in range(WRITERS)
    ]
    for thread in threads:
        thread.start()
    return threads, committed, stop


def assert_exact(engine: Engine) -> int:
    """Each ledger is 0, 1, 2 … up to its size, and the follower has noted each of its events exactly once."""
    with engine.connect() as connection:
        heads = connection.exec_driver_sql("SELECT ledger_id, size FROM log.ledgers").all()
        for ledger_id, size in heads:
            logged = connection.exec_driver_sql(
                "SELECT seq, event_id FROM log.events WHERE ledger_id = %s ORDER BY seq", (ledger_id,)
            ).all()
            seen = connection.exec_driver_sql(
                "SELECT seq, event_id FROM log.seen WHERE ledger_id = %s ORDER BY seq", (ledger_id,)
            ).all()
            assert [row[0] for row in logged] == list(range(size))
            assert seen == logged
    return sum(size for _, size in heads)


def follow_to_the_end(engine: Engine) -> None:
    following = Following(engine, FOLLOWER)
    deadline = time.monotonic() + DEADLINE_SECONDS
    while following.turn():
        assert time.monotonic() < deadline


def test_eight_writers_with_rollbacks_beside_a_follower_at_full_speed(engine: Engine) -> None:
    ledgers = prepare(engine)
    threads, committed, _ = writers(engine, ledgers)
    following = Following(engine, FOLLOWER)
    while any(thread.is_alive() for thread in threads):
        following.turn()
    follow_to_the_end(engine)
    assert assert_exact(engine) == len(committed)
    assert 0.5 < len(committed) / (WRITERS * WRITES_EACH) < 0.9


def test_two_workers_share_a_follower(engine: Engine) -> None:
    ledgers = prepare(engine)
    threads, _, _ = writers(engine, ledgers)
    done = threading.Event()

    def work() -> None:
        following = Following(engine, FOLLOWER)
        while not done.is_set():
            following.turn()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for thread in threads:
        thread.join()
    done.set()
    for worker in workers:
        worker.join()
    follow_to_the_end(engine)
    assert_exact(engine)


def test_an_event_that_cannot_be_applied_stops_the_follower_there_and_nowhere_else(engine: Engine) -> None:
    ledgers = prepare(engine)
    for ledger_id in ledgers[:2]:
        with engine.begin() as connection:
            append_one(connection, ledger_id)

    def stumble(connection: Connection, recorded: Any) -> None:
        if recorded.ledger_id == ledgers[0]:
            raise ValueError("this one I do not understand")
        note(connection, recorded)

    Following(engine, Follower("test.seen", "concord_ledger", stumble)).turn()
    with engine.connect() as connection:
        places: dict[UUID, str | None] = dict(
            connection.exec_driver_sql("SELECT ledger_id, failure FROM log.places WHERE follower = 'test.seen'").all()
        )
        seen = connection.exec_driver_sql("SELECT ledger_id FROM log.seen").scalars().all()
    assert "this one I do not understand" in str(places[ledgers[0]])
    assert places[ledgers[1]] is None
    assert seen == [ledgers[1]]

    follow_to_the_end(engine)
    with engine.begin() as connection:
        assert connection.exec_driver_sql("SELECT ledger_id FROM log.seen").scalars().all() == [ledgers[1]]
        assert resume(connection, "test.seen") == 1
    follow_to_the_end(engine)
    with engine.connect() as connection:
        seen = connection.exec_driver_sql("SELECT ledger_id FROM log.seen").scalars().all()
    assert sorted(seen) == sorted(ledgers[:2])


@pytest.mark.parametrize(
    ("statement", "recorded"),
    [("SELECT pg_sleep(10)", False), ("SELECT repeat('x', 1073741824)", True)],
    ids=["what takes too long is tried again", "what can never be stops there"],
)
def test_what_the_database_cannot_do_in_one_ledger_holds_up_no_other(
    engine: Engine, statement: str, *, recorded: bool
) -> None:
    ledgers = prepare(engine)
    for ledger_id in ledgers[:2]:
        with engine.begin() as connection:
            append_one(connection, ledger_id)

    def stumble(connection: Connection, event: Any) -> None:
        if event.ledger_id == ledgers[0]:
            connection.exec_driver_sql("SET LOCAL statement_timeout = '50ms'")
            connection.exec_driver_sql(statement)
        note(connection, event)

    Following(engine, Follower("test.seen", "concord_ledger", stumble)).turn()
    failed = "SELECT ledger_id FROM log.places WHERE follower = 'test.seen' AND failure IS NOT NULL"
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT ledger_id FROM log.seen").scalars().all() == [ledgers[1]]
        assert connection.exec_driver_sql(failed).scalars().all() == ledgers[: int(recorded)]


@pytest.fixture
def mortal() -> Iterator[PostgresServer]:
    """A server of the test's own, to be killed."""
    with postgres_server() as server:
        engine = make_engine(server.url, pool_size=1)
        migrate(engine)
        engine.dispose()
        yield server


def test_postgres_killed_while_writers_write_and_a_follower_follows(mortal: PostgresServer) -> None:
    engine = make_engine(mortal.url, pool_size=WRITERS + 2)
    ledgers = prepare(engine)
    threads, committed, stop = writers(engine, ledgers)
    following = Following(engine, FOLLOWER)
    while len(committed) < WRITERS * WRITES_EACH // 8:
        following.turn()
    acknowledged = len(committed)
    mortal.kill()
    stop.set()
    for thread in threads:
        thread.join()
    acknowledged = max(acknowledged, len(committed))
    engine.dispose()
    mortal.restart()
    engine = make_engine(mortal.url, pool_size=WRITERS + 2)
    threads, more, _ = writers(engine, ledgers)
    for thread in threads:
        thread.join()
    follow_to_the_end(engine)
    # A commit whose acknowledgement the kill cut off may stand, at most one for each writer; none acknowledged is lost.
    assert 0 <= assert_exact(engine) - acknowledged - len(more) <= WRITERS
    engine.dispose()


FOLLOW = """
import sys
from shared.database.engine import make_engine
from shared.log.followers import Following
sys.path.insert(0, sys.argv[2])
from test_follower import FOLLOWER
following = Following(make_engine(sys.argv[1], pool_size=2), FOLLOWER)
print("following", flush=True)
while True:
    following.turn()
"""


def test_the_follower_process_killed_again_and_again(engine: Engine, url: str) -> None:
    ledgers = prepare(engine)
    threads, _, _ = writers(engine, ledgers)
    kills = 0
    while any(thread.is_alive() for thread in threads) or kills < 3:
        process = start_follower(url)
        time.sleep(0.05 * kills)  # not to synchronise, but to die at another step each time
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        kills += 1
    follow_to_the_end(engine)
    assert_exact(engine)


def start_follower(url: str) -> subprocess.Popen[str]:
    here = Path(__file__).parent
    process = subprocess.Popen(
        [sys.executable, "-c", FOLLOW, url, str(here)], stdout=subprocess.PIPE, text=True, cwd=here.parents[2]
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "following\n"
    return process
