"""Reading a request: its body whole, bounded and unpacked, of a media type that is taken; and no unknown query."""

from __future__ import annotations

from anyio import fail_after
from starlette.requests import Request

from shared.http.exact import decompressed, too_large
from shared.http.operation import Operation
from shared.http.problems import problem

NO_BODY = (b"", b"{}", b"null")
BODY_SECONDS_MAX = 60
DIGITS_MAX = 15
"""Of a Content-Length that is worth reading as a number."""


async def body_in_time(request: Request, operation: Operation, *, takes_body: bool) -> bytes:
    """The same as `whole_body`; too slow when it holds a place that others wait for, and takes too long to come."""
    try:
        with fail_after(BODY_SECONDS_MAX if operation.place else None):
            return await whole_body(request, operation, takes_body=takes_body)
    except TimeoutError as error:
        words = f"The body did not come within {BODY_SECONDS_MAX} s; send it in smaller parts."
        raise problem("too-slow", words) from error


async def whole_body(request: Request, operation: Operation, *, takes_body: bool) -> bytes:
    """The body, read up to the operation's limit and unpacked; refused when it is of another media type."""
    limit = operation.body_bytes_max
    announced = request.headers.get("content-length", "")
    if announced.isascii() and announced.isdigit() and (len(announced) > DIGITS_MAX or int(announced) > limit):
        raise too_large(limit)
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise too_large(limit)
        chunks.append(chunk)
    raw = b"".join(chunks)
    if not takes_body and raw.strip() not in NO_BODY:
        raise problem("invalid", "This takes no body; send none.")
    if not takes_body or not raw:
        return raw
    refuse_media_type(request.headers.get("content-type", ""), operation.takes)
    return decompressed(raw, request.headers.get("content-encoding", "").strip().lower(), limit)


def refuse_media_type(content_type: str, takes: tuple[str, ...]) -> None:
    kind, _, parameters = content_type.partition(";")
    if kind.strip().lower() not in takes:
        raise problem("unsupported-media-type", f"Send Content-Type {' or '.join(takes)}, not {content_type[:80]!r}.")
    for parameter in filter(None, (p.strip().lower() for p in parameters.split(";"))):
        name, _, value = parameter.partition("=")
        if name == "charset" and value.strip('"') not in ("utf-8", "utf8"):
            raise problem("unsupported-media-type", "The charset is UTF-8.")


def refuse_unknown_query(request: Request, known: set[str]) -> None:
    names = [name for name, _ in request.query_params.multi_items()]
    listed = ", ".join(sorted(known)) or "none"
    errors = [
        {"pointer": f"query/{name}", "detail": f"No such parameter; known: {listed}.", "code": "unknown-parameter"}
        for name in dict.fromkeys(names)
        if name not in known
    ]  # fmt: skip
    errors += [
        {"pointer": f"query/{name}", "detail": "Given more than once.", "code": "repeated-parameter"}
        for name in dict.fromkeys(names)
        if name in known and names.count(name) > 1
    ]
    if errors:
        raise problem("invalid", "The query is not valid.", errors=errors)
