"""The catalogue in OpenAPI and AsyncAPI: every type that is told, and examples that are what the schemas say."""

from __future__ import annotations

from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from services.webhooks.catalogue import TEST_EVENT, told_fields, told_types
from services.webhooks.describing import asyncapi, openapi_webhooks
from tests.integration.webhooks.room import Room

POSTED = {*told_types(), TEST_EVENT}


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    return asyncapi("https://concord.example", "1.0.0")


def references(value: Any) -> list[str]:
    match value:
        case {"$ref": str(reference), **rest}:
            return [reference, *references(rest)]
        case dict(parts):
            return [found for part in parts.values() for found in references(part)]
        case list(parts):
            return [found for part in parts for found in references(part)]
        case _:
            return []


def resolves(document: Any, reference: str) -> bool:
    place = document
    for key in reference.removeprefix("#/").split("/"):
        place = place.get(key, {})
    return bool(place)


def test_asyncapi_has_every_type_and_each_example_is_what_its_schema_says(described: dict[str, Any]) -> None:
    messages = described["components"]["messages"]
    assert {one["name"] for one in messages.values()} == POSTED
    streamed = described["channels"]["stream"]["messages"]
    assert set(messages) - set(streamed) == {"WebhooksTestV1"}
    assert described["asyncapi"].startswith("3.")
    assert set(described["channels"]) == {"endpoint", "stream"}
    assert all(resolves(described, reference) for reference in references(described))
    registry = Registry().with_resource("urn:d", Resource.from_contents(described, DRAFT202012))
    for one in messages.values():
        payload = {
            "allOf": [{"$ref": "urn:d#/components/schemas/CloudEvent"}],
            "properties": one["payload"]["properties"],
        }
        validator = jsonschema.Draft202012Validator(payload, registry=registry)
        for example in one["examples"]:
            validator.validate(example["payload"])
            with pytest.raises(jsonschema.ValidationError):
                validator.validate({**example["payload"], "type": "other"})


def test_openapi_has_every_type() -> None:
    posted = openapi_webhooks()
    assert set(posted["webhooks"]) == POSTED
    assert all(resolves({"components": {"schemas": posted["schemas"]}}, ref) for ref in references(posted))


def test_both_are_served_to_everybody(room: Room) -> None:
    served = room.api.expect(200, room.api.client.get("/webhooks/v1/asyncapi"))
    assert set(served["components"]["messages"]) == set(openapi_webhooks()["schemas"]) - {"CloudEvent"}
    document = room.api.expect(200, room.api.client.get("/openapi.json"))
    assert set(document["webhooks"]) == POSTED


def test_what_can_be_erased_and_what_verifies_secrets_never_leaves() -> None:
    """Also of events that are yet to come: a field with such a name is not told before somebody has thought of it."""
    for kind in told_types().values():
        told = told_fields(kind)
        assert not told & kind.erasable, kind.name
    issued, opened = (told_types()[f"{name}.v1"] for name in ("directory.api-key-issued", "governance.feed-opened"))
    assert "secret_hash" not in told_fields(issued)
    assert "secret_sha256" not in told_fields(opened)
    assert "content_sha256" in told_fields(told_types()["governance.model-signed.v1"])
