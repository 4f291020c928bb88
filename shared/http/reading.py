"""Reading a request: its body whole, bounded and unpacked, of a media type that is taken; and no unknown query."""

from __future__ import annotations

from dataclasses import dataclass
from tempfile import SpooledTemporaryFile

from anyio import fail_after
from anyio.to_thread import run_sync
from starlette.requests import Request

from shared.http.exact import decompressed, too_large
from shared.http.operation import Operation
from shared.http.problems import problem

NO_BODY = (b"", b"{}", b"null")
BODY_SECONDS_MAX = 60
IN_MEMORY_BYTES_MAX = 1_048_576
DIGITS_MAX = 15
"""Of a Content-Length that is worth reading as a number."""


@dataclass(frozen=True)
class Packed:
    """A body as it came: in memory while it is small, then in a file without a name, gone when it is closed."""

    content: SpooledTemporaryFile[bytes]
    encoding: str
    bytes_max: int
    """What it may unpack to."""

    async def unpacked(self) -> bytes:
        """The body, decompressed; read once. The event loop does not wait for a large one."""
        size = self.content.tell()
        self.content.seek(0)
        if size <= IN_MEMORY_BYTES_MAX and not self.encoding:
            return self.content.read()
        return await run_sync(lambda: decompressed(self.content.read(), self.encoding, self.bytes_max))


async def received(request: Request, operation: Operation, *, takes_body: bool) -> Packed:
    """The body as it came, up to the operation's limit; refused when it is of another media type. Close it.

    Too slow when it takes long, and others wait for its place among the bodies that come in.
    """
    content = SpooledTemporaryFile(IN_MEMORY_BYTES_MAX)  # noqa: SIM115 - whoever asked for it closes it
    try:
        with fail_after(BODY_SECONDS_MAX if operation.room else None):
            await receive(request, operation.body_bytes_max, content)
        if not takes_body:
            refuse_body(content)
            return Packed(content, "", operation.body_bytes_max)
        if content.tell():
            refuse_media_type(request.headers.get("content-type", ""), operation.takes)
        encoding = request.headers.get("content-encoding", "").strip().lower() if content.tell() else ""
        return Packed(content, encoding, operation.body_bytes_max)
    except TimeoutError as error:
        content.close()
        words = f"The body did not come within {BODY_SECONDS_MAX} s; send it in smaller parts."
        raise problem("too-slow", words) from error
    except BaseException:
        content.close()
        raise


async def receive(request: Request, limit: int, content: SpooledTemporaryFile[bytes]) -> None:
    """Write the body down as it comes; too large as soon as it is."""
    announced = request.headers.get("content-length", "")
    if announced.isascii() and announced.isdigit() and (len(announced) > DIGITS_MAX or int(announced) > limit):
        raise too_large(limit)
    async for chunk in request.stream():
        if content.tell() + len(chunk) > limit:
            raise too_large(limit)
        content.write(chunk)


def refuse_body(content: SpooledTemporaryFile[bytes]) -> None:
    content.seek(0)
    if content.read().strip() not in NO_BODY:
        raise problem("invalid", "This takes no body; send none.")


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
