"""How an event is declared: a frozen dataclass, stored for ever under the name given here.

Only the standard library: domain code and the published language stand on this file alone.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Mapping
from typing import Annotated, Any, TypeVar, dataclass_transform, get_args, get_origin, get_type_hints

T = TypeVar("T")
Data = dict[str, Any]
CALLED = "called"
"""In a predicate: what the thing is called."""


class ErasableMark:
    """Marks a field that can identify a person or is free text; the log stores only its salted digest."""


ERASABLE = ErasableMark()
Erasable = Annotated[T | None, ERASABLE]
"""`reason: Erasable[str]`: None when nothing was said, and also after erasure (see `Recorded.erased`)."""


@dataclasses.dataclass(frozen=True)
class EventType:
    """What the catalogue knows of one event name."""

    name: str
    cls: type
    says: str
    person: str | None
    erasable: frozenset[str]
    sets: frozenset[str] | None

    @property
    def service(self) -> str:
        return self.name.split(".", 1)[0]


_types_by_name: dict[str, EventType] = {}
_types_by_class: dict[type, EventType] = {}
_upcasters: dict[str, tuple[str, Callable[[Data], Data]]] = {}


@dataclass_transform(frozen_default=True, kw_only_default=True)
def event(
    name: str, *, says: str, person: str | None = None, sets: Collection[str] | None = None
) -> Callable[[type[T]], type[T]]:
    """Declare an event: `@event("governance.vote-cast.v1", says="voted {choice} on the decision {called}")`.

    `name`   `service.noun-verbed.vN`; what is stored, so the class may be renamed and the name never.
    `says`   the predicate of the sentence the history shows after the actor's name; `{field}` is filled from the data,
             `{called}` with what the thing is called, in quotation marks, where it is called anything.
    `person` the field holding the id of the person under whose key erasable fields are encrypted; default: the actor.
    `sets`   the fields that say what the thing now is, so that before and after can be told; the others say what was
             done or added. Default: all of them in a thing's first event, none in a later one.
    """

    def declare(cls: type[T]) -> type[T]:
        made = dataclasses.dataclass(frozen=True, kw_only=True, slots=True)(cls)
        if name in _types_by_name:
            raise TypeError(f"The event name {name} is taken by {_types_by_name[name].cls.__qualname__}.")
        if CALLED in get_type_hints(made):
            raise TypeError(f"{name} has a field {CALLED}, which stands for the title of a thing in sentences.")
        if unknown := set(sets or ()) - set(get_type_hints(made)):
            raise TypeError(f"{name} sets {', '.join(sorted(unknown))}, which it does not have.")
        declared = EventType(name, made, says, person, erasable_fields(made), None if sets is None else frozenset(sets))
        _types_by_name[name] = declared
        _types_by_class[made] = declared
        return made

    return declare


def erasable_fields(cls: type) -> frozenset[str]:
    hints = get_type_hints(cls, include_extras=True)
    return frozenset(
        name for name, hint in hints.items() if get_origin(hint) is Annotated and ERASABLE in get_args(hint)
    )


def upcaster(old: str, *, to: str) -> Callable[[Callable[[Data], Data]], Callable[[Data], Data]]:
    """Bring the stored data of `old` to the shape of `to` when it is read; storage is never rewritten."""

    def register(function: Callable[[Data], Data]) -> Callable[[Data], Data]:
        if old in _upcasters:
            raise TypeError(f"{old} has an upcaster already.")
        _upcasters[old] = (to, function)
        return function

    return register


def newest(name: str, data: Data) -> tuple[EventType, Data]:
    """The event type in force for a stored name, and the data brought to its shape. Unknown names raise KeyError."""
    while name in _upcasters:
        name, bring = _upcasters[name]
        data = bring(dict(data))
    return _types_by_name[name], data


def type_of(cls: type) -> EventType:
    """The declaration of an event class; KeyError for a class that is no event."""
    return _types_by_class[cls]


def names_of(*classes: type) -> frozenset[str]:
    """The newest names of these events: what a decoded event is called."""
    return frozenset(type_of(cls).name for cls in classes)


def all_types() -> Mapping[str, EventType]:
    """Every declared event by name (import `shared.events` first, so that all are declared)."""
    return dict(sorted(_types_by_name.items()))


def stored_names(newest_names: frozenset[str]) -> frozenset[str]:
    """Every name, old ones included, under which events now read as one of `newest_names` may be stored."""
    old = {name for name in _upcasters if newest_name(name) in newest_names}
    return newest_names | old


def newest_name(name: str) -> str:
    while name in _upcasters:
        name, _ = _upcasters[name]
    return name
