"""What time brings: on time, once, in order; by one worker or by many, against votes and after downtime."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from threading import Barrier
from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs

from services.governance.app import GOVERNANCE
from services.governance.time_worker import turn
from shared.events.governance import ClockBreached, ClockStarted, ClockWarned, DecisionApproved, DecisionEscalated
from shared.log.rebuild import rebuild, verify
from shared.testing.api import Api
from tests.integration.governance.road import (
    DUE,
    MONDAY,
    Side,
    clock,
    events,
    quietly_governed,
    raised,
    shown,
    status,
    vote,
)
from tests.integration.processes.program import working

WORKERS = 4
AFTER_DOWNTIME = "2026-04-13T14:00:00Z"
Heard = Callable[[], list[tuple[str, str]]]


@pytest.fixture(autouse=True)
def nothing_due(api: Api) -> None:
    """What other tests have left is fired; then it is Monday."""
    api.set_clock(AFTER_DOWNTIME)
    while turn(api.runtime):
        pass
    api.set_clock(MONDAY)


@pytest.fixture
def heard(quiet: None) -> Iterator[Heard]:
    """What the worker has logged, and of which decision, whatever the level."""
    before = structlog.get_config()["wrapper_class"]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(0))
    with capture_logs() as logs:
        yield lambda: [(one["event"], one["thing_id"]) for one in logs if one["event"].startswith("clock ")]
    structlog.configure(wrapper_class=before)


@pytest.fixture(scope="module")
def alliance_id(api: Api, united: Side, hansa: Side) -> str:
    api.set_clock(MONDAY)
    return quietly_governed(united, hansa)


@pytest.fixture(scope="module")
def second_alliance_id(api: Api, united: Side, hansa: Side) -> str:
    api.set_clock(MONDAY)
    return quietly_governed(hansa, united)


def test_after_downtime_all_that_was_due_is_fired_in_order_with_both_times(api: Api, united: Side, hansa: Side) -> None:
    alliance_id = quietly_governed(united, hansa)
    made = raised(united, alliance_id)
    scheduled = [step["at"] for step in clock(united.worker, made)["steps_ahead"]]
    api.set_clock(AFTER_DOWNTIME)
    assert turn(api.runtime) == 7
    told = clock(united.worker, made)
    assert [w["scheduled_at"] for w in told["warnings"]] == scheduled[:4]
    assert [(b["due_at"], b["detected_at"]) for b in told["breaches"]] == [(DUE, AFTER_DOWNTIME)]
    assert (told["started_at"], told["due_at"]) == (AFTER_DOWNTIME, "2026-04-27T22:00:00Z")
    fired = events(api, alliance_id, f"decision/{made['id']}")[2:]
    kinds = [type(e.event) for e in fired]
    assert kinds == [*[ClockWarned] * 4, ClockBreached, DecisionEscalated, ClockStarted]
    noticed = datetime.fromisoformat(AFTER_DOWNTIME)
    assert {e.recorded_at for e in fired} == {noticed}
    assert [e.effective_at for e in fired[:5]] == [datetime.fromisoformat(moment) for moment in scheduled]
    assert {e.effective_at for e in fired[5:]} == {noticed}
    assert {e.actor.system for e in fired} == {"governance.clock"}
    started = events(api, alliance_id, f"decision/{made['id']}")[1]
    assert [e.cause.event for e in fired[:5]] == [str(started.event_id)] * 5
    assert [e.cause.event for e in fired[5:]] == [str(e.event_id) for e in fired[4:6]]
    assert turn(api.runtime) == 0


def test_what_is_not_due_costs_nothing(api: Api, united: Side, alliance_id: str) -> None:
    for _ in range(5):
        raised(united, alliance_id)
    assert turn(api.runtime) == 0
    assert rows(api, "SELECT count(*) FROM governance.due_steps WHERE due_at <= '2026-03-02'") == [(0,)]


def test_after_a_step_the_clock_waits_for_its_next_one(api: Api, united: Side, alliance_id: str, heard: Heard) -> None:
    made = raised(united, alliance_id)
    ahead = clock(united.worker, made)["steps_ahead"]
    for step, fired in ((ahead[0], 1), (ahead[1], 1), (ahead[3], 2)):
        api.set_clock(step["at"])
        assert (turn(api.runtime), turn(api.runtime)) == (fired, 0)
    api.set_clock(DUE)
    assert (turn(api.runtime), turn(api.runtime)) == (3, 0)
    assert heard() == []


def test_only_what_runs_has_a_row(api: Api, united: Side, alliance_id: str) -> None:
    kept, settled, outside = (
        raised(united, alliance_id, t) for t in ("roadmap_change", "roadmap_change", "party_time")
    )
    vote(united.manager, settled, "reject")
    found = {str(row[0]) for row in rows(api, "SELECT thing_id FROM governance.due_steps")}
    assert kept["id"] in found
    assert not found & {settled["id"], outside["id"]}


def test_several_workers_at_once_fire_each_step_once(
    api: Api, united: Side, alliance_id: str, second_alliance_id: str
) -> None:
    alliances = [alliance_id, second_alliance_id]
    made = [raised(united, alliances[n % 2]) for n in range(12)]
    before = rows(api, "SELECT count(*) FROM log.events")[0][0]
    api.set_clock(AFTER_DOWNTIME)
    together = Barrier(WORKERS)

    def work() -> int:
        together.wait()
        fired = idle = 0
        while idle < 3:
            now = turn(api.runtime)
            fired, idle = fired + now, 0 if now else idle + 1
        return fired

    with ThreadPoolExecutor(WORKERS) as pool:
        fired = sum(f.result() for f in [pool.submit(work) for _ in range(WORKERS)])
    assert fired == 7 * len(made) == rows(api, "SELECT count(*) FROM log.events")[0][0] - before
    for n, decision in enumerate(made):
        kinds = Counter(type(e.event) for e in events(api, alliances[n % 2], f"decision/{decision['id']}"))
        assert (kinds[ClockWarned], kinds[ClockBreached], kinds[DecisionEscalated], kinds[ClockStarted]) == (4, 1, 1, 2)
    assert list(verify(api.runtime.engine, GOVERNANCE.own)) == []


def test_a_vote_and_a_breach_at_the_same_moment_have_one_winner(
    api: Api, united: Side, hansa: Side, alliance_id: str
) -> None:
    made = [raised(united, alliance_id) for _ in range(8)]
    for decision in made:
        vote(united.manager, decision)
    api.set_clock("2026-03-17T15:00:00Z")
    together = Barrier(2)

    def cast() -> list[int]:
        together.wait()
        return [status(hansa.manager, f"decisions/{d['id']}/votes", "POST", {"choice": "approve"}) for d in made]

    def work() -> None:
        together.wait()
        for _ in made:
            turn(api.runtime)

    with ThreadPoolExecutor(2) as pool:
        voting, working = pool.submit(cast), pool.submit(work)
        working.result()
        answers = voting.result()
    assert set(answers) <= {200, 412}
    while turn(api.runtime):
        pass
    for decision, answer in zip(made, answers, strict=True):
        seen = shown(united.worker, decision)
        assert (seen["status"], seen["breached"]) == ("approved" if answer == 200 else "open", True)
        assert len(clock(united.worker, decision)["breaches"]) == 1
    assert list(verify(api.runtime.engine, GOVERNANCE.own)) == []


def test_an_approval_and_the_breach_in_two_processes_have_one_winner_by_seq(
    api: Api, module_url: str, united: Side, hansa: Side, alliance_id: str
) -> None:
    """At the due moment itself both are possible: what is approved first is in time, what is breached first is late."""
    made = [raised(united, alliance_id) for _ in range(8)]
    for decision in made:
        vote(united.manager, decision)
    with working(module_url, "governance.clock"):
        api.set_clock(DUE)
        while any(vote_or_lose(hansa, decision) for decision in made):
            pass
    for decision in made:
        told = events(api, alliance_id, f"decision/{decision['id']}")
        [approved] = [one for one in told if isinstance(one.event, DecisionApproved)]
        breaches = [one for one in told if isinstance(one.event, ClockBreached)]
        assert (approved.event.late, approved.event.settled_at) == (bool(breaches), datetime.fromisoformat(DUE))
        assert all(breach.seq < approved.seq for breach in breaches)
        assert len(breaches) <= 1
    assert list(verify(api.runtime.engine, GOVERNANCE.own)) == []


def vote_or_lose(side: Side, decision: Any) -> bool:
    """Whether the vote is still to be cast, because the other process wrote first."""
    answer = status(side.manager, f"decisions/{decision['id']}/votes", "POST", {"choice": "approve"})
    assert answer in {200, 409, 412}
    return answer == 412


def test_what_another_worker_holds_is_passed_over(api: Api, united: Side, alliance_id: str, heard: Heard) -> None:
    made = raised(united, alliance_id)
    other = raised(united, alliance_id)
    api.set_clock(DUE)
    with held(api, "SELECT 1 FROM governance.due_steps WHERE thing_id = %s FOR UPDATE", made["id"]):
        assert turn(api.runtime) == 7
        assert heard() == []
        assert shown(united.worker, other)["breached"] is True
        assert shown(united.worker, made)["breached"] is False
    assert turn(api.runtime) == 7
    assert shown(united.worker, made)["breached"] is True


def test_a_worker_gives_way_to_who_is_writing_the_ledger(
    api: Api, united: Side, alliance_id: str, second_alliance_id: str, heard: Heard
) -> None:
    made = raised(united, alliance_id)
    elsewhere = raised(united, second_alliance_id)
    api.set_clock(DUE)
    with held(api, "SELECT 1 FROM log.ledgers WHERE ledger_id = %s FOR UPDATE", alliance_id):
        assert turn(api.runtime) == 7
        assert heard() == [("clock gave way", made["id"])]
        assert shown(united.worker, elsewhere)["breached"] is True
    assert turn(api.runtime) == 7
    assert len(clock(united.worker, made)["breaches"]) == 1


def test_a_clock_that_fails_does_not_hold_up_the_others_and_catches_up_when_mended(
    api: Api, united: Side, alliance_id: str, heard: Heard
) -> None:
    broken, sound = raised(united, alliance_id), raised(united, alliance_id)
    with api.runtime.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM governance.decisions WHERE id = %s", (broken["id"],))
    api.set_clock(DUE)
    assert turn(api.runtime) == 7
    assert heard() == [("clock failed", broken["id"])]
    assert shown(united.worker, sound)["breached"] is True
    rebuild(api.runtime.engine, GOVERNANCE.own)
    assert turn(api.runtime) == 7
    assert shown(united.worker, broken)["breached"] is True


def test_the_next_step_is_found_by_an_index(api: Api, united: Side, alliance_id: str) -> None:
    raised(united, alliance_id)
    plan = rows(
        api,
        "EXPLAIN SELECT 1 FROM governance.due_steps WHERE due_at <= now() ORDER BY due_at LIMIT 1"
        " FOR UPDATE SKIP LOCKED",
        before="SET LOCAL enable_seqscan = off",
    )
    assert any("due_steps_by_due_at" in row[0] for row in plan)


def rows(api: Api, statement: str, *, before: str = "SELECT 1") -> list[Any]:
    with api.runtime.engine.connect() as connection:
        connection.exec_driver_sql(before)
        return [tuple(row) for row in connection.exec_driver_sql(statement)]


@contextmanager
def held(api: Api, statement: str, key: str) -> Iterator[None]:
    """Somebody else's lock, for as long as the block runs."""
    with api.runtime.engine.begin() as connection:
        connection.exec_driver_sql(statement, (key,))
        yield
