"""Servers in processes of their own, as they run in earnest, and the cheapest client that keeps a connection."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import Any

import httpx

from services.rooms import ROOMS
from shared.testing.api import OPERATOR_KEY, SECRET, Api, runtime_on
from tests.bench import smallest

UP_WITHIN_SECONDS = 60
POLL_SECONDS = 0.05
END_WITHIN_SECONDS = 15
REQUEST_SECONDS_MAX = 120
MILLISECONDS = 1_000


@contextmanager
def concord(url: str) -> Iterator[Api]:
    """`concord serve` on this database, in a process of its own; what comes back signs organisations and people in."""
    environment = {
        "CONCORD_DATABASE_URL": url,
        "CONCORD_OPERATOR_KEY": OPERATOR_KEY,
        "CONCORD_SECRET": SECRET,
        "CONCORD_WEBHOOKS_ALLOW_HTTP": "true",
    }
    port = free_port()
    runtime = runtime_on(url, ROOMS, clock="system")
    try:
        with (
            process(["services.cli", "serve", "--port", str(port)], environment, port, "/healthz") as address,
            httpx.Client(base_url=address, timeout=REQUEST_SECONDS_MAX) as client,
        ):
            yield Api(client, runtime)
    finally:
        runtime.engine.dispose()


@contextmanager
def smallest_endpoint(url: str) -> Iterator[str]:
    """The smallest endpoint behind uvicorn, without its access log; its address."""
    port = free_port()
    command = [
        "uvicorn",
        "--factory",
        "tests.bench.smallest:app",
        "--port",
        str(port),
        "--no-access-log",
        "--log-level",
        "warning",
    ]
    with process(command, {smallest.URL: url}, port, "/openapi.json") as address:
        yield address


@contextmanager
def process(module: Sequence[str], environment: Mapping[str, str], port: int, probe: str) -> Iterator[str]:
    """`python -m <module>` until the block ends; its address, once it answers. What it printed is shown if it fails."""
    address = f"http://127.0.0.1:{port}"
    with TemporaryFile() as output:
        running = subprocess.Popen(
            [sys.executable, "-m", *module], env={**os.environ, **environment}, stdout=output, stderr=output
        )
        try:
            if not answers(running, address + probe):
                output.seek(0)
                raise RuntimeError(f"{module[0]} did not come up:\n{output.read().decode(errors='replace')[-4_000:]}")
            yield address
        finally:
            running.terminate()
            try:
                running.wait(END_WITHIN_SECONDS)
            except subprocess.TimeoutExpired:
                running.kill()
                running.wait()


def answers(running: subprocess.Popen[bytes], url: str) -> bool:
    deadline = time.monotonic() + UP_WITHIN_SECONDS
    while running.poll() is None and time.monotonic() < deadline:
        try:
            if httpx.get(url).is_success:
                return True
        except httpx.TransportError:
            time.sleep(POLL_SECONDS)
    return False


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
    return port


@dataclass(frozen=True)
class Line:
    """One kept-alive connection. The standard library's client: a heavier one would make every ratio look better."""

    connection: http.client.HTTPConnection
    headers: Mapping[str, str]

    def renew(self) -> None:
        """The next request opens a new connection: the server closes those that have been idle for 5 s."""
        self.connection.close()

    def milliseconds(self, method: str, path: str, body: bytes | None = None, *, expect: int) -> float:
        """How long one request took until its answer was read; any other status than `expect` is an error."""
        started = time.perf_counter()
        self.connection.request(method, path, body, dict(self.headers))
        answer = self.connection.getresponse()
        content = answer.read()
        taken = (time.perf_counter() - started) * MILLISECONDS
        if answer.status != expect:
            raise RuntimeError(f"{method} {path}: {answer.status} {content[:500]!r}")
        return taken


@contextmanager
def line(address: str, token: str = "", media_type: str = "application/json") -> Iterator[Line]:
    host = address.removeprefix("http://")
    headers = {"Content-Type": media_type, **({"Authorization": f"Bearer {token}"} if token else {})}
    with closing(http.client.HTTPConnection(host, timeout=REQUEST_SECONDS_MAX)) as connection:
        yield Line(connection, headers)


def encoded(body: Any) -> bytes:
    return json.dumps(body).encode()
