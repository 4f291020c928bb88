"""The development issuer: signs tokens on this machine when no identity provider is configured. Never in production."""

from __future__ import annotations

import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import sha256
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

AUDIENCE = "concord"
ALGORITHM = "Ed25519"
KEY_ID = "development"
LIFETIME_SECONDS = 30 * 24 * 3600
CLOCK_SKEW_SECONDS = 60
TOKENS_KEPT = 10_000


class BadToken(Exception):
    """This bearer token proves nothing."""


@dataclass(frozen=True)
class DevelopmentIssuer:
    """Tokens of the installation's own key, derived from its secret, so that all its processes sign and check alike."""

    key: OKPKey
    issuer: str

    @classmethod
    def of(cls, secret: str, origin: str) -> DevelopmentIssuer:
        private = Ed25519PrivateKey.from_private_bytes(
            sha256(b"concord development issuer\n" + secret.encode()).digest()
        )
        public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        raw: dict[str, str | list[str]] = {
            "kty": "OKP",
            "crv": "Ed25519",
            "x": text(public),
            "d": text(private.private_bytes_raw()),
        }
        return cls(OKPKey.import_key(raw), f"{origin}/directory/v1/development")

    def token(self, org: UUID, person: UUID) -> str:
        """A bearer token for one person of one organisation, valid for 30 days of real time."""
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": AUDIENCE,
            "sub": str(person),
            "org": str(org),
            "iat": now,
            "nbf": now,
            "exp": now + LIFETIME_SECONDS,
        }
        return jwt.encode({"alg": ALGORITHM, "kid": KEY_ID}, claims, self.key, algorithms=[ALGORITHM])

    @cached_property
    def signed_claims(self) -> Callable[[str], dict[str, Any]]:
        """The claims of a token with our signature; JoseError for another. That never changes, so it is found out once.

        Whether the claims hold at this moment is asked anew each time.
        """
        return lru_cache(maxsize=TOKENS_KEPT)(
            lambda token: dict(jwt.decode(token, self.key, algorithms=[ALGORITHM]).claims)
        )

    def check(self, token: str) -> tuple[UUID, UUID]:
        """The organisation and the person a token speaks for. Raises BadToken."""
        try:
            claims = self.signed_claims(token)
            required = jwt.JWTClaimsRegistry(
                leeway=CLOCK_SKEW_SECONDS,
                iss={"essential": True, "value": self.issuer},
                aud={"essential": True, "value": AUDIENCE},
                exp={"essential": True},
                nbf={"essential": True},
            )
            required.validate(claims)
            return UUID(claims["org"]), UUID(claims["sub"])
        except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadToken(str(error)) from error


def text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
