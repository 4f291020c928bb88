"""How a moment that has come is acted upon: one thing, one transaction, each event caused by the one before it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import Connection

from shared.domain import Aggregate
from shared.events.governance_terms import Moment
from shared.ids import uuid7
from shared.log.envelope import Actor, Cause, Recorded
from shared.log.log import Loaded, Log
from shared.log.read_models import ReadModel, bring_along

S = TypeVar("S")

ACTOR = Actor(system="governance.clock")


@dataclass
class Firing:
    """The transaction in which Concord itself acts. `now` is when it noticed; `cause` is the event behind the next."""

    connection: Connection
    models: tuple[ReadModel, ...]
    now: datetime
    cause: UUID
    actor: Actor = ACTOR

    @property
    def at(self) -> datetime:
        """As a request's session calls it."""
        return self.now

    def new_id(self) -> UUID:
        return uuid7()

    def load(self, aggregate: Aggregate[S], ledger_id: UUID, thing_id: UUID) -> Loaded[S]:
        return Log(self.connection).load(aggregate, ledger_id, thing_id)

    def append(
        self, aggregate: Aggregate[S], loaded: Loaded[S], events: Sequence[Any], *, effective_at: datetime | None = None
    ) -> Loaded[S]:
        """Record what a moment brought and bring the read models along. `effective_at`: when it came true, or now."""
        for event in events:
            [recorded] = Log(self.connection).append(
                loaded.ledger_id,
                loaded.stream,
                loaded.version,
                [event],
                actor=self.actor,
                effective_at=effective_at or self.now,
                cause=Cause(event=str(self.cause)),
            )
            self.show(recorded)
            state = aggregate.evolve(loaded.state, event)
            loaded = Loaded(loaded.ledger_id, loaded.id, loaded.stream, recorded.version, state)
            self.cause = recorded.event_id
        return loaded

    def create(
        self, aggregate: Aggregate[S], ledger_id: UUID, thing_id: UUID, events: Sequence[Any], **more: Any
    ) -> Loaded[S]:
        """Record the first events of a new thing."""
        stream = f"{aggregate.noun}/{thing_id}"
        return self.append(aggregate, Loaded(ledger_id, thing_id, stream, 0, aggregate.empty), events, **more)

    def show(self, recorded: Recorded[Any]) -> None:
        bring_along(self.connection, self.models, [recorded])


@dataclass(frozen=True)
class Timed(Generic[S]):
    """A kind of thing that waits for moments.

    `ahead(state)`   the moments at which it must still act, in order, as its row in `due_steps` has them
    `fire`           records what one of them brings; it always records something, or the row would come back
    """

    aggregate: Aggregate[S]
    ahead: Callable[[S], Sequence[Moment]]
    fire: Callable[[Firing, Loaded[S], Moment], Loaded[S]]
