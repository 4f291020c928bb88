"""The follower and the sender killed at each of their steps: no event undelivered, repetitions under the same id."""

from __future__ import annotations

import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from tests.integration.webhooks.killing import STEPS
from tests.integration.webhooks.receiver import Receiver
from tests.integration.webhooks.room import Room

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
