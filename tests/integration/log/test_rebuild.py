"""Every read model can be dropped and rebuilt from events, to the same rows, while writes go on."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from services.operating import CannotStart, chosen, services_of
from services.rooms import ROOMS
from shared.http.problems import problem_of
from shared.log import mending, staging
from shared.log.rebuild import rebuild, verify
from shared.testing.api import Api, Member

OWN = tuple(m for service in ROOMS for m in service.own)
DIRECTORY = next(s for s in ROOMS if s.name == "directory")


@pytest.fixture
def member(api: Api) -> Member:
    return api.organisation("Rebuilt")


def test_live_rows_are_what_the_events_say(api: Api, member: Member) -> None:
    api.colleague(member, "Lee")
    assert list(verify(api.runtime.engine, OWN)) == []


def test_a_row_that_is_not_what_the_events_say_is_found_and_rebuilt(api: Api, member: Member) -> None:
    path = f"/directory/v1/people/{member.person}"
    right = member.get(path)
    with api.runtime.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE directory.people SET name = 'Somebody Else' WHERE id = %s", (member.person,))
    found = list(verify(api.runtime.engine, DIRECTORY.own))
    assert [(d.table, d.live and d.live["name"]) for d in found] == [("directory.people", "Somebody Else")]
    rebuild(api.runtime.engine, DIRECTORY.own)
    assert list(verify(api.runtime.engine, DIRECTORY.own)) == []
    assert member.get(path) == right


def test_rebuilding_while_writes_and_reads_go_on(api: Api, member: Member) -> None:
    faults: list[BaseException] = []
    done = threading.Event()

    def write_and_read() -> None:
        try:
            for n in range(15):
                lee = api.colleague(member, f"Colleague {n}")
                assert member.get(f"/directory/v1/people/{lee.person}")["name"] == f"Colleague {n}"
        except AssertionError as error:
            faults.append(error)
        finally:
            done.set()

    writer = threading.Thread(target=write_and_read)
    writer.start()
    rebuilds = 0
    while not done.is_set() or rebuilds == 0:
        rebuild(api.runtime.engine, DIRECTORY.own)
        rebuilds += 1
    writer.join()
    assert faults == []
    assert list(verify(api.runtime.engine, DIRECTORY.own)) == []
    assert len(member.get("/directory/v1/people", limit=200)["items"]) == 16


def test_many_wrong_missing_and_foreign_rows_are_mended_a_few_at_a_time_while_writes_go_on(
    api: Api, member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "ROWS_AT_ONCE", 2)
    monkeypatch.setattr(mending, "CATCH_UP_EVENTS", 0)
    for n in range(7):
        api.colleague(member, f"Before {n}")
    person = "ledger_id = (SELECT ledger_id FROM directory.people WHERE id = %(id)s)"
    with api.runtime.engine.begin() as connection:
        for statement in (
            f"DELETE FROM directory.people WHERE {person} AND name IN ('Before 1', 'Before 4')",
            f"UPDATE directory.people SET name = 'Wrong' WHERE {person} AND name LIKE 'Before%%'",
            f"UPDATE directory.organisations SET display_name = 'Wrong' WHERE {person}",
        ):
            connection.exec_driver_sql(statement, {"id": member.person})
    written = mending.Mending.mend_one

    def write_between(self: mending.Mending, *given: Any) -> None:
        """Somebody writes after the snapshot and before its rows are put right."""
        api.colleague(member, "Meanwhile")
        written(self, *given)

    monkeypatch.setattr(mending.Mending, "mend_one", write_between)
    rebuild(api.runtime.engine, DIRECTORY.own)
    assert list(verify(api.runtime.engine, DIRECTORY.own)) == []
    names = [one["name"] for one in member.get("/directory/v1/people", limit=200)["items"]]
    assert sorted(name for name in names if "Before" in name) == [f"Before {n}" for n in range(7)]
    assert "Meanwhile" in names


REMNANTS = "SELECT relname FROM pg_class WHERE relname LIKE 'differing %%' OR relname LIKE 'next %%'"
KILLED = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND NOT pid = ANY(%(before)s)"
BACKENDS = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'"
DEADLINE_SECONDS = 60


@contextmanager
def rebuilder(url: str) -> Iterator[Callable[[int], str]]:
    """A process whose rebuilds are killed at the step they are told; see `dying`."""
    command = [sys.executable, "-m", "tests.integration.log.dying", url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdin is not None
        assert running.stdout is not None

        def until(step: int) -> str:
            print(step, file=running.stdin, flush=True)
            return str(running.stdout.readline()).strip()  # type: ignore[union-attr]

        yield until
        running.stdin.close()


def spoil(api: Api, member: Member) -> None:
    """Rows that are wrong, and one that is missing."""
    of = {"id": member.person}
    ledger = "ledger_id = (SELECT ledger_id FROM directory.people WHERE id = %(id)s)"
    with api.runtime.engine.begin() as connection:
        connection.exec_driver_sql(f"DELETE FROM directory.people WHERE {ledger} AND name = 'Before 1'", of)
        wrong = f"UPDATE directory.people SET name = 'Wrong' WHERE {ledger} AND name LIKE 'Before%%'"
        connection.exec_driver_sql(wrong, of)


def gone(api: Api, before: list[int]) -> bool:
    """Whether PostgreSQL has noticed that its client was killed; what was temporary is then no more."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline:
        with api.runtime.engine.connect() as connection:
            known = [*before, connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()]
            if connection.exec_driver_sql(KILLED, {"before": known}).scalar_one() == 0:
                return connection.exec_driver_sql(REMNANTS).all() == []
    return False


def killed_at(api: Api, member: Member, choose: Callable[[int], Sequence[int]]) -> None:
    """Kill rebuilds at the steps chosen among so many, each of rows spoilt anew, while somebody reads and writes."""
    before, after = [f"Before {n}" for n in range(5)], list[str]()
    own = member.get(f"/directory/v1/people/{member.person}")["name"]
    for name in before:
        api.colleague(member, name)
    with rebuilder(str(api.runtime.settings.database_url)) as until:
        spoil(api, member)
        for step in choose(int(until(0))):
            spoil(api, member)
            with api.runtime.engine.connect() as connection:
                backends = list(connection.exec_driver_sql(BACKENDS).scalars())
            assert until(step) == "killed"
            assert gone(api, backends)
            # It serves, from rows that are as they were or as they should be, and nobody holds its writers.
            assert {own, *after} <= set(names(member)) <= {own, "Wrong", *before, *after}
            after.append(f"After {step}")
            api.colleague(member, after[-1])
        spoil(api, member)
        assert int(until(0)) > 0
    assert list(verify(api.runtime.engine, DIRECTORY.own)) == []
    assert sorted(names(member)) == sorted([own, *before, *after])


def names(member: Member) -> list[str]:
    return [one["name"] for one in member.get("/directory/v1/people", limit=200)["items"]]


def test_a_rebuild_that_is_killed_loses_nothing_and_is_taken_up_again(api: Api, member: Member) -> None:
    killed_at(api, member, lambda steps: [steps // 2, steps - 8, steps - 1])


@pytest.mark.faults
def test_a_rebuild_killed_at_each_of_its_steps(api: Api, member: Member) -> None:
    killed_at(api, member, lambda steps: range(1, steps))


def test_a_read_model_is_named_by_its_service_and_goes_with_it() -> None:
    assert services_of(None) is None
    assert services_of(["scoring.gaps", "directory", "scoring.briefs"]) == ["scoring", "directory"]
    assert [service.name for service in chosen(services_of(["scoring.gaps"]))] == ["scoring"]
    with pytest.raises(CannotStart):
        chosen(services_of(["scoring.nothing"]))


def test_an_unknown_failure_tells_the_caller_nothing_of_its_inside() -> None:
    assert "secret" not in problem_of(RuntimeError("secret")).detail
