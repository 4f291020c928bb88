"""What a service is made of, seen from outside; each service's app.py builds one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi import APIRouter

    from shared.log.followers import Follower
    from shared.log.read_models import ReadModel
    from shared.runtime import Runtime


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

    @property
    def role(self) -> str:
        """The database role in which it works."""
        return f"concord_{self.name}"

    @property
    def own(self) -> tuple[ReadModel, ...]:
        """The read models written in the transaction of the append."""
        return tuple(m for m in self.read_models if not m.followed)
