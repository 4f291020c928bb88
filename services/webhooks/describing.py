"""What we post, in the two languages for it: OpenAPI's `webhooks`, and an AsyncAPI 3 document, with the stream too."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from services.webhooks.catalogue import TEST_EVENT, example_of, schema_of, told_types, words_of
from services.webhooks.domain.envelope import BODY_BYTES_MAX, cloud_event
from services.webhooks.domain.signature import ID_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER

CONTENT_TYPE = "application/cloudevents+json"
ORIGIN = "https://concord.example"
SIGNED = {
    ID_HEADER: "The same at every repetition of a delivery; take an id that you have seen as done.",
    TIMESTAMP_HEADER: "Seconds since 1970, when this attempt was signed; refuse what is more than five minutes off.",
    SIGNATURE_HEADER: "Signatures of `id.timestamp.body`, v1 (HMAC-SHA256) and v1a (Ed25519), with spaces between.",
}
DATAREF = f"Instead of `data`, when the body would pass {BODY_BYTES_MAX:,} bytes: where to get it."


def posted_types() -> list[str]:
    """All that an endpoint may be sent: what is told, and the test."""
    return sorted([*told_types(), TEST_EVENT])


@cache
def openapi_webhooks() -> Mapping[str, Any]:
    """`webhooks` and the schemas they refer to, by name."""
    names = posted_types()
    return {
        "webhooks": {name: {"post": operation(name)} for name in names},
        "schemas": {"CloudEvent": envelope_schema(), **{component(name): body_schema(name) for name in names}},
    }


def operation(name: str) -> dict[str, Any]:
    return {
        "operationId": f"receive_{component(name)}",
        "summary": name,
        "description": words_of(name),
        "tags": ["webhooks"],
        "security": [],
        "parameters": [header(*one) for one in SIGNED.items()],
        "requestBody": {
            "required": True,
            "content": {CONTENT_TYPE: {"schema": {"$ref": f"#/components/schemas/{component(name)}"}}},
        },
        "responses": {
            "2XX": {"description": "You have it."},
            "410": {"description": "Send nothing more here: the endpoint is disabled."},
            "default": {"description": "Anything else is tried again; 429 and 503 with `Retry-After` are heeded."},
        },
    }


def header(name: str, words: str) -> dict[str, Any]:
    schema = {"type": "string", "maxLength": 2_000}
    return {"name": name, "in": "header", "required": True, "description": words, "schema": schema}


def component(name: str) -> str:
    """governance.vote-cast.v1 → GovernanceVoteCastV1."""
    return "".join(part.capitalize() for part in name.replace(".", "-").split("-"))


def example_body(name: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(cloud_event(example_of(name), ORIGIN))
    return body


def envelope_schema() -> dict[str, Any]:
    """What all bodies have in common: CloudEvents 1.0."""
    text, uri, uuid = {"type": "string", "maxLength": 200}, {"type": "string", "format": "uri"}, {"type": "string"}
    return {
        "title": "CloudEvent",
        "description": "An event as others are told of it.",
        "type": "object",
        "required": ["specversion", "type", "source", "id", "time", "subject", "ledgerid"],
        "properties": {
            "specversion": {"const": "1.0"},
            "type": text,
            "source": {**uri, "description": "The ledger it is recorded in."},
            "id": {**uuid, "format": "uuid", "description": "The event's own id."},
            "time": {"type": "string", "format": "date-time", "description": "When it was recorded."},
            "subject": {**text, "description": "The thing it happened to: noun/id."},
            "datacontenttype": {"const": "application/json"},
            "dataschema": uri,
            "ledgerid": {**uuid, "format": "uuid"},
            "ledgerseq": {"type": "integer", "minimum": 0, "maximum": 2**53 - 1, "description": "Its place there."},
            "data": {"type": "object"},
            "dataref": {**uri, "description": DATAREF},
        },
    }


def body_schema(name: str) -> dict[str, Any]:
    """A whole body of one type: the envelope, and what of this type is told."""
    data = schema_of(name)
    definitions = data.pop("$defs", {})
    for key in ("$schema", "title", "description"):
        data.pop(key, None)
    return {
        "title": component(name),
        "description": words_of(name),
        "allOf": [{"$ref": "#/components/schemas/CloudEvent"}],
        "properties": {"type": {"const": name}, "data": resolved(data, definitions)},
    }


def resolved(schema: Any, definitions: Mapping[str, Any]) -> Any:
    """The schema with all definitions put where they are referred to; none refers to itself."""
    match schema:
        case {"$ref": str(reference), **rest}:
            definition = definitions[reference.rsplit("/", 1)[1]]
            return resolved({**definition, **rest}, definitions)
        case dict(parts):
            return {key: resolved(part, definitions) for key, part in parts.items()}
        case list(parts):
            return [resolved(part, definitions) for part in parts]
        case _:
            return schema


@cache
def asyncapi(origin: str, version: str) -> dict[str, Any]:
    """The AsyncAPI 3 document: every message, sent to endpoints as a POST and to readers as server-sent events."""
    names = posted_types()
    references = {component(name): {"$ref": f"#/components/messages/{component(name)}"} for name in names}
    streamed = {key: reference for key, reference in references.items() if key != component(TEST_EVENT)}
    host = origin.partition("://")[2]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Concord: what others are told",
            "version": version,
            "description": "Signed as Standard Webhooks 1.0 has it; bodies are CloudEvents 1.0.",
        },
        "defaultContentType": CONTENT_TYPE,
        "servers": {"concord": {"host": host, "protocol": origin.partition("://")[0]}},
        "channels": {
            "endpoint": {
                "address": None,
                "description": "An endpoint of yours, registered at /webhooks/v1/endpoints.",
                "messages": references,
            },
            "stream": {
                "address": "/webhooks/v1/stream",
                "description": "Server-sent events; come back with Last-Event-ID and go on exactly where you were.",
                "messages": streamed,
                "bindings": {"http": {"bindingVersion": "0.3.0"}},
            },
        },
        "operations": {
            "post": {"action": "send", "channel": {"$ref": "#/channels/endpoint"}, "summary": "Post to an endpoint."},
            "stream": {"action": "send", "channel": {"$ref": "#/channels/stream"}, "summary": "Stream to a reader."},
        },
        "components": {
            "messages": {component(name): message(name) for name in names},
            "schemas": {"CloudEvent": envelope_schema()},
        },
    }


def message(name: str) -> dict[str, Any]:
    headers = {key: {"type": "string", "description": words} for key, words in SIGNED.items()}
    return {
        "name": name,
        "title": name,
        "summary": words_of(name).split("\n", 1)[0],
        "contentType": CONTENT_TYPE,
        "headers": {"type": "object", "properties": headers},
        "payload": body_schema(name),
        "examples": [{"name": "example", "payload": example_body(name)}],
    }
