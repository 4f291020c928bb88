"""A webhook receiver to test against: a real HTTP server that keeps what it gets and answers as it is told to."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PATIENCE_SECONDS = 30

Reply = tuple[int, dict[str, str], bytes]


@dataclass(frozen=True)
class Got:
    """One request as it arrived; header names in lower case."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float = field(default_factory=time.monotonic)

    @property
    def webhook_id(self) -> str:
        return self.headers["webhook-id"]


@dataclass
class Receiver:
    """`replies` by path; 204 where nothing was said. A request to a path of `hanging` is answered once released."""

    address: str = ""
    got: list[Got] = field(default_factory=list)
    replies: dict[str, Reply] = field(default_factory=dict)
    hanging: set[str] = field(default_factory=set)
    arrived: threading.Condition = field(default_factory=threading.Condition)
    released: threading.Event = field(default_factory=threading.Event)
    decide: Callable[[Got], Reply] | None = None
    """Answers instead of `replies`."""

    def reply(self, path: str, status: int, body: bytes = b"", **headers: str) -> None:
        self.replies[path] = (status, {name.replace("_", "-"): value for name, value in headers.items()}, body)

    def of(self, path: str) -> list[Got]:
        return [one for one in self.got if one.path == path]

    def wait_for(self, path: str, count: int) -> list[Got]:
        """The requests to a path, once there are so many."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.of(path)) >= count, PATIENCE_SECONDS), self.got
        return self.of(path)

    def take(self, got: Got) -> Reply:
        with self.arrived:
            self.got.append(got)
            self.arrived.notify_all()
        if got.path in self.hanging:
            self.released.wait(PATIENCE_SECONDS)
        if self.decide is not None:
            return self.decide(got)
        return self.replies.get(got.path, (204, {}, b""))


def handler(take: Callable[[Got], Reply]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            body = self.rfile.read(length)
            if len(body) < length:  # the sender was killed in the middle of it
                self.close_connection = True
                return
            status, headers, answer = take(Got(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            try:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)
            except ConnectionError:
                self.close_connection = True  # the sender gave up or was killed

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    return Handler


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()
    with Server(("127.0.0.1", 0), handler(receiver.take)) as server:
        receiver.address = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            receiver.released.set()
            server.shutdown()
            thread.join()
