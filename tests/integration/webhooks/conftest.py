"""A room of one's own for each test: a fresh database, the API over it, and a receiver."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from services.directory.app import DIRECTORY
from services.webhooks.app import WEBHOOKS
from shared.testing.api import serve
from tests.integration.webhooks.receiver import Receiver, receiving
from tests.integration.webhooks.room import Room, end_of_sending, room_in


@pytest.fixture
def receiver(room: Room) -> Iterator[Receiver]:  # the room stands as long as anything may be sent
    with receiving() as running:
        yield running


@pytest.fixture
def room(url: str) -> Iterator[Room]:
    with serve(url, (DIRECTORY, WEBHOOKS), stream_seconds=60) as api:
        yield room_in(api)
        end_of_sending()
