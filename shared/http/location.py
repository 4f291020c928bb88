"""Where a thing that was just made can be read: the Location of a 201."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

PLACE = re.compile(r"(?P<things>.*/[^/{}]+)/\{(?P<named_by>\w+)\}")
"""The path of one thing: that of its list, and what it is named by."""


@dataclass(frozen=True)
class Place:
    """The path below which things of a kind are read, each by its id or by what else it is named by."""

    things: str
    named_by: str

    def of(self, made: Any, parameters: dict[str, Any]) -> str | None:
        """Where what was made can be read; None when the answer does not tell its name."""
        name = getattr(made, "id" if self.named_by.endswith("_id") else self.named_by, None)
        return None if name is None else f"{self.things.format(**parameters)}/{name}"


def places(routes: Iterable[Any]) -> dict[str, Place]:
    """Where what each POST makes is read, by the path of the POST.

    That is below the same path, or, as decisions of an alliance are, at the top of the service.
    """
    routes = list(routes)
    reads = [match for route in routes if "GET" in route.methods and (match := PLACE.fullmatch(route.path))]
    by_list = {match["things"]: Place(match["things"], match["named_by"]) for match in reads}
    found: dict[str, Place] = {}
    for path in (route.path for route in routes if "POST" in route.methods):
        top = "/".join((*path.split("/")[:3], path.rsplit("/", 1)[-1]))
        place = by_list.get(path) or by_list.get(top)
        if place is not None:
            found[path] = place
    return found
