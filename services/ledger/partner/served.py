"""What a ledger answers its mirror, read no further than an answer of its kind can rightly go."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from json import JSONDecodeError
from urllib.parse import urlsplit

import httpx

from services.ledger.domain.checkpoint import MalformedCheckpoint
from services.ledger.domain.export import MalformedExport
from services.ledger.domain.note import MalformedNote
from shared.log.disclosure import MalformedDisclosure
from shared.log.entry import MalformedEntry

TIMEOUT_SECONDS = 30
"""Without a byte."""
ANSWER_SECONDS_MAX = 600
"""For one whole answer, so that nobody holds a mirror up by a byte now and then."""
WORDS_BYTES_MAX = 200
PLAIN = {"Accept-Encoding": "identity"}
"""What is packed has no size before it is unpacked."""
MALFORMED = (
    MalformedNote,
    MalformedCheckpoint,
    MalformedExport,
    MalformedEntry,
    MalformedDisclosure,
    JSONDecodeError,
    RecursionError,
)


class NotServed(Exception):
    """The ledger cannot be read now."""


class NotThere(NotServed):
    """It answers that there is no such thing."""


class Contradicted(Exception):
    """What the log shows now cannot be true beside what it showed before; the words say which, and where it is kept."""


@dataclass(frozen=True, slots=True)
class Served:
    """The ledger at `client`'s base URL."""

    client: httpx.Client

    def get(self, path: str, bytes_max: int) -> bytes:
        """One answer of at most so many bytes. Raises NotServed; NotThere for 404."""
        try:
            with self.client.stream("GET", path, headers=PLAIN) as answer:
                if answer.status_code == HTTPStatus.OK:
                    return self.whole(answer, path, bytes_max)
                said = next(answer.iter_raw(WORDS_BYTES_MAX), b"").decode(errors="replace")
                refusal = NotThere if answer.status_code == HTTPStatus.NOT_FOUND else NotServed
                raise refusal(f"{path} is answered with {answer.status_code}: {said}")
        except httpx.HTTPError as error:
            raise NotServed(f"{urlsplit(str(self.client.base_url)).netloc} does not answer: {error}") from error

    def whole(self, answer: httpx.Response, path: str, bytes_max: int) -> bytes:
        content, until = bytearray(), time.monotonic() + ANSWER_SECONDS_MAX
        for chunk in answer.iter_raw():
            content += chunk
            if len(content) > bytes_max:
                raise NotServed(f"{path} is answered with more than the {bytes_max:,} bytes that it can have.")
            if time.monotonic() > until:
                raise NotServed(f"{path} is not answered to its end within {ANSWER_SECONDS_MAX} seconds.")
        return bytes(content)


@contextmanager
def in_its_form() -> Iterator[None]:
    """An answer that is not what was asked for, such as a page that says that somebody works on the server, is none."""
    try:
        yield
    except MALFORMED as error:
        raise NotServed(f"The answer is not what it should be: {error}") from error
