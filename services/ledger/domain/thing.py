"""A thing as its events tell it, whatever it is: each field as the latest event that has it left it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

ChangeKind = Literal["added", "changed", "removed"]


@dataclass(frozen=True, slots=True)
class Field:
    """The JSON value of a field, and the event that set it. `erased`: there was a value, which is gone."""

    value: Any
    seq: int
    version: int
    erased: bool = False


FIRST_VERSION = 1
WHO_ACTED = "side"
"""Of an event, not of the thing: it says for which party somebody acted."""


@dataclass(frozen=True, slots=True)
class Thing:
    """The state of one stream; version 0 and no fields before its first event."""

    stream: str
    version: int = 0
    last_seq: int = -1
    fields: Mapping[str, Field] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        return self.stream.split("/", 1)[0]

    def after(
        self,
        seq: int,
        version: int,
        data: Mapping[str, Any] | None,
        erased: Collection[str] = (),
        sets: Collection[str] | None = None,
    ) -> Thing:
        """The thing after one more event. `data` is its fields as JSON; None while they are held back.

        `sets`: those that are state. None: all of a thing's first event, none of a later one.
        """
        said = {
            name: Field(value, seq, version, name in erased)
            for name, value in state_of(data or {}, version, sets).items()
        }
        return replace(self, version=version, last_seq=seq, fields={**self.fields, **said})

    def known_since(self, version: int) -> Mapping[str, Field]:
        """The fields that an event of this version, or a later one, set."""
        return {name: one for name, one in self.fields.items() if one.version >= version}


def state_of(data: Mapping[str, Any], version: int, sets: Collection[str] | None) -> dict[str, Any]:
    """Which of an event's fields are state: those in `sets`; None: all of a thing's first event, none of a later."""
    state = data.keys() if sets is None and version == FIRST_VERSION else sets or ()
    return {name: value for name, value in data.items() if name in state and name != WHO_ACTED}


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one field; a path such as `terms.title` where the value is an object.

    `seq` is the event that did it. `erased`: one of the two values was erased, so nothing tells them apart.
    """

    field: str
    kind: ChangeKind
    before: Any
    after: Any
    seq: int
    erased: bool = False


def changes(before: Mapping[str, Field], after: Mapping[str, Field]) -> list[Change]:
    """What differs, by the fields of `after` in the order of their names. Objects are compared by key, lists whole."""
    return [change for name in sorted(after) for change in changed(name, before.get(name), after[name])]


def changed(name: str, before: Field | None, after: Field) -> list[Change]:
    if before is None:
        if after.erased:
            return [Change(name, "added", None, None, after.seq, erased=True)]
        return [Change(path, "added", None, value, after.seq) for path, value in flat(name, after.value).items()]
    if before.seq == after.seq:
        return []
    if before.erased or after.erased:
        return [Change(name, "changed", shown(before), shown(after), after.seq, erased=True)]
    return differing(flat(name, before.value), flat(name, after.value), after.seq)


def shown(one: Field) -> Any:
    return None if one.erased else one.value


def differing(before: Mapping[str, Any], after: Mapping[str, Any], seq: int) -> list[Change]:
    found = []
    for path in sorted({*before, *after}):
        if path not in before:
            found.append(Change(path, "added", None, after[path], seq))
        elif path not in after:
            found.append(Change(path, "removed", before[path], None, seq))
        elif before[path] != after[path]:
            found.append(Change(path, "changed", before[path], after[path], seq))
    return found


def flat(name: str, value: Any) -> dict[str, Any]:
    """`{"a": {"b": 1}}` under its paths: `{"a.b": 1}`. An empty object is a value like any other."""
    if not isinstance(value, Mapping) or not value:
        return {name: value}
    return {path: inner for key, one in value.items() for path, inner in flat(f"{name}.{key}", one).items()}
