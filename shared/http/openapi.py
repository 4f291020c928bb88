"""The OpenAPI 3.1 document: what FastAPI derives from the routes, plus what our frame adds to each of them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from shared.auth.caller import Need
from shared.http.door import all_routes
from shared.http.operation import Operation
from shared.http.problems import KINDS, MEDIA_TYPE, ProblemDocument
from shared.http.samples import UUID, Samples
from shared.service import Service

TEXT = {"type": "string"}
SCHEMAS = "#/components/schemas/"
RESPONSE_HEADERS = {
    "Concord-Request-Id": {
        "description": "The id of this request, also in our logs and in the events it caused.",
        "schema": TEXT,
    },
}
ETAG = {"ETag": {"description": "The version; send it in If-Match to change this.", "schema": TEXT}}
LOCATION = {
    "Location": {"description": "Where to read what was made.", "schema": {"type": "string", "format": "uri-reference"}}
}
PASSING = {
    "Deprecation": {"description": "Since when it should no longer be used (RFC 9745).", "schema": TEXT},
    "Sunset": {"description": "From when it may be gone (RFC 8594).", "schema": TEXT},
    "Link": {"description": "What to use in its place, as `successor-version`.", "schema": TEXT},
}
POSITION = {
    "Concord-Position": {
        "description": "`<ledger>/<seq>` of what was written; send it as Concord-Wait-For.",
        "schema": TEXT,
    }
}
RATE = {
    "RateLimit-Policy": {
        "description": 'How many requests there may be in how many seconds: `"credential";q=6000;w=60`.',
        "schema": TEXT,
    },
    "RateLimit": {
        "description": 'What is left, and for how many seconds: `"credential";r=5990;t=42`.',
        "schema": TEXT,
    },
}
RETRY = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 0}}}
DESCRIPTION = """The backend that an alliance runs on: choose a partner, govern the alliance, agree on its figures,
and keep one history that neither side can rewrite. Errors are RFC 9457 problems; see /problems/<kind>."""

SECURITY = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "A person's token, a system's API key, or the operator key.",
    }
}
CONTACT = {"name": "The operator of this installation"}


def add_documents(app: FastAPI) -> None:
    """`/openapi.json` of all that is served, `/<service>/openapi.json` of each, and a page to click through at `/`."""
    app.openapi = cache(lambda: document(app, app.state.served))  # type: ignore[method-assign]
    app.add_api_route("/openapi.json", cache(lambda: JSONResponse(app.openapi())), include_in_schema=False)
    app.add_api_route("/", front_page, include_in_schema=False)
    for service in app.state.served:
        app.add_api_route(f"/{service.name}/openapi.json", one_document(app, service), include_in_schema=False)


def one_document(app: FastAPI, service: Service) -> Any:
    return cache(lambda: JSONResponse(document(app, (service,))))


def front_page(request: Request) -> Response:
    """What is here, and where to click."""
    served = request.app.state.served
    rooms = "".join(
        f'<li><b>{s.name}</b> — {s.question} <a href="/{s.name}/openapi.json">OpenAPI</a></li>' for s in served
    )
    return HTMLResponse(
        "<!doctype html><html lang=en><meta charset=utf-8><title>Concord</title>"
        "<meta name=viewport content='width=device-width'>"
        "<style>body{font:16px/1.6 system-ui;max-width:46rem;margin:3rem auto;"
        "padding:0 1rem;color-scheme:light dark}</style><h1>Concord</h1><p>The backend that an alliance runs on.</p>"
        f'<ul>{rooms}</ul><p><a href="/openapi.json">The whole API as one OpenAPI document</a></p></html>'
    )


def document(app: FastAPI, services: tuple[Service, ...]) -> dict[str, Any]:
    """The document of these services, of those that `app` serves: a part of the whole, which is made once."""
    whole = whole_document(app)
    prefixes = tuple(f"/{service.name}/" for service in services)
    part = {**whole, "components": {name: dict(held) for name, held in whole["components"].items()}}
    part["paths"] = {path: item for path, item in whole["paths"].items() if path.startswith(prefixes)}
    part["tags"] = [{"name": service.name, "description": service.question} for service in services]
    if all(service.webhooks is None for service in services):
        part.pop("webhooks", None)
    drop_unused(part["components"], part["paths"], part.get("webhooks"))
    return part


@lru_cache(maxsize=1)
def whole_document(app: FastAPI) -> dict[str, Any]:
    made = get_openapi(
        title="Concord",
        version=app.version,
        description=DESCRIPTION,
        routes=app.routes,
        contact=CONTACT,
        servers=[{"url": "/", "description": "Where this document came from."}],
    )
    operations = {route.operation_id: route.endpoint.operation for route in concord_routes(app)}
    for path, item in made["paths"].items():
        for described in item.values():
            complete(described, operations[described["operationId"]])
        if "post" in item and path in app.state.places and "201" in item["post"]["responses"]:
            item["post"]["responses"]["201"]["headers"].update(LOCATION)
    schemas = add_components(made)
    for service in app.state.served:
        if service.webhooks is not None:
            posted = service.webhooks()
            made["webhooks"] = posted["webhooks"]
            schemas.update(posted["schemas"])
    add_examples(made["paths"], Samples(schemas))
    return made


def add_components(made: dict[str, Any]) -> dict[str, Any]:
    """What the operations refer to: how one signs in, the problems, and the schemas, which are given back."""
    components = made.setdefault("components", {})
    components["securitySchemes"] = SECURITY
    components["responses"] = {f"Problem{status}": problem_response(status) for status, _, _ in KINDS.values()}
    schemas: dict[str, Any] = components.setdefault("schemas", {})
    problem_schema = ProblemDocument.model_json_schema(ref_template=f"{SCHEMAS}{{model}}")
    schemas.update(problem_schema.pop("$defs", {}))
    schemas["Problem"] = problem_schema
    return schemas


def concord_routes(app: FastAPI) -> list[Any]:
    return [route for route in all_routes(app) if hasattr(route.endpoint, "operation")]


def complete(described: dict[str, Any], operation: Operation) -> None:
    """Add to one operation what the frame adds to its behaviour: security, problems, headers, media types."""
    described["tags"] = [operation.service]
    described["security"] = [{"bearer": []}] if operation.need else []
    described["description"] += needs(operation.need)
    if operation.passing is not None:
        described["deprecated"] = True
    for parameter in described.get("parameters", ()):
        parameter["required"] = parameter["required"] or parameter["name"] == "If-Match"
        parameter["schema"] = without_null(parameter["schema"])
    responses = described["responses"]
    responses.pop("422", None)
    for status, response in responses.items():
        if status.startswith("2"):
            response["headers"] = success_headers(operation)
            if operation.media_type != "application/json":
                response["content"] = {operation.media_type: {"schema": TEXT}}
    for status in statuses(operation):
        responses[str(status)] = {"$ref": f"#/components/responses/Problem{status}"}
    if operation.raw:
        schema = {"type": "string", "format": "binary", "maxLength": operation.body_bytes_max}
        described.setdefault(
            "requestBody", {"required": True, "content": {kind: {"schema": schema} for kind in operation.takes}}
        )


def without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter may be left out; it cannot be null."""
    kinds = [kind for kind in schema.get("anyOf", ()) if kind.get("type") != "null"]
    if len(kinds) != 1:
        return schema
    return {**{name: value for name, value in schema.items() if name not in ("anyOf", "default")}, **kinds[0]}


def needs(need: Need | None) -> str:
    """Who may, in a sentence."""
    if need is None:
        return "\n\nOpen to all."
    if need.operator:
        return "\n\nNeeds the operator key."
    people = f"a person who is {', '.join(sorted(need.roles))}"
    return f"\n\nNeeds {people}" + (f"; or a system's key with the scope `{need.scope}`." if need.scope else ".")


def success_headers(operation: Operation) -> dict[str, Any]:
    return {
        **RESPONSE_HEADERS,
        **ETAG,
        **({} if operation.reads else POSITION),
        **(RATE if operation.need else {}),
        **(PASSING if operation.passing else {}),
    }


def statuses(operation: Operation) -> list[int]:
    """Every problem status this operation can answer with."""
    found = {400, 404, 422, 500, 503}
    if operation.need:
        found |= {401, 403, 429}
    if not operation.reads:
        found |= {409, 413, 415}
    if operation.changes:
        found |= {412, 428}
    if operation.room:
        found.add(408)
    return sorted(found)


PROBLEM_MORE = {"instance": f"urn:uuid:{UUID}"}


def problem_response(status: int) -> dict[str, Any]:
    kinds = {kind: (title, words) for kind, (code, title, words) in KINDS.items() if code == status}
    examples = {
        kind: {
            "value": {"type": f"/problems/{kind}", "title": title, "status": status, "detail": words, **PROBLEM_MORE}
        }
        for kind, (title, words) in kinds.items()
    }
    response: dict[str, Any] = {
        "description": " / ".join(f"{title}: {words}" for title, words in kinds.values()),
        "content": {MEDIA_TYPE: {"schema": {"$ref": f"{SCHEMAS}Problem"}, "examples": examples}},
        "headers": dict(RESPONSE_HEADERS),
    }
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response["headers"] = {**RESPONSE_HEADERS, **RETRY}
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        response["headers"] = {**RESPONSE_HEADERS, **RETRY, **RATE}
    if status == HTTPStatus.PRECONDITION_FAILED:
        response["headers"] = {**RESPONSE_HEADERS, **ETAG}
    return response


def add_examples(paths: dict[str, Any], samples: Samples) -> None:
    """To each answer in JSON, what it may look like."""
    answers = (answer for item in paths.values() for one in item.values() for answer in one["responses"].values())
    for answer in answers:
        said = answer.get("content", {}).get("application/json")
        if said is not None:
            said["example"] = samples.of(said["schema"])


def drop_unused(components: dict[str, Any], *parts: Any) -> None:
    """Keep the schemas and responses that these parts refer to, directly or through others."""
    used: set[tuple[str, str]] = set()
    waiting = [name for part in parts for name in referred_to(part)]
    while waiting:
        kind, name = waiting.pop()
        if (kind, name) not in used:
            used.add((kind, name))
            waiting += referred_to(components[kind][name])
    for kind in ("schemas", "responses"):
        components[kind] = {name: held for name, held in components[kind].items() if (kind, name) in used}


def referred_to(part: Any) -> Iterator[tuple[str, str]]:
    """The kinds and names of the components that a part of the document refers to."""
    match part:
        case dict():
            if isinstance(target := part.get("$ref"), str):
                _, _, kind, name = target.split("/")
                yield kind, name
            for one in part.values():
                yield from referred_to(one)
        case list():
            for one in part:
                yield from referred_to(one)
