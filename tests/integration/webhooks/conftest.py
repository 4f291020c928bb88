"""A room of one's own for each test: a fresh database, the API over it, and a receiver."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest

from services.directory.app import DIRECTORY
from services.webhooks.app import WEBHOOKS
from shared.ids import uuid7
from shared.log.log import Log
from shared.testing.api import serve
from tests.integration.webhooks.receiver import Receiver, receiving
from tests.integration.webhooks.room import Room, end_of_sending


@pytest.fixture
def receiver(room: Room) -> Iterator[Receiver]:  # the room stands as long as anything may be sent
    with receiving() as running:
        yield running


@pytest.fixture
def room(url: str) -> Iterator[Room]:
    with serve(url, (DIRECTORY, WEBHOOKS), stream_seconds=60) as api:
        api.set_clock("2013-01-02T15:00:00Z")
        united, express = api.organisation("United"), api.organisation("Express")
        alliance = uuid7()
        with api.runtime.engine.begin() as connection:
            Log(connection).open_ledger(alliance, "alliance", [UUID(united.org), UUID(express.org)])
        yield Room(api, united, express, str(alliance))
        end_of_sending()
