"""What every benchmark stands on: a PostgreSQL with fsync on in a temporary folder, and the scale."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from shared.database.engine import make_engine
from shared.database.migrate import migrate
from shared.testing.postgres import PostgresServer, fresh_database, postgres_server, with_database

TEMPLATE = "concord"


@dataclass(frozen=True)
class Scale:
    """How much of each thing is measured."""

    rounds: int
    """Turns of A and B each."""
    append_seconds: float
    command_requests: int
    """Commands in one turn."""
    ingested_rows: int
    ingestion_rounds: int
    overload_seconds: float
    """Of one turn at capacity, and of one beyond it."""
    replayed_events: int
    as_of_reads: int
    proof_entries: int
    proofs: int
    grown_ledgers: int
    deliveries: int


FULL = Scale(
    rounds=5,
    append_seconds=2.0,
    command_requests=150,
    ingested_rows=100_000,
    ingestion_rounds=3,
    overload_seconds=8.0,
    replayed_events=20_000,
    as_of_reads=30,
    proof_entries=1_000_000,
    proofs=300,
    grown_ledgers=10_000,
    deliveries=1_000,
)
QUICK = Scale(
    rounds=2,
    append_seconds=0.5,
    command_requests=30,
    ingested_rows=10_000,
    ingestion_rounds=1,
    overload_seconds=3.0,
    replayed_events=2_400,
    as_of_reads=3,
    proof_entries=50_000,
    proofs=50,
    grown_ledgers=1_000,
    deliveries=100,
)


@dataclass(frozen=True)
class Stage:
    server: PostgresServer
    scale: Scale
    say: Callable[[str], None]
    """Tells the person who waits what is going on."""

    @contextmanager
    def database(self) -> Iterator[str]:
        """The URL of a new database with Concord's schema, dropped at the end."""
        with fresh_database(self.server, TEMPLATE) as url:
            yield url


@contextmanager
def stage(scale: Scale, say: Callable[[str], None]) -> Iterator[Stage]:
    with postgres_server(fsync=True) as server:
        engine = make_engine(with_database(server.url, TEMPLATE), pool_size=1)
        migrate(engine)
        engine.dispose()
        yield Stage(server, scale, say)
