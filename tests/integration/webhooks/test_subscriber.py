"""A partner's copy of the open decisions, from webhooks alone, through kills on both sides: at the end it is equal."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from shared.testing.api import Api
from tests.integration.governance.road import MONDAY, ROOM, Side, do, governed, raised, vote
from tests.integration.webhooks.ports import free_port
from tests.integration.webhooks.room import ENDPOINTS

ROOT = Path(__file__).parents[3]
PATIENCE_SECONDS = 90
LEASED_SECONDS = 5
"""How long a living worker keeps what it has in hand: hurried more often, it never ends a sending."""
ROUNDS = 3
WORK = """
import sys
from services.webhooks.app import WEBHOOKS
from services.webhooks.reactions import DELIVERIES
from services.webhooks.sending.sender import turn
from shared.log.followers import Following
from shared.testing.api import runtime_on
runtime = runtime_on(sys.argv[1], (WEBHOOKS,))
following = Following(runtime.engine, DELIVERIES)
while True:
    following.turn()
    turn(runtime)
"""


@contextmanager
def process(*command: str) -> Iterator[subprocess.Popen[bytes]]:
    """Killed at the end, with no time to say goodbye."""
    running = subprocess.Popen([sys.executable, *command], cwd=ROOT)
    try:
        yield running
    finally:
        running.kill()
        running.wait()


def copied(port: int) -> list[str] | None:
    try:
        answer: list[str] = httpx.get(f"http://127.0.0.1:{port}/", timeout=5).json()
    except httpx.TransportError:
        return None
    return answer


def wait_until(condition: Any) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "It did not come to pass."
        time.sleep(0.1)


def open_decisions(side: Side, alliance: str) -> list[str]:
    items = side.manager.get(f"{ROOM}/alliances/{alliance}/decisions", status="open", limit=200)["items"]
    return sorted(one["id"] for one in items)


def decide_some(united: Side, hansa: Side, alliance: str) -> None:
    """Four are raised; one is approved, one rejected, one withdrawn, and one stays open."""
    approved, rejected, withdrawn, _ = [raised(united, alliance) for _ in range(4)]
    for side in (united, hansa):
        vote(side.manager, approved)
    for side in (united, hansa):
        if "open" in united.manager.get(f"{ROOM}/decisions/{rejected['id']}")["status"]:
            vote(side.manager, rejected, "reject", reason="Not now.")
    do(united.manager, f"decisions/{withdrawn['id']}", "withdraw", {"reason": "Overtaken."})


def hurry(api: Api) -> None:
    """What a kill leaves behind ends by itself in time; here it ends now, and uses up no schedule of days."""
    with api.runtime.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE webhooks.hands SET until = clock_timestamp()")
        connection.exec_driver_sql(
            "UPDATE webhooks.deliveries SET next_attempt_at = clock_timestamp(), tries = 0"
            " WHERE state = 'waiting' AND attempts > 0"
        )


@pytest.fixture
def sides(api: Api) -> tuple[Side, Side]:
    api.set_clock(MONDAY)
    made = []
    for name in ("United", "Hansa"):
        sponsor = api.organisation(name)
        made.append(Side(sponsor, api.colleague(sponsor, f"Manager of {name}"), api.colleague(sponsor, f"W of {name}")))
    return made[0], made[1]


def waiting(api: Api) -> int:
    with api.runtime.engine.connect() as connection:
        statement = "SELECT count(*) FROM webhooks.deliveries WHERE state = 'waiting'"
        return int(connection.exec_driver_sql(statement).scalar_one())


def attempts(api: Api, *, answered: bool) -> int:
    """All so far that were answered, or that were not."""
    with api.runtime.engine.connect() as connection:
        statement = "SELECT count(*) FROM webhooks.attempts WHERE (status IS NOT NULL) = %s"
        return int(connection.exec_driver_sql(statement, (answered,)).scalar_one())


def wait_for_attempts(api: Api, count: int, *, answered: bool) -> None:
    wait_until(lambda: attempts(api, answered=answered) >= count)


def told(api: Api, endpoint: Any) -> tuple[set[str], int, set[str]]:
    """The ids of all that was recorded for this endpoint, how many requests it got, and what became of them."""
    with api.runtime.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT event_id, attempts, state FROM webhooks.deliveries").all()
    return {f"msg_{row[0]}_{endpoint['id']}" for row in rows}, sum(row[1] for row in rows), {row[2] for row in rows}


def taken(file: Path) -> tuple[list[str], int]:
    """What the subscriber has in its file: the ids it took, and how many decisions it has as open."""
    with closing(sqlite3.connect(file)) as database:
        ids = [row[0] for row in database.execute("SELECT webhook_id FROM seen")]
        return ids, database.execute("SELECT count(*) FROM open").fetchone()[0]


def equal_through_kills(api: Api, url: str, sides: tuple[Side, Side], file: Path, rounds: int) -> None:
    """In each round one is killed, the other a little later; at the end the copy says what the API says."""
    united, hansa = sides
    alliance = governed(united, hansa)
    port = free_port()
    body = {"url": f"http://127.0.0.1:{port}/", "event_types": ["governance.*"], "alliances": [alliance], "fifo": True}
    endpoint = united.sponsor.post(ENDPOINTS, body)
    subscriber = ("-m", "examples.webhook_receiver.subscriber", str(port), str(file), endpoint["secret"])
    worker = ("-c", WORK, url)
    left = []
    for number in range(rounds):
        with process(*subscriber) as theirs, process(*worker) as ours:
            decide_some(united, hansa, alliance)
            hurry(api)
            wait_for_attempts(api, attempts(api, answered=True) + 1, answered=True)
            failed = attempts(api, answered=False)
            killed = ours if number % 2 else theirs
            killed.kill()  # in the middle of the rest; the other goes on alone
            killed.wait()
            decide_some(united, hansa, alliance)
            if theirs.poll() is not None:
                wait_for_attempts(api, failed + 1, answered=False)
        left.append(waiting(api))
    assert any(left), left
    expected = open_decisions(united, alliance)
    assert len(expected) == 2 * rounds
    assert len(expected) > taken(file)[1] or waiting(api), "There was nothing left to learn."
    with process(*subscriber), process(*worker):
        hurried = time.monotonic()

        def level() -> bool:
            nonlocal hurried
            if time.monotonic() - hurried > LEASED_SECONDS:
                hurry(api)
                hurried = time.monotonic()
            return not waiting(api)

        wait_until(level)
        assert copied(port) == expected == open_decisions(united, alliance)
    recorded, requests, states = told(api, endpoint)
    ids, _ = taken(file)
    assert states == {"delivered"}
    assert len(ids) == len(set(ids))
    assert set(ids) == recorded
    assert requests > len(ids)
    kills = f"{2 * rounds} kills, {left} waiting at them; {len(ids)} events, {requests} requests written down"
    print(f"{kills}; {len(expected)} decisions open of {8 * rounds}")  # noqa: T201 - what was seen


def test_a_copy_of_the_open_decisions_through_kills_on_both_sides(
    api: Api, module_url: str, sides: tuple[Side, Side], tmp_path: Path
) -> None:
    equal_through_kills(api, module_url, sides, tmp_path / "copy.sqlite", ROUNDS)


@pytest.mark.faults
def test_a_copy_of_the_open_decisions_through_fifty_kills(
    api: Api, module_url: str, sides: tuple[Side, Side], tmp_path: Path
) -> None:
    equal_through_kills(api, module_url, sides, tmp_path / "copy.sqlite", 25)
