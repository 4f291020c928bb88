"""The same command in a database that has grown, against one that has not."""

from __future__ import annotations

from uuid import UUID

from tests.bench.alliance import Alliance, alliance
from tests.bench.commands import DECISION, p50
from tests.bench.figures import Measured, by_turns
from tests.bench.history import multiply
from tests.bench.processes import concord, encoded, line
from tests.bench.stage import Stage


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
        events = grow(grown_url, grown, scale.grown_ledgers)
        with (
            line(str(grown_api.client.base_url), grown.member.token) as in_grown,
            line(str(empty_api.client.base_url), empty.member.token) as in_empty,
        ):
            return by_turns(
                f"raise a decision over HTTP, p50 of {times} a turn, with {events:,} events in"
                f" {scale.grown_ledgers:,} other ledgers of the database, their read models too",
                "ms",
                scale.rounds,
                concord=p50(in_grown, f"/governance/v1{grown.path}/decisions", body, times),
                reference=p50(in_empty, f"/governance/v1{empty.path}/decisions", body, times),
            )


def grow(url: str, made: Alliance, ledgers: int) -> int:
    """So many further alliances in which as much has happened as in this one; how many events they have in all."""
    made.decide()
    return multiply(url, [UUID(made.id)], ledgers)
