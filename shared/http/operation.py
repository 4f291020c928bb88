"""How one operation runs: one request, one transaction, one answer; committed before anything is acknowledged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from http import HTTPStatus
from typing import Any

import structlog
from pydantic import BaseModel
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import Response

from shared.auth.authenticate import SYSTEM_ORG, Unauthenticated, act_as_system
from shared.auth.caller import OPERATOR, Caller, Need
from shared.http.problems import Problem, answer, problem, problem_of
from shared.http.session import Session, as_of_in_the_future
from shared.http.types import Answer, moment_of, z
from shared.http.waiting import wait_for
from shared.http.workroom import RoomFor
from shared.log.envelope import Moment, to_us
from shared.log.idempotency import IdempotencyKey, InProgress, KeptAnswer, Mismatch, fingerprint
from shared.service import Runtime

log = structlog.get_logger()

SEQ_DIGITS_MAX = 16
KEPT_HEADERS = ("ETag", "Location", "Concord-Position", "Content-Type")


@dataclass(frozen=True)
class Passing:
    """An operation that will go: since when it should no longer be used, from when it may be gone, what to use."""

    deprecated_at: datetime
    sunset_at: datetime
    successor: str
    """The path of the operation to use in its place."""

    def headers(self) -> dict[str, str]:
        """RFC 9745, RFC 8594 and RFC 5829."""
        return {
            "Deprecation": f"@{int(self.deprecated_at.timestamp())}",
            "Sunset": format_datetime(self.sunset_at, usegmt=True),
            "Link": f'<{self.successor}>; rel="successor-version"',
        }


@dataclass(frozen=True)
class Operation:
    """What a route declared of itself."""

    service: str
    endpoint: Callable[..., Any]
    need: Need | None
    """None: no credential is asked for."""
    status: int
    changes: bool = False
    """It changes a thing that exists, so it asks for If-Match."""
    reads: bool = False
    media_type: str = "application/json"
    body_bytes_max: int = 1_048_576
    takes: tuple[str, ...] = ("application/json",)
    raw: bool = False
    """The body reaches the endpoint as bytes, in one of the media types of `takes`."""
    public: bool = False
    """Without a credential and with a session all the same: it acts for Concord and shows what is for everybody."""
    room: RoomFor | None = None
    """Set for heavy work: how much of it is done at once. What finds no place is refused, most of it unread."""
    passing: Passing | None = None
    """Set for one that will go."""


@dataclass(frozen=True, slots=True)
class Headers:
    """The request headers that the frame itself understands."""

    authorization: str | None
    idempotency_key: str | None
    if_match: str | None
    wait_for: str | None
    as_of: str | None


def run(operation: Operation, request: Request, headers: Headers, arguments: dict[str, Any], body: bytes) -> Response:
    """Answer a request whose input is already valid. Never raises: every failure is a problem document."""
    runtime: Runtime = request.app.state.runtime
    request_id: str = request.scope["concord.request_id"]
    key: IdempotencyKey | None = None
    try:
        with runtime.engine.connect() as connection:
            session = open_session(operation, runtime, connection, headers, request)
            if session is not None and headers.idempotency_key and not operation.reads:
                key = key_of(session.caller, headers.idempotency_key, request, body)
                kept = kept_answer(key, connection)
                if kept is not None:
                    return Response(kept.body, kept.status, {**kept.headers, "Idempotency-Replayed": "true"})
            result = operation.endpoint(session, **arguments)
            response = respond(operation, result, session)
            if response.status_code == HTTPStatus.CREATED and (where := location(request, result)):
                response.headers.setdefault("Location", where)
            if key is not None:
                key.keep(connection, response.status_code, kept_headers(response), kept_body(result, response))
            connection.commit()
            return response
    except Exception as error:  # noqa: BLE001 - the one place where a failure becomes an answer
        return failed(error, runtime, key, request_id)


def open_session(
    operation: Operation, runtime: Runtime, connection: Connection, headers: Headers, request: Request
) -> Session | None:
    service = runtime.service(operation.service)
    request_id: str = request.scope["concord.request_id"]
    if operation.need is None:
        if not operation.public:
            return None
        at = act_as_system(connection, service.role)
        return Session(connection, runtime, service, Caller(OPERATOR, None, None), at, request_id)
    caller, at = runtime.authenticator.begin(connection, service.role, headers.authorization)
    request.scope["concord.caller"] = caller
    if not operation.need.met_by(caller):
        raise problem("forbidden", forbidden_words(operation.need, caller))
    moment = moment_asked(headers.as_of, at)
    trace = request.scope["concord.caller_trace"]
    session = Session(
        connection, runtime, service, caller, at, request_id, headers.if_match, moment, name_of(operation), trace
    )
    if headers.wait_for:
        wait_for(session, headers.wait_for)
    return session


def name_of(operation: Operation) -> str:
    return f"{operation.service}.{operation.endpoint.__module__}.{operation.endpoint.__name__}"


def forbidden_words(need: Need, caller: Caller) -> str:
    if need.operator:
        return "Only the operator of this installation may do this, with the operator key."
    if caller.kind == "system":
        return f"This key lacks the scope {need.scope}." if need.scope else "Only a person may do this, not a system."
    return f"This takes one of the roles {', '.join(sorted(need.roles))} in your organisation."


def respond(operation: Operation, result: Any, session: Session | None) -> Response:
    """Render what the endpoint returned, with the headers that tell its version and position."""
    if isinstance(result, Response):
        response = result
    elif result is None:
        response = Response(status_code=204)
    else:
        content = result.model_dump_json().encode() if isinstance(result, BaseModel) else bytes(result)
        response = Response(content, operation.status, media_type=operation.media_type)
    version = getattr(result, "version", None)
    if version is not None:
        response.headers["ETag"] = f'"{version}"'
    if session is not None and session.position is not None:
        response.headers["Concord-Position"] = str(session.position)
    return response


def location(request: Request, made: Any) -> str | None:
    """Where the thing that was made can be read; None for one that has no page of its own."""
    place = request.app.state.places.get(request.scope["route"].path)
    return None if place is None else place.of(made, request.path_params)


def failed(error: Exception, runtime: Runtime, key: IdempotencyKey | None, request_id: str) -> Response:
    if isinstance(error, Unauthenticated):
        return answer(
            problem("unauthenticated", "The bearer credential is missing, unknown, expired or revoked."), request_id
        )
    found = problem_of(error)
    if found.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("request failed", status=found.status, exc_info=error)
    response = answer(found, request_id)
    if key is not None and keepable(found):
        try:
            keep_failure(runtime, key, response)
        except (InProgress, Mismatch, SQLAlchemyError):
            log.warning("refusal not kept")  # the refusal itself stands
    return response


def keepable(found: Problem) -> bool:
    """A refusal is an answer and is kept; what waiting or reading again would mend is not."""
    return found.kind in ("refused", "invalid", "too-large")


def keep_failure(runtime: Runtime, key: IdempotencyKey, response: Response) -> None:
    with runtime.engine.connect() as connection:
        connection.exec_driver_sql("SELECT set_config('concord.org', 'system', true)")
        if key.kept(connection) is None:
            key.keep(connection, response.status_code, kept_headers(response), bytes(response.body))
        connection.commit()


def kept_headers(response: Response) -> dict[str, str]:
    return {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}


def key_of(caller: Caller, key: str, request: Request, body: bytes) -> IdempotencyKey:
    target = request.url.path + ("?" + request.url.query if request.url.query else "")
    decided_on = request.headers.get("content-type", ""), request.headers.get("if-match", "")
    mark = fingerprint(request.method, target, "\n".join(decided_on), body)
    return IdempotencyKey(caller.org or SYSTEM_ORG, str(caller.sub or caller.kind), key, mark)


def kept_body(result: Any, response: Response) -> bytes:
    """The answer as it is kept: without the secrets that it shows this once."""
    if isinstance(result, Answer) and result.shown_once:
        return result.model_copy(update=dict.fromkeys(result.shown_once)).model_dump_json().encode()
    return bytes(response.body)


def kept_answer(key: IdempotencyKey, connection: Connection) -> KeptAnswer | None:
    try:
        return key.kept(connection)
    except InProgress as error:
        raise problem("in-progress", "A request with this Idempotency-Key is being worked on; ask again.") from error
    except Mismatch as error:
        raise problem("idempotency-mismatch", "This Idempotency-Key came before with another path or body.") from error


def moment_asked(as_of: str | None, now: datetime) -> Moment | None:
    """`?as_of=`: a seq, or a recorded time in RFC 3339, which is not to come yet: nobody knows what will be then."""
    if as_of is None:
        return None
    if as_of.isascii() and as_of.isdigit() and len(as_of) <= SEQ_DIGITS_MAX:
        return Moment(seq=int(as_of))
    try:
        asked = moment_of(as_of)
        if asked > now:
            raise as_of_in_the_future(f"That is yet to come; now it is {z(now)}.")
        return Moment(us=to_us(asked))
    except ValueError as error:
        fault = {"pointer": "query/as_of", "detail": f"A seq, or {error}.", "code": "bad-as-of"}
        raise problem("invalid", "as_of is not valid.", errors=[fault]) from error
