"""A tick of the time worker costs what is due, not what is open: ten clocks due among many open ones, and among few."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import count

from services.governance.time_worker import turn
from services.rooms import ROOMS
from shared.testing.api import Api, serve
from tests.bench.figures import Measured, by_turns
from tests.bench.processes import MILLISECONDS
from tests.bench.stage import Stage
from tests.integration.governance.road import MONDAY, Side, quietly_governed, raised, vote

FEW, MANY, DUE_A_TICK = 1_000, 100_000, 10
EVENTS_A_CLOCK = 7
"""Two warnings for each of two sides, the breach, the escalation and the start of the next clock."""
BETWEEN_TICKS = timedelta(days=21)
FILL = (
    "INSERT INTO governance.due_steps (ledger_id, noun, thing_id, steps, due_at, set_by)"
    " SELECT gen_random_uuid(), 'decision', gen_random_uuid(), '[]',"
    " timestamptz '2090-01-01' + n * interval '1 minute', gen_random_uuid() FROM generate_series(1, %s) AS g (n)"
)


def open_clocks(stage: Stage) -> Measured:
    with stage.database() as url, serve(url, ROOMS) as api:
        api.set_clock(MONDAY)
        ours, theirs = (
            Side(sponsor, api.colleague(sponsor, "A manager"), api.colleague(sponsor, "A planner"))
            for sponsor in (api.organisation("United"), api.organisation("ExpressJet"))
        )
        tick = ticks(api, ours, quietly_governed(ours, theirs))
        return by_turns(
            f"one turn of the time worker with {DUE_A_TICK} decisions due, {EVENTS_A_CLOCK} events each, among {MANY:,}"
            f" open clocks against {FEW:,}",
            "ms",
            stage.scale.rounds,
            concord=lambda: tick(MANY),
            reference=lambda: tick(FEW),
        )


def ticks(api: Api, side: Side, alliance_id: str) -> Callable[[int], float]:
    """A turn with so many clocks open that are due in a far future; the milliseconds it took."""
    moments = moments_of_ticks()

    def tick(still_open: int) -> float:
        fill(api, still_open)
        api.set_clock(next(moments).isoformat())
        made = [raised(side, alliance_id) for _ in range(DUE_A_TICK)]
        api.set_clock(next(moments).isoformat())
        began = time.perf_counter()
        fired = turn(api.runtime)
        taken = time.perf_counter() - began
        assert fired == DUE_A_TICK * EVENTS_A_CLOCK, f"{fired} events came of what was due"
        for decision in made:
            vote(side.manager, decision, "reject")
        return taken * MILLISECONDS

    return tick


def moments_of_ticks() -> Iterator[datetime]:
    begun = datetime.fromisoformat(MONDAY)
    return (begun + n * BETWEEN_TICKS for n in count())


def fill(api: Api, still_open: int) -> None:
    """So many clocks that are due in a far future, in place of those of the last round."""
    with api.runtime.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM governance.due_steps WHERE due_at >= '2090-01-01'")
        connection.exec_driver_sql(FILL, (still_open,))
    with api.runtime.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE governance.due_steps")
