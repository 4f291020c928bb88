"""PostgreSQL goes away under running processes and comes back: they say so meanwhile, and need no restart."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from shared.database.engine import make_engine
from shared.database.migrate import migrate
from shared.testing.postgres import PostgresServer, postgres_server
from tests.integration.processes.program import Program, Server, as_login, eventually, give_login, serving, working


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    """A server of this module's own, for it is killed."""
    with postgres_server() as running:
        engine = make_engine(running.url, pool_size=1)
        migrate(engine)
        engine.dispose()
        give_login(running.url)
        yield running


@pytest.fixture(scope="module")
def directory(postgres: PostgresServer) -> Iterator[Server]:
    with serving(as_login(postgres.url), "directory") as running:
        yield running


@pytest.fixture(scope="module")
def workers(postgres: PostgresServer) -> Iterator[Program]:
    with working(as_login(postgres.url)) as running:
        yield running


def test_the_same_processes_work_again_once_it_is_back(
    postgres: PostgresServer, directory: Server, workers: Program
) -> None:
    member = directory.api.organisation("United")
    people = f"/directory/v1/people/{member.person}"
    before = member.get(people)

    postgres.kill()
    for _ in range(3):
        refused = directory.client.get(people, headers=member.headers())
        assert refused.status_code == 503
        assert refused.headers["Content-Type"] == "application/problem+json"
        assert int(refused.headers["Retry-After"]) >= 1
        assert refused.json()["type"] == "/problems/unavailable"
    assert directory.client.get("/readyz").status_code == 503
    assert directory.client.get("/readyz").json() == {"ready": False, "database": "does not answer"}
    assert directory.client.get("/healthz").status_code == 200

    postgres.restart()
    eventually(lambda: directory.client.get("/readyz").status_code == 200)
    assert member.get(people) == before
    directory.api.organisation("ExpressJet")
    eventually(lambda: all(f["events_behind"] == 0 for f in directory.client.get("/readyz").json()["followers"]))
    assert workers.end() == 0
    assert directory.end() == 0
