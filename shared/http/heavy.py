"""A request for heavy work as the workroom sees it: whose it is, on what, and whether it is still waited for."""

from __future__ import annotations

from starlette.requests import Request

from shared.http.operation import Operation
from shared.http.workroom import Turn, Workroom


def room_of(operation: Operation, request: Request) -> Workroom | None:
    """Where this operation's work is done in this process, if it is heavy."""
    if operation.room is None:
        return None
    room: Workroom = request.app.state.workrooms[operation.room]
    return room


def turn_of(operation: Operation, request: Request) -> Turn:
    """Whose heavy work it is, and on what."""
    on = request.path_params.get(operation.room.turn_of) if operation.room else None
    return Turn(request.scope.get("concord.organisation"), on)


async def hung_up(request: Request) -> None:
    """Ends when the caller, whose body is there, does not wait for the answer any longer."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
