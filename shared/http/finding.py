"""Finding the route of a request by the segments of its path; FastAPI would try the pattern of each, one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

Place = tuple[int, Any]
"""A route, and how many were declared before it."""


@dataclass
class Branch:
    """What goes on from some first segments: by a word, by whatever may stand there, or all that is below."""

    words: dict[str, Branch] = field(default_factory=dict)
    any: Branch | None = None
    here: list[Place] = field(default_factory=list)
    below: list[Place] = field(default_factory=list)

    def add(self, segments: list[str], place: Place) -> None:
        if not segments:
            self.here.append(place)
        elif ":path}" in segments[0]:
            self.below.append(place)
        elif "{" in segments[0]:
            self.any = self.any or Branch()
            self.any.add(segments[1:], place)
        else:
            self.words.setdefault(segments[0], Branch()).add(segments[1:], place)

    def find(self, segments: list[str], at: int = 0) -> Iterator[Place]:
        yield from self.below
        if at == len(segments):
            yield from self.here
            return
        for branch in (self.words.get(segments[at]), self.any):
            if branch is not None:
                yield from branch.find(segments, at + 1)


class Finder(BaseRoute):
    """Stands before all routes and stands for them. The few that it finds say themselves whether they match."""

    def __init__(self, routes: Iterable[Any]) -> None:
        self.root = Branch()
        for number, route in enumerate(routes):
            self.root.add(route.path.split("/"), (number, route))

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        best: tuple[Match, Scope] = Match.NONE, {}
        if scope["type"] != "http":
            return best
        for _, route in sorted(self.root.find(scope["path"].split("/")), key=itemgetter(0)):
            match, found = route.matches(scope)
            if match is Match.FULL:
                return match, found
            if match is Match.PARTIAL and best[0] is Match.NONE:
                best = match, found
        return best

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await scope["route"].handle(scope, receive, send)
