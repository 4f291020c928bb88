"""The processes of one PostgreSQL server: found by the mark that each of them carries in its title, and ended."""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Iterable
from pathlib import Path

import psutil

FAST_SECONDS = 60
IMMEDIATE_SECONDS = 10
POLL_SECONDS = 0.02


def mark_of(data: Path) -> str:
    """The `cluster_name` of the server on this data directory: no other directory of this machine has the same.

    Every PostgreSQL process shows it in its command line, which, unlike its working directory, anyone may read.
    """
    entry = data.stat()
    return f"concord-{entry.st_dev:x}-{entry.st_ino:x}"


def processes_of(data: Path) -> list[psutil.Process]:
    """The server of this data directory and its children, also when whoever started it is gone."""
    mark = mark_of(data)
    return [
        process
        for process in psutil.process_iter(["name", "cmdline"])
        if process.info["name"] == "postgres" and any(mark in word for word in process.info["cmdline"] or ())
    ]


def servers(processes: Iterable[psutil.Process]) -> list[psutil.Process]:
    """Those that are no child: a child's title is `postgres: <mark>: what it does`."""
    return [process for process in processes if not process.info["cmdline"][0].startswith("postgres: ")]


def end(data: Path) -> None:
    """Stop the server of this data directory: with its clients' transactions rolled back, or else by force.

    Whatever it leaves of its pid file is removed: the id it names may be another process's by now.
    """
    send(signal.SIGINT, servers(processes_of(data)), data, FAST_SECONDS)
    send(signal.SIGQUIT, processes_of(data), data, IMMEDIATE_SECONDS)
    kill(data)
    (data / "postmaster.pid").unlink(missing_ok=True)


def kill(data: Path) -> None:
    """SIGKILL to the server of this data directory and all its children, which then must recover."""
    send(signal.SIGKILL, processes_of(data), data, IMMEDIATE_SECONDS)


def send(kind: signal.Signals, processes: list[psutil.Process], data: Path, patience_seconds: float) -> None:
    """Send the signal, and wait until nothing runs on the data directory or patience ends."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(kind)
    deadline = time.monotonic() + patience_seconds
    while processes and processes_of(data) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
