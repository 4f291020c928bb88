"""What a service is made of, seen from outside; and what a running process has at hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from threading import Event
from typing import TYPE_CHECKING, Any

from shared.auth.authenticate import Authenticator
from shared.auth.uses import KeyUses
from shared.settings import Settings

if TYPE_CHECKING:
    from fastapi import APIRouter
    from sqlalchemy import Engine

    from shared.log.followers import Follower
    from shared.log.read_models import ReadModel


@dataclass(frozen=True)
class Worker:
    """Work that time brings, not events: `turn(runtime)` does what is due and says how much it did."""

    name: str
    turn: Callable[[Runtime], int]
    every_seconds: float = 1.0


@dataclass(frozen=True)
class Service:
    """One room of Concord: its routes, the read models it derives, what it follows and what time makes it do."""

    name: str
    question: str
    routers: tuple[APIRouter, ...]
    read_models: tuple[ReadModel, ...] = ()
    followers: tuple[Follower, ...] = ()
    workers: tuple[Worker, ...] = ()
    webhooks: Callable[[], Mapping[str, Any]] | None = None
    """What it posts to others: OpenAPI's `webhooks`, and the `schemas` they refer to."""

    @property
    def role(self) -> str:
        """The database role in which it works."""
        return f"concord_{self.name}"

    @property
    def own(self) -> tuple[ReadModel, ...]:
        """The read models written in the transaction of the append."""
        return tuple(m for m in self.read_models if not m.followed)


@dataclass(frozen=True)
class Runtime:
    """Settings, database and services of one process: built once at the edge and passed in."""

    settings: Settings
    engine: Engine
    authenticator: Authenticator
    services: tuple[Service, ...]
    ending: Event = field(default_factory=Event, compare=False)
    """Set once the process is to end: what has no end of its own, such as an event stream, comes to one."""

    @cached_property
    def key_uses(self) -> KeyUses:
        """When API keys were used, as far as this process has noted it."""
        return KeyUses(self.engine)

    def service(self, name: str) -> Service:
        return next(s for s in self.services if s.name == name)

    @property
    def secret(self) -> bytes:
        assert self.settings.secret is not None
        return self.settings.secret.get_secret_value().encode()
