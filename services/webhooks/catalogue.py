"""What is told to others: which events, which of their fields, and what each looks like.

An event is never dumped. Erasable values stay in Concord, where they can be erased, and so do verifiers of secrets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime
from functools import cache
from inspect import getdoc
from typing import Any
from uuid import UUID

from services.webhooks.domain.envelope import Notice
from shared.events import EventType, all_types, scoring
from shared.events.declare import CALLED
from shared.http.samples import Samples
from shared.log.codec import adapter
from shared.log.envelope import Data, Recorded

HELD_BACK: Mapping[str, str] = getattr(scoring, "HELD_BACK", {})
"""Events whose data a side may not see yet; they are told to nobody."""
SECRETIVE = ("secret", "password", "token", "private", "hash", "salt", "sha256")
"""A field with such a name verifies a secret, or is one, unless it is one of HARMLESS: it is withheld."""
HARMLESS = {
    "content_sha256": "the digest of what both sides sign",
    "sha256": "the digest of an attachment",
    "secret": "the id of a secret, which lies elsewhere",
}
TEST_EVENT = "webhooks.test.v1"
"""What a test sends; it is in no ledger, so no receiver can take it for something that happened."""
TEST_DATA: Data = {"message": "This is a test of your webhook endpoint."}
TEST_SCHEMA: Data = {
    "title": TEST_EVENT,
    "type": "object",
    "properties": {"message": {"type": "string"}},
    "required": ["message"],
}
DIALECT = "https://json-schema.org/draft/2020-12/schema"
EXAMPLE_ID = UUID("0190c5a2-7d3b-7c1e-9d55-0d8f6a1b2c3d")
EXAMPLE_LEDGER = UUID("0190c5a2-7d3b-7c1e-9d55-0d8f6a1b2c3e")
EXAMPLE_AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
INTEGER_MAX = 2**53 - 1


@cache
def told_types() -> Mapping[str, EventType]:
    """The event types that an endpoint can ask for, by name."""
    return {name: kind for name, kind in all_types().items() if name not in HELD_BACK}


@cache
def told_fields(kind: EventType) -> frozenset[str]:
    return frozenset(f.name for f in fields(kind.cls)) - kind.erasable - withheld(kind)


def withheld(kind: EventType) -> frozenset[str]:
    names = (f.name for f in fields(kind.cls))
    return frozenset(n for n in names if n not in HARMLESS and any(mark in n for mark in SECRETIVE))


@cache
def catalogue() -> Mapping[str, frozenset[str]]:
    """The same, each with the fields that are told of it."""
    return {name: told_fields(kind) for name, kind in told_types().items()}


@cache
def patterns() -> list[str]:
    """All that `event_types` of an endpoint may hold: names, and wildcards over versions, services and everything."""
    names = told_types()
    services = {f"{kind.service}.*" for kind in names.values()}
    versions = {f"{name.rsplit('.', 1)[0]}.*" for name in names}
    return ["*", *sorted(services | versions | set(names))]


def notice_of(recorded: Recorded[Any]) -> Notice:
    kind = told_types()[recorded.name]
    return Notice(
        type=recorded.name,
        event_id=recorded.event_id,
        ledger=recorded.ledger_id,
        seq=recorded.seq,
        stream=recorded.stream,
        recorded_at=recorded.recorded_at,
        data=adapter(kind.cls).dump_python(recorded.event, mode="json", include=set(told_fields(kind))),
    )


def notice_of_test(event_id: UUID, organisation_id: UUID, endpoint_id: UUID, at: datetime) -> Notice:
    return Notice(TEST_EVENT, event_id, organisation_id, None, f"endpoint/{endpoint_id}", at, TEST_DATA)


def schema_of(name: str) -> Data:
    """The JSON Schema of `data` as it is told; KeyError for what is not told."""
    if name == TEST_EVENT:
        return {"$schema": DIALECT, **TEST_SCHEMA}
    kind = told_types()[name]
    whole = bounded(adapter(kind.cls).json_schema(mode="serialization"))
    told = told_fields(kind)
    properties = {field: schema for field, schema in whole.get("properties", {}).items() if field in told}
    required = [field for field in whole.get("required", []) if field in told]
    made = {**whole, "$schema": DIALECT, "title": name, "properties": properties, "required": required}
    definitions = made.pop("$defs", {})
    used = referred(properties, definitions)
    return {**made, "$defs": {key: definitions[key] for key in sorted(used)}} if used else made


def bounded(schema: Any) -> Any:
    """The schema with the bounds that every integer of an entry has: no JSON reader loses one within them."""
    match schema:
        case {"type": "integer", **rest}:
            return {"type": "integer", "minimum": -INTEGER_MAX, "maximum": INTEGER_MAX, **rest}
        case dict():
            return {name: bounded(one) for name, one in schema.items()}
        case list():
            return [bounded(one) for one in schema]
    return schema


def referred(schema: Any, definitions: Data) -> set[str]:
    """The definitions that a schema refers to, directly or by others."""
    found: set[str] = set()
    waiting = [schema]
    while waiting:
        match waiting.pop():
            case {"$ref": str(reference), **rest}:
                key = reference.rsplit("/", 1)[1]
                waiting.append(rest)
                if key not in found:
                    found.add(key)
                    waiting.append(definitions[key])
            case dict(parts):
                waiting.extend(parts.values())
            case list(parts):
                waiting.extend(parts)
    return found


def example_of(name: str) -> Notice:
    """A made-up event of this type, every field filled in; KeyError for what is not told."""
    if name == TEST_EVENT:
        return notice_of_test(EXAMPLE_ID, EXAMPLE_LEDGER, EXAMPLE_ID, EXAMPLE_AT)
    schema = schema_of(name)
    noun = name.split(".")[1].rsplit("-", 1)[0]
    data = Samples(schema.get("$defs", {})).of(schema)
    return Notice(name, EXAMPLE_ID, EXAMPLE_LEDGER, 117, f"{noun}/{EXAMPLE_ID}", EXAMPLE_AT, data)


def words_of(name: str) -> str:
    """The event as a sentence, and what its declaration says of it."""
    if name == TEST_EVENT:
        return "Somebody tested the endpoint."
    kind = told_types()[name]
    own = kind.cls.__dict__.get("__doc__") or ""
    says = kind.says.replace(f" {{{CALLED}}}", "")
    return f"Somebody {says}." + ("" if own.startswith(f"{kind.cls.__name__}(") else f"\n\n{getdoc(kind.cls)}")
