"""Alive, ready, measured, and what each problem means: the pages that need no credential and show no tenant data."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from pydantic import BaseModel
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from shared.database.migrate import newest_revision, revision_of
from shared.http.problems import KINDS, answer, problem
from shared.http.types import moment_of, z
from shared.log.envelope import from_us, to_us
from shared.service import Runtime

LAG = (
    "SELECT %s::text, coalesce(sum(greatest(l.size - coalesce(p.next, 0), 0)), 0)::bigint,"
    " count(*) FILTER (WHERE p.failure IS NOT NULL) FROM log.ledgers l"
    " LEFT JOIN log.places p ON p.ledger_id = l.ledger_id AND p.follower = %s"
)


def add_health(app: FastAPI) -> None:
    app.add_api_route("/healthz", alive, include_in_schema=False)
    app.add_api_route("/readyz", ready, include_in_schema=False)
    app.add_api_route("/-/metrics", measures, include_in_schema=False)
    for path in ("/problems", "/problems/"):
        app.add_api_route(path, list_kinds, include_in_schema=False)
    app.add_api_route("/problems/{kind}", explain, include_in_schema=False)
    if app.state.runtime.settings.clock == "test":
        app.add_api_route("/-/clock", show_clock, include_in_schema=False)
        app.add_api_route("/-/clock", set_clock, methods=["PUT"], include_in_schema=False)


def alive() -> Response:
    return PlainTextResponse("alive\n")


def ready(request: Request) -> Response:
    """200 when the database answers, its schema is ours and no follower has stopped; else 503, with the figures."""
    found = state(request.app.state.runtime)
    return JSONResponse(found, 200 if found["ready"] else 503, {} if found["ready"] else {"Retry-After": "1"})


def state(runtime: Runtime) -> dict[str, Any]:
    try:
        with runtime.engine.connect() as connection:
            return readiness(connection, [f.name for s in runtime.services for f in s.followers])
    except SQLAlchemyError:
        return {"ready": False, "database": "does not answer"}


def readiness(connection: Connection, followers: list[str]) -> dict[str, Any]:
    at, wanted = revision_of(connection), newest_revision()
    if at != wanted:
        return {"ready": False, "database": "answers", "migrations": {"at": at, "wanted": wanted}}
    connection.exec_driver_sql("SELECT set_config('concord.org', 'system', true)")  # or row security shows no ledger
    behind = []
    for name in followers:
        _, lag, stopped = connection.exec_driver_sql(LAG, (name, name)).one()
        behind.append({"follower": name, "events_behind": lag, "ledgers_stopped": stopped})
    return {
        "ready": not any(f["ledgers_stopped"] for f in behind),
        "database": "answers",
        "migrations": {"at": at, "wanted": wanted},
        "followers": behind,
    }


def measures(request: Request) -> Response:
    """What this process counted, and what the database says now of the followers of its services."""
    return Response(
        generate_latest() + generate_latest(state_of(request.app.state.runtime)), media_type=CONTENT_TYPE_LATEST
    )


def state_of(runtime: Runtime) -> CollectorRegistry:
    """Ready or not, and each follower's lag; asked anew, so that it is true however long ago somebody asked."""
    registry = CollectorRegistry()
    ready = Gauge("concord_ready", "1 when /readyz answers 200.", registry=registry)
    behind = Gauge("concord_follower_events_behind", "Events yet to be applied.", ["follower"], registry=registry)
    stopped = Gauge(
        "concord_follower_ledgers_stopped", "Ledgers with an event that could not be applied.", ["follower"],
        registry=registry,
    )  # fmt: skip
    found = state(runtime)
    ready.set(found["ready"])
    for follower in found.get("followers", ()):
        behind.labels(follower["follower"]).set(follower["events_behind"])
        stopped.labels(follower["follower"]).set(follower["ledgers_stopped"])
    return registry


def explain(kind: str, request: Request) -> Response:
    """What a problem type means and what to do about it."""
    if kind not in KINDS:
        return answer(problem("not-found", "There is no such kind of problem."), request.scope["concord.request_id"])
    return JSONResponse(explained(kind))


def list_kinds() -> Response:
    """Every kind of problem that there is."""
    return JSONResponse({"items": [explained(kind) for kind in KINDS]})


def explained(kind: str) -> dict[str, Any]:
    status, title, words = KINDS[kind]
    return {"type": f"/problems/{kind}", "title": title, "status": status, "description": words}


class TestClock(BaseModel):
    """The moment at which every process of this installation lives."""

    now: str


def show_clock(request: Request) -> Response:
    with request.app.state.runtime.engine.connect() as connection:
        now = connection.exec_driver_sql("SELECT log.now_us()").scalar_one()
    return JSONResponse({"now": z(from_us(now))})


def set_clock(request: Request, body: TestClock) -> Response:
    """Move the test clock; served only with CONCORD_CLOCK=test, which production refuses."""
    try:
        now = to_us(moment_of(body.now))
    except ValueError as error:
        return answer(problem("invalid", str(error)), request.scope["concord.request_id"])
    with request.app.state.runtime.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO log.test_clock (now_us) VALUES (%s)"
            " ON CONFLICT (only_row) DO UPDATE SET now_us = excluded.now_us",
            (now,),
        )
    return JSONResponse({"now": z(from_us(now))})
