"""Recording what Concord itself finds: outside any request, in a worker's or follower's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Connection

from shared.domain import Aggregate
from shared.log.envelope import Actor, Cause
from shared.log.log import Loaded, Log
from shared.log.read_models import ReadModel, bring_along

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Recorder:
    """Appends for Concord and brings metrics' own read models along."""

    connection: Connection
    models: Sequence[ReadModel]
    actor: Actor
    now: datetime

    @property
    def log(self) -> Log:
        return Log(self.connection)

    def begin(
        self, aggregate: Aggregate[S], ledger_id: UUID, thing_id: UUID, events: Sequence[Any], cause: UUID | None = None
    ) -> Loaded[S]:
        """The first events of a new thing."""
        stream = f"{aggregate.noun}/{thing_id}"
        return self.append(aggregate, Loaded(ledger_id, thing_id, stream, 0, aggregate.empty), events, cause)

    def append(
        self, aggregate: Aggregate[S], loaded: Loaded[S], events: Sequence[Any], cause: UUID | None = None
    ) -> Loaded[S]:
        if not events:
            return loaded
        recorded = self.log.append(
            loaded.ledger_id,
            loaded.stream,
            loaded.version,
            list(events),
            actor=self.actor,
            effective_at=self.now,
            cause=Cause(event=None if cause is None else str(cause)),
        )
        bring_along(self.connection, self.models, recorded)
        return replace(loaded, version=recorded[-1].version, state=aggregate.replay(events, loaded.state))
