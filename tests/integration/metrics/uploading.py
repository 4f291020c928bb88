"""A large file that is never there as a whole, and a line that is slow and gets cut: what the tests of uploads send."""

from __future__ import annotations

import json
import socket
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any

from shared.testing.api import Member

OCTETS = "application/octet-stream"
CONNECTION_SECONDS_MAX = 120
PIECE_BYTES = 64 * 1024


@dataclass(frozen=True)
class Wide:
    """A CSV whose lines are all of one length, so that any stretch of it can be written out by itself."""

    rows: int
    filler: int
    """How many characters each id and each dimension has beyond what tells it from others."""
    part_rows: int

    @property
    def header(self) -> bytes:
        return b"observation_id,kpi,period,value,dimensions.route,dimensions.fleet,dimensions.region\n"

    @property
    def line_bytes(self) -> int:
        return len(self.line(0))

    @property
    def size(self) -> int:
        return len(self.header) + self.rows * self.line_bytes

    def line(self, n: int) -> bytes:
        more = "x" * self.filler
        dimensions = f"R{n % 7}{more},F{n % 5}{more},E{n % 3}{more}"
        return f"{n:010}{more},flights,2013-03-{n % 28 + 1:02},{n % 1_000:04}.50,{dimensions}\n".encode()

    def part(self, offset: int) -> bytes:
        """What is to be sent from a byte on, which is where a row begins."""
        begins = (offset - len(self.header)) // self.line_bytes if offset else 0
        lines = b"".join(map(self.line, range(begins, min(self.rows, begins + self.part_rows))))
        return lines if offset else self.header + lines


@dataclass(frozen=True)
class Line:
    """Who sends parts of an upload, and where to."""

    address: str
    sender: Member
    path: str

    def offset(self) -> int:
        """Where to go on."""
        status, told = self.request("GET", self.path)
        assert status == 200, told
        return int(told["offset_bytes"])

    def part(self, offset: int, body: bytes, *, last: bool) -> dict[str, Any]:
        status, told = self.request("POST", f"{self.path}/parts?offset={offset}&last={str(last).lower()}", body)
        assert status == 200, told
        return dict(told)

    def cut(self, offset: int, body: bytes) -> None:
        """Half of a part, piece by piece, and then the line is dead: no more comes, and nobody waits for an answer."""
        with closing(self.opened()) as connection:
            self.begin(connection, f"{self.path}/parts?offset={offset}", len(body))
            for place in range(0, len(body) // 2, PIECE_BYTES):
                connection.send(body[place : min(place + PIECE_BYTES, len(body) // 2)])
            assert connection.sock is not None
            connection.sock.shutdown(socket.SHUT_WR)
            connection.sock.recv(1)  # until the other end has noticed

    def opened(self) -> HTTPConnection:
        return HTTPConnection(self.address.removeprefix("http://").rstrip("/"), timeout=CONNECTION_SECONDS_MAX)

    def begin(self, connection: HTTPConnection, path: str, size: int) -> None:
        connection.putrequest("POST", path)
        for name, value in self.sender.headers({"Content-Type": OCTETS, "Content-Length": str(size)}).items():
            connection.putheader(name, value)
        connection.endheaders()

    def request(self, method: str, path: str, body: bytes | None = None) -> tuple[int, Any]:
        with closing(self.opened()) as connection:
            connection.request(method, path, body, self.sender.headers({"Content-Type": OCTETS}))
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())


def send_all(line: Line, file: Wide, *, until: int | None = None, cuts: frozenset[int] = frozenset()) -> int:
    """Send from where the last one stopped, up to a byte or to the end, cut at the n-th parts of this; the offset."""
    offset, number = line.offset(), 0
    while offset < (file.size if until is None else until):
        body = file.part(offset)
        if number in cuts:
            line.cut(offset, body)
            assert line.offset() == offset, "A part that was cut off is not there."
        told = line.part(offset, body, last=offset + len(body) == file.size)
        offset, number = told["offset_bytes"], number + 1
    return offset
