"""A tick of the time worker costs what is due, not what is open: 100,000 clocks against 1,000, ten due in each."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from statistics import median

import pytest

from services.governance.time_worker import turn
from shared.testing.api import Api
from tests.integration.governance.road import MONDAY, Side, quietly_governed, raised, vote

FEW, MANY, DUE_A_TICK = 1_000, 100_000, 10
EVENTS_A_CLOCK = 7
"""Two warnings for each of two sides, the breach, the escalation and the start of the next clock."""
ROUNDS, RATIO_MAX = 5, 1.2
FILL = (
    "INSERT INTO governance.due_steps (ledger_id, noun, thing_id, steps, due_at, set_by)"
    " SELECT gen_random_uuid(), 'decision', gen_random_uuid(), '[]',"
    " timestamptz '2090-01-01' + n * interval '1 minute', gen_random_uuid() FROM generate_series(1, %s) AS g (n)"
)


@pytest.mark.faults
def test_a_tick_costs_what_is_due_and_not_what_is_open(api: Api, united: Side, hansa: Side) -> None:
    at = datetime.fromisoformat(MONDAY)
    alliance_id = quietly_governed(united, hansa)
    times: dict[int, list[float]] = {FEW: [], MANY: []}
    for _ in range(ROUNDS):
        for still_open, taken in times.items():
            fill(api, still_open)
            api.set_clock(at.isoformat())
            made = [raised(united, alliance_id) for _ in range(DUE_A_TICK)]
            at += timedelta(days=21)
            api.set_clock(at.isoformat())
            began = time.perf_counter()
            assert turn(api.runtime) == DUE_A_TICK * EVENTS_A_CLOCK
            taken.append(time.perf_counter() - began)
            for decision in made:
                vote(united.manager, decision, "reject")
    ratio = median(many / few for few, many in zip(times[FEW], times[MANY], strict=True))
    assert ratio <= RATIO_MAX, f"{ratio:.2f} times as long with {MANY:,} open as with {FEW:,}"


def fill(api: Api, still_open: int) -> None:
    """So many clocks that are due in a far future, in place of those of the last round."""
    with api.runtime.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM governance.due_steps WHERE due_at >= '2090-01-01'")
        connection.exec_driver_sql(FILL, (still_open,))
    with api.runtime.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE governance.due_steps")
