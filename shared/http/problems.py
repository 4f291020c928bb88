"""Errors as RFC 9457 problem documents. This file alone knows which refusal becomes which status."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from psycopg import errors as pg
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.responses import JSONResponse

from shared.auth.discovery import IssuerUnavailable
from shared.domain import Invalid, Refused
from shared.log.codec import EventTooLarge
from shared.log.log import Stale
from shared.log.recorder import NotAReader

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 1
ISSUER_RETRY_AFTER_SECONDS = 10


class FieldError(BaseModel):
    """One thing wrong with the input."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"pointer": "/name", "detail": "Required.", "code": "missing"}}
    )

    pointer: str = Field(description="JSON Pointer into the body, or `query/<name>`, `header/<name>`, `path/<name>`.")
    detail: str = Field(description="What is wrong, in words.")
    code: str = Field(description="A stable code.")


class ProblemDocument(BaseModel):
    """RFC 9457: what went wrong, in words the caller can act on."""

    model_config = ConfigDict(title="Problem")

    type: str = Field(description="A stable path under /problems/.")
    title: str
    status: int = Field(ge=400, le=599)
    detail: str
    instance: str = Field(description="The request that failed: its Concord-Request-Id.")
    errors: list[FieldError] | None = Field(default=None, description="All faults of the input at once.")
    refusal: str | None = Field(default=None, description="Which rule refused, as a stable code (status 409).")


@dataclass
class Problem(Exception):
    """Raise it anywhere above the domain; it becomes the answer."""

    status: int
    kind: str
    detail: str
    errors: list[dict[str, str]] | None = None
    refusal: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


KINDS: dict[str, tuple[int, str, str]] = {
    "malformed": (400, "Malformed request", "The bytes are not what they claim to be: see `detail`."),
    "unauthenticated": (401, "Not signed in", "Send `Authorization: Bearer …`; yours is missing, unknown or over."),
    "forbidden": (403, "Not allowed", "You may see this, and your role or the key's scope does not allow this act."),
    "not-found": (404, "Not found", "There is nothing here that you may see."),
    "method-not-allowed": (405, "Method not allowed", "The Allow header lists what this path takes."),
    "refused": (409, "Refused by a rule", "`refusal` says which rule, `detail` what would make it possible."),
    "too-slow": (408, "Too slow", "The body took too long to come, and others wait for its place."),
    "in-progress": (409, "Still running", "A request with this Idempotency-Key is being worked on; ask again."),
    "stale": (412, "Out of date", "The thing has changed since you read it; ETag shows its current version."),
    "too-large": (413, "Too large", "The body, counted after decompression, is over this path's limit."),
    "unsupported-media-type": (415, "Unsupported media type", "The detail lists what this path takes."),
    "invalid": (422, "Invalid input", "Well-formed, and not valid: `errors` lists every fault with its place."),
    "idempotency-mismatch": (422, "Idempotency key used before", "The same key came with another body or path."),
    "precondition-required": (428, "If-Match required", "Send If-Match with the ETag you last read."),
    "overloaded": (429, "Too many at once", "Wait for Retry-After seconds."),
    "rate-limited": (429, "Too many requests", "RateLimit-Policy says how many there may be; wait for Retry-After."),
    "too-many-failures": (429, "Too many failed sign-ins", "Send a valid credential, after Retry-After seconds."),
    "internal": (500, "Internal error", "Our fault; it is logged under the request id in `instance`."),
    "unavailable": (503, "Not available now", "Wait for Retry-After seconds and ask again."),
}  # fmt: skip
"""Every kind of problem: its status, title and documentation at /problems/<kind>."""


def problem(kind: str, detail: str, **more: Any) -> Problem:
    return Problem(KINDS[kind][0], kind, detail, **more)


def not_found() -> Problem:
    """The one answer for what does not exist and for what the caller may not see."""
    return problem("not-found", "There is nothing here that you may see.")


def problem_of(error: BaseException) -> Problem:
    """The problem that an exception becomes; anything unknown is an internal error without its words."""
    match error:
        case Problem():
            return error
        case Refused():
            return problem("refused", error.detail, refusal=error.code)
        case Invalid():
            found = [{"pointer": one.pointer, "detail": one.detail, "code": one.code} for one in (error, *error.also)]
            return problem("invalid", "The input is not valid.", errors=found)
        case EventTooLarge():
            return problem("too-large", str(error))
        case IssuerUnavailable():
            wait = {"Retry-After": str(ISSUER_RETRY_AFTER_SECONDS)}
            return problem("unavailable", "Your identity provider does not give its signing keys now.", headers=wait)
        case NotAReader():
            return not_found()
        case Stale():
            return problem("stale", "Somebody changed this at the same moment. Read it again and decide anew.")
        case PoolTimeout() | InterfaceError() | pg.OperationalError():
            return unavailable()
        case DBAPIError() if isinstance(error, OperationalError) or isinstance(error.orig, pg.AdminShutdown):
            return unavailable()
        case _:
            return problem("internal", "Something went wrong on our side; nothing was changed.")


def unavailable() -> Problem:
    wait = {"Retry-After": str(RETRY_AFTER_SECONDS)}
    return problem("unavailable", "The database does not answer or is busy; nothing was changed.", headers=wait)


def answer(error: Problem, request_id: str) -> JSONResponse:
    document: dict[str, Any] = {
        "type": f"/problems/{error.kind}",
        "title": KINDS[error.kind][1],
        "status": error.status,
        "detail": error.detail,
        "instance": f"urn:uuid:{request_id}",
    }
    if error.errors:
        document["errors"] = error.errors
    if error.refusal:
        document["refusal"] = error.refusal
    headers = dict(error.headers)
    if error.kind == "unauthenticated":
        headers.setdefault("WWW-Authenticate", 'Bearer realm="concord"')
    return JSONResponse(document, error.status, headers, MEDIA_TYPE)
