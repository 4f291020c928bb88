"""Every read model can be dropped and rebuilt from events, to the same rows, while writes go on."""

from __future__ import annotations

import threading
from typing import Any

import pytest

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


def test_an_unknown_failure_tells_the_caller_nothing_of_its_inside() -> None:
    assert "secret" not in problem_of(RuntimeError("secret")).detail
