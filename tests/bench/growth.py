"""The same command in a database that has grown, against one that has not."""

from __future__ import annotations

from uuid import UUID

from shared.database.engine import make_engine
from shared.log.rebuild import rebuild_ledger
from tests.bench.alliance import Alliance, alliance
from tests.bench.commands import DECISION, p50
from tests.bench.figures import Measured, by_turns
from tests.bench.history import lengthen, multiply
from tests.bench.processes import concord, encoded, line
from tests.bench.reading import services_models
from tests.bench.stage import Stage

STARTING_DECISIONS = 3


def write(stage: Stage) -> Measured:
    scale = stage.scale
    body, times = encoded(DECISION), scale.command_requests
    with (
        stage.database() as grown_url,
        stage.database() as empty_url,
        concord(grown_url) as grown_api,
        concord(empty_url) as empty_api,
    ):
        grown, empty = alliance(grown_api), alliance(empty_api)
        grow(grown_url, grown, scale.grown_events, scale.grown_ledgers)
        with (
            line(str(grown_api.client.base_url), grown.member.token) as in_grown,
            line(str(empty_api.client.base_url), empty.member.token) as in_empty,
        ):
            return by_turns(
                f"raise a decision over HTTP, p50 of {times} a turn, with {scale.grown_events:,} events in"
                f" {scale.grown_ledgers:,} ledgers in the database, their read models too",
                "ms",
                scale.rounds,
                concord=p50(in_grown, f"/governance/v1{grown.path}/decisions", body, times),
                reference=p50(in_empty, f"/governance/v1{empty.path}/decisions", body, times),
            )


def grow(url: str, made: Alliance, events: int, ledgers: int) -> None:
    """Further alliances until there are so many events and ledgers; the given one has a few events more than before."""
    for _ in range(STARTING_DECISIONS):
        made.decide()
    lengthen(url, UUID(made.id), "decision", events // ledgers)
    engine = make_engine(url, pool_size=1)
    with engine.begin() as connection:
        for models in services_models():
            rebuild_ledger(connection, models, UUID(made.id), None)
    engine.dispose()
    multiply(url, [UUID(made.id)], ledgers - 1)
