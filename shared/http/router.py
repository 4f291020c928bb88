"""Routes in Concord's manner: `@router.read`, `@router.create`, `@router.change`; endpoints get a Session."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import closing, nullcontext
from dataclasses import fields
from functools import partial
from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Header, Query
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from shared.auth.authenticate import Unauthenticated
from shared.auth.caller import READERS, WRITERS, Caller, Need
from shared.http.exact import parse
from shared.http.gate import Gate
from shared.http.heavy import hung_up, room_of, turn_of
from shared.http.operation import Headers, Operation, open_session, run
from shared.http.problems import Problem, answer, problem, problem_of
from shared.http.reading import received, refuse_unknown_query
from shared.http.session import Session
from shared.http.validation import faults

Endpoint = Callable[..., Any]
Register = Callable[[Endpoint], Endpoint]
UNKNOWN_BODY_BYTES_MAX = 1_048_576
"""What is read from one whose credential was not seen here before; a larger body waits until it is checked."""

CLIENT_CLOSED_REQUEST = 499
"""For the log alone: whoever asked has hung up. No registered status says so; this one is nginx's."""

UUID_PATTERN = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
AsOf = Annotated[
    str | None,
    Query(
        alias="as_of",
        pattern=r"^([0-9]{1,16}|[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9:.]{8,15}([Zz]|[+-][0-9]{2}:[0-9]{2}))$",
        description="Answer as of this recorded time (RFC 3339) or this seq of the ledger.",
        openapi_examples={"time": {"value": "2026-03-01T00:00:00Z"}, "seq": {"value": "41"}},
    ),
]
WaitFor = Annotated[
    str | None,
    Header(
        alias="Concord-Wait-For",
        pattern=f"^{UUID_PATTERN}/[0-9]{{1,16}}$",
        openapi_examples={"position": {"value": "0190c5a2-7d3b-7c1e-9d55-0d8f6a1b2c3d/41"}},
        description="A Concord-Position; the answer is at least that new, or 503.",
    ),
]
Idempotency = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        description="Repeat a request safely: the same key gives the first answer.",
    ),
]
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        pattern=r'^(\*|"[0-9]{1,16}")$',
        description="The ETag you last read; 428 without it, 412 when it is stale.",
    ),
]
DECLARED = {field.name for field in fields(Operation)}
FRAME = {"_as_of": AsOf, "_wait_for": WaitFor, "_idempotency_key": Idempotency, "_if_match": IfMatch}


class Router(APIRouter):
    """The routes of one part of a service; the path begins with `/<service>/v1`."""

    def __init__(self, service: str, tag: str) -> None:
        super().__init__(prefix=f"/{service}/v1", tags=[tag], route_class=ConcordRoute)
        self.service = service

    def read(
        self, path: str, *, scope: str | None = None, roles: frozenset[str] = READERS, as_of: bool = True, **more: Any
    ) -> Register:
        """A GET. `scope`: what a system's key needs (None: people only). Takes ?as_of= and Concord-Wait-For."""
        frame = ("_as_of", "_wait_for") if as_of else ("_wait_for",)
        return self.operation("GET", path, Need(scope, roles), frame, reads=True, **more)

    def create(self, path: str, *, scope: str | None = None, roles: frozenset[str] = WRITERS, **more: Any) -> Register:
        """A POST that makes a new thing. Takes Idempotency-Key."""
        return self.operation("POST", path, Need(scope, roles), ("_idempotency_key",), **{"status": 201, **more})

    def change(
        self, path: str, *, method: str = "POST", scope: str | None = None, roles: frozenset[str] = WRITERS, **more: Any
    ) -> Register:
        """A command to a thing that exists. Asks for If-Match; the endpoint loads the thing by `session.change`."""
        frame = ("_if_match", "_idempotency_key") if method == "POST" else ("_if_match",)
        return self.operation(method, path, Need(scope, roles), frame, changes=True, **more)

    def operate(self, path: str, **more: Any) -> Register:
        """A POST that only the operator of the installation may make, with the operator key."""
        need = Need(None, frozenset(), operator=True)
        return self.operation("POST", path, need, ("_idempotency_key",), **{"status": 201, **more})

    def open(self, path: str, **more: Any) -> Register:
        """A GET that needs no credential and shows no tenant data; the endpoint gets None for a session."""
        return self.operation("GET", path, None, (), reads=True, **more)

    def public(self, path: str, **more: Any) -> Register:
        """A GET that needs no credential and shows what is meant for everybody; its session acts for Concord."""
        return self.operation("GET", path, None, (), reads=True, public=True, **more)

    def operation(
        self,
        method: str,
        path: str,
        need: Need | None,
        frame: tuple[str, ...],
        *,
        status: int = 200,
        answers: Any = None,
        **more: Any,
    ) -> Register:
        """`more`: what else an Operation says of itself, and all that FastAPI takes beside."""
        own = {name: more.pop(name) for name in DECLARED & more.keys()}

        def register(endpoint: Endpoint) -> Endpoint:
            declared = Operation(self.service, endpoint, need, status, **own)
            returns = inspect.signature(endpoint, eval_str=True).return_annotation
            self.add_api_route(
                path,
                in_one_transaction(declared, frame),
                methods=[method],
                status_code=status,
                response_model=answers or (returns if returns not in (None, Response) else None),
                operation_id=endpoint.__name__,
                summary=first_line(endpoint),
                description=inspect.getdoc(endpoint),
                **more,
            )
            return endpoint

        return register


def first_line(endpoint: Endpoint) -> str:
    return (inspect.getdoc(endpoint) or endpoint.__name__).split("\n", 1)[0].rstrip(".")


def in_one_transaction(operation: Operation, frame: tuple[str, ...]) -> Endpoint:
    """The function FastAPI sees: the endpoint's input without its session, and the frame's own headers and query."""

    def handle(_request: Request, **given: Any) -> Response:
        headers = Headers(
            authorization=_request.headers.get("authorization"),
            idempotency_key=given.pop("_idempotency_key", None),
            if_match=given.pop("_if_match", None),
            wait_for=given.pop("_wait_for", None),
            as_of=given.pop("_as_of", None),
        )
        body: bytes = _request.scope["concord.body"]
        if operation.raw:
            given["body"] = body
        response = run(operation, _request, headers, given, body)
        note_key(_request)
        return response

    asked = list(inspect.signature(operation.endpoint, eval_str=True).parameters.values())[1:]
    if operation.raw:
        asked = [p for p in asked if p.name != "body"]
    keyword = inspect.Parameter.KEYWORD_ONLY
    own = [inspect.Parameter("_request", keyword, annotation=Request)]
    framed = [inspect.Parameter(name, keyword, default=None, annotation=FRAME[name]) for name in frame]
    handle.__signature__ = inspect.Signature([*own, *(p.replace(kind=keyword) for p in asked), *framed])  # type: ignore[attr-defined]
    handle.__name__ = operation.endpoint.__name__
    handle.operation = operation  # type: ignore[attr-defined]
    return handle


def note_key(request: Request) -> None:
    """Remember that a system's key was used, and from where; the request's own transaction is over."""
    caller: Caller | None = request.scope.get("concord.caller")
    if caller is not None and caller.kind == "system":
        host = request.client.host if request.client else None
        request.app.state.runtime.key_uses.note(caller, host, request.scope["concord.request_id"])


class ExactRequest(Request):
    """A request whose body is already read, bounded and unpacked, and whose JSON is read exactly."""

    async def body(self) -> bytes:
        body: bytes = self.scope["concord.body"]
        return body

    async def json(self) -> Any:
        return self.scope["concord.json"]


class ConcordRoute(APIRoute):
    """Who is asking comes first, then whether the input is well-formed, then whether it is valid, then the endpoint."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        operation: Operation = self.endpoint.operation  # type: ignore[attr-defined]
        known = {p.alias for p in self.dependant.query_params}

        async def taken(request: Request) -> Response:
            room, turn = room_of(operation, request), turn_of(operation, request)
            with room.coming_in(turn.who) if room else nullcontext():
                packed = await received(request, operation, takes_body=bool(self.body_field or operation.raw))
            with closing(packed.content):
                async with room.place(turn, partial(hung_up, request)) if room else nullcontext():
                    body = await packed.unpacked()
                    request.scope["concord.body"] = body
                    request.scope["concord.json"] = parse(body) if self.body_field and body else None
                    refuse_unknown_query(request, known)
                    return await handle(ExactRequest(request.scope, request.receive))

        async def heard(request: Request) -> Response:
            try:
                return await taken(request)
            except (Problem, RequestValidationError) as error:
                found = error if isinstance(error, Problem) else faults(error)
                who = await run_sync(stranger, operation, request)
                return refused(request, who or found)
            except ClientDisconnect:
                return Response(status_code=CLIENT_CLOSED_REQUEST)

        async def answered(request: Request) -> Response:
            response = await (heard(request) if operation.need is None else guarded(operation, request, heard))
            response.headers.update(operation.passing.headers() if operation.passing else {})
            return response

        return answered


async def guarded(operation: Operation, request: Request, heard: Callable[[Request], Awaitable[Response]]) -> Response:
    """An answer from behind the gate, or the gate's refusal."""
    gate: Gate = request.app.state.gate
    try:
        response = await admitted(gate, operation, request) or await heard(request)
    except Unauthenticated:
        words = "Send `Authorization: Bearer <token or API key>`."
        response = refused(request, problem("unauthenticated", words))
    except (Problem, SQLAlchemyError) as error:
        response = refused(request, problem_of(error))
    gate.settle(request, response)
    return response


async def admitted(gate: Gate, operation: Operation, request: Request) -> Response | None:
    """The refusal that the body need not be read for, if there is one; of large bodies a stranger's is never read."""
    known = await gate.admit(request)
    room = room_of(operation, request)
    if known is None and (room or operation.body_bytes_max > UNKNOWN_BODY_BYTES_MAX):
        who = await run_sync(stranger, operation, request)
        if who is not None:
            return refused(request, who)
    if room:
        caller: Caller | None = request.scope.get("concord.caller")
        request.scope["concord.organisation"] = known.organisation if known else caller and caller.org
        room.refuse_when_full(turn_of(operation, request))
    return None


def refused(request: Request, found: Problem) -> Response:
    return answer(found, request.scope["concord.request_id"])


def stranger(operation: Operation, request: Request) -> Problem | None:
    """What is to be said to one who may not do this; None when they may.

    For a request that is faulty anyway: a stranger learns that they are a stranger, not what was wrong with it.
    """
    if operation.need is None:
        return None
    headers = Headers(request.headers.get("authorization"), None, None, None, None)
    runtime = request.app.state.runtime
    try:
        with runtime.engine.connect() as connection:
            open_session(operation, runtime, connection, headers, request)
    except Unauthenticated:
        return problem("unauthenticated", "The bearer credential is missing, unknown, expired or revoked.")
    except Problem as found:
        return found
    return None


__all__ = ["Router", "Session"]
