"""A replay of very many deliveries: killed, gone on with, and another one cancelled half-way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from services.webhooks import replaying
from tests.bench.history import lengthen
from tests.integration.webhooks.receiver import Receiver
from tests.integration.webhooks.room import Room
from tests.integration.webhooks.test_replays import counted, path_of, started

ROOT = Path(__file__).parents[3]
MANY = 100_000
REPLAY = """
import sys
from services.webhooks import replaying
from services.webhooks.app import WEBHOOKS
from shared.testing.api import runtime_on
replaying.AHEAD_MAX = 1_000_000
runtime = runtime_on(sys.argv[1], (WEBHOOKS,))
while True:
    replaying.turn(runtime)
    print("part", flush=True)
"""


def replay_of(room: Room, receiver: Receiver, url: str, count: int) -> None:
    """Counted, killed after a part, gone on with; each delivery made once. Another is cancelled half-way."""
    endpoint = room.register(f"{receiver.address}/hook", "governance.*")
    room.vote()
    lengthen(url, UUID(room.alliance), "decision", count - 1)
    with room.api.runtime.engine.connect() as connection:
        statement = "SELECT count(*) FROM log.events WHERE ledger_id = %s"
        events = connection.exec_driver_sql(statement, (room.alliance,)).scalar_one()
    replay = counted(room, endpoint)
    assert replay["count"] == events
    room.united.change(f"{path_of(replay)}/start", None, 1)
    process = subprocess.Popen([sys.executable, "-c", REPLAY, url], cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout is not None
    with process.stdout as said:
        said.readline()
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    before = room.united.get(path_of(replay))["queued"]
    assert before > 0
    while room.united.get(path_of(replay))["status"] == "running":
        replaying.turn(room.api.runtime)
    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT count(*) FROM webhooks.deliveries WHERE replay_id IS NOT NULL").fetchone()
    done = room.united.get(path_of(replay))
    assert (done["status"], done["queued"], rows) == ("finished", events, (events,))
    room.execute("UPDATE webhooks.deliveries SET state = 'delivered', delivered_at = clock_timestamp()")
    again = started(room, endpoint)
    replaying.turn(room.api.runtime)
    cancelled = room.united.change(f"{path_of(again)}/cancel", None, 2)
    assert cancelled["status"] == "cancelled"
    assert room.deliveries(endpoint, state="waiting", limit=1) == []


def test_a_replay_killed_gone_on_with_and_another_cancelled(
    room: Room, receiver: Receiver, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replaying, "AHEAD_MAX", 2_000_000)
    monkeypatch.setattr(replaying, "PARTS_A_TURN", 1)
    replay_of(room, receiver, url, 1_200)


@pytest.mark.faults
def test_a_replay_of_a_hundred_thousand(
    room: Room, receiver: Receiver, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replaying, "AHEAD_MAX", 2_000_000)
    monkeypatch.setattr(replaying, "PARTS_A_TURN", 1)
    replay_of(room, receiver, url, MANY)
