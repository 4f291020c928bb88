"""Processes as docker-compose.yml has them, all on one database, entered as the login that is no superuser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from shared.testing.postgres import PostgresServer, fresh_database
from tests.conftest import TEMPLATE
from tests.integration.processes.program import Program, Server, as_login, give_login, serving, working


@pytest.fixture(scope="module")
def owner_url(server: PostgresServer) -> Iterator[str]:
    """A database with the newest schema and the login, entered as its owner."""
    with fresh_database(server, TEMPLATE) as url:
        give_login(url)
        yield url


@pytest.fixture(scope="module")
def login_url(owner_url: str) -> str:
    return as_login(owner_url)


@pytest.fixture(scope="module")
def directory(login_url: str) -> Iterator[Server]:
    with serving(login_url, "directory") as running:
        yield running


@pytest.fixture(scope="module")
def everything(login_url: str) -> Iterator[Server]:
    """Another process, with all services."""
    with serving(login_url) as running:
        yield running


@pytest.fixture(scope="module")
def workers(login_url: str) -> Iterator[Program]:
    with working(login_url) as running:
        yield running
