"""When and from where API keys are used: noted beside the request, at most once a minute for each key and address."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address, ip_network
from threading import Lock
from uuid import UUID

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from shared.auth.authenticate import act_as_system
from shared.auth.caller import Caller
from shared.events.directory_access import ApiKeySeen
from shared.log.envelope import Actor, Cause
from shared.log.log import Log, Stale

log = structlog.get_logger()

NOTED_EVERY_SECONDS = 60
USES_REMEMBERED = 10_000
"""Keys and addresses that one process remembers; past it, it begins anew and notes some a second time."""
ROLE = "concord_directory"
UNKNOWN = "unknown"
IPV6_NETWORK_BITS = 64
"""One customer's network: an address within it is chosen at will."""


@dataclass
class KeyUses:
    """What this process has noted. The request's own transaction is over by then, so none ever waits for a note."""

    engine: Engine
    clock: Callable[[], float] = time.monotonic
    noted: dict[tuple[UUID, str], float] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def note(self, caller: Caller, host: str | None, request_id: str) -> None:
        """Note a use, when the last note of it is a minute old. Never raises: what was answered stands."""
        use = (caller.person, place_of(host))
        if not self.due(use):
            return
        try:
            self.write(caller.organisation, *use, request_id)
        except (SQLAlchemyError, Stale):
            log.warning("use of a key not noted", key=str(caller.sub), exc_info=True)
            self.noted.pop(use, None)

    def due(self, use: tuple[UUID, str]) -> bool:
        now = self.clock()
        last = self.noted.get(use)
        if last is not None and now - last < NOTED_EVERY_SECONDS:
            return False
        with self.lock:
            if self.noted.get(use) != last:
                return False  # another thread is at it
            if len(self.noted) >= USES_REMEMBERED:
                self.noted.clear()
            self.noted[use] = now
        return True

    def write(self, organisation_id: UUID, key_id: UUID, address: str, request_id: str) -> None:
        """One row for each key and address; the first use from an address is an event."""
        with self.engine.begin() as connection:
            at = act_as_system(connection, ROLE)
            new = connection.exec_driver_sql(
                "SELECT directory.note_key_use(%s, %s, %s, %s)", (organisation_id, key_id, address, at)
            ).scalar_one()
            if new:
                # A stream of its own: a key that is used is not changed, and its ETag stays.
                stream = f"api-key-use/{key_id}"
                version = connection.exec_driver_sql(
                    "SELECT coalesce(max(version), 0) FROM log.events WHERE ledger_id = %s AND stream = %s",
                    (organisation_id, stream),
                ).scalar_one()
                Log(connection).append(
                    organisation_id, stream, version, [ApiKeySeen(address=address)],
                    actor=Actor(org=organisation_id, sub=key_id), effective_at=at, cause=Cause(command=request_id),
                )  # fmt: skip


def place_of(host: str | None) -> str:
    """The address a request came from; of IPv6, its network."""
    try:
        address = ip_address(host or "")
    except ValueError:
        return UNKNOWN
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return str(ip_network((address, IPV6_NETWORK_BITS), strict=False))
    return str(getattr(address, "ipv4_mapped", None) or address)
