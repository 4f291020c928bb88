"""No change to the API breaks a client of the last release; and the check that says so catches what it is for."""

from __future__ import annotations

import copy
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.acceptance.compatibility import breaking

OPENAPI = Path(__file__).parents[2] / "openapi"
RELEASED = OPENAPI / "released.json.gz"
"""The merged document of the last release, or, as long as there is none, of the day this was written."""
DOCUMENT: dict[str, Any] = {
    "paths": {
        "/things/{id}": {
            "post": {
                "operationId": "change_thing",
                "parameters": [
                    {"in": "path", "name": "id", "required": True, "schema": {"type": "string"}},
                    {"in": "query", "name": "loud", "required": False, "schema": {"type": "boolean"}},
                ],
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Change"}}}},
                "responses": {
                    "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}},
                    "404": {},
                },
            }
        }
    },
    "components": {
        "schemas": {
            "Change": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": {"type": "string", "maxLength": 200},
                    "size": {"anyOf": [{"enum": ["small", "large"], "type": "string"}, {"type": "null"}]},
                },
            },
            "Thing": {
                "type": "object",
                "required": ["id", "parts"],
                "properties": {
                    "id": {"type": "string", "format": "uuid"},
                    "parts": {"type": "array", "items": {"type": "object", "properties": {"n": {"type": "integer"}}}},
                },
            },
        }
    },
}


class Parts(NamedTuple):
    """What a change to the document is made to."""

    operation: Any
    schemas: Any


Change = Callable[[Parts], object]


def changed(change: Change) -> list[str]:
    new = copy.deepcopy(DOCUMENT)
    change(Parts(new["paths"]["/things/{id}"]["post"], new["components"]["schemas"]))
    return breaking(DOCUMENT, new)


def test_nothing_of_the_last_release_is_broken() -> None:
    released = json.loads(gzip.decompress(RELEASED.read_bytes()))
    now = json.loads((OPENAPI / "concord.json").read_text())
    assert len(released["paths"]) > 100
    found = breaking(released, now)
    assert found == [], (
        "This breaks clients. Keep the old beside the new and mark it with `passing=`; or, before anything is released,"
        " `python -m tests.acceptance.compatibility` makes the present document the one to keep to:\n"
        + "\n".join(found)
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d.operation.update(operationId="alter_thing"), "its operationId change_thing is now alter_thing"),
        (lambda d: d.operation["parameters"].pop(), "the query parameter loud is gone"),
        (lambda d: d.operation["parameters"][1].update(required=True), "the query parameter loud is now required"),
        (lambda d: d.operation["requestBody"]["content"].clear(), "it no longer takes application/json"),
        (lambda d: d.schemas["Change"]["required"].append("size"), "the body now asks for size"),
        (lambda d: d.schemas["Change"]["properties"].pop("size"), "the body no longer takes size"),
        (
            lambda d: d.schemas["Change"]["properties"]["name"].update(maxLength=100),
            "the body/name has a closer maxLength: 100",
        ),
        (
            lambda d: d.schemas["Change"]["properties"]["name"].update(minLength=2),
            "the body/name has a closer minLength: 2",
        ),
        (
            lambda d: d.schemas["Change"]["properties"]["name"].update(type="integer"),
            "the body/name is integer and was string",
        ),
        (
            lambda d: d.schemas["Change"]["properties"]["size"]["anyOf"][0].update(enum=["small"]),
            "the body/size no longer takes large",
        ),
        (lambda d: d.operation["responses"].pop("200"), "it no longer answers 200"),
        (lambda d: d.schemas["Thing"]["properties"].pop("id"), "the answer has no id any more"),
        (lambda d: d.schemas["Thing"]["required"].remove("id"), "the answer may lack id"),
        (
            lambda d: d.schemas["Thing"]["properties"]["parts"]["items"]["properties"].clear(),
            "the answer/parts/… has no n any more",
        ),
    ],
)
def test_what_breaks_is_found(change: Change, words: str) -> None:
    assert changed(change) == [f"POST /things/{{id}}: {words}"]


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.schemas["Change"]["properties"].update(colour={"type": "string"}),
        lambda d: d.schemas["Change"]["required"].clear(),
        lambda d: d.schemas["Change"]["properties"]["name"].update(maxLength=400),
        lambda d: d.schemas["Thing"]["properties"].update(colour={"type": "string"}),
        lambda d: d.schemas["Thing"]["required"].append("colour"),
        lambda d: d.operation["parameters"].append({"in": "query", "name": "quiet", "schema": {}}),
        lambda d: d.operation["responses"].pop("404"),
    ],
)
def test_what_only_adds_is_not(change: Change) -> None:
    assert changed(change) == []


def test_an_operation_that_is_gone_is_found() -> None:
    assert breaking(DOCUMENT, {**DOCUMENT, "paths": {}}) == ["POST /things/{id}: it is gone"]
