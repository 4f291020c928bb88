"""Rate limits: how many requests a credential and an organisation may make in a minute, whichever process they meet.

A process leases requests from the database (`log.lease`) and counts them down in memory, so that most requests cost no
statement. A credential's first request here is counted once it has proven who it is, and charged to the next lease.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from anyio.to_thread import run_sync
from sqlalchemy import Engine

from shared.auth.caller import Caller
from shared.http.problems import Problem, problem

WINDOW_SECONDS = 60
ACCOUNTS_KEPT = 20_000
"""Of one process; one that falls out is leased for anew when it asks again."""
LEASE = "SELECT * FROM log.lease(%s::text[], %s::bigint[], %s::bigint[], %s)"

Name = Literal["credential", "organisation"]


@dataclass(slots=True)
class Account:
    """What is known here of one limit in the present window."""

    name: Name
    key: str
    limit: int
    here: int = 0
    """Leased, and not yet spent."""
    elsewhere: int = 0
    """Not leased by anybody when last asked."""
    owed: int = 0
    """Spent before it was leased."""
    window: int = -1
    ends: float = 0.0
    """When the window ends, by `time.monotonic`."""

    def used_up(self, now: float) -> bool:
        return self.ends > now and self.here <= 0 and self.elsewhere <= 0

    def needs_lease(self, now: float) -> bool:
        return self.ends <= now or (self.here <= 0 and self.elsewhere > 0)

    def add(self, window: int, granted: int, elsewhere: int, ends: float) -> None:
        self.here = granted + (self.here if window == self.window else 0)
        self.window, self.elsewhere, self.ends = window, elsewhere, ends

    def seconds_left(self, now: float) -> int:
        return max(1, math.ceil(self.ends - now))


class Allowances:
    """The limits of this process's callers. All but the lease itself runs in the event loop, so it needs no lock."""

    def __init__(
        self,
        engine: Engine,
        limits: dict[Name, int],
        *,
        window_seconds: int = WINDOW_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`limits`: requests in a window, by name; 0 is no limit."""
        self.window_seconds = window_seconds
        self.engine = engine
        self.limits = limits
        self.clock = clock
        self.accounts: OrderedDict[str, Account] = OrderedDict()
        self.policy = ", ".join(f'"{name}";q={limit};w={window_seconds}' for name, limit in limits.items() if limit)

    def of(self, caller: Caller) -> tuple[Account, ...]:
        """The accounts that a caller's requests are counted in."""
        keys: dict[Name, str] = {"credential": f"credential/{caller.sub or caller.kind}"}
        if caller.org is not None:
            keys["organisation"] = f"organisation/{caller.org}"
        return tuple(self.account(name, key) for name, key in keys.items() if self.limits[name])

    def account(self, name: Name, key: str) -> Account:
        found = self.accounts.get(key)
        if found is None:
            found = self.accounts[key] = Account(name, key, self.limits[name])
            if len(self.accounts) > ACCOUNTS_KEPT:
                self.accounts.popitem(last=False)
        return found

    async def spend(self, accounts: Sequence[Account]) -> None:
        """Take one request from each. Raises a problem (429) when one of them is used up."""
        now = self.clock()
        if any(account.needs_lease(now) for account in accounts) and not any(a.used_up(now) for a in accounts):
            await self.lease(accounts)
            now = self.clock()
        for account in sorted(accounts, key=lambda a: not a.used_up(now)):
            if account.here <= 0:
                raise self.too_many(account, now)
        for account in accounts:
            account.here -= 1

    async def lease(self, accounts: Sequence[Account]) -> None:
        owed = [account.owed for account in accounts]
        for account in accounts:
            account.owed = 0
        asked = [a.key for a in accounts], [a.limit for a in accounts], owed, self.window_seconds
        rows = await run_sync(self.asked, asked)
        now = self.clock()
        for account, (window, granted, elsewhere, seconds) in zip(accounts, rows, strict=True):
            account.add(window, granted, elsewhere, now + seconds)

    def asked(self, asked: tuple[list[str], list[int], list[int], int]) -> list[tuple[int, int, int, float]]:
        with self.engine.begin() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(LEASE, asked)]

    def charge(self, accounts: Sequence[Account]) -> None:
        """Count a request that was answered before it was known whose it was."""
        for account in accounts:
            account.owed += 1

    def headers(self, accounts: Sequence[Account]) -> dict[str, str]:
        """What the caller is told: the policies, and what is left of each as far as this process knows."""
        if not accounts:
            return {}
        now = self.clock()
        told = [
            f'"{a.name}";r={max(0, a.here + a.elsewhere)};t={a.seconds_left(now)}' for a in accounts if a.ends > now
        ]
        return {"RateLimit-Policy": self.policy, **({"RateLimit": ", ".join(told)} if told else {})}

    def too_many(self, account: Account, now: float) -> Problem:
        allowed = f"This {account.name} may make {account.limit:,} requests in {self.window_seconds} seconds"
        words = f"{allowed}, and has made them. Wait for Retry-After seconds."
        return problem("rate-limited", words, headers={"Retry-After": str(account.seconds_left(now))})
