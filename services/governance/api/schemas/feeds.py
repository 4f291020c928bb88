"""What the endpoints of calendar feeds give."""

from __future__ import annotations

from shared.http.types import Answer, Count, Id, Timestamp


class CalendarFeed(Answer):
    """A calendar feed of yours; `path` is its secret link, told once, when it is opened."""

    id: Id
    opened_at: Timestamp
    revoked: bool
    path: str | None
    version: Count
