"""A partner's copy of the open decisions, from webhooks alone, through kills on both sides: at the end it is equal."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
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
ROUNDS = 4
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
    """What a kill leaves behind ends by itself in time; here it ends now."""
    with api.runtime.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE webhooks.hands SET until = clock_timestamp()")
        connection.exec_driver_sql(
            "UPDATE webhooks.deliveries SET next_attempt_at = clock_timestamp()"
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


def test_a_copy_of_the_open_decisions_through_kills_on_both_sides(
    api: Api, module_url: str, sides: tuple[Side, Side], tmp_path: Path
) -> None:
    united, hansa = sides
    alliance = governed(united, hansa)
    port = free_port()
    body = {"url": f"http://127.0.0.1:{port}/", "event_types": ["governance.*"], "alliances": [alliance], "fifo": True}
    secret = united.sponsor.post(ENDPOINTS, body)["secret"]
    subscriber = ("-m", "examples.webhook_receiver.subscriber", str(port), str(tmp_path / "copy.sqlite"), secret)
    worker = ("-c", WORK, module_url)
    for number in range(ROUNDS):
        with ExitStack() as running:
            running.enter_context(process(*subscriber))
            running.enter_context(process(*worker))
            decide_some(united, hansa, alliance)
            hurry(api)
            wait_until(lambda: bool(copied(port)))  # and killed in the middle of the rest
            if number == 1:
                decide_some(united, hansa, alliance)
    expected = open_decisions(united, alliance)
    assert len(expected) >= ROUNDS
    with process(*subscriber), process(*worker):
        hurried = time.monotonic()

        def level() -> bool:
            nonlocal hurried
            if time.monotonic() - hurried > LEASED_SECONDS:
                hurry(api)
                hurried = time.monotonic()
            return copied(port) == open_decisions(united, alliance)

        wait_until(level)
    with api.runtime.engine.connect() as connection:
        states = connection.exec_driver_sql("SELECT DISTINCT state FROM webhooks.deliveries").scalars().all()
    assert set(states) <= {"delivered", "waiting"}
