"""A reader of an event stream, as a partner's program is one: lines to events, and coming back where it was."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from shared.testing.api import Member

STREAM = "/webhooks/v1/stream"


@dataclass
class Stream:
    """An open stream. `last_id` is what to come back with."""

    lines: Iterator[str]
    last_id: str | None = None
    events: list[Any] = field(default_factory=list)

    def take(self, count: int) -> list[Any]:
        """The next events, so many; fewer only when the stream ends."""
        taken: list[Any] = []
        data: str | None = None
        for line in self.lines:
            name, _, value = line.partition(": ")
            if name == "id":
                self.last_id = value
            elif name == "data":
                data = value
            elif not line and data is not None:
                taken.append(json.loads(data))
                data = None
                if len(taken) == count:
                    break
        self.events += taken
        return taken

    def opened(self) -> None:
        """Read its first lines, which name the place it begins at."""
        for line in self.lines:
            if not line:
                return
            name, _, value = line.partition(": ")
            if name == "id":
                self.last_id = value


@contextmanager
def streaming(
    member: Member, last_id: str | None = None, client: httpx.Client | None = None, **query: Any
) -> Iterator[Stream]:
    headers = member.headers({"Last-Event-ID": last_id} if last_id else {})
    with (client or member.api.client).stream("GET", STREAM, params=query, headers=headers) as response:
        assert response.status_code == 200, response.read()
        assert response.headers["content-type"].startswith("text/event-stream")
        stream = Stream(response.iter_lines(), last_id)
        stream.opened()
        yield stream
