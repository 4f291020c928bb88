"""Who plays the year: two airlines, and the short ways in which they speak to the API."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from examples.airline_codeshare.governing import Side
from examples.airline_codeshare.partner import NotAnswered, Operator, Partner

ROOM = "/governance/v1"


@dataclass(frozen=True)
class Stage:
    """The two sides, who moves the clock, and the alliance once there is one."""

    operator: Operator
    united: Side
    express: Side
    alliance: str = ""

    @property
    def path(self) -> str:
        return f"{ROOM}/alliances/{self.alliance}"

    @property
    def sides(self) -> tuple[Side, Side]:
        return self.united, self.express

    @property
    def owners(self) -> tuple[dict[str, str], ...]:
        return tuple({"side": side.owner.org, "person_id": side.manager.id} for side in self.sides)

    def time_is(self, moment: str, until: Callable[[], bool] | None = None) -> None:
        """Move the clock, and wait until time has brought what `until` looks for."""
        self.operator.set_clock(moment)
        if until is not None:
            self.united.manager.wait(self.path, lambda _: until())

    def listed(self, what: str, **query: Any) -> list[Any]:
        return self.united.manager.all(f"{self.path}/{what}", **query)

    def made(self, what: str, body: Any, by: Side | None = None) -> Any:
        """A new thing of the alliance."""
        return (by or self.united).manager.post(f"{self.path}/{what}", body)


def do(who: Partner, thing: str, command: str, body: Any = None) -> Any:
    """A command to a thing, on the version just read."""
    path = f"{ROOM}/{thing}"
    return who.change(f"{path}/{command}", body, of=path)


def refused(who: Partner, thing: str, command: str, body: Any = None) -> str:
    """A command that a rule must refuse; its words. Raises ValueError when nothing refuses it."""
    try:
        do(who, thing, command, body)
    except NotAnswered as answer:
        return str(answer)
    raise ValueError(f"{command} of {thing} was to be refused.")
