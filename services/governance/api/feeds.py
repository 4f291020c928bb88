"""Calendar feeds: a secret link that a person's calendar program reads, until that person revokes it."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Annotated
from uuid import UUID

from fastapi import Path
from starlette.responses import Response

from services.governance.api.schemas.feeds import CalendarFeed
from services.governance.domain import feed as rules
from services.governance.domain.feed import FEED
from services.governance.feed_calendar import calendar_of
from services.governance.open_things import OPEN_THINGS_MAX, open_things
from services.governance.read_models.alliances import alliances_in
from services.governance.read_models.feeds import feed, feed_by_secret, feeds, feeds_of
from services.governance.read_models.meetings import meetings
from shared.auth.caller import Caller
from shared.http.pages import LIMIT_DEFAULT, Cursor, Limit, Page
from shared.http.problems import not_found
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id

router = Router("governance", "calendar-feeds")

SECRET_BYTES = 32
PAST = timedelta(days=92)
ENTER = "SELECT set_config('concord.org', %s, true), access.standing(%s, %s) AS roles"
Secret = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{43}$", description="The secret of the link.")]


@router.create("/calendar-feeds")
def open_calendar_feed(session: Session) -> CalendarFeed:
    """Open a feed of your meetings and due times. The link is told now and never again; whoever has it can read it."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    command = rules.OpenFeed(session.at, session.caller.person, digest(secret))
    feed_id = session.new_id()
    session.create(FEED, session.caller.organisation, feed_id, rules.open_feed(command, FEED.empty))
    path = f"/governance/v1/calendar-feeds/{secret}/calendar.ics"
    return shown(session, feed_id).model_copy(update={"path": path})


@router.read("/calendar-feeds")
def list_calendar_feeds(session: Session, cursor: Cursor = None, limit: Limit = LIMIT_DEFAULT) -> Page[CalendarFeed]:
    """The feeds that you have opened, without their links."""
    org = session.caller.organisation
    turned = session.view(org).page(
        feeds_of(org, session.caller.person), order=[feeds.c.id], cursor=cursor, limit=limit
    )
    items = [CalendarFeed.model_validate({**row._mapping, "path": None}) for row in turned.rows]  # noqa: SLF001
    return Page[CalendarFeed](items=items, next_cursor=turned.next_cursor)


@router.change("/calendar-feeds/{feed_id}/revoke")
def revoke_calendar_feed(session: Session, feed_id: Id) -> CalendarFeed:
    """Make the link worthless from now on."""
    held = session.change(FEED, feed_id, session.caller.organisation)
    command = rules.RevokeFeed(session.at, session.caller.person)
    session.append(FEED, held, rules.revoke_feed(command, held.state))
    return shown(session, feed_id)


@router.public("/calendar-feeds/{secret}/calendar.ics", media_type="text/calendar")
def get_calendar(session: Session, secret: Secret) -> Response:
    """The calendar behind a secret link, in iCalendar (RFC 5545): what its person may see; nothing once revoked."""
    found = session.connection.execute(feed_by_secret(digest(secret))).first()
    if found is None:
        raise not_found()
    person = as_person(session, found.ledger_id, found.person_id)
    ledgers = sorted(person.ledgers("alliance"))
    view = person.view(*ledgers)
    names = {row.id: row.name for row in view.all(alliances_in(ledgers))}
    ledgers = [one for one in ledgers if one in names]
    since = meetings.c.starts_at > person.at - PAST
    rows = view.all(meetings.select().where(meetings.c.ledger_id.in_(ledgers), since).limit(OPEN_THINGS_MAX))
    mine = [row for row in rows if any(one["person_id"] == str(found.person_id) for one in row.members)]
    side = person.caller.organisation
    things = [
        one
        for ledger in ledgers
        for one in open_things(view, ledger, person.at)
        if one.is_for(side, person.caller.person)
    ]
    content = calendar_of(mine, things, names, person.at)
    return Response(content, media_type="text/calendar", headers={"Cache-Control": "private, max-age=900"})


def as_person(session: Session, org: UUID, person: UUID) -> Session:
    """The same transaction, from now on that of the person behind the link, if that is still an active one."""
    roles = session.connection.exec_driver_sql(ENTER, (str(org), org, person)).one().roles
    if roles is None:
        raise not_found()
    return replace(session, caller=Caller("person", org, person, roles=frozenset(roles)))


def digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def shown(session: Session, feed_id: UUID) -> CalendarFeed:
    org = session.caller.organisation
    row = session.view(org).one(feed(org, feed_id))
    return CalendarFeed.model_validate({**row._mapping, "path": None})  # noqa: SLF001 - SQLAlchemy documents it
