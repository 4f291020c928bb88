"""The PostgreSQL that Concord brings along and runs itself, when it is given no other."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

import psycopg
from psycopg import sql

from shared.database import remnants
from shared.database.account import DatabaseUnavailable
from shared.database.lock import Lock
from shared.database.room import Room, room_under

USER = "concord"
DATABASE = "concord"
START_SECONDS = 300
"""Enough to replay what a crash left to replay; a server that ends before is noticed at once."""
POLL_SECONDS = 0.02
LOG_LINES_SHOWN = 15

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "jit": "off",  # the wheel has no compiler
}

WATCH = 'read -r _; kill -INT "$1"'
"""Waits until the process at the other end of its input is gone, however it went, and then stops the server."""


class EmbeddedPostgres:
    """One server on the data under `home`, reached by a unix socket that only its owner (and root) can open.

        with EmbeddedPostgres(Path(".concord")) as postgres:
            psycopg.connect(postgres.url)

    Whatever became of the last one (kill -9 of Concord, of PostgreSQL, of both), `start` recovers from it.
    `fsync=False` is for tests that need speed more than their data.
    """

    def __init__(self, home: Path, *, fsync: bool = True) -> None:
        self.home = home
        self.fsync = fsync
        self.url = ""
        """A libpq URI to the database `concord` as its superuser; empty while stopped."""
        self._room: Room | None = None
        self._lock: Lock | None = None
        self._server: subprocess.Popen[bytes] | None = None
        self._watch: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        """PostgreSQL's data directory."""
        return self.home / "postgres" / "data"

    @property
    def log(self) -> Path:
        return self.home / "postgres" / "log"

    @property
    def pid(self) -> int | None:
        """The server's process while it runs."""
        return self._server.pid if self._server and self._server.poll() is None else None

    def start(self) -> str:
        """Start, and answer the `url`. Raises DatabaseInUse when another Concord has it, else DatabaseUnavailable."""
        if self._lock is not None:
            raise DatabaseUnavailable("This database is started already.")
        room = room_under(self.home)
        self._lock = Lock(room.place, room.account, self.home)
        self._room = room
        try:
            self._launch(room, self._lock)
        except BaseException:
            self.stop()
            raise
        return self.url

    def stop(self) -> None:
        """Stop at once, rolling open transactions back. Nothing to do when it is stopped."""
        self.url = ""
        if self._room is not None and self._room.data.exists():
            remnants.end(self._room.data)
        if self._server is not None:
            self._server.wait()
        if self._watch is not None:
            self._watch.kill()
            self._watch.communicate()
        if self._room is not None:
            self._room.remove_socket_folder()
        if self._lock is not None:
            self._lock.release()
        self._room = self._lock = self._server = self._watch = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _launch(self, room: Room, lock: Lock) -> None:
        programs = room.programs()
        if room.data.exists():
            remnants.end(room.data)
        else:
            create(room, programs, fsync=self.fsync)
        socket = room.empty_socket_folder()
        self._server = serve(room, programs, socket, fsync=self.fsync)
        self._watch = watch(room, self._server.pid)
        with self._connected(address(socket, "postgres")) as connection:
            found = connection.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if found is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
        self.url = address(socket, DATABASE)
        lock.tell(self.url)

    def _connected(self, url: str) -> psycopg.Connection:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                return psycopg.connect(url, autocommit=True, connect_timeout=START_SECONDS)
            except psycopg.OperationalError as error:
                if self.pid is None or time.monotonic() > deadline:
                    raise DatabaseUnavailable(f"PostgreSQL did not start. {end_of(self.log)}") from error
            time.sleep(POLL_SECONDS)


def address(socket: Path, database: str) -> str:
    return f"postgresql://{USER}@/{database}?host={quote(str(socket), safe='')}&port=5432"


def create(room: Room, programs: Path, *, fsync: bool) -> None:
    """A new data directory, whole or not at all. Text is UTF-8, ordered by code point, the same on every machine."""
    for abandoned in room.place.glob("data.half-*"):
        shutil.rmtree(abandoned, ignore_errors=True)
    half = room.place / f"data.half-{os.getpid()}"
    command: list[str | Path] = [
        programs / "initdb",
        "--pgdata",
        half,
        "--username",
        USER,
        "--auth",
        "trust",
        "--encoding",
        "UTF8",
    ]
    command += ["--locale", "C", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--no-instructions"]
    command += [] if fsync else ["--no-sync"]
    if launch(room, command).wait() != 0:
        raise DatabaseUnavailable(f"PostgreSQL could not make {room.data}. {end_of(room.log)}")
    half.rename(room.data)


def serve(room: Room, programs: Path, socket: Path, *, fsync: bool) -> subprocess.Popen[bytes]:
    settings = SETTINGS | {
        "unix_socket_directories": str(socket),
        "cluster_name": remnants.mark_of(room.data),
        "fsync": "on" if fsync else "off",
        "full_page_writes": "on" if fsync else "off",
    }
    command: list[str | Path] = [programs / "postgres", "-D", room.data, "-p", "5432"]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    return launch(room, command)


def watch(room: Room, server: int) -> subprocess.Popen[bytes]:
    return launch(room, ["/bin/sh", "-c", WATCH, "concord-watch", str(server)], stdin=subprocess.PIPE)


def launch(room: Room, command: list[str | Path], stdin: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
    """Start a process as the room's account, in a session of its own: Ctrl-C is for Concord, which then stops it."""
    log = room.open_log()
    try:
        return subprocess.Popen(  # noqa: S603 (the wheel's own programs)
            command,
            stdin=stdin,
            stdout=log,
            stderr=log,
            cwd="/",
            env={"PATH": os.defpath, "LC_ALL": "C"},
            start_new_session=True,
            **room.account.options,
        )
    finally:
        os.close(log)


def end_of(log: Path) -> str:
    try:
        lines = log.read_text(errors="replace").splitlines()
    except FileNotFoundError:
        lines = []
    return f"Its log, {log}, ends:\n" + "\n".join(lines[-LOG_LINES_SHOWN:])
