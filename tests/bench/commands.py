"""One command over HTTP, one client after another's answer: the median time against the smallest endpoint there is."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median

import psycopg

from tests.bench import smallest
from tests.bench.alliance import alliance
from tests.bench.figures import Measured, by_turns
from tests.bench.processes import Line, concord, encoded, line, smallest_endpoint
from tests.bench.stage import Stage

WARM_UP_REQUESTS = 20
DECISION = {"type": "roadmap_change", "subject": "Launch in the autumn"}
THING = {"title": "Launch in the autumn", "body": "Both sides are ready, and the summer timetable is full."}


def command(stage: Stage) -> Measured:
    with stage.database() as url:
        with psycopg.connect(url) as connection:
            connection.execute(smallest.TABLE)
        with concord(url) as api, smallest_endpoint(url) as small:
            made = alliance(api)
            with line(str(api.client.base_url), made.member.token) as ours, line(small) as theirs:
                times = stage.scale.command_requests
                concord_p50 = p50(ours, f"/governance/v1{made.path}/decisions", encoded(DECISION), times)
                reference_p50 = p50(theirs, "/things", encoded(THING), times)
                return by_turns(
                    f"raise a decision, {times} requests a turn, one client, kept-alive; each in its own uvicorn"
                    " process over the same PostgreSQL; ours authenticates, loads the alliance and its governance"
                    " model, routes the decision and starts its clock, appends, writes its read models, answers from"
                    " them, and logs the request as in production",
                    "ms",
                    stage.scale.rounds,
                    concord=concord_p50,
                    reference=reference_p50,
                )


def p50(on: Line, path: str, body: bytes, times: int) -> Callable[[], float]:
    """A turn: the median of so many requests. Both sides are warmed up once, here."""

    def turn() -> float:
        on.renew()
        return median(on.milliseconds("POST", path, body, expect=201) for _ in range(times))

    for _ in range(WARM_UP_REQUESTS):
        on.milliseconds("POST", path, body, expect=201)
    return turn
