"""The door every request passes: its id and trace, right HEAD and OPTIONS, security headers, one log line."""

from __future__ import annotations

import re
import secrets
import time
from http import HTTPStatus
from typing import Any

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.http.measures import REQUEST_SECONDS
from shared.ids import uuid7

log = structlog.get_logger()

TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}\Z")
POLICY = b"default-src 'none'; frame-ancestors 'none'"
POLICY_OF_PAGES = POLICY + b"; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
"""Pages have no script, and pictures and styles within themselves."""
REQUEST_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
SECURITY_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cache-control", b"no-store"),
]


class Door:
    """ASGI middleware, outermost. `cors`: whether the next within answers preflights."""

    def __init__(self, app: ASGIApp, *, cors: bool = False, hsts_seconds: int = 0) -> None:
        self.app = app
        self.cors = cors
        self.hsts = [(b"strict-transport-security", f"max-age={hsts_seconds}".encode())] if hsts_seconds else []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        asked = scope["method"]
        carried = carried_on(scope)
        trace = carried or f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-00"
        scope["concord.caller_trace"] = carried
        scope["concord.request_id"] = request_id(scope)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=scope["concord.request_id"], traceparent=trace)
        status = 500

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", []), *own_headers(scope, trace, message), *self.hsts]
                if status == HTTPStatus.METHOD_NOT_ALLOWED:
                    message["headers"] = with_allow(message["headers"], allowed(scope))
            if asked == "HEAD" and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        if asked == "HEAD":
            scope["method"] = "GET"
        if asked == "OPTIONS" and not (self.cors and is_preflight(scope)) and (methods := allowed(scope)):
            await answer({"type": "http.response.start", "status": 204, "headers": [(b"allow", methods)]})
            await answer({"type": "http.response.body", "body": b""})
        else:
            await self.app(scope, receive, answer)
        seconds = time.perf_counter() - started
        route = getattr(scope.get("route"), "path", "unmatched")
        REQUEST_SECONDS.labels(asked if asked in KNOWN_METHODS else "other", route, str(status)).observe(seconds)
        log.info("request", method=asked, route=route, status=status, ms=round(seconds * 1000, 1))


KNOWN_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def own_headers(scope: Scope, trace: str, message: Message) -> list[tuple[bytes, bytes]]:
    given = dict(message.get("headers", []))
    is_page = given.get(b"content-type", b"").startswith(b"text/html")
    own = [
        (b"content-security-policy", POLICY_OF_PAGES if is_page else POLICY),
        (b"concord-request-id", scope["concord.request_id"].encode()),
        (b"traceparent", trace.encode()),
        *SECURITY_HEADERS,
    ]
    return [(name, value) for name, value in own if name not in given]


def is_preflight(scope: Scope) -> bool:
    return any(name == b"access-control-request-method" for name, _ in scope["headers"])


def request_id(scope: Scope) -> str:
    """The caller's own id of the request, when it is a UUID, or a new one."""
    for name, value in scope["headers"]:
        if name == b"concord-request-id" and REQUEST_ID.match(value.decode("latin-1")):
            return str(value.decode("latin-1"))
    return str(uuid7())


def carried_on(scope: Scope) -> str | None:
    """The caller's W3C trace, carried on in a span of ours; None when the caller sent none."""
    for name, value in scope["headers"]:
        if name == b"traceparent" and TRACEPARENT.match(value.decode("latin-1")):
            version, trace_id, _, flags = value.decode("latin-1").split("-")
            return f"{version}-{trace_id}-{secrets.token_hex(8)}-{flags}"
    return None


def with_allow(headers: list[tuple[bytes, bytes]], methods: bytes) -> list[tuple[bytes, bytes]]:
    return [*((n, v) for n, v in headers if n != b"allow"), (b"allow", methods)]


def allowed(scope: Scope) -> bytes:
    """All methods that some route of this path takes, HEAD and OPTIONS included; empty when there is no such path."""
    found: set[str] = set()
    for route in all_routes(scope["app"]):
        pattern = getattr(route, "path_regex", None)
        if pattern is not None and pattern.match(scope["path"]):
            found |= set(getattr(route, "methods", None) or ())
    if "GET" in found:
        found.add("HEAD")
    return ", ".join(sorted(found | {"OPTIONS"})).encode() if found else b""


def all_routes(app: Any) -> list[Any]:
    """Every route of the application: those of the services it serves, and its own."""
    own = [route for route in app.routes if hasattr(route, "endpoint")]
    return own + [route for service in app.state.served for router in service.routers for route in router.routes]
