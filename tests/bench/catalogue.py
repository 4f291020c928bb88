"""Everything that is measured, against what, and what it has to reach."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.bench import (
    appends,
    authentication,
    clocks,
    commands,
    deliveries,
    growth,
    ingestion,
    overload,
    proofs,
    reading,
    rebuilding,
    webhooks_neighbours,
)
from tests.bench.figures import Measured, Target, at_least, at_most
from tests.bench.stage import Stage


@dataclass(frozen=True)
class Benchmark:
    name: str
    against: str
    """The reference, measured in the same run by turns; empty where the target is a time."""
    target: Target
    measure: Callable[[Stage], Measured]


BENCHMARKS = (
    Benchmark("appends/s, 16 writers, 100 ledgers", "a table with no order", at_least(0.7), appends.against_no_order),
    Benchmark(
        "appends/s, 16 writers, 100 ledgers",
        "the eventsourcing library's PostgreSQL recorder",
        at_least(4),
        appends.against_stock_recorder,
    ),
    Benchmark("one command over HTTP, p50", "the smallest FastAPI and psycopg endpoint", at_most(2), commands.command),
    Benchmark(
        "a read with a person's token, p50", "the same without authentication", at_most(1.3), authentication.of_a_person
    ),
    Benchmark(
        "a read with a system's key, p50", "the same without authentication", at_most(1.3), authentication.of_a_system
    ),
    Benchmark("observations/s over HTTP, CSV", "COPY of the same rows", at_least(0.7), ingestion.as_csv),
    Benchmark("observations/s over HTTP, Arrow", "COPY of the same rows", at_least(0.7), ingestion.as_arrow),
    Benchmark("observations/s over HTTP, JSON", "COPY of the same rows", at_least(0.4), ingestion.as_json),
    Benchmark("p99 of accepted batches at three times the capacity", "at capacity", at_most(2), overload.three_times),
    Benchmark(
        "replay of all read models, events/s",
        "reading and decoding the same events",
        at_least(0.5),
        reading.replay,
    ),
    Benchmark(
        "a write while the read models of its ledger are rebuilt, p99", "", at_most(100, "ms"), rebuilding.writes
    ),
    Benchmark("as_of read of a 10,000-event ledger, p99", "", at_most(1_000, "ms"), reading.as_of),
    Benchmark("what changed in a 10,000-event ledger (diff), p99", "", at_most(1_000, "ms"), reading.diff),
    Benchmark("inclusion proof in a very long ledger, p99", "", at_most(10, "ms"), proofs.inclusion),
    Benchmark("a write in a database that has grown", "an empty database", at_most(1.2), growth.write),
    Benchmark(
        "a turn of the time worker, 10 clocks due of 100,000 open",
        "10 due of 1,000 open",
        at_most(1.2),
        clocks.open_clocks,
    ),
    Benchmark(
        "webhook deliveries/s to a local sink", "a bare async client posting the same", at_least(0.6), deliveries.sent
    ),
    Benchmark(
        "healthy webhook endpoints' p99 beside one dead and one slow",
        "without these two",
        at_most(1.1),
        webhooks_neighbours.beside_dead_and_slow,
    ),
    Benchmark(
        "webhook deliveries/s beside a transaction held open",
        "without it",
        at_least(0.9),
        webhooks_neighbours.beside_old_transaction,
    ),
)
