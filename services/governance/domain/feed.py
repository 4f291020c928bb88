"""A calendar feed: a secret link to a person's meetings and due times, good until that person revokes it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from shared.domain import Aggregate, Event, Refused
from shared.events.governance_meetings import FeedOpened, FeedRevoked


@dataclass(frozen=True, slots=True)
class OpenFeed:
    at: datetime
    person_id: UUID
    secret_sha256: str


@dataclass(frozen=True, slots=True)
class RevokeFeed:
    at: datetime
    person_id: UUID


@dataclass(frozen=True)
class Feed:
    person_id: UUID | None = None
    revoked: bool = False


def evolve(state: Feed, event: Event) -> Feed:
    match event:
        case FeedOpened():
            state = Feed(event.person_id)
        case FeedRevoked():
            state = replace(state, revoked=True)
    return state


def open_feed(command: OpenFeed, feed: Feed) -> list[Event]:
    if feed.person_id is not None:
        raise Refused("feed-exists", "It has been opened already.")
    return [FeedOpened(person_id=command.person_id, secret_sha256=command.secret_sha256)]


def revoke_feed(command: RevokeFeed, feed: Feed) -> list[Event]:
    if feed.person_id != command.person_id:
        raise Refused("not-your-feed", "Whose calendar it is revokes it.")
    if feed.revoked:
        raise Refused("revoked-already", "The link is revoked already.")
    return [FeedRevoked(person_id=command.person_id)]


FEED = Aggregate("feed", Feed(), evolve)
