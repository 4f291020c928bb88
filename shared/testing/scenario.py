"""`scenario(DECISION).given(raised).when(vote, Vote(...)).then(VoteCast(...))`: the tests of business rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from shared.domain import Aggregate, Event, Refused

S = TypeVar("S")


@dataclass(frozen=True)
class Outcome:
    events: tuple[Event, ...]
    refused: Refused | None

    def then(self, *expected: Event) -> None:
        """Exactly these events, in this order."""
        assert self.refused is None, f"refused: {self.refused}"
        assert self.events == expected

    def then_includes(self, *expected: Any) -> None:
        """Each of these is among the events: an event to equal, or an event class."""
        assert self.refused is None, f"refused: {self.refused}"
        for one in expected:
            found = any(isinstance(e, one) if isinstance(one, type) else e == one for e in self.events)
            assert found, f"{one} is not among {self.events}"

    def then_nothing(self) -> None:
        self.then()

    def then_refused(self, code: str) -> None:
        assert self.refused is not None, f"not refused, but: {self.events}"
        assert self.refused.code == code, str(self.refused)


@dataclass(frozen=True)
class Scenario(Generic[S]):
    aggregate: Aggregate[S]
    events: tuple[Event, ...] = field(default=())

    def given(self, *events: Event) -> Scenario[S]:
        return Scenario(self.aggregate, (*self.events, *events))

    @property
    def state(self) -> S:
        return self.aggregate.replay(self.events)

    def when(self, decide: Callable[[Any, S], list[Event]], command: Any) -> Outcome:
        try:
            return Outcome(tuple(decide(command, self.state)), None)
        except Refused as refused:
            return Outcome((), refused)


def scenario(aggregate: Aggregate[S]) -> Scenario[S]:
    return Scenario(aggregate)
