"""Streams that are cut, dropped and not read: nothing is missed, nothing is left behind, nobody waits for another."""

from __future__ import annotations

import gc
import signal
import socket
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from services.webhooks.streaming import hub_of
from tests.integration.processes.program import PATIENCE_SECONDS, Server, eventually, serving
from tests.integration.webhooks.reader import STREAM, streaming
from tests.integration.webhooks.room import Room
from tests.integration.webhooks.test_events import of_alliance

MEMORY_BYTES_MAX = 2**20


@contextmanager
def server(url: str) -> Iterator[Server]:
    with serving(url, "webhooks", CONCORD_CLOCK="test", CONCORD_STREAM_SECONDS="60") as running:
        yield running


def test_a_server_killed_in_mid_stream_and_one_that_is_stopped(room: Room, url: str) -> None:
    room.follow()
    with server(url) as first, streaming(room.united, client=first.client) as stream:
        for _ in range(5):
            room.vote()
        room.follow()
        begun = stream.take(3)
        first.kill()
    for _ in range(5):
        room.vote()
    room.follow()
    with server(url) as second, streaming(room.united, stream.last_id, client=second.client) as again:
        rest = again.take(7)
        assert of_alliance(begun + rest, room) == list(range(10))
        second.process.send_signal(signal.SIGTERM)
        assert again.take(1) == []  # its end, not a failure
        assert second.ended() in (0, -signal.SIGTERM)


def drop(room: Room) -> None:
    """Connect, take the first bytes, and go without a word."""
    parts = urlsplit(str(room.api.client.base_url))
    with socket.create_connection((parts.hostname, parts.port)) as connection:
        head = f"GET {STREAM} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {room.united.token}\r\n\r\n"
        connection.sendall(head.encode())
        assert connection.recv(64).startswith(b"HTTP/1.1 200")


def left_behind(room: Room) -> tuple[int, int]:
    """Open files of this process, and connections out of the pool."""
    gc.collect()
    return len(list(Path("/proc/self/fd").iterdir())), room.api.runtime.engine.pool.checkedout()  # type: ignore[attr-defined]


@contextmanager
def growth() -> Iterator[Callable[[], int]]:
    """How many bytes were allocated within and are held still. What the process holds beside says nothing of it."""

    def held() -> int:
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    gc.collect()
    tracemalloc.start()
    try:
        yield held
    finally:
        tracemalloc.stop()


def dropped_often(room: Room, times: int) -> None:
    room.follow()
    hub = hub_of(room.api.runtime)
    for _ in range(40):  # what is made once, such as threads, is made
        drop(room)
    eventually(lambda: not hub.streams)
    files, _ = left_behind(room)
    with growth() as held:
        for number in range(times):
            drop(room)
            if number % 40 == 0:
                eventually(lambda: hub.streams.total() < 40)
        eventually(lambda: not hub.streams)
        eventually(lambda: left_behind(room)[1] == 0)
        assert held() < MEMORY_BYTES_MAX
    assert left_behind(room)[0] <= files + 4
    assert hub.watching is None


def test_whoever_comes_and_goes_leaves_nothing_behind(room: Room) -> None:
    dropped_often(room, 100)


@pytest.mark.faults
def test_two_thousand_come_and_go(room: Room) -> None:
    dropped_often(room, 2_000)


def test_a_slow_reader_holds_up_nobody_and_misses_nothing(room: Room) -> None:
    room.follow()
    client = httpx.Client(base_url=room.api.client.base_url, timeout=PATIENCE_SECONDS)
    with client, streaming(room.united, client=client) as slow, streaming(room.express) as quick, growth() as held:
        for _ in range(1_500):
            room.vote()
        room.follow()
        assert of_alliance(quick.take(1_500), room) == list(range(1_500))
        assert held() < 8 * MEMORY_BYTES_MAX
        assert of_alliance(slow.take(1_500), room) == list(range(1_500))
