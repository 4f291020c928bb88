"""One PostgreSQL for the test run, a fresh database for whoever wants one, and the whole product behind real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

import shared.logging
from services.rooms import ROOMS
from shared.database.engine import make_engine
from shared.database.migrate import migrate
from shared.testing.api import Api, serve
from shared.testing.postgres import PostgresServer, fresh_database, postgres_server, with_database

if TYPE_CHECKING:
    from sqlalchemy import Engine

TEMPLATE = "concord"

# How long an example takes says how busy the machine is, and nothing about the code.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


@pytest.fixture(scope="session", autouse=True)
def quiet() -> None:
    shared.logging.configure(level="ERROR", readable=True)


@pytest.fixture(scope="session")
def server() -> Iterator[PostgresServer]:
    """A server whose database `concord` is migrated and never written to: the template of all others."""
    with postgres_server() as running:
        engine = make_engine(with_database(running.url, TEMPLATE), pool_size=1)
        migrate(engine)
        engine.dispose()
        yield running


@pytest.fixture
def url(server: PostgresServer) -> Iterator[str]:
    with fresh_database(server, TEMPLATE) as fresh:
        yield fresh


@pytest.fixture(scope="module")
def module_url(server: PostgresServer) -> Iterator[str]:
    with fresh_database(server, TEMPLATE) as fresh:
        yield fresh


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    made = make_engine(url, pool_size=40)
    yield made
    made.dispose()


@pytest.fixture(scope="module")
def api(module_url: str) -> Iterator[Api]:
    """All services over one database for each test module, under the test clock."""
    with serve(module_url, ROOMS) as running:
        running.set_clock("2013-01-02T15:00:00Z")
        yield running
