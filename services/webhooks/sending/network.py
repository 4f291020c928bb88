"""Connections that lead only to public addresses: the name is looked up once, judged, and what was judged is dialled.

It sits below TLS and HTTP, which go on with the name: certificate, SNI and Host are those of the URL.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from ipaddress import ip_address
from ssl import SSLContext
from typing import Self

import httpcore
from httpcore import SOCKET_OPTION, AsyncNetworkBackend, AsyncNetworkStream

from services.webhooks.domain.addresses import Objection, objection_to_address

CONNECT_SECONDS = 5
"""For each address of a name, within the deadline of the whole attempt."""
ADDRESSES_DIALLED_MAX = 3
IDLE_SECONDS = 2
"""How long a connection is kept for the next delivery: less than servers keep theirs, so that none is found dead."""

Lookup = Callable[[str], Awaitable[list[str]]]


class NameUnknown(Exception):
    """The host name leads to no address."""


class Inward(Exception):
    """One of the addresses is none that a webhook may go to."""

    def __init__(self, objection: Objection) -> None:
        super().__init__(objection.words)
        self.objection = objection


def lookup_in(threads: ThreadPoolExecutor) -> Lookup:
    """The system's resolver, in threads of its own: a slow name server holds up nobody but its own names."""

    async def lookup(host: str) -> list[str]:
        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(threads, socket.getaddrinfo, host, None, 0, socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise NameUnknown(host) from error
        return list(dict.fromkeys(str(entry[4][0]) for entry in found))

    return lookup


class PublicNetwork(AsyncNetworkBackend):
    """Dials names by `lookup`. `development` lets loopback pass."""

    def __init__(self, lookup: Lookup, *, development: bool) -> None:
        self.lookup = lookup
        self.development = development
        self.inner: AsyncNetworkBackend = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109, ARG002 (httpcore's signature; one deadline lies around it all)
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> AsyncNetworkStream:
        failure: Exception = NameUnknown(host)
        for address in (await self.judged(host))[:ADDRESSES_DIALLED_MAX]:
            try:
                return await self.inner.connect_tcp(address, port, CONNECT_SECONDS, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def judged(self, host: str) -> list[str]:
        """All addresses of a host. Raises Inward when there is an objection to any of them."""
        addresses = [host] if is_address(host) else await self.lookup(host)
        for address in addresses:
            objection = objection_to_address(address, development=self.development)
            if objection is not None:
                raise Inward(objection)
        return addresses

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


@cache
def public_trust() -> SSLContext:
    """The certificate authorities of the web; costs some 20 ms, so it is made once."""
    return httpcore.default_ssl_context()


def connections(
    network: PublicNetwork, *, at_once: int, trust: SSLContext | None = None
) -> httpcore.AsyncConnectionPool:
    """HTTP/1.1 alone; nothing is retried, redirected, unpacked or remembered from one answer to the next."""
    return httpcore.AsyncConnectionPool(
        ssl_context=trust or public_trust(),
        max_connections=at_once,
        keepalive_expiry=IDLE_SECONDS,
        network_backend=network,
    )


class Roads:
    """Connections to each endpoint of its own: httpcore looks through all of a pool's at every request."""

    def __init__(self, network: PublicNetwork) -> None:
        self.network = network
        self.pools: dict[object, httpcore.AsyncConnectionPool] = {}

    def to(self, endpoint: object, *, at_once: int) -> httpcore.AsyncConnectionPool:
        if endpoint not in self.pools:
            self.pools[endpoint] = connections(self.network, at_once=at_once)
        return self.pools[endpoint]

    async def leave(self, endpoints: Iterable[object]) -> None:
        """Hang up on endpoints that nothing is sent to for now."""
        for endpoint in endpoints:
            if pool := self.pools.pop(endpoint, None):
                await pool.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.leave(list(self.pools))
