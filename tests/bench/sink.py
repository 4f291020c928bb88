"""`python -m tests.bench.sink PORT`: takes any HTTP request and answers 204, as cheaply as a Python process can."""

from __future__ import annotations

import asyncio
import re
import sys

ANSWER = b"HTTP/1.1 204 No Content\r\n\r\n"
HEAD_END = b"\r\n\r\n"
LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


class Sink(asyncio.Protocol):
    """One connection. Requests come one after another, whole or in pieces."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.held = b""

    def data_received(self, data: bytes) -> None:
        self.held += data
        while (end := self.held.find(HEAD_END)) >= 0:
            found = LENGTH.search(self.held, 0, end)
            whole = end + len(HEAD_END) + (int(found[1]) if found else 0)
            if len(self.held) < whole:
                return
            self.held = self.held[whole:]
            self.transport.write(ANSWER)


async def serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
