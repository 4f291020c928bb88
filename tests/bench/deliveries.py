"""Webhook deliveries to a local sink, against a bare async client that posts the same bodies to it."""

from __future__ import annotations

import asyncio
import json
import time
from http import HTTPStatus
from typing import Any
from uuid import UUID

import httpcore
import psycopg

from services.webhooks.domain.envelope import Notice, cloud_event
from services.webhooks.reactions import DELIVERIES
from services.webhooks.sending.sender import turn
from shared.log.followers import Following
from shared.service import Runtime
from tests.bench.alliance import alliance
from tests.bench.figures import Measured, by_turns
from tests.bench.history import lengthen
from tests.bench.processes import concord, free_port, process
from tests.bench.stage import Stage

ENDPOINTS = 16
AT_ONCE = 32
"""Concord sends two at once to one endpoint; the bare client has as many requests under way."""
NOTICES = "SELECT event_type, event_id, source, seq, subject, recorded_at, data FROM webhooks.deliveries LIMIT %s"
WAITING = "SELECT count(*) FROM webhooks.deliveries WHERE state = 'waiting'"


def sent(stage: Stage) -> Measured:
    port = free_port()
    with (
        stage.database() as url,
        concord(url) as api,
        process(["tests.bench.sink", str(port)], {}, port, "/") as sink,
        psycopg.connect(url, autocommit=True) as connection,
    ):
        made = alliance(api)
        for n in range(ENDPOINTS):
            body = {"url": f"{sink}/hooks/{n}", "event_types": ["governance.*"]}
            made.ours.sponsor.post("/webhooks/v1/endpoints", body)
        made.decide()
        ledger_id = UUID(made.id)
        events = lengthen(url, ledger_id, "decision", 0)

        def concords() -> float:
            nonlocal events
            events = lengthen(url, ledger_id, "decision", events + stage.scale.deliveries // ENDPOINTS)
            Following(api.runtime.engine, DELIVERIES).turn()
            return deliver(connection, api.runtime)

        def bare() -> float:
            bodies = [bytes_of(row) for row in connection.execute(NOTICES, (stage.scale.deliveries,))]
            return asyncio.run(post_all(f"{sink}/hooks/0", bodies))

        concords()
        return by_turns(
            f"about {stage.scale.deliveries:,} deliveries a turn to {ENDPOINTS} endpoints of one sink: claimed under a"
            f" lease, signed, posted, and each attempt written down; the bare client has {AT_ONCE} requests under way"
            " over kept-alive connections and does nothing else",
            "deliveries/s",
            stage.scale.rounds,
            concord=concords,
            reference=bare,
        )


def deliver(connection: psycopg.Connection[Any], runtime: Runtime) -> float:
    """Send all that waits; deliveries a second until the last is written down."""
    count = waiting(connection)
    if not count:
        raise RuntimeError("No delivery waits to be sent.")
    started = time.perf_counter()
    while waiting(connection):
        turn(runtime)
    seconds = time.perf_counter() - started
    failed = connection.execute("SELECT count(*) FROM webhooks.deliveries WHERE state <> 'delivered'").fetchone()
    if failed is None or failed[0]:
        raise RuntimeError(f"{failed} deliveries did not arrive.")
    return count / seconds


def waiting(connection: psycopg.Connection[Any]) -> int:
    row = connection.execute(WAITING).fetchone()
    assert row is not None
    return int(row[0])


def bytes_of(row: tuple[Any, ...]) -> bytes:
    kind, event_id, ledger_id, seq, stream, recorded_at, data = row
    notice = Notice(kind, event_id, ledger_id, seq, stream, recorded_at, json.loads(data))
    return cloud_event(notice, "http://127.0.0.1")


async def post_all(url: str, bodies: list[bytes]) -> float:
    """Post them all, so many at once; how many a second."""
    left = iter(bodies)

    async def post_some() -> None:
        # A client each: httpcore's pool looks through all its connections at every request, so one of 32 would be slow.
        async with httpcore.AsyncConnectionPool(max_connections=1) as client:
            for body in left:
                answer = await client.request("POST", url, content=body)
                if answer.status != HTTPStatus.NO_CONTENT:
                    raise RuntimeError(f"The sink answered {answer.status}.")

    started = time.perf_counter()
    await asyncio.gather(*(post_some() for _ in range(AT_ONCE)))
    return len(bodies) / (time.perf_counter() - started)
