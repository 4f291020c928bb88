"""`python killing.py URL STEP…` with a batch on the standard input: sent to a server that is killed at each step of it.

A step is the name of something that happens to a batch; the server is killed right before it, or right after.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import closing, suppress
from http.client import HTTPConnection
from typing import Any

import uvicorn
from fastapi import FastAPI
from sqlalchemy import Connection
from starlette.requests import Request

from services.directory.app import DIRECTORY
from services.metrics.api import observations
from services.metrics.app import METRICS
from shared.http import router
from shared.http.app import build_app
from shared.http.session import Session
from shared.log import rows
from shared.log.copying import Columns, copy_columns
from shared.log.log import Log
from shared.sockets import server_config
from shared.testing.api import runtime_on
from tests.integration.webhooks.killing import dying

ROOMS = (DIRECTORY, METRICS)
PLACES: dict[str, tuple[Any, str]] = {
    "parse": (observations, "read_rows"),
    "judge": (observations, "judged"),
    "attach": (Session, "attach"),
    "append": (Log, "append"),
    "copy": (rows, "copy_columns"),
    "commit": (Connection, "commit"),
    "answer": (router, "note_key"),
}
HALFWAY = ("body:half", "copy:half")
STEPS = (*HALFWAY, *(f"{name}:{when}" for name in PLACES for when in ("before", "after")))
COMMITTED = ("commit:after", "answer:before", "answer:after")
"""Only then the rows are there: all of them, and the sender was never told."""
CONNECTION_SECONDS_MAX = 60


def prepare(step: str) -> None:
    """Make this process one that will not survive the step; `/n` behind it tells one time from another."""
    step = step.partition("/")[0]
    name, _, when = step.partition(":")
    if step == "body:half":
        Request.stream = first_chunk  # type: ignore[assignment, method-assign]
    elif step == "copy:half":
        setattr(rows, "copy_columns", half_of)  # noqa: B010 - it is imported there, not exported
    elif name == "commit":
        only_of_the_batch(when)
    else:
        place, called = PLACES[name]
        setattr(place, called, dying(getattr(place, called), after=when == "after"))


def half_of(connection: Connection, place: str, columns: Columns) -> None:
    """Copy half of the rows, and die."""
    half = {name: values[: len(values) // 2] for name, values in columns.items()}
    dying(copy_columns, after=True)(connection, place, half)


async def first_chunk(self: Request) -> AsyncIterator[bytes]:
    """What is there of the body when half of it has come."""
    await self.receive()
    os.kill(os.getpid(), signal.SIGKILL)
    yield b""


def only_of_the_batch(when: str) -> None:
    """Of the many commits in a server, die at that of the transaction which has judged a batch."""
    judged = observations.judged

    def then_dying(*arguments: Any, **more: Any) -> Any:
        Connection.commit = dying(Connection.commit, after=when == "after")  # type: ignore[method-assign]
        return judged(*arguments, **more)

    observations.judged = then_dying


def serve(app: FastAPI, door: socket.socket, step: str) -> None:
    prepare(step)
    config = server_config(app)
    uvicorn.Server(config).run(sockets=[door])


def killed(app: FastAPI, step: str, batch: dict[str, Any]) -> int:
    """How the server ended that this batch was sent to."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        number = os.fork()
        if number == 0:
            serve(app, door, step)
            os._exit(0)
        connection = HTTPConnection("127.0.0.1", door.getsockname()[1], timeout=CONNECTION_SECONDS_MAX)
        with closing(connection), suppress(ConnectionError):
            send(connection, step, batch)
            connection.getresponse()
            os.kill(number, signal.SIGTERM)  # it answered, and lives
        _, status = os.waitpid(number, 0)
    return os.waitstatus_to_exitcode(status)


def send(connection: HTTPConnection, step: str, batch: dict[str, Any]) -> None:
    """The request, or as much of it as its sender comes to send."""
    body = json.dumps(batch["rows"][step]).encode()
    half = len(body) // 2
    connection.putrequest("POST", batch["path"])
    for name, value in {**batch["headers"], "Idempotency-Key": step, "Content-Length": str(len(body))}.items():
        connection.putheader(name, value)
    connection.endheaders(body[:half])
    if not step.startswith("body:half"):
        connection.send(body[half:])


def main(url: str, *steps: str) -> None:
    batch, app = json.load(sys.stdin), build_app(runtime_on(url, ROOMS), ROOMS)
    for step in steps:
        sys.stdout.write(f"{step} {killed(app, step, batch)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
