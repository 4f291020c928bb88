"""Connections that lead only to public addresses: the name is looked up once, judged, and what was judged is dialled.

It sits below TLS and HTTP, which go on with the name: certificate, SNI and Host are those of the URL.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address
from ssl import SSLContext, SSLError

import httpcore

from services.webhooks.domain.addresses import Objection, objection_to_address

CONNECT_SECONDS = 5
"""For each address of a name, within the deadline of the whole attempt."""
ADDRESSES_DIALLED_MAX = 3
IPV6 = 6


@dataclass
class Called:
    """Whom an attempt has called last, which is known even when nothing comes of it."""

    address: str | None = None


Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
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


class Unreachable(Exception):
    """No address of the name lets itself be connected to."""


class NotTrusted(Exception):
    """It speaks no TLS, or shows no certificate of its name."""


class PublicNetwork:
    """Dials names by `lookup`; `trust` is for TLS (None: the web's authorities); `development` lets loopback pass."""

    def __init__(self, lookup: Lookup, *, development: bool, trust: SSLContext | None = None) -> None:
        self.lookup = lookup
        self.development = development
        self.trust = trust

    async def connect(self, host: str, port: int, called: Called, *, tls: bool) -> Streams:
        """A connection to the address in `called`."""
        door = await self.reached(host, port, called)
        if not tls:
            return await asyncio.open_connection(sock=door)
        try:
            trust = self.trust or public_trust()
            return await asyncio.open_connection(sock=door, ssl=trust, server_hostname=host)
        except SSLError as error:
            raise NotTrusted(str(error)) from error
        except OSError as error:
            raise Unreachable(str(error)) from error
        except BaseException:
            door.close()
            raise

    async def reached(self, host: str, port: int, called: Called) -> socket.socket:
        failure: Exception = NameUnknown(host)
        for address in (await self.judged(host))[:ADDRESSES_DIALLED_MAX]:
            called.address = address
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    return await self.dial(address, port)
            except OSError as error:  # and TimeoutError, which is one
                failure = Unreachable(str(error))
        raise failure

    async def dial(self, address: str, port: int) -> socket.socket:
        family = socket.AF_INET6 if ip_address(address).version == IPV6 else socket.AF_INET
        door = socket.socket(family, socket.SOCK_STREAM)
        try:
            door.setblocking(False)  # noqa: FBT003 - the standard library's
            await asyncio.get_running_loop().sock_connect(door, (address, port))
        except BaseException:
            door.close()
            raise
        return door

    async def judged(self, host: str) -> list[str]:
        """All addresses of a host. Raises Inward when there is an objection to any of them."""
        addresses = [host] if is_address(host) else await self.lookup(host)
        for address in addresses:
            objection = objection_to_address(address, development=self.development)
            if objection is not None:
                raise Inward(objection)
        return addresses


def is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


@cache
def public_trust() -> SSLContext:
    """The certificate authorities of the web; costs some 20 ms, so it is made once."""
    trust = httpcore.default_ssl_context()
    trust.set_alpn_protocols(["http/1.1"])
    return trust
