"""The state in an export: what its things are, by field, once its entries have said what they say.

    state.ndjson    one thing a line, by its first entry
    {"stream", "first_seq", "last_seq", "version", "fields": {name: {"seq", "value"} or {"seq", "erased": true}},
     "held_back": [seq, …]}

The rule, by which anybody can fold entries to it: an entry sets the fields that its event type names as state
(`x-concord-sets` in its schema), or when it names none all of its `data` if it is the first of its stream and else
none; never `side`, which says for whom somebody acted. A field has the value of the last entry that set it. A value
that stands in `_sd` is the disclosed one; without a disclosure it is erased. A field that may be disclosed
(`x-concord-erasable`), and of which the entry holds nothing, is null. Entries in `held_back` are not counted yet.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from services.ledger.domain.export import SCHEMAS, MalformedExport, read_object
from services.ledger.domain.files import Files, Unreadable, read
from services.ledger.domain.thing import Thing, state_of
from shared.events.declare import newest

PARTS = 2
"""Of a field of the state."""
NUMBERS = ("first_seq", "last_seq", "version")
STATE = "state.ndjson"
SETS, ERASABLE = "x-concord-sets", "x-concord-erasable"
SCHEMA_BYTES_MAX = 1 << 20
TYPES_MAX = 10_000
"""Event types of one export that this Concord does not know; beyond that nobody looks for their schemas."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a state says of one field: which entry set it, and to what; `erased`: to a value that is gone."""

    seq: int
    value: Any = None
    erased: bool = False


@dataclass(frozen=True, slots=True)
class ThingLine:
    """One line of the state."""

    stream: str
    first_seq: int
    last_seq: int
    version: int
    fields: Mapping[str, Claim]
    held_back: frozenset[int] = frozenset()


def line_of(thing: Thing, first_seq: int, held_back: Collection[int]) -> ThingLine:
    fields = {name: Claim(one.seq, None if one.erased else one.value, one.erased) for name, one in thing.fields.items()}
    return ThingLine(thing.stream, first_seq, thing.last_seq, thing.version, fields, frozenset(held_back))


def write_line(line: ThingLine) -> bytes:
    said = {
        "stream": line.stream,
        "first_seq": line.first_seq,
        "last_seq": line.last_seq,
        "version": line.version,
        "fields": {
            name: {"seq": one.seq, "erased": True} if one.erased else {"seq": one.seq, "value": one.value}
            for name, one in sorted(line.fields.items())
        },
    }
    if line.held_back:
        said["held_back"] = sorted(line.held_back)
    return json.dumps(said, separators=(",", ":")).encode("ascii") + b"\n"


def read_line(raw: bytes) -> ThingLine:
    """Raises MalformedExport."""
    said = read_object(raw, "A line of the state")
    stream, fields, held_back = said.get("stream"), said.get("fields"), said.get("held_back", [])
    numbers = [said[name] for name in NUMBERS if type(said.get(name)) is int]
    if not isinstance(stream, str) or not isinstance(fields, dict) or len(numbers) != len(NUMBERS):
        raise MalformedExport("A line of the state has a stream, its first and last seq, its version and its fields.")
    if not isinstance(held_back, list) or not all(type(one) is int for one in held_back):
        raise MalformedExport("What a line of the state holds back are seqs.")
    claims = {name: claim_of(one) for name, one in fields.items()}
    first_seq, last_seq, version = numbers
    return ThingLine(stream, first_seq, last_seq, version, claims, frozenset(held_back))


def claim_of(said: object) -> Claim:
    if isinstance(said, dict) and len(said) == PARTS and type(seq := said.get("seq")) is int:
        if "value" in said:
            return Claim(seq, said["value"])
        if said.get("erased") is True:
            return Claim(seq, erased=True)
    raise MalformedExport("A field of the state has the seq that set it, and a value or that it is erased.")


@dataclass(frozen=True, slots=True)
class Rule:
    """How entries of one type set fields. `bring` gives stored data the shape in which it is read."""

    name: str
    sets: frozenset[str] | None
    erasable: frozenset[str]
    bring: Callable[[dict[str, Any]], dict[str, Any]]

    def state_of(self, data: Mapping[str, Any], version: int) -> dict[str, Any]:
        return state_of(data, version, self.sets)


@dataclass(slots=True)
class Rules:
    """The rules of event types: those that this Concord knows, and of newer ones those that the export brings."""

    files: Files
    known: dict[str, Rule | None] = field(default_factory=dict)

    def of(self, name: str) -> Rule | None:
        """None when nobody says how entries of this type are folded."""
        if name not in self.known:
            if len(self.known) >= TYPES_MAX:
                return None
            self.known[name] = published(name) or brought(self.files, name)
        return self.known[name]


def published(name: str) -> Rule | None:
    try:
        kind, _ = newest(name, {})
    except KeyError:
        return None
    if kind.name == name:
        return Rule(name, kind.sets, kind.erasable, lambda data: data)
    return Rule(kind.name, kind.sets, kind.erasable, lambda data: newest(name, data)[1])


def brought(files: Files, name: str) -> Rule | None:
    path = f"{SCHEMAS}{name}.json"
    if path not in files.names():
        return None
    try:
        schema = read_object(read(files, path, SCHEMA_BYTES_MAX), "A schema")
    except (Unreadable, MalformedExport):
        return None
    sets, erasable = schema.get(SETS), schema.get(ERASABLE, [])
    if not are_names(erasable) or not (sets is None or are_names(sets)):
        return None
    return Rule(name, None if sets is None else frozenset(sets), frozenset(erasable), lambda data: data)


def are_names(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)
