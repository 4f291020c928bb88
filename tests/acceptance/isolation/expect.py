"""What each operation is, for the walk of isolation: one short line an operation, from which every answer follows.

When you add an operation, add a line to `LINES` in the file of its service, under its operationId:

    "get_alliance": joint("governance:read"),                  a thing of an alliance: its parties', nobody else's
    "get_brief": private("scoring:read"),                      a thing of one organisation, named in the path
    "list_briefs": own("scoring:read"),                        of the caller's own organisation, whoever that is
    "list_event_types": open_to_all(),                         needs no credential
    "register_organisation": operators(),                      needs the operator key

The text is the scope that a system's key needs; none means people only. Reads are for READERS and all else for
WRITERS, unless `roles=` says otherwise. `dry=True`: no GET, and yet it changes nothing. An auditor reads all
there is, but for what is for the invited. A key that is bound to alliances opens what is `joint`, and nothing else:
`bound=True` for what is not joint and shows such a key only what is of its alliances, or is the same for everybody;
`bound=False` for what is joint and yet kept in the organisation's own ledger. Where the example
of the document does not do, `body=` and `query=` say what to send; ids of the world may stand in them:
`body={"person_id": "{person_id}"}`.

A parameter in the path that the world has nothing for: make one such thing in `seed(world)` of the same file and give
its id back under the parameter's name. That is all: the callers and their answers come by themselves.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from shared.auth.caller import INVITED, READERS, WRITERS

AUDITORS = frozenset({"auditor"})

Of = Literal["all", "operator", "own", "private", "joint"]


@dataclass(frozen=True)
class Line:
    """What one operation is."""

    of: Of
    scope: str | None = None
    roles: frozenset[str] | None = None
    body: Any = None
    query: dict[str, str] = field(default_factory=dict)
    dry: bool = False
    bound: bool | None = None

    def roles_for(self, method: str) -> frozenset[str]:
        roles = self.roles if self.roles is not None else READERS if method == "GET" else WRITERS
        return roles | AUDITORS if method == "GET" and roles != INVITED else roles

    @property
    def opens_to_bound_keys(self) -> bool:
        return self.of == "joint" if self.bound is None else self.bound


def joint(scope: str | None = None, **more: Any) -> Line:
    """A thing of an alliance."""
    return Line("joint", scope, **more)


def private(scope: str | None = None, **more: Any) -> Line:
    """A thing of one organisation, named in the path."""
    return Line("private", scope, **more)


def own(scope: str | None = None, **more: Any) -> Line:
    """Of the caller's own organisation, whichever that is; the path names nothing."""
    return Line("own", scope, **more)


def open_to_all() -> Line:
    return Line("all", roles=frozenset())


def operators() -> Line:
    return Line("operator", roles=frozenset())
