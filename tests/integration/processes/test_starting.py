"""What a process needs to start, and how it says what is missing: one sentence, exit code 2, nothing left behind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from services.cli import EXIT_CANNOT_START
from services.welcome import DEMONSTRATION
from shared.database import remnants
from shared.database.embedded import EmbeddedPostgres
from shared.testing.postgres import open_folder
from tests.integration.processes.program import SECRETS, Program, concord

NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"
PRODUCTION = {"CONCORD_ENV": "production", "CONCORD_DATABASE_URL": NOWHERE, **SECRETS}


def without(name: str) -> dict[str, str]:
    return {**PRODUCTION, name: ""}


@pytest.mark.parametrize(
    ("command", "environment", "words"),
    [
        (["serve"], {"CONCORD_ENV": "production"}, "set CONCORD_DATABASE_URL, CONCORD_SECRET, CONCORD_OPERATOR_KEY."),
        (["serve"], without("CONCORD_SECRET"), "In production set CONCORD_SECRET."),
        (["migrate"], without("CONCORD_DATABASE_URL"), "In production set CONCORD_DATABASE_URL."),
        (["run"], {**PRODUCTION, "CONCORD_CLOCK": "test"}, "CONCORD_CLOCK=test is refused in production."),
        (["serve", "cooking"], PRODUCTION, "There is no service cooking; there are directory"),
        (["migrate"], PRODUCTION, "The database does not answer, or not in time: "),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_it_does_not_start(command: list[str], environment: dict[str, str], words: str) -> None:
    with concord(*command, **environment) as program:
        assert program.ended() == EXIT_CANNOT_START
        assert program.said.startswith("Cannot start. ")
        assert words in program.said
        assert "Traceback" not in program.said
        assert SECRETS["CONCORD_OPERATOR_KEY"] not in program.said
        assert list(program.log.parent.iterdir()) == [program.log]


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with open_folder() as folder:
        yield folder / "home"


@pytest.fixture(scope="module")
def running(home: Path) -> Iterator[Program]:
    """`concord run` as a newcomer starts it, with its own PostgreSQL."""
    with concord("run", CONCORD_HOME=str(home)) as program:
        program.wait_to_say("Ctrl-C stops everything")
        yield program
        program.end()


def test_run_needs_nothing_and_prints_tokens_that_open_the_demonstration(running: Program) -> None:
    address = running.wait_to_say(r"(http://127\.0\.0\.1:\d+)  where to click")[1]
    said = running.said
    for name, (_, owner) in DEMONSTRATION.items():
        token = said.partition(f"\n{name.upper()}=")[2].partition("\n")[0]
        people = httpx.get(f"{address}/directory/v1/people", headers={"Authorization": f"Bearer {token}"})
        assert [person["name"] for person in people.json()["items"]] == [owner]


def test_a_taken_port_is_told_with_what_to_do(running: Program, home: Path) -> None:
    port = running.wait_to_say(r"http://127\.0\.0\.1:(\d+)  where")[1]
    with concord("run", CONCORD_HOME=str(home), PORT=port) as second:
        assert second.ended() == EXIT_CANNOT_START
        assert f"Port {port} on 127.0.0.1 cannot be had (Address already in use)." in second.said


def test_a_second_run_on_the_same_data_is_told_who_has_it(running: Program, home: Path) -> None:
    with concord("run", CONCORD_HOME=str(home)) as second:
        assert second.ended() == EXIT_CANNOT_START
        assert f"Another Concord (process {running.process.pid}) is using {home}" in second.said


def test_serve_shares_the_database_of_a_run(running: Program, home: Path) -> None:
    with concord("serve", "directory", CONCORD_HOME=str(home)) as second:
        address = second.wait_to_say(r"Serving directory on (127\.0\.0\.1:\d+)\.")[1]
        assert httpx.get(f"http://{address}/readyz").status_code == 200
        assert second.end() == 0
    assert running.process.poll() is None


def test_ending_run_ends_its_postgresql_too() -> None:
    with open_folder() as folder:
        home = folder / "home"
        with concord("run", CONCORD_HOME=str(home)) as program:
            program.wait_to_say("Ctrl-C stops everything")
            started = psutil.Process(program.process.pid).children(recursive=True)
            assert started
            assert program.end() == 0, program.said
            assert not any(child.is_running() for child in started)
        assert remnants.processes_of(EmbeddedPostgres(home).data) == []
