"""Examples made from a schema: of each answer in the OpenAPI document, and of what webhooks tell of each event.

Requests have examples that a person wrote. An answer's is put together from its schema: a property called as one in
those examples takes its value where the schema lets it; the rest follows from formats, patterns and bounds. So every
answer has an example, also the next one that is added, and none can contradict its schema.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

DEPTH_MAX = 8
"""Of things within things; what lies deeper is left out where it may be."""
UUID = "0190c5a2-7d3b-7c1e-9d55-0d8f6a1b2c3d"
FORMATS = {
    "uuid": UUID,
    "date-time": "2026-03-02T09:30:00Z",
    "date": "2026-03-02",
    "time": "09:30:00",
    "duration": "PT4H",
    "uri-reference": "/ledger/v1/ledgers",
}
FORMS = {
    "uuid": re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    "date-time": re.compile(r"\d{4}-\d\d-\d\dT.+"),
    "date": re.compile(r"\d{4}-\d\d-\d\d"),
}
SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
ROOT = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
FITTING = (
    "2.5",
    "0.5",
    "EUR",
    "US",
    "09:00",
    "12:00",
    "17:30",
    "operational_council",
    "FREQ=MONTHLY;BYDAY=1MO",
    "https://partner.example/report",
    SHA256,
)
"""What is tried where a pattern is asked for and no name helps."""
WORDS = {
    "next_cursor": None,
    "address": "203.0.113.7",
    "content_sha256": SHA256,
    "from_root": ROOT,
    "hashes": ROOT,
    "key": "sponsor_engagement",
    "kid": "4f9a",
    "leaf": ROOT,
    "media_type": "application/pdf",
    "month": "2026-03",
    "origin": f"concord.example/{UUID}",
    "path": "/governance/v1/decisions",
    "period": "2026-03",
    "prefix": "ck_4f9a",
    "quarter": "2026-Q1",
    "root": ROOT,
    "secret": "whsec_…",
    "source": "crm",
    "stream": f"decision/{UUID}",
    "to_root": ROOT,
    "token": "eyJ…",
    "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
}
"""What nobody sends and no format tells."""

Schema = Mapping[str, Any]


class Known(NamedTuple):
    """A value of an example, and the names of all properties of the thing it is from."""

    value: Any
    beside: frozenset[str]


class Samples:
    """Examples from the named schemas of one document."""

    def __init__(self, schemas: Mapping[str, Schema]) -> None:
        self.schemas = schemas
        self.known: dict[str, list[Known]] = {}
        for schema in schemas.values():
            for example in [*schema.get("examples", ()), *([schema["example"]] if "example" in schema else [])]:
                for name, known in named_values(example):
                    self.known.setdefault(name, []).append(known)

    def of(self, schema: Schema, name: str = "", depth: int = 0, beside: Collection[str] = ()) -> Any:
        """A value that is valid by this schema, for a property called `name` that stands `beside` others."""
        if "$ref" in schema:
            return self.of(self.schemas[schema["$ref"].rsplit("/", 1)[-1]], name, depth, beside)
        for choice in ("anyOf", "oneOf"):
            if choice in schema:
                return self.one_of(schema[choice], name, depth, beside)
        if "const" in schema:
            return schema["const"]
        kind = schema.get("type")
        if kind == "object" or "properties" in schema:
            return self.thing(schema, name, depth)
        if kind == "array":
            return self.list_of(schema, name, depth, beside)
        return self.value(schema, name, beside)

    def one_of(self, choices: list[Schema], name: str, depth: int, beside: Collection[str]) -> Any:
        if (name in WORDS and WORDS[name] is None) or (depth > DEPTH_MAX and {"type": "null"} in choices):
            return None
        return self.of(next(one for one in choices if one.get("type") != "null"), name, depth, beside)

    def thing(self, schema: Schema, name: str, depth: int) -> dict[str, Any]:
        required = schema.get("required", ())
        properties = schema.get("properties", {})
        made = {
            each: self.of(inner, each, depth + 1, properties)
            for each, inner in properties.items()
            if depth <= DEPTH_MAX or each in required
        }
        further = schema.get("additionalProperties")
        if not made and isinstance(further, dict) and further:
            key = self.of(schema.get("propertyNames", {"type": "string"}), f"{name} key", depth)
            made[key] = self.of(further, name, depth + 1)
        return made

    def list_of(self, schema: Schema, name: str, depth: int, beside: Collection[str]) -> list[Any]:
        if "prefixItems" in schema:
            return [self.of(one, name, depth + 1, beside) for one in schema["prefixItems"]]
        few = schema.get("minItems", 0)
        if (depth > DEPTH_MAX and not few) or not schema.get("items"):
            return []
        return [self.of(schema["items"], name, depth + 1, beside)] * max(1, few)

    def value(self, schema: Schema, name: str, beside: Collection[str]) -> Any:
        """A text, number or truth: what is called so in the most alike thing, where it fits, else what is asked for."""
        known = sorted(self.known.get(name, ()), key=lambda one: -len(one.beside & set(beside)))
        offered: list[Any] = [
            *schema.get("examples", ()),
            *([WORDS[name]] if name in WORDS else ()),
            *(one.value for one in known),
            *schema.get("enum", ()),
            *([FORMATS[schema["format"]]] if schema.get("format") in FORMATS else ()),
            *(FITTING if "pattern" in schema else ()),
            int(max(schema.get("minimum", 0), min(1, schema.get("maximum", 1)))),
            True,
            in_words(name),
            None,
        ]
        for one in offered:
            if fits(one, schema):
                return one
        raise LookupError(f"No example is known for a {name or 'value'} of {schema}: add one to FITTING or WORDS.")


def fits(value: Any, schema: Schema) -> bool:
    """Whether a text, number or truth is valid by this schema."""
    if "enum" in schema and value not in schema["enum"]:
        return False
    match schema.get("type"), value:
        case None, _:
            return True
        case "boolean", bool():
            return True
        case "null", None:
            return True
        case ("integer", int()) | ("number", int() | float()) if not isinstance(value, bool):
            return bool(schema.get("minimum", value) <= value <= schema.get("maximum", value))
        case "string", str():
            return fitting_text(value, schema)
    return False


def fitting_text(value: str, schema: Schema) -> bool:
    form = FORMS.get(schema.get("format", ""))
    if form is not None and not form.fullmatch(value):
        return False
    return (
        schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value))
        and re.search(schema.get("pattern", ""), value) is not None
    )


def named_values(example: Any) -> Iterator[tuple[str, Known]]:
    """The plain values of an example, each with the name of the property it belongs to."""
    match example:
        case dict():
            beside = frozenset(example)
            for name, value in example.items():
                yield from ((name, Known(one, beside)) for one in (value if isinstance(value, list) else [value]))
                yield from named_values(value)
        case list():
            for one in example:
                yield from named_values(one)


def in_words(name: str) -> str:
    return name.replace("_", " ").strip().capitalize() or "Words"
