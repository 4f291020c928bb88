"""Connections that are kept for the next delivery, and those that had better not be."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from services.webhooks.sending.attempt import place_of
from services.webhooks.sending.network import Called, PublicNetwork
from services.webhooks.sending.road import HEAD_BYTES_MAX, NoHttpAnswer, Received, Road, head_of
from tests.integration.webhooks.test_attempt import no_lookup, read_request

FINE = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


class Serving:
    """A server that gives the same bytes for each request; `connections` counts those that were made."""

    def __init__(self, answer: bytes, *, hang_up: bool) -> None:
        self.answer = answer
        self.hang_up = hang_up
        self.connections = 0
        self.hung_up = threading.Event()
        self.door = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.door.getsockname()[1]}/"

    def serve(self) -> None:
        with suppress(OSError):  # the door was closed
            while True:
                connection, _ = self.door.accept()
                self.connections += 1
                threading.Thread(target=self.talk, args=(connection,), daemon=True).start()

    def talk(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):  # the sender has hung up
            while True:
                read_request(connection)
                connection.sendall(self.answer)
                if self.hang_up:
                    connection.close()
                    self.hung_up.set()
                    return


@contextmanager
def serving(answer: bytes = FINE, *, hang_up: bool = False) -> Iterator[Serving]:
    server = Serving(answer, hang_up=hang_up)
    threading.Thread(target=server.serve, daemon=True).start()
    try:
        yield server
    finally:
        server.door.shutdown(socket.SHUT_RDWR)
        server.door.close()


def on_road(do: Callable[[Road], Coroutine[Any, Any, Any]]) -> Any:
    async def run() -> Any:
        async with Road(PublicNetwork(no_lookup, development=True)) as road, asyncio.timeout(30):
            return await do(road)

    return asyncio.run(run())


async def posted(road: Road, url: str) -> Received:
    place = place_of(url)
    return await road.post(place, [("Host", place.authority), ("Content-Length", "1")], b"x", Called())


def statuses(*urls: str) -> list[int]:
    async def do(road: Road) -> list[int]:
        return [(await posted(road, url)).status for url in urls]

    found: list[int] = on_road(do)
    return found


def test_one_connection_serves_one_request_after_another() -> None:
    with serving() as server:
        assert statuses(*[server.url] * 3) == [200] * 3
        assert server.connections == 1


def test_a_new_address_of_the_endpoint_is_not_reached_over_the_old_connection() -> None:
    with serving() as old, serving(FINE.replace(b"200", b"202")) as new:
        assert statuses(old.url, new.url, old.url) == [200, 202, 200]
        assert (old.connections, new.connections) == (2, 1)


def test_a_receiver_that_hangs_up_after_each_answer_is_connected_to_anew() -> None:
    with serving(hang_up=True) as server:

        async def do(road: Road) -> None:
            for _ in range(2):
                await posted(road, server.url)
                await asyncio.to_thread(server.hung_up.wait)
                server.hung_up.clear()
                await asyncio.wait_for(road.idle[0].reader.read(1), 10)  # the news of it has come

        on_road(do)
        assert server.connections == 2


@pytest.mark.parametrize(
    "answer",
    [
        FINE + b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",  # an answer to what was not asked yet
        b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok",
    ],
)
def test_a_connection_is_not_kept_when_its_answer_says_so_or_goes_on(answer: bytes) -> None:
    with serving(answer) as server:
        assert statuses(server.url, server.url) == [200, 200]
        assert server.connections == 2


def test_what_comes_before_an_answer_is_none() -> None:
    with serving(b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n" * 3 + FINE) as server:
        assert statuses(server.url) == [200]


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nx: " + b"x" * HEAD_BYTES_MAX,
    ],
)
def test_what_is_no_http_is_no_answer(answer: bytes) -> None:
    with serving(answer) as server, pytest.raises(NoHttpAnswer):
        statuses(server.url)


def test_the_head_of_a_request() -> None:
    assert (
        head_of("/a?b", [("Host", "x"), ("X-Team", "a b")]) == b"POST /a?b HTTP/1.1\r\nHost: x\r\nX-Team: a b\r\n\r\n"
    )


@pytest.mark.parametrize(
    ("path", "name", "value"),
    [
        ("/", "X-A", "a\r\nX-B: b"),
        ("/", "X-A", "a\nX-B: b"),
        ("/", "X-A", "a\r\n\r\nPOST / HTTP/1.1\r\nX-B: b"),
        ("/", "X-A", ""),
        ("/", "X-A", " a"),
        ("/", "X-A", "caf\u00e9"),
        ("/", "X A", "a"),
        ("/", "X-A:", "a"),
        ("/ HTTP/1.1\r\nX-B: b", "X-A", "a"),
        ("/a b", "X-A", "a"),
    ],
)
def test_a_head_that_hides_another_is_not_sent(path: str, name: str, value: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - UnicodeEncodeError is one too
        head_of(path, [("Host", "x"), (name, value)])
