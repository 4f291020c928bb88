"""What every domain file stands on: the refusal, and what an aggregate is. Standard library alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Any, Generic, TypeVar

S = TypeVar("S")
Event = Any
"""An instance of a class declared with `@event`."""


class Refused(Exception):
    """A rule says no. `code` is stable (kebab-case), `detail` says which rule and what would make it possible.

    The domain raises it; `shared/http/problems.py` alone knows that it becomes a 409.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class Invalid(Exception):
    """Well-formed input that means nothing valid: `pointer` is a JSON Pointer into the body. It becomes a 422."""

    def __init__(self, pointer: str, code: str, detail: str, *, also: Iterable[Invalid] = ()) -> None:
        super().__init__(f"{pointer}: {detail}")
        self.pointer = pointer
        self.code = code
        self.detail = detail
        self.also = tuple(also)
        """The other faults that were found in the same input."""


def refuse_faults(found: Iterable[Invalid]) -> None:
    """Raises all of these at once; nothing when there are none."""
    faults = list(found)
    if faults:
        raise Invalid(faults[0].pointer, faults[0].code, faults[0].detail, also=faults[1:])


@dataclass(frozen=True)
class Aggregate(Generic[S]):
    """One kind of thing: its noun (the stream is `noun/id`), its state before any event, and how an event changes it.

    `evolve(state, event) -> state` is pure, total and never refuses: history happened.
    """

    noun: str
    empty: S
    evolve: Callable[[S, Event], S]

    def replay(self, events: Iterable[Event], state: S | None = None) -> S:
        return reduce(self.evolve, events, self.empty if state is None else state)
