"""The route that is found by a path's segments is the one that trying every pattern in turn would find."""

from __future__ import annotations

import re
from typing import Any

import pytest
from starlette.routing import Match

from services.rooms import ROOMS
from shared.http.finding import Finder

ROUTES: list[Any] = [route for service in ROOMS for router in service.routers for route in router.routes]
FINDER = Finder(ROUTES)
SOME_ID = "0190c5a2-7d3b-7c1e-9d55-0d8f6a1b2c3d"
PATHS = sorted({re.sub(r"\{[^}]*\}", SOME_ID, route.path) for route in ROUTES})


def by_trying_all(scope: dict[str, Any]) -> tuple[Match, Any]:
    matches = [(route.matches(scope)[0], route) for route in ROUTES]
    for wanted in (Match.FULL, Match.PARTIAL):
        for match, route in matches:
            if match is wanted:
                return match, route
    return Match.NONE, None


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_it_finds_what_trying_every_pattern_finds(method: str) -> None:
    assert len(PATHS) > 100
    for path in (*PATHS, *(f"{path}/" for path in PATHS[:50]), *(f"{path}/000/012.p/3" for path in PATHS[:50])):
        scope = {"type": "http", "method": method, "path": path, "headers": []}
        match, found = FINDER.matches(dict(scope))
        assert (match, found.get("route")) == by_trying_all(dict(scope)), path


def test_what_is_nowhere_is_not_found() -> None:
    for path in ("", "/", "/governance", "/governance/v1/alliances/x/y/z/decisions", "//", "/nowhere/v1/things"):
        scope: dict[str, Any] = {"type": "http", "method": "GET", "path": path, "headers": []}
        assert FINDER.matches(scope) == (Match.NONE, {})
    assert FINDER.matches({"type": "websocket", "path": PATHS[0]}) == (Match.NONE, {})
