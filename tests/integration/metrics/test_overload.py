"""More than a process can do: some are told when to come again, the others are served, and nobody holds all places."""

from __future__ import annotations

import asyncio
import json
import re
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from statistics import median
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.requests import ClientDisconnect

from services.metrics.api.turn import INGESTION, OBSERVATIONS
from shared.http.problems import Problem
from shared.http.workroom import RoomFor, Turn, Workroom
from shared.testing.api import Api, Member
from tests.bench.overload import pressed, told
from tests.bench.processes import concord
from tests.integration.metrics.road import Joint, everything, outcomes, row
from tests.integration.processes.program import eventually

ROOM = RoomFor("tests", places=4, places_of_one=3, waiting=2, coming_in=3, coming_in_of_one=2, turn_of="thing")
WAIT_SECONDS_MAX = 30
A, B, C = "a", "b", "c"


@pytest.fixture
def flights(joint: Joint) -> Joint:
    joint.agree(joint.terms("flights"))
    return joint


@contextmanager
def turn_of(joint: Joint, who: Member) -> Iterator[None]:
    """Keep this side's turn, so that its batches get to work and do not come to an end."""
    with joint.api.runtime.engine.begin() as connection:
        turn = f"{OBSERVATIONS}/{joint.id}/{who.org}"
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (turn,))
        yield


def states(api: Api) -> dict[str, int]:
    """How many requests are in each state, as /-/metrics tells."""
    told = re.findall(r'concord_heavy_work\{state="(\w+)",work="batches"\} (\d+)', api.client.get("/-/metrics").text)
    return {state: int(count) for state, count in told if int(count)}


def refused(answer: httpx.Response) -> bool:
    document, after = answer.json(), int(answer.headers["Retry-After"])
    return (answer.status_code, document["type"], after >= 1) == (429, "/problems/overloaded", True)


def test_one_side_has_not_all_places_and_who_finds_none_is_told_when_to_come_again(flights: Joint) -> None:
    most = INGESTION.places_of_one + INGESTION.waiting

    def send(n: int) -> httpx.Response:
        answer: httpx.Response = flights.send(flights.united, [row(f"f-{n}", "flights")])
        return answer

    with ThreadPoolExecutor(most) as pool:
        with turn_of(flights, flights.united):
            sent: list[Future[httpx.Response]] = [pool.submit(send, n) for n in range(most)]
            full = {"at_work": 1, "waiting": most - 1}
            eventually(lambda: states(flights.api) == full)
            assert refused(send(most))
            assert refused(flights.send(flights.united, [row("f-9", "flights")], below="observations/validate"))
            with begun(flights, flights.united, b"") as wire:
                assert wire.recv(65_536).startswith(b"HTTP/1.1 429 "), "Before any of its body has come."
            for n in range(3):
                assert outcomes(flights.push(flights.express, [row(f"f-{n}", "flights")])) == ["accepted"]
        assert [future.result(WAIT_SECONDS_MAX).status_code for future in sent] == [201] * most
    held = everything(flights.united, flights.path("observations"), side=flights.united.org)
    assert sorted(one["observation_id"] for one in held) == [f"f-{n}" for n in range(most)]
    assert send(most).status_code == 201
    assert states(flights.api) == {}


@contextmanager
def begun(joint: Joint, who: Member, part: bytes, rest: int = 1) -> Iterator[socket.socket]:
    """A batch of which this part is sent, and more is announced."""
    address = urlsplit(str(joint.api.client.base_url))
    with socket.create_connection((address.hostname, address.port), timeout=WAIT_SECONDS_MAX) as wire:
        head = f"POST {joint.path('observations')} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {who.token}\r\n"
        length = f"Content-Type: application/json\r\nContent-Length: {len(part) + rest}\r\n\r\n"
        wire.sendall((head + length).encode() + part)
        yield wire


def test_who_sends_slowly_holds_no_place(flights: Joint) -> None:
    bodies = [json.dumps([row(f"slow-{n}", "flights")]).encode() for n in range(INGESTION.coming_in_of_one)]
    with ExitStack() as open_lines:
        lines = [open_lines.enter_context(begun(flights, flights.united, body[:-1])) for body in bodies]
        eventually(lambda: states(flights.api) == {"coming_in": len(bodies)})
        assert refused(flights.send(flights.united, [row("f-0", "flights")]))
        for n in range(3):
            assert outcomes(flights.push(flights.express, [row(f"f-{n}", "flights")])) == ["accepted"]
        lines.pop().close()
        eventually(lambda: states(flights.api) == {"coming_in": len(lines)})
        assert outcomes(flights.push(flights.united, [row("f-0", "flights")])) == ["accepted"]
        for line, body in zip(lines, bodies, strict=False):
            line.sendall(body[-1:])
            assert line.recv(65_536).startswith(b"HTTP/1.1 201 ")
    assert states(flights.api) == {}


def test_a_line_that_is_cut_while_its_batch_waits_leaves_no_batch(flights: Joint) -> None:
    with ThreadPoolExecutor(1) as pool:
        with turn_of(flights, flights.united):
            first = pool.submit(flights.send, flights.united, [row("f-0", "flights")])
            eventually(lambda: states(flights.api) == {"at_work": 1})
            with begun(flights, flights.united, json.dumps([row("f-1", "flights")]).encode(), rest=0):
                eventually(lambda: states(flights.api) == {"at_work": 1, "waiting": 1})
            eventually(lambda: states(flights.api) == {"at_work": 1})
        assert first.result(WAIT_SECONDS_MAX).status_code == 201
    assert [one["observation_id"] for one in everything(flights.united, flights.path("observations"))] == ["f-0"]


class Crowd:
    """Who is in a workroom, step by step: each comes in, and stays until it is sent home."""

    def __init__(self) -> None:
        self.room = Workroom(ROOM)
        self.at_work: list[str] = []
        self.turned_away: list[str] = []
        self.hung_up: list[str] = []
        self.tasks: list[tuple[str, asyncio.Task[None], asyncio.Event]] = []
        self.lines: list[asyncio.Event] = []

    async def come(self, *names: str, on: str | None = None) -> None:
        """Each for something of its own, unless `on` says what it is for."""
        for name in names:
            home, line = asyncio.Event(), asyncio.Event()
            turn = Turn(name, on or len(self.tasks))
            self.lines.append(line)
            self.tasks.append((name, asyncio.create_task(self.stay(turn, home, line)), home))
            await settled()

    async def stay(self, turn: Turn, home: asyncio.Event, line: asyncio.Event) -> None:
        name = str(turn.who)

        async def cut() -> None:
            await line.wait()

        try:
            async with self.room.place(turn, cut):
                self.at_work.append(name)
                await home.wait()
                self.at_work.remove(name)
        except Problem:
            self.turned_away.append(name)
        except ClientDisconnect:
            self.hung_up.append(name)

    async def go(self, name: str) -> None:
        """Send home one who is at work."""
        at_work = next(home for who, task, home in self.tasks if who == name and not task.done() and not home.is_set())
        at_work.set()
        await settled()

    async def give_up(self, name: str) -> None:
        """The newest of that name goes away by itself."""
        next(task for who, task, _ in reversed(self.tasks) if who == name).cancel()
        await settled()

    @property
    def waiting(self) -> list[object]:
        return [ticket.who for ticket in self.room.queue]


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def played(play: Callable[[Crowd], object]) -> Crowd:
    async def whole() -> Crowd:
        crowd = Crowd()
        await play(crowd)  # type: ignore[misc]
        for _, task, home in crowd.tasks:
            home.set()
            await asyncio.wait((task,))
        assert not crowd.room.at_work
        assert not crowd.room.queue
        return crowd

    return asyncio.run(whole())


def test_one_who_has_the_most_makes_room_for_one_who_has_less() -> None:
    async def play(crowd: Crowd) -> None:
        await crowd.come(A, A, A, A, A, B)
        assert (crowd.at_work, crowd.waiting) == ([A, A, A, B], [A, A])
        await crowd.come(A)
        assert crowd.turned_away == [A]
        await crowd.come(C)
        assert (crowd.waiting, crowd.turned_away) == ([A, C], [A, A])
        await crowd.come(B)
        assert (crowd.waiting, crowd.turned_away) == ([C, B], [A, A, A])
        await crowd.come(C)
        assert crowd.turned_away[3:] == [C]

    played(play)


def test_the_next_place_is_that_of_who_has_the_fewest() -> None:
    async def play(crowd: Crowd) -> None:
        await crowd.come(A, A, A, B, B, C)
        assert crowd.waiting == [B, C]
        await crowd.go(B)
        assert (crowd.at_work, crowd.waiting) == ([A, A, A, B], [C]), "B has none, and came before C."
        await crowd.go(A)
        assert (crowd.at_work, crowd.waiting) == ([A, A, B, C], [])

    played(play)


def test_a_free_place_is_not_kept_for_one_who_may_have_no_more() -> None:
    async def play(crowd: Crowd) -> None:
        await crowd.come(A, A, A, A, B)
        assert (crowd.at_work, crowd.waiting) == ([A, A, A, B], [A])
        await crowd.go(B)
        assert crowd.waiting == [A]
        await crowd.go(A)
        assert (crowd.at_work, crowd.waiting) == ([A, A, A], [])

    played(play)


def test_who_gives_up_waiting_leaves_nothing_behind() -> None:
    async def play(crowd: Crowd) -> None:
        await crowd.come(A, A, A, A)
        await crowd.give_up(A)
        assert crowd.waiting == []
        await crowd.come(B, B)
        assert crowd.waiting == [B]
        crowd.tasks[0][2].set()  # who was at work goes, and the one called for it is gone before it hears
        await asyncio.sleep(0)
        await crowd.give_up(B)
        assert crowd.at_work == [A, A, B]
        await crowd.come(C)
        assert crowd.at_work == [A, A, B, C]

    played(play)


def test_who_hangs_up_while_waiting_is_not_worked_for() -> None:
    async def play(crowd: Crowd) -> None:
        await crowd.come(A, A, A, A)
        crowd.lines[0].set()  # at work already: that goes on
        crowd.lines[3].set()
        await settled()
        assert (crowd.hung_up, crowd.waiting) == ([A], [])
        await crowd.go(A)
        assert crowd.at_work == [A, A]

    played(play)


def test_two_that_take_turns_never_hold_two_places() -> None:
    async def play(crowd: Crowd) -> None:
        await crowd.come(A, A, on="one alliance")
        assert (crowd.at_work, crowd.waiting) == ([A], [A])
        await crowd.come(A, on="another")
        await crowd.come(B, on="one alliance")
        assert (crowd.at_work, crowd.waiting) == ([A, A, B], [A])
        await crowd.go(A)
        assert (crowd.at_work, crowd.waiting) == ([A, B, A], [])

    played(play)


def test_who_is_turned_away_is_told_how_long_it_takes_by_how_long_it_took() -> None:
    async def play(crowd: Crowd) -> None:
        crowd.room.working.seconds, crowd.room.receiving.seconds = 10.0, 3.2
        await crowd.come(A, A, B, B, A, B)
        assert len(crowd.waiting) == ROOM.waiting
        with pytest.raises(Problem) as told:
            crowd.room.refuse_when_full(Turn(A, 1))
        assert told.value.headers == {"Retry-After": "8"}, "Three batches go before, at four places."
        with crowd.room.coming_in(A), crowd.room.coming_in(A), pytest.raises(Problem) as told, crowd.room.coming_in(A):
            pass
        assert told.value.headers == {"Retry-After": "4"}

    played(play)


def test_bodies_that_come_in_have_a_bound_of_their_own() -> None:
    room = Workroom(ROOM)
    with room.coming_in(A), room.coming_in(A):
        with pytest.raises(Problem), room.coming_in(A):
            pass
        with room.coming_in(B), pytest.raises(Problem), room.coming_in(C):
            pass
        with room.coming_in(C):
            pass


@pytest.mark.faults
def test_at_three_times_the_capacity_who_is_accepted_is_served_fast_and_loses_nothing(url: str) -> None:
    with concord(url) as api:
        under = pressed(api, seconds=8.0)
        under.at_capacity()
        pairs = [(under.beyond(), under.at_capacity()) for _ in range(3)]
        under.refuse_loss(url)
    print(told(under), [f"{ours:.0f} ms against {theirs:.0f} ms" for ours, theirs in pairs])  # noqa: T201
    assert min(under.offered) > 2.5
    assert median(ours / theirs for ours, theirs in pairs) <= 2
