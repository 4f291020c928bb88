"""What others do to a delivery: a dead and a slow endpoint beside it, and a transaction that is held open for long."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from threading import enumerate as enumerate_threads
from uuid import UUID

import psycopg

from services.webhooks.reactions import DELIVERIES
from services.webhooks.sending.sender import THREAD
from shared.log.followers import Following
from shared.processes import Loops
from shared.service import Runtime
from tests.bench.alliance import Alliance, alliance
from tests.bench.deliveries import deliver
from tests.bench.figures import Measured, by_turns, p99
from tests.bench.history import lengthen
from tests.bench.processes import concord, free_port, process
from tests.bench.stage import Stage

HEALTHY = 20
SLOW_SECONDS = 3.0
ROUND_SECONDS = 4.0
PAUSE_SECONDS = 0.4
LATENCIES = (
    "SELECT extract(epoch FROM a.started_at - d.created_at)::float8 * 1000 + a.duration_ms"
    "  FROM webhooks.deliveries d JOIN webhooks.attempts a USING (ledger_id, endpoint_id, event_id)"
    "  JOIN webhooks.endpoints e ON e.ledger_id = d.ledger_id AND e.id = d.endpoint_id"
    " WHERE d.state = 'delivered' AND a.number = 1 AND d.created_at >= %s AND e.description = 'healthy'"
)
HOLD = "SELECT pg_current_xact_id(), count(*) FROM webhooks.deliveries"
DEAD, SLOW, ALIVE = "dead", "slow", "healthy"


class Late(BaseHTTPRequestHandler):
    """Answers 204 after SLOW_SECONDS, or, at /dead, never before the sender has given up."""

    def do_POST(self) -> None:
        time.sleep(60 if self.path == "/dead" else SLOW_SECONDS)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def late() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Late) as server:
        server.daemon_threads = True
        server.block_on_close = False
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


@contextmanager
def at_work(runtime: Runtime) -> Iterator[None]:
    """The follower and the sender as they run in earnest, and the end of what they began."""
    loops = Loops(runtime)
    loops.start(frozenset({"webhooks.deliveries", "webhooks.sender"}))
    try:
        yield
    finally:
        loops.stop()
        for thread in enumerate_threads():
            if thread.name == THREAD:
                thread.join()


def register(made: Alliance, url: str, words: str) -> str:
    body = {"url": url, "event_types": ["governance.*"], "description": words}
    return str(made.ours.sponsor.post("/webhooks/v1/endpoints", body)["id"])


def beside_dead_and_slow(stage: Stage) -> Measured:
    """p99 of the time from queued to answered at healthy endpoints, with the two neighbours and without."""
    port = free_port()
    with ExitStack() as all_of:
        url = all_of.enter_context(stage.database())
        api = all_of.enter_context(concord(url))
        sink = all_of.enter_context(process(["tests.bench.sink", str(port)], {}, port, "/"))
        lazy = all_of.enter_context(late())
        connection = all_of.enter_context(psycopg.connect(url, autocommit=True))
        made = alliance(api)
        for n in range(HEALTHY):
            register(made, f"{sink}/hooks/{n}", ALIVE)
        others = [register(made, f"{lazy}/{path}", path) for path in (DEAD, SLOW)]
        made.decide()
        all_of.enter_context(at_work(api.runtime))

        def measured(status: str) -> Callable[[], float]:
            def one_round() -> float:
                connection.execute("UPDATE webhooks.endpoints SET status = %s WHERE id = ANY(%s)", (status, others))
                row = connection.execute("SELECT clock_timestamp()").fetchone()
                over_at = time.monotonic() + ROUND_SECONDS
                while time.monotonic() < over_at:
                    made.decide()
                    time.sleep(PAUSE_SECONDS)
                time.sleep(1)  # for the last to arrive
                assert row is not None
                return p99([float(ms[0]) for ms in connection.execute(LATENCIES, row)])

            return one_round

        measured("disabled")()
        return by_turns(
            f"p99 from queued to answered at {HEALTHY} endpoints, while one beside them never answers and one takes"
            f" {SLOW_SECONDS:g} s, against the same without these two; lower is better",
            "ms",
            stage.scale.rounds,
            concord=measured("enabled"),
            reference=measured("disabled"),
        )


def beside_old_transaction(stage: Stage) -> Measured:
    """Deliveries a second while a transaction is open since the beginning, and without one."""
    port = free_port()
    with (
        stage.database() as url,
        concord(url) as api,
        process(["tests.bench.sink", str(port)], {}, port, "/") as sink,
        psycopg.connect(url, autocommit=True) as connection,
    ):
        made = alliance(api)
        for n in range(HEALTHY):
            register(made, f"{sink}/hooks/{n}", ALIVE)
        made.decide()
        ledger_id = UUID(made.id)
        events = 0

        def one_round() -> float:
            nonlocal events
            events = lengthen(url, ledger_id, "decision", events + stage.scale.deliveries * 2 // HEALTHY)
            Following(api.runtime.engine, DELIVERIES).turn()
            return deliver(connection, api.runtime)

        def beside() -> float:
            with psycopg.connect(url) as old:
                old.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                old.execute(HOLD)
                for _ in range(2):
                    one_round()
                return one_round()

        one_round()
        return by_turns(
            f"about {stage.scale.deliveries * 2:,} deliveries to {HEALTHY} endpoints beside a transaction held open"
            " since before the last three times as many, against none",
            "deliveries/s",
            stage.scale.rounds,
            concord=beside,
            reference=one_round,
        )
