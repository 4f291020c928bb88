"""The web application: any set of services behind one door."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from shared.http.allowances import Allowances, Name
from shared.http.door import Door
from shared.http.finding import Finder
from shared.http.gate import Gate
from shared.http.health import add_health
from shared.http.location import places
from shared.http.openapi import add_documents
from shared.http.problems import answer, problem, problem_of
from shared.http.sign_ins import SignIns
from shared.http.workroom import Workrooms
from shared.service import Runtime, Service

VERSION = "0.1.0"
HEADERS_IN = (
    "Authorization",
    "Content-Type",
    "Concord-Request-Id",
    "Concord-Wait-For",
    "Idempotency-Key",
    "If-Match",
    "traceparent",
)
"""What pages of the origins allowed may send; and below, what they may read."""
HEADERS_OUT = (
    "Concord-Position",
    "Concord-Request-Id",
    "Deprecation",
    "ETag",
    "Idempotency-Replayed",
    "Link",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "Sunset",
    "traceparent",
)


def build_app(runtime: Runtime, served: tuple[Service, ...]) -> FastAPI:
    """An application that serves these services; the rest of the runtime's services are elsewhere."""
    app = FastAPI(
        title="Concord", version=VERSION, openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False
    )
    app.state.runtime = runtime
    app.state.served = served
    app.state.gate = gate_of(runtime)
    app.state.workrooms = Workrooms()
    routers = [router for service in served for router in service.routers]
    routes = [route for router in routers for route in router.routes]
    app.state.places = places(routes)
    app.router.routes.append(Finder(routes))
    for router in routers:
        app.include_router(router)
    add_health(app)
    add_documents(app)
    app.add_exception_handler(HTTPException, no_such_route)
    app.add_exception_handler(Exception, unexpected)
    settings = runtime.settings
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.cors_origins),
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=list(HEADERS_IN),
            expose_headers=list(HEADERS_OUT),
        )
    app.add_middleware(Door, cors=bool(settings.cors_origins), hsts_seconds=settings.hsts_seconds)
    return app


def gate_of(runtime: Runtime) -> Gate:
    settings = runtime.settings
    limits: dict[Name, int] = {
        "credential": settings.requests_per_minute_credential,
        "organisation": settings.requests_per_minute_organisation,
    }
    return Gate(Allowances(runtime.engine, limits), SignIns(settings.failed_sign_ins_free))


async def no_such_route(request: Request, error: Exception) -> Response:
    """Starlette's own refusals (no such path, wrong method) as problems."""
    assert isinstance(error, HTTPException)
    request_id = request.scope["concord.request_id"]
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        return answer(
            problem("method-not-allowed", "This path does not take that method.", headers=error.headers or {}),
            request_id,
        )
    if error.status_code == HTTPStatus.NOT_FOUND:
        return answer(problem("not-found", "There is nothing here that you may see."), request_id)
    return answer(problem("malformed", str(error.detail)), request_id)


async def unexpected(request: Request, error: Exception) -> Response:
    return answer(problem_of(error), request.scope.get("concord.request_id", ""))
