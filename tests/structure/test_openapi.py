"""The OpenAPI documents: valid 3.1, named, with examples and every problem; and those in the repository are current."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from services.rooms import ROOMS
from shared.http.app import build_app
from shared.http.openapi import document
from shared.testing.api import runtime_on

ROOT = Path(__file__).parents[2]
OPEN = (
    "GET /webhooks/v1/asyncapi",
    "GET /webhooks/v1/event-types",
    "GET /webhooks/v1/endpoints/{endpoint_id}/jwks",
    "GET /governance/v1/calendar-feeds/{secret}/calendar.ics",
)
"""The catalogue of event types and public keys: no tenant data, and addresses that receivers look up. And the calendar
behind a secret link, which is its own credential."""
METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
def merged() -> dict[str, Any]:
    runtime = runtime_on("postgresql://nowhere/none", ROOMS)
    return document(build_app(runtime, ROOMS), ROOMS)


def operations(merged: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    paths = merged["paths"].items()
    return [(f"{m.upper()} {path}", o) for path, item in paths for m, o in item.items() if m in METHODS]


def test_it_is_a_valid_openapi_31_document(merged: dict[str, Any]) -> None:
    assert merged["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(merged).validate()


def test_every_operation_says_what_a_client_needs(merged: dict[str, Any]) -> None:
    names = [o["operationId"] for _, o in operations(merged)]
    assert len(names) == len(set(names))
    for name, operation in operations(merged):
        assert operation["summary"], name
        assert operation["description"], name
        assert {"400", "404", "422", "503"} <= set(operation["responses"]), name
        if not name.startswith(OPEN):
            assert operation["security"] == [{"bearer": []}], name
            assert {"401", "403"} <= set(operation["responses"]), name


def test_every_body_has_an_example_and_a_name(merged: dict[str, Any]) -> None:
    for name, operation in operations(merged):
        content = operation.get("requestBody", {}).get("content", {})
        if "application/json" not in content or "$ref" not in str(content["application/json"]["schema"]):
            continue
        reference = json.dumps(content["application/json"]["schema"])
        schema = merged["components"]["schemas"][reference.split("/")[-1].split('"')[0]]
        assert schema.get("example") or schema.get("examples"), f"{name} has no example"


def test_integers_are_bounded_and_bodies_closed(merged: dict[str, Any]) -> None:
    bodies = {
        str(o["requestBody"]["content"]["application/json"]["schema"].get("$ref", "")).split("/")[-1]
        for _, o in operations(merged)
        if "application/json" in o.get("requestBody", {}).get("content", {})
    } - {""}
    for name in bodies:
        assert merged["components"]["schemas"][name]["additionalProperties"] is False, name


def test_the_documents_in_the_repository_are_those_of_the_code(merged: dict[str, Any]) -> None:
    kept = json.loads((ROOT / "openapi" / "concord.json").read_text())
    assert kept == json.loads(json.dumps(merged)), "Run `make openapi`."


def test_no_schema_is_called_like_a_property_of_its_own(merged: dict[str, Any]) -> None:
    """Generated clients hold both in variables of one name (`reason = Reason(...)`), and their types then clash."""
    for name, schema in merged["components"]["schemas"].items():
        snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
        assert snake not in schema.get("properties", {}), f"{name} has a property {snake}"
