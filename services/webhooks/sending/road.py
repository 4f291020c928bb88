"""The road to one endpoint: connections kept for the next delivery, and HTTP/1.1 over them, all of it bounded.

Nothing is retried, redirected, unpacked, or remembered from one answer to the next. Every wait here lies within the
deadline of the attempt; when that is over, or anything is amiss, the connection is cut.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import h11

from services.webhooks.sending.network import Called, PublicNetwork, Streams

IDLE_SECONDS = 2
"""How long a connection is kept for the next delivery: less than servers keep theirs, so that none is found dead."""
ANSWER_BYTES_MAX = 65_536
HEAD_BYTES_MAX = 65_536
READ_BYTES = 65_536
HTTPS_PORT, HTTP_PORT = 443, 80

Headers = Sequence[tuple[str, str]]


ASKED = h11.Request(method="POST", target="/", headers=[("Host", "receiver"), ("Content-Length", "0")])
"""What h11 is told of each request, for it to read the answer by; the request itself is written here, at less cost."""
HEAD = re.compile(rb"POST [!-~]+ HTTP/1\.1\r\n(?:[A-Za-z0-9-]+: [!-~](?:[ -~]*[!-~])?\r\n)+\r\n")


class ConnectionLost(Exception):
    """It was there, and went before its answer was whole."""


class NoHttpAnswer(Exception):
    """What came was no HTTP, or nothing."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an endpoint is: whom to connect to, and what to ask for there. `host` is a name or an address, bare."""

    tls: bool
    host: str
    port: int
    path: str
    authority: str
    """For the Host header, as the URL has it."""


@dataclass(frozen=True, slots=True)
class Received:
    """The receiver's answer, its body cut at ANSWER_BYTES_MAX."""

    status: int
    headers: Sequence[tuple[bytes, bytes]]
    body: bytes

    def header(self, name: bytes) -> bytes | None:
        return next((value for key, value in self.headers if key.lower() == name), None)


def head_of(path: str, headers: Headers) -> bytes:
    """The head of a request; raises ValueError for a header that is none, or hides another."""
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers), "", ""]
    head = "\r\n".join(lines).encode("ascii")
    if HEAD.fullmatch(head) is None or head.count(b"\n") != len(lines) - 1:
        raise ValueError("This is no head of a request.")
    return head


class Connection:
    """To one place, for one request after another."""

    def __init__(self, place: Place, streams: Streams, address: str | None) -> None:
        self.place = place
        self.reader, self.writer = streams
        self.address = address
        self.http = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEAD_BYTES_MAX)
        self.used_at = time.monotonic()

    async def post(self, path: str, headers: Headers, body: bytes) -> Received:
        """Raises ConnectionLost and NoHttpAnswer; cut off then, and when cancelled."""
        try:
            return await self.exchange(head_of(path, headers) + body)
        except h11.RemoteProtocolError as error:
            self.cut()
            raise NoHttpAnswer(str(error)) from error
        except OSError as error:
            self.cut()
            raise ConnectionLost(str(error)) from error
        except BaseException:
            self.cut()
            raise

    async def exchange(self, request: bytes) -> Received:
        self.http.send(ASKED)
        self.http.send(h11.EndOfMessage())
        self.writer.write(request)  # at once: two packets would wait for each other
        await self.writer.drain()
        answer, taken = await self.answer()
        self.used_at = time.monotonic()
        if self.http.states == {h11.CLIENT: h11.DONE, h11.SERVER: h11.DONE} and not self.http.trailing_data[0]:
            self.http.start_next_cycle()
        else:
            self.cut()
        return Received(answer.status_code, list(answer.headers), taken)

    async def answer(self) -> tuple[h11.Response, bytes]:
        answer: h11.Response | None = None
        taken = bytearray()
        while len(taken) < ANSWER_BYTES_MAX:
            event = self.http.next_event()
            if event is h11.NEED_DATA:
                self.http.receive_data(await self.reader.read(READ_BYTES))
            elif isinstance(event, h11.Response):
                answer = event
            elif isinstance(event, h11.Data):
                taken += event.data
            elif isinstance(event, h11.EndOfMessage):
                break
            elif not isinstance(event, h11.InformationalResponse):
                raise NoHttpAnswer(type(event).__name__)
        if answer is None:
            raise NoHttpAnswer("nothing")
        return answer, bytes(taken[:ANSWER_BYTES_MAX])

    def leads_to(self, place: Place) -> bool:
        """Whether it can be used for this one, as far as one can know."""
        here = self.place
        return (
            (here.tls, here.host, here.port) == (place.tls, place.host, place.port)
            and self.used_at > time.monotonic() - IDLE_SECONDS
            and self.ready
        )

    @property
    def ready(self) -> bool:
        return self.http.our_state is h11.IDLE and not self.reader.at_eof() and not self.writer.is_closing()

    def cut(self) -> None:
        self.writer.transport.abort()


class Road:
    """To one endpoint; it has as many connections as were needed at once."""

    def __init__(self, network: PublicNetwork) -> None:
        self.network = network
        self.idle: list[Connection] = []

    async def post(self, place: Place, headers: Headers, body: bytes, called: Called) -> Received:
        connection = self.kept(place)
        if connection is None:
            streams = await self.network.connect(place.host, place.port, called, tls=place.tls)
            connection = Connection(place, streams, called.address)
        called.address = connection.address
        received = await connection.post(place.path, headers, body)
        if connection.ready:
            self.idle.append(connection)
        return received

    def kept(self, place: Place) -> Connection | None:
        while self.idle:
            connection = self.idle.pop()
            if connection.leads_to(place):
                return connection
            connection.cut()
        return None

    async def leave(self) -> None:
        """Hang up."""
        for connection in self.idle:
            connection.cut()
        self.idle.clear()
        await asyncio.sleep(0)  # for what is cut to be let go of

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.leave()


class Roads:
    """A road for each endpoint in hand."""

    def __init__(self, network: PublicNetwork) -> None:
        self.network = network
        self.roads: dict[object, Road] = {}

    def to(self, endpoint: object) -> Road:
        if endpoint not in self.roads:
            self.roads[endpoint] = Road(self.network)
        return self.roads[endpoint]

    async def leave(self, endpoints: Iterable[object]) -> None:
        """Hang up on endpoints that nothing is sent to for now."""
        for endpoint in endpoints:
            if road := self.roads.pop(endpoint, None):
                await road.leave()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.leave(list(self.roads))
