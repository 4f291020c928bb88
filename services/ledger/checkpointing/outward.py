"""Calls to witnesses: public addresses alone, one deadline over all of it, answers of bounded length, no redirects."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Address, IPv6Network, ip_address, ip_network
from ssl import SSLContext

import httpcore
from httpcore import SOCKET_OPTION, NetworkBackend, NetworkStream

CALL_SECONDS = 10.0
CONNECT_SECONDS = 3.0
READ_SECONDS = 5.0
ANSWER_BYTES_MAX = 65_536
ADDRESSES_DIALLED_MAX = 3
GLOBAL_UNICAST = IPv6Network("2000::/3")
WRAPPED = (ip_network("2002::/16"), ip_network("2001::/23"))
"""IPv6 addresses that carry an IPv4 one inside: what they lead to cannot be judged."""
TIMEOUTS = {"connect": CONNECT_SECONDS, "read": READ_SECONDS, "write": READ_SECONDS, "pool": CALL_SECONDS}


class NotReached(Exception):
    """No answer came that can be read; the words say why."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back."""

    status: int
    media_type: str
    body: bytes


class PublicNetwork(NetworkBackend):
    """Looks a name up once, judges every address it has, and dials one of those. `development` lets loopback pass."""

    def __init__(self, *, development: bool) -> None:
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
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"{host} is unknown") from error
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        if not all(is_public(one, development=self.development) for one in addresses):
            raise httpcore.ConnectError(f"{host} leads to an address that is not public")
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in addresses[:ADDRESSES_DIALLED_MAX]:
            try:
                return self.inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure


def is_public(text: str, *, development: bool) -> bool:
    address = ip_address(text)
    if development and address.is_loopback:
        return True
    if isinstance(address, IPv4Address):
        return address.is_global and not address.is_multicast
    return address in GLOBAL_UNICAST and address.is_global and not any(address in one for one in WRAPPED)


@cache
def public_trust() -> SSLContext:
    """The certificate authorities of the web; costs some 20 ms, so it is made once."""
    return httpcore.default_ssl_context()


def call(method: str, url: str, body: bytes = b"", *, development: bool) -> Answered:
    """One request on a connection of its own. Raises NotReached."""
    deadline = time.monotonic() + CALL_SECONDS
    network = PublicNetwork(development=development)
    headers = [("Content-Type", "text/plain; charset=utf-8"), ("Connection", "close")]
    try:
        with (
            httpcore.ConnectionPool(ssl_context=public_trust(), network_backend=network) as pool,
            pool.stream(method, url, headers=headers, content=body, extensions={"timeout": TIMEOUTS}) as answer,
        ):
            chunks, size = [], 0
            for chunk in answer.iter_stream():
                chunks.append(chunk)
                size += len(chunk)
                if size > ANSWER_BYTES_MAX or time.monotonic() > deadline:
                    raise NotReached("its answer is too long, or takes too long")
    except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, OSError) as error:
        raise NotReached(str(error) or type(error).__name__) from error
    names = {name.lower(): value for name, value in answer.headers}
    return Answered(answer.status, names.get(b"content-type", b"").decode("latin-1"), b"".join(chunks))
