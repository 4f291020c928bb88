"""What is over for long is forgotten, in parts; what waits is not, and a replay sends again what was forgotten."""

from __future__ import annotations

import random
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.webhooks import forgetting
from services.webhooks.domain.replay import DELIVERIES_KEPT
from services.webhooks.forgetting import forget
from services.webhooks.sending.hands import real_time
from shared.auth.authenticate import act_as_system
from tests.integration.webhooks.receiver import Receiver
from tests.integration.webhooks.room import ENDPOINTS, Room
from tests.integration.webhooks.test_replays import started, worked

ROOT = Path(__file__).parents[3]
JUST_BEFORE, JUST_AFTER = DELIVERIES_KEPT - timedelta(minutes=5), DELIVERIES_KEPT + timedelta(minutes=5)


def forgotten(room: Room, later: timedelta) -> int:
    """One part, as if it were so much later."""
    with room.api.runtime.engine.begin() as connection:
        act_as_system(connection, forgetting.ROLE)
        return forget(connection, real_time(connection) + later)


def left(room: Room) -> Any:
    with room.api.runtime.engine.connect() as connection:
        counts = "SELECT (SELECT count(*) FROM webhooks.deliveries), (SELECT count(*) FROM webhooks.attempts)"
        return tuple(connection.exec_driver_sql(counts).one())


def test_what_is_over_is_forgotten_after_its_time_and_what_waits_is_not(room: Room, receiver: Receiver) -> None:
    endpoint = room.register(f"{receiver.address}/hook", "governance.*")
    for _ in range(3):
        room.vote()
    room.tell()
    receiver.reply("/hook", 500)
    room.vote()
    room.tell()
    assert left(room) == (4, 4)
    assert forgotten(room, JUST_BEFORE) == 0
    assert forgotten(room, JUST_AFTER) == 3
    assert left(room) == (1, 1)
    assert [one["state"] for one in room.deliveries(endpoint)] == ["waiting"]


def test_a_part_at_a_time_and_of_every_endpoint(
    room: Room, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "PART_DELIVERIES", 4)
    removed = room.register(f"{receiver.address}/removed", "governance.*")
    room.register(f"{receiver.address}/hook", "governance.*", who=room.express)
    for _ in range(3):
        room.vote()
    room.tell()
    room.united.change(f"{ENDPOINTS}/{removed['id']}", None, 1, method="DELETE", expect=204)
    assert [forgotten(room, JUST_AFTER) for _ in range(3)] == [4, 2, 0]
    assert left(room) == (0, 0)


def test_what_was_forgotten_is_sent_again_by_a_replay_and_kept_as_long_anew(room: Room, receiver: Receiver) -> None:
    endpoint = room.register(f"{receiver.address}/hook", "governance.*")
    room.vote()
    room.tell()
    assert forgotten(room, JUST_AFTER) == 1
    started(room, endpoint)
    assert worked(room) == 1
    assert len({got.webhook_id for got in receiver.got}) == 1
    assert forgotten(room, JUST_BEFORE) == 0


def test_what_was_never_delivered_is_not_asked_for_of_a_time_that_is_forgotten(room: Room) -> None:
    endpoint = room.register("http://127.0.0.1:9/", "governance.*")
    room.api.set_clock("2013-06-01T00:00:00Z")
    asked = {"since": "2013-01-01T00:00:00Z", "until": "2013-05-01T00:00:00Z", "deliveries": "undelivered"}
    path = f"{ENDPOINTS}/{endpoint['id']}/replays"
    (error,) = room.united.post(path, asked, expect=422)["errors"]
    assert (error["pointer"], error["code"]) == ("/since", "forgotten")
    assert room.united.post(path, {**asked, "since": "2013-04-01T00:00:00Z"})["status"] == "counted"


def test_a_turn_of_the_worker(room: Room) -> None:
    assert forgetting.turn(room.api.runtime) == 0


def forgotten_through_kills(
    room: Room, receiver: Receiver, url: str, *, parts: int, part: int, steps: list[str]
) -> int:
    """Whole parts or nothing, whenever it is killed, and the rest by the next turn; how many were killed."""
    room.register(f"{receiver.address}/hook", "governance.*")
    for _ in range(parts * part):
        room.vote()
    room.follow()
    while room.send():
        """A turn sends for seconds, not all."""
    receiver.reply("/hook", 500)
    room.vote()
    room.tell()
    whole, waiting = parts * part, 1
    last = ["never"] * (parts // forgetting.PARTS_A_TURN + 1)
    command = [sys.executable, "-m", "tests.integration.webhooks.killing_forgetter", url, str(part), *steps, *last]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    ends = [line.split() for line in done.stdout.splitlines()]
    counts = [int(deliveries) - waiting for _, _, deliveries, _, _ in ends]
    assert all(count % part == 0 for count in counts), done.stdout
    assert counts == sorted(counts, reverse=True), done.stdout
    assert whole > counts[0]
    assert {(bare, orphaned) for *_, bare, orphaned in ends} == {("0", "0")}
    assert (ends[-1][1], counts[-1], left(room)) == ("0", 0, (waiting, waiting))
    return sum(ended.startswith("-") for _, ended, *_ in ends)


def test_killed_at_each_step_it_has_forgotten_whole_parts(room: Room, receiver: Receiver, url: str) -> None:
    steps = ["2:before", "1:before", "1:after", "2:after"]
    assert forgotten_through_kills(room, receiver, url, parts=4, part=5, steps=steps) == len(steps)


@pytest.mark.faults
def test_killed_a_hundred_times_it_has_forgotten_whole_parts(room: Room, receiver: Receiver, url: str) -> None:
    """At each step, and at any moment."""
    moments = [f"{random.randint(1, 150)}ms" for _ in range(50)]
    steps = ["2:before", *[step for moment in moments for step in ("1:after", moment)]][:100]
    assert forgotten_through_kills(room, receiver, url, parts=400, part=5, steps=steps) >= 75
