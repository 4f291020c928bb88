"""The joint history: who did what to which thing, entry by entry."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Query
from sqlalchemy import Select

from services.ledger.api.bounds import SCOPE, MomentText, Number, entries_before, entries_until, opened
from services.ledger.api.proofs import inclusion
from services.ledger.api.schemas import LedgerEvent, ProvenEvent
from services.ledger.api.telling import tell
from services.ledger.read_models.facts import events, facts, history, types_like
from shared.http.pages import LIMIT_DEFAULT, Cursor, Limit, Page
from shared.http.problems import not_found
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import INT_MAX, NO_NUL, Id

router = Router("ledger", "history")


@dataclass(frozen=True, slots=True)
class Search:
    """Words to find in what a reader is shown of an event: never in what was erased, or is held back."""

    text: str

    def finds(self, event: LedgerEvent) -> bool:
        shown = f"{event.words} {event.thing.title or ''} {json.dumps(event.data or {}, ensure_ascii=False)}".casefold()
        return all(word in shown for word in self.text.casefold().split())


EventType = Annotated[
    str,
    Query(
        max_length=120,
        pattern=r"^[a-z][a-z0-9-]*(\.[a-z0-9-]+)*(\.\*)?$",
        description="A type, or all that begin alike: `governance.*`.",
    ),
]
Stream = Annotated[
    str,
    Query(max_length=100, pattern=r"^[a-z][a-z_-]*/[0-9a-f-]{36}$", description="The events of one thing: `noun/id`."),
]
ActorName = Annotated[
    str,
    Query(
        min_length=1,
        max_length=64,
        pattern=r"^[A-Za-z0-9_.:-]+$",
        description="By one actor: the id of a person, system or organisation, or the name of a part of Concord.",
    ),
]
SearchText = Annotated[
    str,
    Query(
        min_length=1,
        max_length=200,
        pattern=NO_NUL,
        description="Words that stand in the sentence, in the title of the thing or in what was said, in any case.",
    ),
]
SEARCHED_MAX = 2_000
"""Entries searched for a text in one request."""
SEARCHED_AT_ONCE = 100
Raw = Annotated[bool, Query(description="Show each entry's bytes, too.")]


@router.read("/ledgers/{ledger_id}/events", scope=SCOPE)
def list_ledger_events(
    session: Session,
    ledger_id: Id,
    after: Annotated[Number | None, Query(description="Only entries after this seq.")] = None,
    type: EventType | None = None,  # noqa: A002 - the name of the query parameter
    stream: Stream | None = None,
    actor: ActorName | None = None,
    person: Annotated[Id | None, Query(description="By this person, or about them.")] = None,
    thing: Annotated[Id | None, Query(description="Of the thing with this id, or that name it.")] = None,
    text: SearchText | None = None,
    since: Annotated[MomentText | None, Query(alias="from")] = None,
    until: Annotated[MomentText | None, Query(alias="to")] = None,
    raw: Raw = False,  # noqa: FBT002 - a query parameter
    cursor: Cursor = None,
    limit: Limit = LIMIT_DEFAULT,
) -> Page[LedgerEvent]:
    """The joint history in words, in the order in which it was recorded.

    Each event says what it changed, as far as the fifty events of the same thing before it tell. With `text` a page
    may be empty and yet have a next one: 2,000 entries are searched at a time.
    """
    held = opened(session, ledger_id)
    statement = history(
        ledger_id,
        first=max(
            0 if after is None else after + 1, 0 if since is None else entries_before(session, held, "from", since)
        ),
        end=held.size if until is None else entries_until(session, held, "to", until),
        types=None if type is None else types_like(type),
        stream=stream,
        actor=None if actor is None else actor.lower(),
        about=[str(one) for one in (person, thing) if one is not None],
    )
    if text is not None:
        return searched(session, ledger_id, statement, Search(text), raw=raw, cursor=cursor, limit=limit)
    turned = session.view(ledger_id).page(statement, order=[events.c.seq], cursor=cursor, limit=limit)
    found = facts(session.connection, ledger_id, session.caller, turned.rows)
    return Page[LedgerEvent](items=tell(session, ledger_id, found, raw=raw), next_cursor=turned.next_cursor)


def searched(
    session: Session,
    ledger_id: UUID,
    statement: Select[Any],
    search: Search,
    *,
    raw: bool,
    cursor: str | None,
    limit: int,
) -> Page[LedgerEvent]:
    """The events of the first stretch that has any. What is erasable lies sealed, so it is read to be searched."""
    view, at_once = session.view(ledger_id), max(limit, SEARCHED_AT_ONCE)
    for _ in range(SEARCHED_MAX // at_once):
        turned = view.page(statement, order=[events.c.seq], cursor=cursor, limit=at_once)
        found = facts(session.connection, ledger_id, session.caller, turned.rows)
        told = [one for one in tell(session, ledger_id, found, raw=raw) if search.finds(one)]
        cursor = turned.next_cursor
        if told or cursor is None:
            break
    if len(told) > limit:
        told, cursor = told[:limit], view.cursor(told[limit - 1].seq)
    return Page[LedgerEvent](items=told, next_cursor=cursor)


@router.read("/ledgers/{ledger_id}/events/{seq}", scope=SCOPE)
def get_ledger_event(
    session: Session,
    ledger_id: Id,
    seq: Annotated[int, Path(ge=0, le=INT_MAX)],
    raw: Raw = False,  # noqa: FBT002 - a query parameter
) -> ProvenEvent:
    """One entry, and the proof that it is in the ledger as it is now."""
    held = opened(session, ledger_id)
    if seq >= held.size:
        raise not_found()
    only = history(ledger_id, first=seq, end=seq + 1)
    found = facts(session.connection, ledger_id, session.caller, session.view(ledger_id).all(only))
    return ProvenEvent(
        event=tell(session, ledger_id, found, raw=raw)[0], proof=inclusion(session, held, seq, held.size)
    )
