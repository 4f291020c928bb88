"""`python killing.py URL LEDGER ORGANISATION STEP…`: an event, then follow and send, in a child killed at each step.

A step is the name of something that is done many times; the child is killed right before it, or right after.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from services.webhooks import reactions
from services.webhooks.app import WEBHOOKS
from services.webhooks.reactions import DELIVERIES
from services.webhooks.sending import sender
from shared.events.governance import VoteCast
from shared.events.governance_terms import Choice
from shared.ids import uuid7
from shared.log.envelope import Actor, Cause
from shared.log.followers import Following
from shared.log.log import Log
from shared.testing.api import runtime_on
from tests.integration.webhooks.room import end_of_sending


def dying(do: Callable[..., Any], *, after: bool) -> Callable[..., Any]:
    def done(*arguments: Any, **more: Any) -> Any:
        if after:
            do(*arguments, **more)
        os.kill(os.getpid(), signal.SIGKILL)

    return done


def dying_attempt(do: Callable[..., Any], *, after: bool) -> Callable[..., Any]:
    async def done(*arguments: Any, **more: Any) -> Any:
        if after:
            await do(*arguments, **more)
        os.kill(os.getpid(), signal.SIGKILL)

    return done


STEPS = ("add_to_feeds", "queue", "batch", "take_endpoints", "due", "attempt", "write_down", "run", "leave_endpoints")
"""Of the follower: feed, deliveries, commit. Of the sender: lease, look, request, writing down, commit."""


def prepare(step: str, *, after: bool) -> None:
    place: Any = {"add_to_feeds": reactions, "queue": reactions, "batch": Following, "run": sender.Exchange}.get(
        step, sender
    )
    wrap = dying_attempt if step == "attempt" else dying
    setattr(place, step, wrap(getattr(place, step), after=after))


def child(url: str, ledger: UUID, organisation: UUID, step: str, *, after: bool) -> None:
    prepare(step, after=after)
    runtime = runtime_on(url, (WEBHOOKS,))
    with runtime.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE webhooks.hands SET until = clock_timestamp()")  # their time is over
        vote = VoteCast(side=organisation, choice=Choice.APPROVE)
        actor = Actor(org=organisation, sub=organisation)
        at = datetime(2013, 1, 2, 15, tzinfo=UTC)
        Log(connection).append(ledger, f"decision/{uuid7()}", 0, [vote], actor=actor, effective_at=at, cause=Cause())
    Following(runtime.engine, DELIVERIES).turn()
    sender.turn(runtime, claiming_seconds=0.5)
    end_of_sending()


def main(url: str, ledger: str, organisation: str, *steps: str) -> None:
    for step in steps:
        name, _, when = step.partition(":")
        number = os.fork()
        if number == 0:
            child(url, UUID(ledger), UUID(organisation), name, after=when == "after")
            os._exit(0)
        _, status = os.waitpid(number, 0)
        sys.stdout.write(f"{step} {os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
