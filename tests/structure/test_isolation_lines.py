"""Every operation says in tests/acceptance/isolation what it is, and its route asks for just that role and scope."""

from __future__ import annotations

from typing import Any

import pytest

from services.rooms import ROOMS
from shared.auth.caller import Need
from shared.http.app import build_app
from shared.http.openapi import concord_routes, document
from shared.testing.api import runtime_on
from tests.acceptance.isolation.walk import SERVICES, Operation, Unknown, operations

APP = build_app(runtime_on("postgresql://nowhere/none", ROOMS), ROOMS)
MERGED: dict[str, Any] = document(APP, ROOMS)


def test_every_operation_has_a_line_that_says_what_its_route_says() -> None:
    needs = {route.operation_id: route.endpoint.operation.need for route in concord_routes(APP)}
    differing = [
        f"    {one.name}: the route needs {needs[one.name]}, the line in isolation/{one.service}.py {line_of(one)}"
        for one in operations(MERGED)
        if needs[one.name] != line_of(one)
    ]
    assert differing == [], "Which of them is right?\n" + "\n".join(differing)


def line_of(operation: Operation) -> Need | None:
    line = operation.line
    if line.of == "all":
        return None
    return Need(line.scope, line.roles_for(operation.method), operator=line.of == "operator")


def test_no_line_is_left_over() -> None:
    known = {one.name for one in operations(MERGED)}
    lines = {name for service in SERVICES.values() for name in service.LINES}
    assert lines - known == set()


def test_an_operation_without_a_line_fails_and_says_what_to_add() -> None:
    unknown = {"get": {"operationId": "get_gossip"}}
    with pytest.raises(Unknown, match=r"get_gossip \(GET /governance/v1/gossip\).*isolation/governance\.py"):
        list(operations({**MERGED, "paths": {"/governance/v1/gossip": unknown}}))
