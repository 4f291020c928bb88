"""The gate: what a request meets before its body is read, by the little that is known by then of who asks."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from shared.auth.authenticate import Unauthenticated, bearer
from shared.http.allowances import Account, Allowances
from shared.http.sign_ins import SignIns

CREDENTIALS_KEPT = 10_000
"""Known to be good, in this process."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is remembered of one who proved who they are: whose they are, and where their requests are counted."""

    organisation: UUID | None
    accounts: tuple[Account, ...]


class Gate:
    """Rate limits and slowed sign-ins. It lets nobody in: each time the database is asked if the credential holds."""

    def __init__(self, allowances: Allowances, sign_ins: SignIns) -> None:
        self.allowances = allowances
        self.sign_ins = sign_ins
        self.known: OrderedDict[bytes, Known] = OrderedDict()

    async def admit(self, request: Request) -> Known | None:
        """Who it is, if the credential is known. Raises Unauthenticated, or a problem (429) for one too many."""
        credential = bearer(request.headers.get("authorization"))
        known = self.known.get(digest_of(credential))
        if known is None:
            self.sign_ins.refuse_blocked(address_of(request), credential)
            return None
        await self.allowances.spend(known.accounts)
        return known

    def settle(self, request: Request, response: Response) -> None:
        """Learn from the answer who it was, or that it was nobody; and tell the caller what is left."""
        credential = credential_of(request)
        digest = digest_of(credential)
        caller = request.scope.get("concord.caller")
        if response.status_code == HTTPStatus.UNAUTHORIZED:
            self.known.pop(digest, None)
            self.sign_ins.failed(address_of(request), credential)
        elif caller is not None and digest not in self.known:
            self.known[digest] = Known(caller.org, self.allowances.of(caller))
            self.allowances.charge(self.known[digest].accounts)
            if len(self.known) > CREDENTIALS_KEPT:
                self.known.popitem(last=False)
        known = self.known.get(digest)
        response.headers.update(self.allowances.headers(known.accounts if known else ()))


def credential_of(request: Request) -> str:
    try:
        return bearer(request.headers.get("authorization"))
    except Unauthenticated:
        return ""


def digest_of(credential: str) -> bytes:
    return sha256(credential.encode("utf-8", "surrogateescape")).digest()


def address_of(request: Request) -> str:
    return request.client.host if request.client else "unknown"
