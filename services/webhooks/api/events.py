"""All events that the caller may be told, one after another: as a stream, or page by page."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Header, Query
from pydantic import Field
from starlette.responses import Response

from services.webhooks.api.endpoints import READ
from services.webhooks.api.schemas import EventPattern
from services.webhooks.catalogue import told_types
from services.webhooks.domain.wishes import faults_in_event_types
from services.webhooks.feed import feed_size
from services.webhooks.reading import Choice, Cursors, read_feed
from services.webhooks.streaming import EventStream, Reader, hub_of
from shared.auth.caller import READERS, Need
from shared.http.pages import LIMIT_DEFAULT, LIMIT_MAX, Limit
from shared.http.problems import RETRY_AFTER_SECONDS, problem
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Answer, Id

router = Router("webhooks", "events")

CURSOR_CHARACTERS_MAX = 200
FeedCursor = Annotated[
    str | None,
    Query(max_length=CURSOR_CHARACTERS_MAX, description="`next_cursor` of the page before, or `id` of a stream."),
]
EventType = Annotated[EventPattern | None, Query(description="A name of the catalogue or a wildcard; all without it.")]
LastEventId = Annotated[
    str | None,
    Header(
        alias="Last-Event-ID",
        max_length=CURSOR_CHARACTERS_MAX,
        description="The last `id` you got; the stream goes on right after it. Browsers send it by themselves.",
    ),
]
Authorization = Annotated[str, Header(include_in_schema=False)]


class EventPage(Answer):
    """A part of the feed. With a filter it may hold fewer events than places were read, even none."""

    items: list[dict[str, Any]] = Field(
        max_length=LIMIT_MAX, description="CloudEvents, the same as webhooks post; see the catalogue."
    )
    next_cursor: str = Field(description="Ask with it for what comes after, now or later; it never ends.")
    more: bool = Field(description="There may be more already; else wait a little.")


@router.read("/events", scope=READ, as_of=False, answers=EventPage)
def list_events(
    session: Session,
    cursor: FeedCursor = None,
    event_type: EventType = None,
    alliance_id: Id | None = None,
    limit: Limit = LIMIT_DEFAULT,
) -> Response:
    """All events you may be told, from the first on or from a cursor, in the one order of your organisation's feed."""
    choice = choice_in(session, event_type, alliance_id)
    cursors = Cursors.of(session.runtime.secret, session.caller.organisation)
    place = cursors.place(cursor) if cursor is not None else 0
    reading = read_feed(session.connection, session.caller, choice, place, limit, session.runtime.settings.origin)
    items = b",".join(told.body for told in reading.told)
    rest = f'],"next_cursor":"{cursors.at(reading.next)}","more":{"true" if reading.more else "false"}}}'
    return Response(b'{"items":[' + items + rest.encode(), media_type="application/json")


@router.read("/stream", scope=READ, as_of=False, media_type="text/event-stream")
def stream_events(
    session: Session,
    authorization: Authorization,
    last_event_id: LastEventId = None,
    cursor: FeedCursor = None,
    event_type: EventType = None,
    alliance_id: Id | None = None,
) -> Response:
    """The same events as server-sent events, as they come: from now on, or from exactly where you were.

    The stream ends after some minutes, or when the server does; come back with `Last-Event-ID`, as browsers do, and
    nothing is missed or repeated. `event` is the type, `data` the CloudEvent.
    """
    choice = choice_in(session, event_type, alliance_id)
    organisation_id, runtime = session.caller.organisation, session.runtime
    if hub_of(runtime).full(organisation_id):
        wait = {"Retry-After": str(RETRY_AFTER_SECONDS)}
        raise problem("unavailable", "Too many streams are open; close one, or come back later.", headers=wait)
    reader = Reader(runtime, organisation_id, authorization, Need(READ, READERS), choice)
    return EventStream(reader, first_place(session, last_event_id, cursor))


def first_place(session: Session, last_event_id: str | None, cursor: str | None) -> int:
    """Where a stream begins: at what was read last, or else now."""
    cursors = Cursors.of(session.runtime.secret, session.caller.organisation)
    if last_event_id:
        return cursors.place(last_event_id, "header/Last-Event-ID")
    if cursor is not None:
        return cursors.place(cursor)
    return feed_size(session.connection, session.caller.organisation)


def choice_in(session: Session, event_type: str | None, alliance_id: Id | None) -> Choice:
    if alliance_id is not None:
        session.enter(alliance_id)
    if event_type is None:
        return Choice(alliance=alliance_id)
    for wrong in faults_in_event_types((event_type,), told_types(), "query/event_type"):
        fault = {"pointer": "query/event_type", "detail": wrong.detail, "code": wrong.code}
        raise problem("invalid", "The event type is not valid.", errors=[fault])
    return Choice((event_type,), alliance_id)
