"""Between event objects and the bytes that are stored: RFC 8785 canonical JSON, erasable values as digests.

What is stored is never encoded again; reading brings old shapes to the newest by the upcasters of `shared.events`.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import rfc8785
from pydantic import TypeAdapter
from pydantic_core import from_json

from shared.events import EventType, newest, type_of
from shared.log.disclosure import SALT_BYTES, disclose
from shared.log.entry import BODY_BYTES_MAX
from shared.log.envelope import Actor, Cause, Data, Recorded
from shared.log.recorder import IdentifiedEvent

Random = Callable[[int], bytes]


UNPLAIN = re.compile(r'(?:":|[,\[])-?\d(?:\d*[.eE]|\d{15})|[\ud800-\U0010ffff]')
"""A number, where JSON may have one, with a point, an exponent or 16 digits; characters UTF-16 orders otherwise."""


class EventTooLarge(Exception):
    """The event does not fit an entry; what is that large belongs in an attachment."""


@dataclass(frozen=True, slots=True)
class Disclosure:
    """The value of one erasable field of one event, before it is sealed under its person's key."""

    name: str
    digest: str
    disclosure: str
    person_id: UUID


@dataclass(frozen=True)
class Draft(IdentifiedEvent):
    """An event ready to be appended: its bytes, and the disclosures that stay beside it."""

    disclosures: tuple[Disclosure, ...]


@dataclass(frozen=True, slots=True)
class Pending:
    """An event with the envelope it is about to get."""

    event: Any
    event_id: UUID
    stream: str
    version: int
    actor: Actor
    effective_at: datetime
    cause: Cause


def adapter(cls: type) -> TypeAdapter[Any]:
    if cls not in _adapters:
        _adapters[cls] = TypeAdapter(cls)
    return _adapters[cls]


_adapters: dict[type, TypeAdapter[Any]] = {}


def encode(pending: Pending, *, system_person: UUID, random: Random = secrets.token_bytes) -> Draft:
    """The stored form of an event.

    `system_person` keys the erasable values of what Concord itself records; `random(n)` gives n bytes for a salt.
    """
    kind = type_of(type(pending.event))
    data: Data = adapter(kind.cls).dump_python(pending.event, mode="json")
    person = getattr(pending.event, kind.person) if kind.person else pending.actor.sub or system_person
    disclosures = tuple(withheld(kind, data, person, random))
    body: Data = {
        "type": kind.name,
        "id": str(pending.event_id),
        "stream": pending.stream,
        "version": pending.version,
        "actor": pending.actor.as_json(),
        "effective_at": pending.effective_at.isoformat().replace("+00:00", "Z"),
        "cause": pending.cause.as_json(),
        "data": data,
    }
    if disclosures:
        body["_sd"] = sorted(d.digest for d in disclosures)
    raw = canonical(body)
    if len(raw) > BODY_BYTES_MAX:
        raise EventTooLarge(f"{kind.name} has {len(raw):,} bytes; an event holds at most {BODY_BYTES_MAX:,}.")
    return Draft(pending.stream, pending.version, kind.name, raw, pending.event_id, disclosures)


def canonical(value: Data) -> bytes:
    """RFC 8785. The standard library writes the same in a third of the time where there is nothing to differ about.

    It differs on fractions, on integers past 2^53, and on the order of keys with characters from U+D800 on. What looks
    like one of these, be it inside a text, is left to the reference. A time of day does not: `:07.5` follows a digit.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True)
    if not UNPLAIN.search(text):
        return text.encode()
    return rfc8785.dumps(value)


def withheld(kind: EventType, data: Data, person: UUID, random: Random) -> list[Disclosure]:
    """Take the erasable values out of `data`; empty ones leave no trace."""
    taken = []
    for name in sorted(kind.erasable):
        value = data.pop(name)
        if value is not None:
            disclosure, digest = disclose(random(SALT_BYTES), name, value)
            taken.append(Disclosure(name, digest, disclosure, person))
    return taken


@dataclass(frozen=True, slots=True)
class Stored:
    """A row of the log with the values disclosed for it; a value that was erased is named in `erased`."""

    ledger_id: UUID
    seq: int
    recorded_us: int
    body: bytes
    disclosed: Data
    erased: frozenset[str]


def decode(stored: Stored) -> Recorded[Any]:
    """Stored bytes as an event of the newest shape. Unknown names raise KeyError: an event is never skipped."""
    body = from_json(stored.body)
    kind, data = newest(body["type"], body["data"])
    values = {**dict.fromkeys(kind.erasable), **data, **stored.disclosed}
    return Recorded(
        ledger_id=stored.ledger_id,
        seq=stored.seq,
        recorded_us=stored.recorded_us,
        event_id=UUID(body["id"]),
        stream=body["stream"],
        version=body["version"],
        actor=Actor.from_json(body["actor"]),
        effective_at=datetime.fromisoformat(body["effective_at"]),
        cause=Cause.from_json(body["cause"]),
        name=kind.name,
        event=adapter(kind.cls).validate_python(values),
        erased=stored.erased,
    )


def as_json(value: Any) -> Any:
    """A value of the published language as plain JSON, as events store it; for a read model's JSON columns."""
    return adapter(type(value)).dump_python(value, mode="json")
