"""The whole ledger as it stood, and what changed between two moments: things by their fields."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Query

from services.ledger.api import schemas
from services.ledger.api.bounds import SCOPE, MomentText, entries_until, invalid, opened
from services.ledger.api.ledgers import shown
from services.ledger.api.schemas import EVENTS_A_THING_MAX, KindCount, LedgerDiff, LedgerState, ThingDiff, ThingsOfKind
from services.ledger.api.telling import Teller, after
from services.ledger.domain.thing import Thing, changes
from services.ledger.read_models.facts import Fact, events, kinds, of_streams, streams
from shared.http.pages import LIMIT_DEFAULT, Cursor, Limit
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id

router = Router("ledger", "state")

KindName = Annotated[str, Query(max_length=60, pattern=r"^[a-z][a-z_-]*$", description="Only things of this kind.")]


@router.read("/ledgers/{ledger_id}/state", scope=SCOPE)
def get_ledger_state(
    session: Session, ledger_id: Id, kind: KindName | None = None, cursor: Cursor = None, limit: Limit = LIMIT_DEFAULT
) -> LedgerState:
    """All things of the ledger with their latest fields, as of any moment.

    Made from the events alone, whatever their service: a field has the value of the latest event that names it.
    """
    held = opened(session, ledger_id)
    view = session.view(ledger_id)
    turned = view.page(
        streams(ledger_id, end=held.size, kind=kind), order=[events.c.stream], cursor=cursor, limit=limit
    )
    found = {row.stream: Thing(row.stream) for row in turned.rows}
    for fact in of_streams(session.connection, ledger_id, session.caller, found, end=held.size):
        found[fact.stream] = after(found[fact.stream], fact)
    return LedgerState(
        **shown(session, [held])[0].model_dump(),
        counts=[KindCount.model_validate(row) for row in view.all(kinds(ledger_id, end=held.size))],
        groups=grouped(found.values()),
        next_cursor=turned.next_cursor,
    )


def grouped(things: Iterable[Thing]) -> list[ThingsOfKind]:
    groups: dict[str, list[schemas.ThingState]] = defaultdict(list)
    for one in things:
        groups[one.kind].append(
            schemas.ThingState(
                stream=one.stream,
                kind=one.kind,
                version=one.version,
                last_seq=one.last_seq,
                fields={name: None if said.erased else said.value for name, said in sorted(one.fields.items())},
                erased=sorted(name for name, said in one.fields.items() if said.erased),
            )
        )
    return [ThingsOfKind(kind=kind, things=of_kind) for kind, of_kind in sorted(groups.items())]


@dataclass
class Between:
    """A thing at two moments, and the latest events that made the difference."""

    before: Thing
    after: Thing
    events: list[Fact] = field(default_factory=list)
    first: Fact | None = None

    def add(self, fact: Fact, since: int) -> None:
        self.first = self.first or fact
        self.after = after(self.after, fact)
        if fact.seq < since:
            self.before = self.after
        else:
            self.events = [*self.events, fact][-EVENTS_A_THING_MAX:]


@router.read("/ledgers/{ledger_id}/diff", scope=SCOPE)
def compare_ledger(
    session: Session,
    ledger_id: Id,
    since: Annotated[MomentText, Query(alias="from")],
    until: Annotated[MomentText | None, Query(alias="to")] = None,
    cursor: Cursor = None,
    limit: Limit = LIMIT_DEFAULT,
) -> LedgerDiff:
    """What changed after one moment and up to another, by thing and field."""
    held = opened(session, ledger_id)
    first = entries_until(session, held, "from", since)
    end = held.size if until is None else entries_until(session, held, "to", until)
    if first > end:
        raise invalid("from", "The first moment is after the second.", "from-beyond-to")
    turned = session.view(ledger_id).page(
        streams(ledger_id, first=first, end=end), order=[events.c.stream], cursor=cursor, limit=limit
    )
    found = {row.stream: Between(Thing(row.stream), Thing(row.stream)) for row in turned.rows}
    for fact in of_streams(session.connection, ledger_id, session.caller, found, end=end):
        found[fact.stream].add(fact, first)
    firsts = {stream: one.first for stream, one in found.items() if one.first is not None}
    teller = Teller.of(session, ledger_id, (fact for one in found.values() for fact in one.events), firsts)
    counts = {row.stream: row.events for row in turned.rows}
    things = [difference(one, teller, counts[stream]) for stream, one in found.items()]
    return LedgerDiff(from_size=first, to_size=end, things=things, next_cursor=turned.next_cursor)


def difference(one: Between, teller: Teller, event_count: int) -> ThingDiff:
    return ThingDiff(
        stream=one.after.stream,
        kind=one.after.kind,
        title=teller.title(one.after.stream),
        from_version=one.before.version,
        to_version=one.after.version,
        changes=[schemas.FieldChange.model_validate(change) for change in changes(one.before.fields, one.after.fields)],
        events=[teller.deed(fact) for fact in one.events],
        event_count=event_count,
    )
