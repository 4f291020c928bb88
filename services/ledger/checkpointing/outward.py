"""Calls to witnesses: public addresses alone, one deadline over all of it, answers of bounded length, no redirects."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address
from ssl import SSLContext
from typing import Any

import httpcore
from httpcore import SOCKET_OPTION, NetworkBackend, NetworkStream

from shared.addresses import special_kind

CALL_SECONDS = 10.0
"""For all of a call: looking the name up, dialling, TLS, asking, and the answer, however slowly any of it comes."""
CONNECT_SECONDS = 3.0
READ_SECONDS = 5.0
ANSWER_BYTES_MAX = 65_536
"""Of all that is sent back: head, interim answers (1xx) and body."""
ADDRESSES_DIALLED_MAX = 3
RETRY_SECONDS = 5
RETRY_DOUBLINGS_MAX = 6
"""A witness that keeps failing is asked every 320 s."""
LOOKUPS_AT_ONCE = 128
"""More than there are calls at once: a name server that never answers keeps a thread after its call has ended."""
TIMEOUTS = {"connect": CONNECT_SECONDS, "read": READ_SECONDS, "write": READ_SECONDS, "pool": CALL_SECONDS}

FAILURES = (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, OSError, ValueError)
"""ValueError: an address that cannot be one, such as a port of 99999 or a host that TLS cannot ask for."""

lookups = ThreadPoolExecutor(LOOKUPS_AT_ONCE, thread_name_prefix="witness-names")


class NotReached(Exception):
    """No answer came that can be read; the words say why."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back."""

    status: int
    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a call ends, on the clock that never goes back."""

    at: float

    def left(self, at_most: float | None = None) -> float:
        """The seconds that one step of the call may take. Raises httpcore.TimeoutException."""
        left = self.at - time.monotonic()
        if left <= 0:
            raise httpcore.TimeoutException("it takes too long")
        return left if at_most is None else min(left, at_most)


class BoundedStream(NetworkStream):
    """A connection of which no read or write outlasts the call, and that gives no more than ANSWER_BYTES_MAX.

    HTTP's parser reads on and on, for a header that never ends or one more 1xx, each time with a new timeout.
    """

    def __init__(self, inner: NetworkStream, deadline: Deadline) -> None:
        self.inner = inner
        self.deadline = deadline
        self.taken = 0

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        got = self.inner.read(max_bytes, self.deadline.left(timeout))
        self.taken += len(got)
        if self.taken > ANSWER_BYTES_MAX:
            raise NotReached("its answer is too long")
        return got

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Piece by piece, as the other side takes it."""
        door = self.get_extra_info("socket")
        while buffer:
            door.settimeout(self.deadline.left(timeout))
            try:
                buffer = buffer[door.send(buffer) :]
            except TimeoutError as error:
                raise httpcore.WriteTimeout(str(error)) from error
            except OSError as error:
                raise httpcore.WriteError(str(error)) from error

    def close(self) -> None:
        self.inner.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> NetworkStream:
        return BoundedStream(
            self.inner.start_tls(ssl_context, server_hostname, self.deadline.left(timeout)), self.deadline
        )

    def get_extra_info(self, info: str) -> Any:
        return self.inner.get_extra_info(info)


class PublicNetwork(NetworkBackend):
    """Looks a name up once, judges every address it has, and dials one of those. `development` lets loopback pass."""

    def __init__(self, deadline: Deadline, *, development: bool) -> None:
        self.deadline = deadline
        self.development = development
        self.inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> NetworkStream:
        addresses = looked_up(host, self.deadline.left(timeout))
        if not all(is_public(one, development=self.development) for one in addresses):
            raise httpcore.ConnectError(f"{host} leads to an address that is not public")
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in addresses[:ADDRESSES_DIALLED_MAX]:
            try:
                left = self.deadline.left(timeout)
                return BoundedStream(
                    self.inner.connect_tcp(address, port, left, local_address, socket_options), self.deadline
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure


def looked_up(host: str, seconds: float) -> list[str]:
    """The addresses of a host, from the system's resolver, which knows no timeout: a thread waits for it."""
    asked = lookups.submit(socket.getaddrinfo, host, None, type=socket.SOCK_STREAM)
    try:
        found = asked.result(seconds)
    except TimeoutError as error:
        raise httpcore.ConnectTimeout(f"{host} is not looked up in time") from error
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError(f"{host} is unknown") from error
    finally:
        asked.cancel()
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(text: str, *, development: bool) -> bool:
    address = ip_address(text)
    return (development and address.is_loopback) or special_kind(address) is None


@cache
def public_trust() -> SSLContext:
    """The certificate authorities of the web; costs some 20 ms, so it is made once."""
    return httpcore.default_ssl_context()


def call(method: str, url: str, body: bytes = b"", *, development: bool, seconds: float = CALL_SECONDS) -> Answered:
    """One request on a connection of its own. Raises NotReached, within `seconds`."""
    network = PublicNetwork(Deadline(time.monotonic() + seconds), development=development)
    headers = [("Content-Type", "text/plain; charset=utf-8"), ("Connection", "close")]
    try:
        with httpcore.ConnectionPool(ssl_context=public_trust(), network_backend=network) as pool:
            answer = pool.request(method, url, headers=headers, content=body, extensions={"timeout": TIMEOUTS})
    except FAILURES as error:
        raise NotReached(str(error) or type(error).__name__) from error
    names = {name.lower(): value for name, value in answer.headers}
    return Answered(answer.status, names.get(b"content-type", b"").decode("latin-1"), answer.content)
