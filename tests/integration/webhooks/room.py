"""Two organisations with an alliance, over HTTP, and the hands of the follower and the sender."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from services.webhooks.reactions import DELIVERIES
from services.webhooks.sending.sender import THREAD, turn
from shared.events.governance import AllianceAccepted, DecisionWithdrawn, VoteCast
from shared.events.governance_terms import Choice
from shared.ids import uuid7
from shared.log.envelope import Actor, Cause, Recorded
from shared.log.followers import Following
from shared.log.log import Log
from shared.testing.api import Api, Member

AT = datetime(2013, 1, 2, 15, tzinfo=UTC)
ENDPOINTS = "/webhooks/v1/endpoints"


@dataclass(frozen=True)
class Room:
    api: Api
    united: Member
    express: Member
    alliance: str

    def register(self, url: str, *event_types: str, who: Member | None = None, **more: Any) -> Any:
        body = {"url": url, "event_types": list(event_types) or ["*"], **more}
        return (who or self.united).post(ENDPOINTS, body)

    def record(self, event: Any, *, noun: str = "decision", ledger: str | None = None) -> Recorded[Any]:
        """Append one event as the first of a new stream, by the owner of United."""
        with self.api.runtime.engine.begin() as connection:
            actor = Actor(org=UUID(self.united.org), sub=UUID(self.united.person))
            home = UUID(ledger or self.alliance)
            stream = f"{noun}/{uuid7()}"
            return Log(connection).append(home, stream, 0, [event], actor=actor, effective_at=AT, cause=Cause())[0]

    def vote(self) -> Recorded[Any]:
        return self.record(VoteCast(side=UUID(self.united.org), choice=Choice.APPROVE, reason="Because Ana says so."))

    def vote_in(self, ledger: str) -> Recorded[Any]:
        return self.record(VoteCast(side=UUID(self.united.org), choice=Choice.APPROVE), ledger=ledger)

    def another_alliance(self) -> str:
        """Of the same two."""
        alliance = uuid7()
        with self.api.runtime.engine.begin() as connection:
            Log(connection).open_ledger(alliance, "alliance", [UUID(self.united.org), UUID(self.express.org)])
        return str(alliance)

    def accept(self) -> Recorded[Any]:
        return self.record(AllianceAccepted(side=UUID(self.united.org)), noun="alliance")

    def withdraw(self) -> Recorded[Any]:
        return self.record(DecisionWithdrawn(side=UUID(self.united.org), settled_at=AT))

    def follow(self) -> None:
        Following(self.api.runtime.engine, DELIVERIES).turn()

    def send(self) -> int:
        """One turn of the sender, and the end of all that it began."""
        taken = turn(self.api.runtime)
        end_of_sending()
        return taken

    def tell(self) -> int:
        self.follow()
        return self.send()

    def deliveries(self, endpoint: Any, **query: Any) -> list[Any]:
        items: list[Any] = self.united.get(f"{ENDPOINTS}/{endpoint['id']}/deliveries", **query)["items"]
        return items

    def only_delivery(self, endpoint: Any) -> Any:
        (one,) = self.deliveries(endpoint)
        return one

    def execute(self, statement: str, *arguments: Any) -> None:
        """Behind the door: what would else take hours of waiting."""
        with self.api.runtime.engine.begin() as connection:
            connection.exec_driver_sql(statement, arguments)

    def make_due(self) -> None:
        self.execute(
            "UPDATE webhooks.deliveries SET next_attempt_at = clock_timestamp()"
            " WHERE state = 'waiting' AND attempts > 0"
        )


def end_of_sending() -> None:
    for thread in threading.enumerate():
        if thread.name == THREAD:
            thread.join()


def room_in(api: Api) -> Room:
    """Two organisations that are allied, in a database of their own."""
    api.set_clock("2013-01-02T15:00:00Z")
    united, express = api.organisation("United"), api.organisation("Express")
    alliance = uuid7()
    with api.runtime.engine.begin() as connection:
        Log(connection).open_ledger(alliance, "alliance", [UUID(united.org), UUID(express.org)])
    return Room(api, united, express, str(alliance))
