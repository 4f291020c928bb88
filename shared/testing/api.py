"""Concord in one process for tests: the real application over a real database, spoken to through its HTTP API."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI
from pydantic import SecretStr

from shared.auth.authenticate import Authenticator
from shared.auth.development import DevelopmentIssuer
from shared.auth.oidc import Issuers
from shared.database.engine import make_engine
from shared.http.app import build_app
from shared.ids import uuid7
from shared.processes import end
from shared.service import Runtime, Service
from shared.settings import Settings
from shared.sockets import bind, server_config

OPERATOR_KEY = "the-operator-key-of-the-tests"
SECRET = "a secret of the tests, long enough"
LIMITS = ("requests_per_minute_credential", "requests_per_minute_organisation", "failed_sign_ins_free")
"""Off, where a test does not ask for them: it sends more in a minute, and more that is wrong, than a partner would."""
WEEK = {day: [{"start": "09:00", "end": "17:00"}] for day in ("mon", "tue", "wed", "thu", "fri")}


def runtime_on(url: str, services: tuple[Service, ...], *, clock: str = "test", **more: Any) -> Runtime:
    unlimited = dict.fromkeys(LIMITS, 0)
    settings = Settings(
        database_url=url,
        home=Path("/nonexistent"),
        clock=clock,
        secret=SecretStr(SECRET),
        operator_key=SecretStr(OPERATOR_KEY),
        webhooks_allow_http=True,
        **{**unlimited, "stream_seconds": 1, **more},
    ).settled()
    issuer = DevelopmentIssuer.of(SECRET, settings.origin)
    engine = make_engine(url, pool_size=settings.pool_size)
    return Runtime(settings, engine, Authenticator(issuer, OPERATOR_KEY, Issuers(plain_http=True)), services)


@dataclass(frozen=True)
class Member:
    """A person of an organisation, signed in."""

    api: Api
    org: str
    person: str
    token: str

    def headers(self, more: dict[str, str] | None = None) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", **(more or {})}

    def get(self, path: str, **query: Any) -> Any:
        return self.api.expect(200, self.api.client.get(path, params=query, headers=self.headers()))

    def post(self, path: str, body: Any, *, expect: int = 201, **headers: str) -> Any:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.api.expect(expect, self.api.client.post(path, json=body, headers=self.headers(sent)))

    def change(self, path: str, body: Any, version: int, *, method: str = "POST", expect: int = 200) -> Any:
        sent = self.headers({"If-Match": f'"{version}"'})
        return self.api.expect(expect, self.api.client.request(method, path, json=body, headers=sent))


@dataclass(frozen=True)
class Api:
    """What a test needs of the API to begin: organisations, people signed in, and the clock."""

    client: httpx.Client
    runtime: Runtime

    @staticmethod
    def expect(status: int, response: Any) -> Any:
        assert response.status_code == status, f"{response.status_code}: {response.text}"
        return response.json() if response.content else None

    def operator(self, path: str, body: Any) -> Any:
        return self.expect(201, self.client.post(path, json=body, headers={"Authorization": f"Bearer {OPERATOR_KEY}"}))

    def organisation(self, name: str, **more: Any) -> Member:
        """A new organisation and its owner, signed in."""
        body = {
            "legal_name": f"{name} Inc.",
            "display_name": name,
            "country": "US",
            "calendar": {"time_zone": "America/Chicago", "week": WEEK, "holiday_country": "US"},
            "owner": {"name": f"Owner of {name}", "email": f"owner@{name.lower()}.example", "level": "executive"},
            **more,
        }
        made = self.operator("/directory/v1/organisations", body)
        return self.sign_in(made["id"], made["owner_id"])

    def sign_in(self, org: str, person: str) -> Member:
        made = self.operator("/directory/v1/development/tokens", {"organisation_id": org, "person_id": person})
        return Member(self, org, person, made["token"])

    def colleague(self, of: Member, name: str, level: str = "working") -> Member:
        made = of.post(
            "/directory/v1/people",
            {"name": name, "email": f"{uuid7()}@example.com", "level": level, "roles": ["member"]},
        )
        return self.sign_in(of.org, made["id"])

    def set_clock(self, now: str) -> None:
        self.expect(200, self.client.put("/-/clock", json={"now": now}))


@contextmanager
def serve(url: str, services: tuple[Service, ...], **settings: Any) -> Iterator[Api]:
    """The application on this database, and the database's connections given back at the end."""
    runtime = runtime_on(url, services, **settings)
    try:
        with listening(build_app(runtime, services)) as address, httpx.Client(base_url=address, timeout=60) as client:
            yield Api(client, runtime)
    finally:
        runtime.engine.dispose()


@contextmanager
def listening(app: FastAPI) -> Iterator[str]:
    """The application behind a real socket, in a thread; its address."""
    server = uvicorn.Server(server_config(app))
    with bind("127.0.0.1", 0) as door:
        thread = Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{door.getsockname()[1]}"
        finally:
            end(server, app.state.runtime)
            thread.join()
