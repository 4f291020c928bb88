"""What in a new OpenAPI document breaks a client written for an old one."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

OPENAPI = Path(__file__).parents[2] / "openapi"
METHODS = ("get", "put", "post", "patch", "delete")
DEPTH_MAX = 12
"""Of schemas within schemas; deeper ones repeat themselves."""
NARROWED = {"maxLength": 1, "maxItems": 1, "maximum": 1, "minLength": -1, "minItems": -1, "minimum": -1}
"""Bounds of what is sent: a breaking change makes the one smaller, the other larger."""


def breaking(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Each change that a client written for the old document may stumble over, in words."""
    return [f"{name}: {change}" for name, change in changes(Pair(old, new))]


class Pair:
    """Two documents, and what their references lead to in each."""

    def __init__(self, old: dict[str, Any], new: dict[str, Any]) -> None:
        self.old, self.new = old, new

    def resolved(self, old: Any, new: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        return referred(self.old, old), referred(self.new, new)


def referred(document: dict[str, Any], schema: Any) -> dict[str, Any]:
    """The schema itself, where it is only named; of one that may also be null, what it is otherwise."""
    while isinstance(schema, dict) and "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    others = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"] if isinstance(schema, dict) else []
    if len(others) == 1:
        return referred(document, others[0])
    return schema if isinstance(schema, dict) else {}


def changes(pair: Pair) -> Iterator[tuple[str, str]]:
    for path, item in pair.old["paths"].items():
        for method in (m for m in METHODS if m in item):
            before, after = item[method], pair.new["paths"].get(path, {}).get(method)
            name = f"{method.upper()} {path}"
            if after is None:
                yield name, "it is gone"
                continue
            if before["operationId"] != after["operationId"]:
                yield name, f"its operationId {before['operationId']} is now {after['operationId']}"
            yield from ((name, change) for change in of_parameters(before, after))
            yield from ((name, change) for change in of_bodies(pair, before, after))
            yield from ((name, change) for change in of_answers(pair, before, after))


def of_parameters(before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    known = {(p["in"], p["name"]): p for p in before.get("parameters", ())}
    now = {(p["in"], p["name"]): p for p in after.get("parameters", ())}
    for place, name in known.keys() - now.keys():
        yield f"the {place} parameter {name} is gone"
    for (place, name), parameter in now.items():
        if parameter.get("required") and not known.get((place, name), {}).get("required"):
            yield f"the {place} parameter {name} is now required"


def of_bodies(pair: Pair, before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    sent = before.get("requestBody", {}).get("content", {})
    taken = after.get("requestBody", {}).get("content", {})
    if taken and not sent and after["requestBody"].get("required"):
        yield "it now asks for a body"
    for kind, content in sent.items():
        if kind not in taken:
            yield f"it no longer takes {kind}"
        else:
            yield from narrowed(pair, content.get("schema"), taken[kind].get("schema"), "the body")


def of_answers(pair: Pair, before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    for status, response in before["responses"].items():
        if not status.startswith("2"):
            continue
        now = after["responses"].get(status)
        if now is None:
            yield f"it no longer answers {status}"
            continue
        for kind, content in response.get("content", {}).items():
            if kind not in now.get("content", {}):
                yield f"it no longer answers with {kind}"
            else:
                yield from lost(pair, content.get("schema"), now["content"][kind].get("schema"), "the answer")


def narrowed(pair: Pair, old: Any, new: Any, place: str, depth: int = 0) -> Iterator[str]:
    """What was a valid request and is none any more."""
    before, after = pair.resolved(old, new)
    if depth > DEPTH_MAX or not before or not after:
        return
    yield from other_type(before, after, place)
    for name in sorted(set(after.get("required", ())) - set(before.get("required", ()))):
        yield f"{place} now asks for {name}"
    choices = set(map(str, before.get("enum", ())))
    if gone := choices - set(map(str, after.get("enum", choices))):
        yield f"{place} no longer takes {', '.join(sorted(gone))}"
    for bound, direction in NARROWED.items():
        if bound in after and (bound not in before or (before[bound] - after[bound]) * direction > 0):
            yield f"{place} has a closer {bound}: {after[bound]}"
    for name, schema in before.get("properties", {}).items():
        if name not in after.get("properties", {}):
            yield f"{place} no longer takes {name}"
        else:
            yield from narrowed(pair, schema, after["properties"][name], f"{place}/{name}", depth + 1)
    if "items" in before and "items" in after:
        yield from narrowed(pair, before["items"], after["items"], f"{place}/…", depth + 1)


def lost(pair: Pair, old: Any, new: Any, place: str, depth: int = 0) -> Iterator[str]:
    """What an answer always had and has no more."""
    before, after = pair.resolved(old, new)
    if depth > DEPTH_MAX or not before or not after:
        return
    yield from other_type(before, after, place)
    for name, schema in before.get("properties", {}).items():
        if name not in after.get("properties", {}):
            yield f"{place} has no {name} any more"
            continue
        if name in before.get("required", ()) and name not in after.get("required", ()):
            yield f"{place} may lack {name}"
        yield from lost(pair, schema, after["properties"][name], f"{place}/{name}", depth + 1)
    if "items" in before and "items" in after:
        yield from lost(pair, before["items"], after["items"], f"{place}/…", depth + 1)


def other_type(before: dict[str, Any], after: dict[str, Any], place: str) -> Iterator[str]:
    for of in ("type", "format"):
        if before.get(of) != after.get(of) and of in before and of in after:
            yield f"{place} is {after[of]} and was {before[of]}"


def keep() -> None:
    """Make the present merged document the one to keep to: at a release, and before the first one when it is meant."""
    present = json.loads((OPENAPI / "concord.json").read_text())
    packed = gzip.compress(json.dumps(present, separators=(",", ":")).encode(), mtime=0)
    (OPENAPI / "released.json.gz").write_bytes(packed)


if __name__ == "__main__":
    keep()
