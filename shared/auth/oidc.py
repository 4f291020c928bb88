"""Bearer tokens of the companies' own identity providers: whether a token is signed by its issuer, for us, and now.

Which organisation an issuer speaks for, and who the subject is there, is not asked here: directory knows (`access`).
"""

from __future__ import annotations

import json
import time
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from threading import Lock
from typing import Any

import structlog
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry

from shared.auth.development import CLOCK_SKEW_SECONDS, TOKENS_KEPT, BadToken
from shared.auth.discovery import IssuerUnavailable, PublicKey, signing_keys

log = structlog.get_logger()

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""Signatures by a private key alone: no `none`, and no shared secret, for which a public key could be taken."""
SUBJECT_CHARACTERS_MAX = 255
FRESH_SECONDS = 3_600
"""How old keys may be before they are asked for again, though a token names one of them."""
STALE_SECONDS = 24 * 3_600
"""How long keys are used while their provider cannot be reached."""
ASK_AGAIN_SECONDS = 10
"""Between two askings of one provider, whatever key ids the tokens name."""

registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a token says of itself, before anything is proven."""

    issuer: str
    subject: str
    kid: str


def claimed(token: str) -> Claimed:
    """Who a token claims to be from and about. Raises BadToken."""
    try:
        header, payload, _ = (part(text) for text in token.split("."))
        found = Claimed(payload["iss"], payload["sub"], header["kid"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadToken("This is no token that names its issuer, its subject and its key.") from error
    texts = (found.issuer, found.subject, found.kid)
    if not all(
        isinstance(text, str) and 0 < len(text) <= SUBJECT_CHARACTERS_MAX and "\0" not in text for text in texts
    ):
        raise BadToken("Issuer, subject and key id are short texts.")
    return found


def part(text: str) -> Any:
    raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    try:
        return json.loads(raw)
    except UnicodeDecodeError:
        return None  # the signature
    except json.JSONDecodeError:
        return None


@dataclass(frozen=True)
class KeySet:
    """An issuer's keys as it gave them at a moment (of a clock that never runs backwards, in seconds)."""

    by_id: Mapping[str, PublicKey]
    fetched_at: float

    @cached_property
    def signed_claims(self) -> Callable[[str, str], dict[str, Any]]:
        """The claims of a token signed by the key of this id; JoseError for any other. Found out once a token."""

        def verified(token: str, kid: str) -> dict[str, Any]:
            return dict(jwt.decode(token, self.by_id[kid], algorithms=list(ALGORITHMS), registry=registry).claims)

        return lru_cache(maxsize=TOKENS_KEPT)(verified)


@dataclass
class Issuers:
    """The identity providers' keys, as far as this process has needed them."""

    plain_http: bool = False
    clock: Callable[[], float] = time.monotonic
    held: dict[str, KeySet] = field(default_factory=dict)
    asked_at: dict[str, float] = field(default_factory=dict)
    asking: dict[str, Lock] = field(default_factory=dict)

    def check(self, token: str, said: Claimed, audience: str) -> None:
        """Whether the token is what it says, for this audience, at this moment. Raises BadToken, IssuerUnavailable."""
        keys = self.keys(said.issuer, said.kid)
        if said.kid not in keys.by_id:
            raise BadToken("The issuer has no such key.")
        try:
            required = jwt.JWTClaimsRegistry(
                leeway=CLOCK_SKEW_SECONDS,
                iss={"essential": True, "value": said.issuer},
                sub={"essential": True, "value": said.subject},
                aud={"essential": True, "value": audience},
                exp={"essential": True},
            )
            required.validate(keys.signed_claims(token, said.kid))
        except (JoseError, ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
            raise BadToken(str(error)) from error

    def keys(self, issuer: str, kid: str) -> KeySet:
        """The issuer's keys, asked for when there are none, they are old, or this key is not among them."""
        held = self.held.get(issuer)
        now = self.clock()
        if held is not None and kid in held.by_id and now - held.fetched_at < FRESH_SECONDS:
            return held
        if now - self.asked_at.get(issuer, float("-inf")) >= ASK_AGAIN_SECONDS:
            self.ask(issuer, now)
        held = self.held.get(issuer)
        if held is None or now - held.fetched_at > STALE_SECONDS:
            raise IssuerUnavailable(f"The keys of {issuer} are not known.")
        return held

    def ask(self, issuer: str, now: float) -> None:
        """Ask the issuer, unless another request is asking already. What is held stays when it does not answer."""
        lock = self.asking.setdefault(issuer, Lock())
        if not lock.acquire(blocking=False):
            return
        try:
            self.asked_at[issuer] = now
            self.held[issuer] = KeySet(signing_keys(issuer, plain_http=self.plain_http), now)
        except IssuerUnavailable as error:
            log.warning("identity provider unavailable", issuer=issuer, why=str(error)[:300])
        finally:
            lock.release()
