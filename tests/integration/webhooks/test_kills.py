"""The follower and the sender killed at each of their steps: no event undelivered, repetitions under the same id."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import defaultdict
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy.exc import SQLAlchemyError

from services.directory.app import DIRECTORY
from services.webhooks.app import WEBHOOKS
from shared.database.engine import make_engine
from shared.database.migrate import migrate
from shared.testing.api import serve
from shared.testing.postgres import postgres_server
from tests.integration.webhooks.killing import STEPS
from tests.integration.webhooks.receiver import Receiver, receiving
from tests.integration.webhooks.room import Room, end_of_sending, room_in

ROOT = Path(__file__).parents[3]
EACH = [f"{step}:{when}" for step in STEPS for when in ("before", "after")]


def killed(room: Room, url: str, steps: list[str]) -> int:
    """Run these, an event before each; how many were killed where they were to be."""
    who = (room.alliance, room.united.org)
    command = [sys.executable, "-m", "tests.integration.webhooks.killing", url, *who, *steps]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    room.execute("UPDATE webhooks.hands SET until = clock_timestamp()")  # their time is over
    return sum(line.endswith(" -9") for line in done.stdout.splitlines())


def told_completely(room: Room, receiver: Receiver, path: str, endpoint: dict[str, str]) -> None:
    room.make_due()
    while room.tell():
        room.make_due()
    events = defaultdict(set)
    for got in receiver.of(path):
        events[got.webhook_id].add(got.body)
    with room.api.runtime.engine.connect() as connection:
        statement = "SELECT event_id::text FROM log.events WHERE ledger_id = %s ORDER BY seq"
        recorded = connection.exec_driver_sql(statement, (room.alliance,)).scalars().all()
    assert set(events) == {f"msg_{event}_{endpoint['id']}" for event in recorded}
    assert {len(bodies) for bodies in events.values()} == {1}
    assert {one["state"] for one in room.deliveries(endpoint, limit=200)} == {"delivered"}


def test_killed_at_each_step(room: Room, receiver: Receiver, url: str) -> None:
    endpoint = room.register(f"{receiver.address}/hook", "governance.*")
    assert killed(room, url, EACH[::3]) >= len(EACH[::3]) - 1
    told_completely(room, receiver, "/hook", endpoint)


@pytest.mark.faults
def test_killed_two_hundred_times(room: Room, receiver: Receiver, url: str) -> None:
    endpoint = room.register(f"{receiver.address}/hook", "governance.*", fifo=True)
    steps = (EACH * 12)[:200]
    assert killed(room, url, steps) >= 190
    told_completely(room, receiver, "/hook", endpoint)


def test_postgresql_restarted_in_the_middle() -> None:
    """What was under way when it went is sent again when it is back, under the same id."""
    with postgres_server() as postgres, receiving() as receiver:
        engine = make_engine(postgres.url, pool_size=1)
        migrate(engine)
        engine.dispose()
        with serve(postgres.url, (DIRECTORY, WEBHOOKS)) as api:
            room = room_in(api)
            endpoint = room.register(f"{receiver.address}/hook", "governance.*")
            for _ in range(6):
                room.vote()
            room.follow()
            receiver.hanging.add("/hook")
            sending = threading.Thread(target=turned, args=(room,))
            sending.start()
            receiver.wait_for("/hook", 2)
            postgres.kill()
            receiver.released.set()
            sending.join()
            end_of_sending()
            postgres.restart()
            api.runtime.engine.dispose()
            room.execute("UPDATE webhooks.hands SET until = clock_timestamp()")
            told_completely(room, receiver, "/hook", endpoint)
            assert len(receiver.of("/hook")) > 6


def turned(room: Room) -> None:
    with suppress(SQLAlchemyError):
        room.send()
