"""What it costs to know who asks: one read over HTTP, by somebody who proves who they are and by anybody."""

from __future__ import annotations

import os
from collections.abc import Callable
from statistics import median

import httpx
from fastapi import FastAPI

from services.directory.app import DIRECTORY
from services.directory.read_models.people import person
from shared.http.app import build_app
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Answer, Id
from shared.service import Service
from shared.testing.api import Api, runtime_on
from tests.bench.figures import Measured, by_turns
from tests.bench.processes import Line, free_port, line, process
from tests.bench.stage import Stage
from tests.integration.governance.road import system

URL = "BENCH_DATABASE_URL"
WARM_UP_REQUESTS = 50
TURNS = 5
"""In each round: what is compared differs by so little that a slow moment must meet both."""
LIMITS = {"requests_per_minute_credential": 60_000, "requests_per_minute_organisation": 60_000}
"""On, so that they are paid for, and higher than what is measured here."""


class Somebody(Answer):
    """One row of a read model."""

    id: Id
    name: str | None


def read(session: Session, organisation_id: Id, person_id: Id) -> Somebody:
    """One person, by one query."""
    row = session.view(organisation_id).one(person(organisation_id, person_id))
    return Somebody.model_validate(row)


def app() -> FastAPI:
    """Directory with the same read twice, what uvicorn serves with `--factory`."""
    router = Router("directory", "bench")
    path = "/bench/{organisation_id}/people/{person_id}"
    router.read(f"{path}/asked", scope="directory:read")(read)
    router.public(f"{path}/open")(read)
    directory = Service("directory", DIRECTORY.question, (*DIRECTORY.routers, router), DIRECTORY.read_models)
    return build_app(runtime_on(os.environ[URL], (directory,), clock="system", **LIMITS), (directory,))


def of_a_person(stage: Stage) -> Measured:
    return measured(stage, "a person's token", lambda owner: owner.token)


def of_a_system(stage: Stage) -> Measured:
    return measured(stage, "a system's API key", lambda owner: system(owner, "directory:read").token)


def measured(stage: Stage, what: str, credential: Callable[..., str]) -> Measured:
    with stage.database() as url:
        port = free_port()
        command = ["uvicorn", "--factory", "tests.bench.authentication:app", "--port", str(port), "--no-access-log"]
        with process([*command, "--log-level", "warning"], {URL: url}, port, "/healthz") as address:
            with httpx.Client(base_url=address, timeout=60) as client:
                owner = Api(client, runtime=None).organisation("Bench")  # type: ignore[arg-type]
                token = credential(owner)
            path = f"/directory/v1/bench/{owner.org}/people/{owner.person}"
            with line(address, token) as ours, line(address) as theirs:
                turns, times = stage.scale.rounds * TURNS, stage.scale.command_requests // TURNS
                return by_turns(
                    f"read one person with {what}, {times} requests a turn, one client, kept-alive, against the same"
                    " endpoint declared open to all in the same process: same transaction, query and answer; rate"
                    " limits are on",
                    "ms",
                    turns,
                    concord=p50(ours, f"{path}/asked", times),
                    reference=p50(theirs, f"{path}/open", times),
                )


def p50(on: Line, path: str, times: int) -> Callable[[], float]:
    """A turn: the median of so many requests. Warmed up once, here."""

    def turn() -> float:
        on.renew()
        return median(on.milliseconds("GET", path, expect=200) for _ in range(times))

    for _ in range(WARM_UP_REQUESTS):
        on.milliseconds("GET", path, expect=200)
    return turn
