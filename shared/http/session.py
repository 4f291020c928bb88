"""One request's transaction: who asks, what moment it is, and the log. What routes are given to work with."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Connection

from shared.auth.caller import ADMINS, Caller
from shared.domain import Aggregate
from shared.events.values import Attachment
from shared.http.problems import not_found, problem
from shared.http.view import View
from shared.ids import uuid7
from shared.log.envelope import NOW, Cause, Moment, Position, Recorded
from shared.log.log import Loaded, Log, Readable
from shared.log.read_models import bring_along
from shared.log.shadow import Shadow
from shared.service import Runtime, Service

S = TypeVar("S")
OBSERVER = frozenset({"observer"})
"""The roles in an alliance of one who only observes it."""


@dataclass(frozen=True, slots=True)
class Seat:
    """Whose right is used in an alliance: the caller's own, or that of a colleague who named the caller as delegate."""

    person: UUID
    roles: frozenset[str]
    on_behalf_of: UUID | None = None
    """The colleague, for `Session.append`; None for the caller's own seat."""


@dataclass
class Session:
    """Reads see what the caller may see; writes happen all together or not at all, when the answer is ready."""

    connection: Connection
    runtime: Runtime
    service: Service
    caller: Caller
    at: datetime
    """The moment of this request by Concord's one clock."""
    request_id: str
    if_match: str | None = None
    moment: Moment | None = None
    """The `?as_of=` of this request."""
    operation: str = ""
    """The name of what was called."""
    traceparent: str | None = None
    """Where this request stands in its caller's trace; None when the caller sent none."""
    written: list[Recorded[Any]] = field(default_factory=list)
    entered: dict[UUID, Readable] = field(default_factory=dict)
    """The ledgers that the caller was found to be able to read, in this transaction."""
    things: dict[tuple[UUID, str], Loaded[Any]] = field(default_factory=dict)
    """What was loaded or written in this transaction, by ledger and stream: the whole request decides on one state."""
    roles: dict[UUID, frozenset[str]] = field(default_factory=dict)
    """The calling person's roles by alliance, once asked for."""

    def __post_init__(self) -> None:
        self.log = Log(self.connection)
        self.shadow = Shadow(self.connection, self.service.read_models)

    def new_id(self) -> UUID:
        return uuid7()

    # Reading

    def enter(self, ledger_id: UUID) -> UUID:
        """The same id, once it is sure that the caller may read that ledger; not found otherwise."""
        if ledger_id not in self.entered:
            self.enter_own(ledger_id)
            self.enter_credential(ledger_id)
            self.note(self.log.readable(ledger_id))
        return ledger_id

    def note(self, found: Readable | None) -> UUID:
        """Remember a ledger that the log says the caller may read; not found when it says there is none."""
        if found is None:
            raise not_found()
        if self.moment is not None and self.moment.seq is not None and self.moment.seq >= found.size:
            raise as_of_in_the_future(f"The ledger has {found.size} entries, the first of them with seq 0.")
        self.entered[found.ledger_id] = found
        return found.ledger_id

    def ledgers(self, kind: str) -> list[UUID]:
        """All ledgers of a kind (organisation, alliance) that the caller may read."""
        return [self.note(r) for r in self.log.all_readable(kind) if self.caller.may_enter(r.ledger_id)]

    def view(self, *ledgers: UUID) -> View:
        """The service's read models, of these ledgers; as of the moment that was asked for.

        A ledger that the caller's organisation has left is shown as it was then: its events end there for this caller.
        """
        for ledger_id in ledgers:
            self.enter(ledger_id)
        if self.moment is not None and self.moment.seq is not None and len(ledgers) != 1:
            raise as_of_needs_one_ledger()
        if self.moment is None and not any(self.entered[ledger_id].left for ledger_id in ledgers):
            return View(self.connection.execute, self.cursor_secret)
        self.shadow.ask(self.bounds_of(ledgers))
        return View(self.shadow.execute, self.cursor_secret)

    @property
    def cursor_secret(self) -> bytes:
        """Signs the cursors of this operation for this organisation: in any other list they are not known."""
        return hmac.digest(self.runtime.secret, f"cursors\n{self.operation}\n{self.caller.org}".encode(), sha256)

    def bounds_of(self, ledgers: Iterable[UUID]) -> Iterator[tuple[UUID, Moment]]:
        """Up to where each of these ledgers, which the caller has entered, is read: one that was left, to its exit."""
        asked = self.moment or NOW
        for ledger_id in ledgers:
            known = self.entered[ledger_id]
            seq = known.size - 1 if known.left and asked.seq is None else asked.seq
            yield ledger_id, Moment(seq=seq, us=asked.us)

    def home(self, aggregate: Aggregate[Any], thing_id: UUID) -> UUID:
        """The ledger of a thing, among those the caller may read; not found otherwise."""
        ledger_id = self.note(self.log.locate(aggregate, thing_id))
        self.enter_credential(ledger_id)
        return ledger_id

    def load(self, aggregate: Aggregate[S], ledger_id: UUID, thing_id: UUID) -> Loaded[S]:
        """A thing of a ledger; not found when it has no event there that the caller may read."""
        ((_, moment),) = self.bounds_of((self.enter(ledger_id),))
        place = ledger_id, f"{aggregate.noun}/{thing_id}"
        if place not in self.things:
            loaded = self.log.load(aggregate, ledger_id, thing_id, moment)
            if loaded.version == 0:
                raise not_found()
            self.things[place] = loaded
        return self.things[place]

    def find(self, aggregate: Aggregate[S], thing_id: UUID) -> Loaded[S]:
        """A thing wherever it is, among the ledgers the caller may read."""
        return self.load(aggregate, self.home(aggregate, thing_id), thing_id)

    def enter_own(self, ledger_id: UUID) -> None:
        """Forbidden to a key that is bound to alliances, when this is its organisation's own ledger."""
        if ledger_id == self.caller.org and not self.caller.may_enter(ledger_id):
            raise problem(
                "forbidden", "This key is bound to alliances: it opens these, and nothing of the organisation beside."
            )

    def enter_credential(self, ledger_id: UUID) -> None:
        if not self.caller.may_enter(ledger_id):
            raise not_found()

    # Writing

    def take_turn(self, *name: object) -> None:
        """Wait until no other transaction has the turn of this name, and keep it until ours ends.

        For where two requests at once would each miss what the other is about to write. What was loaded before may be
        out of date by then, and is loaded anew.
        """
        turn = "/".join(map(str, name))
        self.connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (turn,))
        self.things.clear()

    def change(self, aggregate: Aggregate[S], thing_id: UUID, ledger_id: UUID | None = None) -> Loaded[S]:
        """A thing about to be changed: the caller's If-Match must name its current version."""
        home = self.home(aggregate, thing_id) if ledger_id is None else ledger_id
        return self.unchanged(self.load(aggregate, home, thing_id))

    def begin_or_change(self, aggregate: Aggregate[S], thing_id: UUID, ledger_id: UUID) -> Loaded[S]:
        """The same of a thing that is there before its first event, such as a month; its version is then 0."""
        return self.unchanged(self.log.load(aggregate, self.enter(ledger_id), thing_id))

    def unchanged(self, loaded: Loaded[S]) -> Loaded[S]:
        self.enter_own(loaded.ledger_id)
        self.refuse_bystander(loaded.ledger_id, lent=True)
        if self.if_match is None:
            raise problem("precondition-required", "Send If-Match with the ETag you last read of this.")
        if self.if_match not in ("*", f'"{loaded.version}"'):
            now = {"ETag": f'"{loaded.version}"'}
            raise problem("stale", f"You decided on version {self.if_match}; it is now {loaded.version}.", headers=now)
        return loaded

    def create(
        self, aggregate: Aggregate[S], ledger_id: UUID, thing_id: UUID, events: Sequence[Any], **more: Any
    ) -> Loaded[S]:
        """Append the first events of a new thing."""
        stream = f"{aggregate.noun}/{thing_id}"
        return self.append(aggregate, Loaded(ledger_id, thing_id, stream, 0, aggregate.empty), events, **more)

    def append(
        self,
        aggregate: Aggregate[S],
        loaded: Loaded[S],
        events: Sequence[Any],
        *,
        effective_at: datetime | None = None,
        on_behalf_of: UUID | None = None,
    ) -> Loaded[S]:
        """Record what was decided and bring the service's own read models along; the thing as it now is.

        `on_behalf_of`: the colleague whose seat the caller used (`Seat.on_behalf_of`); the history names both.
        """
        if not events:
            return loaded
        self.enter_own(loaded.ledger_id)
        self.refuse_bystander(loaded.ledger_id, lent=on_behalf_of is not None)
        recorded = self.log.append(
            loaded.ledger_id,
            loaded.stream,
            loaded.version,
            events,
            actor=replace(self.caller.actor, on_behalf_of=on_behalf_of) if on_behalf_of else self.caller.actor,
            effective_at=effective_at or self.at,
            cause=Cause(command=self.request_id, traceparent=self.traceparent),
        )
        bring_along(self.connection, self.service.own, recorded)
        self.written.extend(recorded)
        state = aggregate.replay(events, loaded.state)
        now = Loaded(loaded.ledger_id, loaded.id, loaded.stream, recorded[-1].version, state)
        self.things[loaded.ledger_id, loaded.stream] = now
        return now

    def refuse_bystander(self, ledger_id: UUID, *, lent: bool = False) -> None:
        """Forbidden to one whose organisation has left the alliance, and to one who only observes it.

        Of people it asks members alone: owners and admins give out the roles in an alliance themselves. `lent`: an
        observer may come with a colleague's seat.
        """
        known = self.entered.get(ledger_id)
        if known is not None and known.left:
            raise problem(
                "forbidden", "Your organisation has left this alliance: it reads up to its exit, and that is all."
            )
        if self.caller.kind != "person" or ledger_id == self.caller.org or not self.caller.roles.isdisjoint(ADMINS):
            return
        if self.alliance_roles(ledger_id) != OBSERVER:
            return
        if not (lent and any(seat.on_behalf_of for seat in self.seats(ledger_id))):
            raise problem("forbidden", "You observe this alliance: another role in it is needed to change something.")

    def attach(self, ledger_id: UUID, content: bytes, media_type: str) -> Attachment:
        self.enter_own(ledger_id)
        return self.log.attach(ledger_id, content, media_type)

    @property
    def position(self) -> Position | None:
        """Where the last event of this request stands."""
        return Position(self.written[-1].ledger_id, self.written[-1].seq) if self.written else None

    # People

    def alliance_roles(self, alliance_id: UUID) -> frozenset[str]:
        """The roles in this alliance that the calling person holds at this moment, on their own side."""
        if alliance_id not in self.roles:
            row = self.connection.exec_driver_sql(
                "SELECT access.alliance_roles(%s, %s, %s)", (alliance_id, self.caller.person, self.at)
            ).one()
            self.roles[alliance_id] = frozenset(row[0] or ())
        return self.roles[alliance_id]

    def seats(self, alliance_id: UUID) -> list[Seat]:
        """The caller's own seat in this alliance, then those of the colleagues for whom the caller acts at this moment.

        A rule is tried on each in turn; what is then appended says `on_behalf_of` whose seat it was.
        """
        me = self.caller.person
        rows = self.connection.exec_driver_sql(
            "SELECT person_id, roles FROM access.seats(%s, %s, %s)", (alliance_id, me, self.at)
        )
        seats = [Seat(person, frozenset(roles or ()), None if person == me else person) for person, roles in rows]
        return sorted(seats, key=lambda seat: (seat.on_behalf_of is not None, seat.person))


def as_of_in_the_future(detail: str) -> Exception:
    fault = {"pointer": "query/as_of", "detail": detail, "code": "as-of-in-the-future"}
    return problem("invalid", "as_of is not valid.", errors=[fault])


def as_of_needs_one_ledger() -> Exception:
    fault = {
        "pointer": "query/as_of",
        "detail": "A seq means something in one ledger only; this list spans several, so give a time.",
        "code": "needs-one-ledger",
    }
    return problem("invalid", "as_of is not valid here.", errors=[fault])
