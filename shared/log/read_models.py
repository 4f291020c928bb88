"""A read model: tables derived from events by one short function an event, and rebuilt by replay."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Table

from shared.events import type_of
from shared.log.envelope import Recorded
from shared.log.rows import Rows, key_columns, live_rows

Apply = Callable[[Rows, Recorded[Any]], None]


class ReadModel:
    """`DECISIONS = ReadModel("decisions", decisions, votes)`, then `@DECISIONS.on(VoteCast)` for each event.

    Own read models hold what their service's own events say and are written in the transaction of the append.
    With `followed=True` all events reach it through a follower: the way to hold what other services' events say.
    """

    def __init__(self, name: str, *tables: Table, followed: bool = False) -> None:
        for table in tables:
            if not key_columns(table) or key_columns(table)[0] != "ledger_id":
                raise TypeError(
                    f"The primary key of {table.fullname} begins with ledger_id, so that it can be distributed."
                )
        self.name = name
        self.tables = tables
        self.followed = followed
        self.branches: dict[str, Apply] = {}

    def on(self, *events: type) -> Callable[[Apply], Apply]:
        def register(apply: Apply) -> Apply:
            for one in events:
                name = type_of(one).name
                if name in self.branches:
                    raise TypeError(f"{self.name} has a branch for {name} already.")
                self.branches[name] = apply
            return apply

        return register

    def apply(self, rows: Rows, recorded: Recorded[Any]) -> None:
        branch = self.branches.get(recorded.name)
        if branch is not None:
            branch(rows, recorded)


def bring_along(connection: Connection, models: Sequence[ReadModel], recorded: Sequence[Recorded[Any]]) -> None:
    """Write what these events of one ledger say into the read models, in the transaction of `connection`."""
    with live_rows(connection, recorded[0].ledger_id) as rows:
        for one in recorded:
            for model in models:
                model.apply(rows, one)


def applied_by(models: Iterable[ReadModel]) -> Apply:
    """Applies an event to all of these read models: for replays, which would ask each of them about each event."""
    branches: dict[str, list[Apply]] = defaultdict(list)
    for model in models:
        for name, branch in model.branches.items():
            branches[name].append(branch)

    def apply(rows: Rows, recorded: Recorded[Any]) -> None:
        for branch in branches.get(recorded.name, ()):
            branch(rows, recorded)

    return apply


def event_names(models: Iterable[ReadModel]) -> frozenset[str]:
    """The stored names (newest versions) that these read models listen to."""
    return frozenset(name for model in models for name in model.branches)
