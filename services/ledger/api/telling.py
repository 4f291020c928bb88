"""Facts as answers: in words, with names, and with what they changed."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID

from services.ledger.api.schemas import Deed, EventActor, EventThing, FieldChange, LedgerEvent
from services.ledger.domain import thing as things
from services.ledger.domain.sentences import ERASED, sentence, shortened
from services.ledger.domain.thing import Thing
from services.ledger.read_models.facts import LOOK_BACK_VERSIONS, Fact, first_of, leading_to
from services.ledger.read_models.ledgers import names
from shared.auth.caller import OPERATOR
from shared.http.session import Session
from shared.log.envelope import from_us

UUIDS = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
UNKNOWN = "Somebody"
"""A person whose name is not the caller's to know; not one whose name was erased."""
TITLES = ("title", "name", "subject", "display_name")
"""The fields by which people call a thing."""


@dataclass(frozen=True)
class Teller:
    """Tells facts of one ledger by the names its reader may know; None for a name that was erased.

    `firsts`: the first event of each thing, which says what it is called. `changed`: what each event changed, by seq.
    """

    names: Mapping[UUID, str | None]
    firsts: Mapping[str, Fact]
    changed: Mapping[int, Sequence[things.Change]] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        session: Session,
        ledger_id: UUID,
        facts: Iterable[Fact],
        firsts: Mapping[str, Fact],
        changed: Mapping[int, Sequence[things.Change]] | None = None,
    ) -> Teller:
        before = [json.dumps(one.before).encode() for changes in (changed or {}).values() for one in changes]
        bodies = (*(one.body for one in facts), *before)
        ids = {UUID(found.decode()) for body in bodies for found in UUIDS.findall(body)}
        return cls(names(session.connection, ledger_id, ids) if ids else {}, firsts, changed or {})

    @cached_property
    def texts(self) -> dict[str, str]:
        return {str(known): name for known, name in self.names.items() if name is not None}

    def actor(self, fact: Fact) -> EventActor:
        said = fact.actor
        if said.system is not None:
            part = "The operator" if said.system == OPERATOR else "Concord"
            return EventActor(
                org=None, sub=None, system=said.system, name=part, organisation=None,
                on_behalf_of=None, on_behalf_of_name=None,
            )  # fmt: skip
        return EventActor(
            org=said.org,
            sub=said.sub,
            system=None,
            name=self.name(said.sub),
            organisation=self.name(said.org),
            on_behalf_of=said.on_behalf_of,
            on_behalf_of_name=self.name(said.on_behalf_of),
        )

    def name(self, known: UUID | None) -> str | None:
        return None if known is None else self.names.get(known)

    def title(self, stream: str) -> str | None:
        first = self.firsts.get(stream)
        return None if first is None else title_of(first.data or {}, first.erased)

    def words(self, fact: Fact) -> str:
        actor = self.actor(fact)
        unknown = actor.sub is not None and actor.sub not in self.names
        return sentence(
            fact.says,
            fact.data,
            actor=UNKNOWN if unknown else actor.name,
            organisation=actor.organisation,
            on_behalf_of=None if actor.on_behalf_of is None else actor.on_behalf_of_name or UNKNOWN,
            called=self.title(fact.stream),
            names=self.texts,
            erased=fact.erased,
            changes=self.changed.get(fact.seq, ()),
        )

    def deed(self, fact: Fact) -> Deed:
        return Deed(seq=fact.seq, recorded_at=from_us(fact.recorded_us), type=fact.type, words=self.words(fact))

    def event(self, fact: Fact, *, raw: bool) -> LedgerEvent:
        kind, _, thing_id = fact.stream.partition("/")
        return LedgerEvent(
            thing=EventThing(kind=kind, id=thing_id, title=self.title(fact.stream)),
            seq=fact.seq,
            recorded_at=from_us(fact.recorded_us),
            effective_at=fact.effective_at,
            id=fact.id,
            type=fact.type,
            stream=fact.stream,
            version=fact.version,
            actor=self.actor(fact),
            words=self.words(fact),
            data=None if fact.data is None else {**fact.data, **dict.fromkeys(fact.erased)},
            erased=sorted(fact.erased),
            held_back=fact.data is None,
            changes=[FieldChange.model_validate(one) for one in self.changed.get(fact.seq, ())],
            raw=b64encode(fact.entry).decode("ascii") if raw else None,
        )


def tell(session: Session, ledger_id: UUID, facts: Sequence[Fact], *, raw: bool) -> list[LedgerEvent]:
    """These facts with what each changed, as far as the events shortly before it tell."""
    before = leading_to(session.connection, ledger_id, session.caller, facts)
    changed = changes_of(facts, before)
    firsts = first_of(session.connection, ledger_id, session.caller, {one.stream for one in facts})
    teller = Teller.of(session, ledger_id, facts, firsts, changed)
    return [teller.event(one, raw=raw) for one in facts]


def title_of(data: Mapping[str, Any], erased: Collection[str]) -> str | None:
    """What its first event called a thing; `[erased]` when that was erased, None when it had no name."""
    if any(name in erased for name in TITLES):
        return ERASED
    for holder in (data, *(one for one in data.values() if isinstance(one, Mapping))):
        for name in TITLES:
            if isinstance(holder.get(name), str):
                return shortened(holder[name])
    return None


def changes_of(facts: Sequence[Fact], before: Iterable[Fact]) -> dict[int, list[things.Change]]:
    """By seq: which fields were otherwise in the LOOK_BACK_VERSIONS events of the same thing before."""
    wanted = {one.seq for one in facts}
    known: dict[str, Thing] = {}
    found: dict[int, list[things.Change]] = {}
    in_order = {one.seq: one for one in (*before, *facts)}
    for seq, one in sorted(in_order.items()):
        was = known.get(one.stream, Thing(one.stream))
        known[one.stream] = now = after(was, one)
        if seq in wanted:
            recent = was.known_since(one.version - LOOK_BACK_VERSIONS)
            found[seq] = things.changes(recent, {name: now.fields[name] for name in (one.data or {}) if name in recent})
    return found


def after(thing: Thing, fact: Fact) -> Thing:
    return thing.after(fact.seq, fact.version, fact.data, fact.erased, fact.sets)
