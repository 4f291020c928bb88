"""An API key: opens some of an organisation's data to a system, by a secret of which only the hash is known."""

from __future__ import annotations

import hmac
import re
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from services.directory.domain.wording import require_words
from shared.domain import Aggregate, Event, Invalid, Refused
from shared.events.directory import ApiKeyIssued, ApiKeyRevoked, ApiKeyRotated, Scope

PREFIX = re.compile(r"[A-Za-z0-9_]{4,32}")
SHA256_HEX = re.compile(r"[0-9a-f]{64}")
ALLIANCES_MAX = 100
SECRETS_AT_ONCE = 2
"""The one in force, and the one before it during a rotation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueApiKey:
    """`prefix` is the visible beginning of the secret; `secret_hash` its SHA-256 in lower-case hex.

    `alliances` empty means all alliances of the organisation.
    """

    by: UUID
    at: datetime
    name: str
    prefix: str
    secret_hash: str
    scopes: tuple[Scope, ...]
    alliances: tuple[UUID, ...]
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RotateApiKey:
    """A new secret; the one before opens the key until `previous_until`, `at` when it is to end at once."""

    by: UUID
    at: datetime
    prefix: str
    secret_hash: str
    expires_at: datetime
    previous_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeApiKey:
    by: UUID
    at: datetime
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Secret:
    prefix: str
    secret_hash: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ApiKey:
    """`secrets` has the one in force last; it is empty until the key is issued."""

    name: str = ""
    secrets: tuple[Secret, ...] = ()
    scopes: frozenset[Scope] = field(default_factory=frozenset)
    alliances: frozenset[UUID] = field(default_factory=frozenset)
    revoked: bool = False

    def live(self, at: datetime) -> tuple[Secret, ...]:
        return () if self.revoked else tuple(s for s in self.secrets if at < s.expires_at)

    def opens(self, secret: str, at: datetime) -> bool:
        return any(key_matches(known.secret_hash, secret) for known in self.live(at))

    def allows(self, scope: Scope, alliance: UUID | None = None) -> bool:
        """Whether it reaches so far; `alliance` None is the organisation itself, closed to a key of named alliances."""
        return scope in self.scopes and (not self.alliances or alliance in self.alliances)


def key_matches(secret_hash: str, secret: str) -> bool:
    """Whether `secret_hash` is the SHA-256 hex of `secret`, in a time that does not tell how much of it was right.

    A plain hash is enough because secrets are drawn by Concord, too long to be guessed.
    """
    return hmac.compare_digest(hash_of(secret).encode(), secret_hash.encode())


def hash_of(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def evolve(state: ApiKey, event: Event) -> ApiKey:
    match event:
        case ApiKeyIssued(name=name, scopes=scopes, alliances=alliances):
            first = Secret(event.prefix, event.secret_hash, event.expires_at)
            return ApiKey(name, (first,), frozenset(scopes), frozenset(alliances))
        case ApiKeyRotated(previous_until=until):
            earlier = [replace(s, expires_at=min(s.expires_at, until)) for s in state.secrets]
            new = Secret(event.prefix, event.secret_hash, event.expires_at)
            return replace(state, secrets=(*earlier, new)[-SECRETS_AT_ONCE:])
        case ApiKeyRevoked():
            return replace(state, revoked=True)
    return state


API_KEY = Aggregate("api-key", ApiKey(), evolve)


def issue(command: IssueApiKey, key: ApiKey) -> list[Event]:
    if key.secrets:
        raise Refused("key-issued", "This key was issued before.")
    require_words("/name", command.name)
    check_distinct("/scopes", command.scopes)
    check_distinct("/alliances", command.alliances)
    if not command.scopes:
        raise Invalid("/scopes", "missing", "Say what the key may do; a key without a scope opens nothing.")
    if len(command.alliances) > ALLIANCES_MAX:
        raise Invalid("/alliances", "too-many", f"Name at most {ALLIANCES_MAX} alliances, or none for all of them.")
    check_secret(command)
    return [
        ApiKeyIssued(
            name=command.name,
            prefix=command.prefix,
            secret_hash=command.secret_hash,
            scopes=command.scopes,
            alliances=command.alliances,
            expires_at=command.expires_at,
        )
    ]


def rotate(command: RotateApiKey, key: ApiKey) -> list[Event]:
    require_unrevoked(key)
    live = key.live(command.at)
    if not live:
        raise Refused("key-expired", "The key has expired; issue a new one.")
    if len(live) == SECRETS_AT_ONCE:
        raise Refused(
            "rotation-under-way", f"The last secret still works until {live[0].expires_at:%d %B %Y %H:%M} UTC."
        )
    check_secret(command)
    if not command.at <= command.previous_until <= command.expires_at:
        raise Invalid("/previous_until", "out-of-range", "The last secret ends from now on, and before the new one.")
    return [
        ApiKeyRotated(
            prefix=command.prefix,
            secret_hash=command.secret_hash,
            expires_at=command.expires_at,
            previous_until=command.previous_until,
        )
    ]


def revoke(command: RevokeApiKey, key: ApiKey) -> list[Event]:
    require_unrevoked(key)
    return [ApiKeyRevoked(reason=command.reason)]


def require_unrevoked(key: ApiKey) -> None:
    if not key.secrets:
        raise Refused("key-not-issued", "Issue the key first.")
    if key.revoked:
        raise Refused("key-revoked", "The key is revoked for good; issue a new one.")


def check_secret(command: IssueApiKey | RotateApiKey) -> None:
    if not PREFIX.fullmatch(command.prefix):
        raise Invalid("/prefix", "malformed", "A prefix has 4 to 32 letters, digits and underscores.")
    if not SHA256_HEX.fullmatch(command.secret_hash):
        raise Invalid("/secret_hash", "malformed", "The hash of a secret is its SHA-256 in lower-case hex.")
    if command.expires_at <= command.at:
        raise Invalid("/expires_at", "past", "A key expires in the future.")


def check_distinct(pointer: str, values: Collection[object]) -> None:
    if len(set(values)) < len(values):
        raise Invalid(pointer, "repeated", "Name each once.")
