"""Failed sign-ins: counted, and slowed by where they come from and by which key they try.

In this process's memory, bounded: whoever guesses at several processes is slowed by each. A guesser would need 2^256
tries for a key and a forged signature for a token; what this spares is the database.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from prometheus_client import Counter

from shared.auth.authenticate import KEY_PREFIX
from shared.http.problems import problem

FAILED = Counter("concord_failed_sign_ins", "Requests without a credential that proves who asks.", ["credential"])

SUSPECTS_KEPT = 10_000
BLOCK_SECONDS_MAX = 60
FORGOTTEN_AFTER_SECONDS = 600
IPV6_BITS = 64
"""Of an address: whoever has one of them has them all."""


@dataclass(slots=True)
class Suspect:
    """An address or a key's prefix with failed sign-ins of late."""

    failures: int = 0
    last: float = 0.0
    blocked_until: float = 0.0


class SignIns:
    def __init__(self, free: int, clock: Callable[[], float] = time.monotonic) -> None:
        """`free`: failures of late that slow nobody; 0 slows nobody ever."""
        self.free = free
        self.clock = clock
        self.suspects: OrderedDict[str, Suspect] = OrderedDict()

    def refuse_blocked(self, address: str, credential: str) -> None:
        """Raises a problem (429) while the address or the key's prefix is blocked. Whoever is known to be good passes.

        So neither a colleague behind the same address nor who knows a key's prefix can lock out one that is at work.
        """
        now = self.clock()
        for name in names(address, credential):
            suspect = self.suspects.get(name)
            if suspect is not None and suspect.blocked_until > now:
                wait = math.ceil(suspect.blocked_until - now)
                words = f"{suspect.failures} sign-ins have failed here of late. Wait for Retry-After seconds."
                raise problem("too-many-failures", words, headers={"Retry-After": str(wait)})

    def failed(self, address: str, credential: str) -> None:
        """Count it; past the free ones each doubles the time that the next has to wait."""
        FAILED.labels(kind_of(credential)).inc()
        if not credential or not self.free:
            return
        now = self.clock()
        for name in names(address, credential):
            suspect = self.suspects.pop(name, None)
            if suspect is None or now - suspect.last > FORGOTTEN_AFTER_SECONDS:
                suspect = Suspect()
            suspect.failures, suspect.last = suspect.failures + 1, now
            if suspect.failures >= self.free:
                doublings = min(suspect.failures - self.free, BLOCK_SECONDS_MAX.bit_length())
                suspect.blocked_until = now + min(BLOCK_SECONDS_MAX, 2**doublings)
            self.suspects[name] = suspect
        while len(self.suspects) > SUSPECTS_KEPT:
            self.suspects.popitem(last=False)


def names(address: str, credential: str) -> Iterator[str]:
    """What a failure is held against."""
    yield f"address {network_of(address)}"
    if credential.startswith(KEY_PREFIX):
        yield f"key {credential.removeprefix(KEY_PREFIX).partition('_')[0][:64]}"


def network_of(address: str) -> str:
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(found) if found.version == 4 else str(ip_network((found, IPV6_BITS), strict=False))  # noqa: PLR2004


def kind_of(credential: str) -> str:
    if not credential:
        return "none"
    return "key" if credential.startswith(KEY_PREFIX) else "token"
