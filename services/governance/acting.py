"""Whoever acts on things of an alliance: a request's session, or the worker that time drives."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import Connection

from shared.domain import Aggregate
from shared.log.log import Loaded

S = TypeVar("S")


class Acting(Protocol):
    """What both can do, in the one transaction that they have."""

    connection: Connection

    @property
    def at(self) -> datetime: ...
    def new_id(self) -> UUID: ...
    def load(self, aggregate: Aggregate[S], ledger_id: UUID, thing_id: UUID) -> Loaded[S]: ...
    def create(self, aggregate: Aggregate[S], ledger_id: UUID, thing_id: UUID, events: Sequence[Any]) -> Loaded[S]: ...
    def append(self, aggregate: Aggregate[S], loaded: Loaded[S], events: Sequence[Any]) -> Loaded[S]: ...
