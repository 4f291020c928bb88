"""A PostgreSQL for tests: a server for a test run, a database for each test that wants one, and ways to break it."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from shared.database import remnants
from shared.database.embedded import EmbeddedPostgres


class PostgresServer:
    """An embedded server whose data ends with it. `url` is the libpq URI of its database `concord`, as superuser."""

    def __init__(self, embedded: EmbeddedPostgres) -> None:
        self._embedded = embedded
        self.url = embedded.start()

    def kill(self) -> None:
        """SIGKILL to the server and all its children: a power cut, except that the disk's own cache survives."""
        remnants.kill(self._embedded.data)

    def restart(self) -> None:
        """Up again on the same data at the same `url`, recovered from whatever happened."""
        self._embedded.stop()
        self.url = self._embedded.start()

    def stop(self) -> None:
        self._embedded.stop()


@contextlib.contextmanager
def postgres_server(*, fsync: bool = True) -> Iterator[PostgresServer]:
    """A server of its own in a temporary folder, gone at the end."""
    with open_folder() as home:
        server = PostgresServer(EmbeddedPostgres(home, fsync=fsync))
        try:
            yield server
        finally:
            server.stop()


@contextlib.contextmanager
def open_folder() -> Iterator[Path]:
    """A temporary folder that PostgreSQL's account may enter, unlike pytest's own when root runs the tests."""
    folder = Path(tempfile.mkdtemp(prefix="concord-test-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextlib.contextmanager
def fresh_database(server: PostgresServer, template: str = "template0") -> Iterator[str]:
    """The libpq URI of a new database, a copy of `template` (which nobody may be connected to); dropped at the end."""
    name = f"test_{uuid.uuid4().hex}"
    create = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
    execute(server.url, create.format(sql.Identifier(name), sql.Identifier(template)))
    try:
        yield with_database(server.url, name)
    finally:
        execute(server.url, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def with_database(url: str, name: str) -> str:
    """The URI of another database of the same server."""
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def execute(url: str, statement: sql.Composed) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)
