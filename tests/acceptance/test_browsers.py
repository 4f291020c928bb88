"""What browsers and other go-betweens are told: security headers on every answer, CORS closed unless it is opened."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from services.directory.app import DIRECTORY
from shared.http.app import HEADERS_OUT, build_app
from shared.http.openapi import document
from shared.http.operation import Passing
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Answer
from shared.service import Service
from shared.testing.api import Api, listening, runtime_on, serve

PEOPLE = "/directory/v1/people"
OURS, THEIRS = "https://app.united.example", "https://evil.example"
PATHS = ("/", "/healthz", "/readyz", "/-/metrics", "/openapi.json", "/problems/stale", "/nowhere", PEOPLE)


@pytest.fixture(scope="module")
def opened(module_url: str) -> Iterator[Api]:
    with serve(module_url, (DIRECTORY,), cors_origins=(OURS,), hsts_seconds=31_536_000) as running:
        yield running


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS"])
@pytest.mark.parametrize("path", PATHS)
def test_every_answer_has_the_security_headers(api: Api, path: str, method: str) -> None:
    answer = api.client.request(method, path)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["cache-control"] == "no-store"
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "script-src" not in policy
    assert "strict-transport-security" not in answer.headers


def test_pages_may_have_styles_and_nothing_else(api: Api) -> None:
    policy = api.client.get("/").headers["content-security-policy"]
    assert "style-src 'unsafe-inline'" in policy
    assert "style-src" not in api.client.get("/healthz").headers["content-security-policy"]


def test_tenant_data_is_not_kept_by_anybody_between(api: Api) -> None:
    ana = api.organisation("Cached")
    assert api.client.get(PEOPLE, headers=ana.headers()).headers["cache-control"] == "no-store"


def test_https_alone_when_it_is_set(opened: Api) -> None:
    assert opened.client.get("/healthz").headers["strict-transport-security"] == "max-age=31536000"


def preflight(api: Api, origin: str, method: str = "PUT") -> httpx.Response:
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization, if-match, idempotency-key, content-type",
    }
    return api.client.options(f"{PEOPLE}/x", headers=asked)


def test_cors_is_closed(api: Api) -> None:
    for answer in (preflight(api, OURS), api.client.get("/healthz", headers={"Origin": OURS})):
        assert [name for name in answer.headers if name.startswith("access-control")] == []


def test_cors_is_open_to_the_configured_origin_alone(opened: Api) -> None:
    ours = preflight(opened, OURS)
    assert ours.status_code == 200
    assert ours.headers["access-control-allow-origin"] == OURS
    assert "PUT" in ours.headers["access-control-allow-methods"]
    assert "access-control-allow-credentials" not in ours.headers
    assert ours.headers["x-content-type-options"] == "nosniff"
    theirs = preflight(opened, THEIRS)
    assert theirs.status_code == 400
    assert "access-control-allow-origin" not in theirs.headers
    assert preflight(opened, OURS, "TRACE").status_code == 400


def test_what_the_configured_origin_may_read(opened: Api) -> None:
    ana = opened.organisation("Reader")
    ours = opened.client.get(PEOPLE, headers=ana.headers({"Origin": OURS}))
    assert ours.headers["access-control-allow-origin"] == OURS
    assert ours.headers["vary"] == "Origin"
    assert ours.headers["access-control-expose-headers"] == ", ".join(HEADERS_OUT)
    theirs = opened.client.get(PEOPLE, headers=ana.headers({"Origin": THEIRS}))
    assert "access-control-allow-origin" not in theirs.headers


class Greeting(Answer):
    """What the old operation says."""

    words: str


def test_an_operation_that_will_go_says_so(module_url: str) -> None:
    router = Router("directory", "old")
    passing = Passing(datetime(2026, 3, 1, tzinfo=UTC), datetime(2027, 3, 1, tzinfo=UTC), "/directory/v2/greeting")

    def greet(session: Session | None) -> Greeting:
        """Greet."""
        return Greeting(words="Hello")

    router.open("/greeting", passing=passing, answers=Greeting)(greet)
    service = Service("directory", "Who?", (router,))
    runtime = runtime_on(module_url, (service,))
    app = build_app(runtime, (service,))
    described: Any = document(app, (service,))["paths"]["/directory/v1/greeting"]["get"]
    assert described["deprecated"] is True
    assert {"Deprecation", "Sunset", "Link"} <= described["responses"]["200"]["headers"].keys()
    with listening(app) as address:
        answer = httpx.get(f"{address}/directory/v1/greeting")
    runtime.engine.dispose()
    assert answer.json() == {"words": "Hello"}
    assert answer.headers["deprecation"] == "@1772323200"
    assert answer.headers["sunset"] == "Mon, 01 Mar 2027 00:00:00 GMT"
    assert answer.headers["link"] == '</directory/v2/greeting>; rel="successor-version"'
