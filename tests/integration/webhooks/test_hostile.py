"""Receivers that mean ill, each a real server: the deadline holds, memory stays flat, nothing inward is reached."""

from __future__ import annotations

import asyncio
import resource
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from services.webhooks.sending.attempt import attempt
from services.webhooks.sending.network import NameUnknown, PublicNetwork
from services.webhooks.sending.road import Road
from tests.integration.webhooks.receiver import receiving
from tests.integration.webhooks.test_attempt import CLAIM, talking, tried

DEADLINE_SECONDS = 0.5
GIGABYTE = 2**30
MEMORY_KB_MAX = 40_000


def drip_headers(connection: socket.socket) -> None:
    for byte in b"HTTP/1.1 200 OK\r\nx-slow: " + b"x" * 1_000:
        connection.sendall(bytes([byte]))
        time.sleep(0.05)


def drip_body(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
    for _ in range(1_000):
        connection.sendall(b"x")
        time.sleep(0.05)


def answer_late(connection: socket.socket) -> None:
    time.sleep(DEADLINE_SECONDS * 3)
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")


def never_answer(connection: socket.socket) -> None:
    while connection.recv(65_536):
        """Until the sender hangs up."""


@pytest.mark.parametrize("talk", [drip_headers, drip_body, answer_late, never_answer])
def test_whoever_takes_their_time_gets_no_more_than_the_deadline(talk: Callable[[socket.socket], None]) -> None:
    with talking(talk) as port:
        answer = tried(f"http://127.0.0.1:{port}/", deadline_seconds=DEADLINE_SECONDS)
    assert (answer.status, answer.error, answer.address) == (None, "deadline", "127.0.0.1")
    assert answer.duration_ms < 10 * DEADLINE_SECONDS * 1000


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def test_a_reset_is_a_lost_connection() -> None:
    with talking(reset) as port:
        assert tried(f"http://127.0.0.1:{port}/").error == "connection-lost"


def test_a_gigabyte_is_cut_and_leaves_no_trace_in_memory() -> None:
    sent = 0

    def flood(connection: socket.socket) -> None:
        nonlocal sent
        connection.sendall(f"HTTP/1.1 200 OK\r\ncontent-length: {GIGABYTE}\r\n\r\n".encode())
        part = b"x" * 2**20
        while sent < GIGABYTE:
            connection.sendall(part)
            sent += len(part)

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with talking(flood) as port:
        answer = tried(f"http://127.0.0.1:{port}/")
    assert (answer.status, answer.text) == (200, "x" * 200)
    assert sent < GIGABYTE / 10
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MEMORY_KB_MAX


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_inward_leads_nowhere(status: int) -> None:
    with receiving() as inner, receiving() as outer:
        outer.reply("/hook", status, location=f"{inner.address}/secrets")
        assert tried(f"{outer.address}/hook").status == status
        assert (len(outer.got), inner.got) == (1, [])


class NameServer:
    """A DNS server on UDP that answers each question with the next of its addresses, with no time to live."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []
        self.door = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.door.bind(("127.0.0.1", 0))

    def serve(self) -> None:
        while True:
            question, whence = self.door.recvfrom(512)
            if not question:
                return
            end = question.index(b"\0", 12) + 5
            self.asked.append(".".join(labels(question[12 : end - 5])))
            address = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            head = question[:2] + struct.pack(">HHHHH", 0x8180, 1, 1, 0, 0)
            record = b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 0, 4) + socket.inet_aton(address)
            self.door.sendto(head + question[12:end] + record, whence)

    async def lookup(self, host: str) -> list[str]:
        """Ask it, as a resolver does."""
        question = b"".join(bytes([len(label)]) + label.encode() for label in host.split(".")) + b"\0"
        packet = struct.pack(">HHHHHH", 7, 0x0100, 1, 0, 0, 0) + question + struct.pack(">HH", 1, 1)
        answer = await asyncio.to_thread(self.ask, packet)
        if not answer:
            raise NameUnknown(host)
        return [socket.inet_ntoa(answer[-4:])]

    def ask(self, packet: bytes) -> bytes:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
            asker.settimeout(10)
            asker.sendto(packet, self.door.getsockname())
            return asker.recv(512)


def labels(name: bytes) -> Iterator[str]:
    while name:
        length, name = name[0], name[1:]
        yield name[:length].decode()
        name = name[length:]


@contextmanager
def naming(*answers: str) -> Iterator[NameServer]:
    server = NameServer(*answers)
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    yield server
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ender:
        ender.sendto(b"", server.door.getsockname())
    thread.join()
    server.door.close()


class Unroutable(PublicNetwork):
    """A network on which nothing answers; `dialled` is whom one tried to reach."""

    def __init__(self, server: NameServer) -> None:
        super().__init__(server.lookup, development=False)
        self.dialled: list[str] = []

    async def dial(self, address: str, port: int) -> socket.socket:
        self.dialled.append(address)
        raise ConnectionRefusedError(port)


def test_a_name_that_changes_from_a_public_to_a_private_address_is_judged_each_time() -> None:
    """What is dialled is what was judged: the resolver is asked once an attempt, and nobody asks it again."""

    async def run(network: Unroutable) -> list[str | None]:
        claim = replace(CLAIM, target=replace(CLAIM.target, url="https://rebind.example:8443/"))
        errors = []
        for _ in range(2):
            async with Road(network) as road:
                made = await attempt(road, claim, origin="https://concord.example", development=False)
                errors.append(made.error)
        return errors

    with naming("8.8.8.8", "127.0.0.1") as server:
        outside = Unroutable(server)
        assert asyncio.run(run(outside)) == ["connection-failed", "address-loopback"]
        assert server.asked == ["rebind.example", "rebind.example"]
    assert outside.dialled == ["8.8.8.8"]
