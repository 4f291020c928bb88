"""The OpenAPI documents: valid 3.1, named, with examples and every problem; and those in the repository are current."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
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
def app() -> FastAPI:
    return build_app(runtime_on("postgresql://nowhere/none", ROOMS), ROOMS)


@pytest.fixture(scope="module")
def merged(app: FastAPI) -> dict[str, Any]:
    return document(app, ROOMS)


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


def test_every_answer_has_an_example_that_is_valid_by_its_schema(merged: dict[str, Any]) -> None:
    components = {"components": merged["components"]}
    answers = [(name, a) for name, o in operations(merged) for a in o["responses"].values() if "content" in a]
    problems = list(merged["components"]["responses"].items())
    shown = 0
    for name, answer in answers + problems:
        for kind, content in answer["content"].items():
            examples = [one["value"] for one in content.get("examples", {}).values()] + [
                content[key] for key in ("example",) if key in content
            ]
            shown += len(examples)
            assert examples or not kind.endswith(("/json", "+json")), f"{name} has no example"
            for example in examples:
                Draft202012Validator({**content["schema"], **components}).validate(example)
    assert shown > len(problems)


def test_integers_are_bounded_and_bodies_closed(merged: dict[str, Any]) -> None:
    bodies = {
        str(o["requestBody"]["content"]["application/json"]["schema"].get("$ref", "")).split("/")[-1]
        for _, o in operations(merged)
        if "application/json" in o.get("requestBody", {}).get("content", {})
    } - {""}
    for name in bodies:
        assert merged["components"]["schemas"][name]["additionalProperties"] is False, name
    for name, operation in operations(merged):
        for schema in schemas_in([*operation.get("parameters", ()), operation.get("requestBody", {})]):
            assert bounded(schema), f"{name}: {schema}"
    for name, component in merged["components"]["schemas"].items():
        for schema in schemas_in(component):
            assert bounded(schema), f"{name}: {schema}"


def schemas_in(part: Any) -> Iterator[dict[str, Any]]:
    """Every schema of an integer, at any depth."""
    match part:
        case dict():
            if part.get("type") == "integer":
                yield part
            for name, one in part.items():
                if name not in ("example", "examples"):
                    yield from schemas_in(one)
        case list():
            for one in part:
                yield from schemas_in(one)


def bounded(schema: dict[str, Any]) -> bool:
    """Whether a number in it is one that every JSON reader keeps."""
    if "enum" in schema or "const" in schema:
        return True
    most = schema.get("maximum", schema.get("exclusiveMaximum", 2**53))
    return bool(-(2**53) < schema.get("minimum", -(2**53)) <= most < 2**53)


@pytest.mark.parametrize("name", ["concord", *(service.name for service in ROOMS)])
def test_the_documents_in_the_repository_are_those_of_the_code(name: str, merged: dict[str, Any], app: FastAPI) -> None:
    made = merged if name == "concord" else document(app, tuple(s for s in ROOMS if s.name == name))
    kept = json.loads((ROOT / "openapi" / f"{name}.json").read_text())
    assert kept == json.loads(json.dumps(made)), "Run `make openapi`."


def test_a_document_holds_the_schemas_it_refers_to_and_no_others(app: FastAPI) -> None:
    for service in ROOMS:
        made = document(app, (service,))
        text = json.dumps(made)
        held = set(made["components"]["schemas"])
        assert held == set(re.findall(r'"#/components/schemas/([A-Za-z0-9_]+)"', text)), service.name


def test_no_schema_is_called_like_a_property_of_its_own(merged: dict[str, Any]) -> None:
    """Generated clients hold both in variables of one name (`reason = Reason(...)`), and their types then clash."""
    for name, schema in merged["components"]["schemas"].items():
        snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
        assert snake not in schema.get("properties", {}), f"{name} has a property {snake}"
