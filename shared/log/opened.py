"""What a ledger discloses beside its events, opened: of a person, by their place, or wherever somebody is named."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any, NamedTuple, get_args, get_type_hints
from uuid import UUID

from sqlalchemy import Connection

from shared.events import all_types
from shared.events.declare import newest_name
from shared.log.disclosure import reveal
from shared.log.sealing import unseal

KEY = re.compile(r"[a-z0-9_]*")
"""A member of an enumeration, a criterion, a hash: it identifies nobody."""
ATTACHMENT_KEYS = {"sha256", "bytes", "media_type"}
NAME_CHARACTERS_MIN = 3
"""A shorter name or address is looked for nowhere: it would be found in every second sentence."""
ABOUT_PEOPLE = "directory."
"""Events of these types say who people are; what others say of them stands in all other events."""

OPENED = (
    "SELECT d.seq, d.name, d.digest, d.sealed, d.person_id, k.key, e.type,"
    " convert_from(e.body, 'UTF8')::jsonb #>> '{actor,org}' AS org FROM log.disclosures d"
    " JOIN log.events e ON e.ledger_id = d.ledger_id AND e.seq = d.seq"
    " JOIN log.person_keys k ON k.ledger_id = d.ledger_id AND k.person_id = d.person_id"
    " WHERE d.ledger_id = %s AND d.sealed IS NOT NULL"
)


class Place(NamedTuple):
    """Where a value stands in its ledger: the event's seq and the field's name."""

    seq: int
    field: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A disclosed value. `org`: the organisation that recorded it, None for Concord; `person_id`: under whose key."""

    place: Place
    digest: str
    type: str
    person_id: UUID
    org: UUID | None
    value: Any

    @property
    def texts(self) -> Iterator[str]:
        """What somebody wrote in it, and no word of an enumeration."""
        return iter(()) if enumerated(self.type, self.place.field) else texts_in(self.value)


def of_person(connection: Connection, ledger_id: UUID, person_id: UUID) -> list[Opened]:
    """What a ledger discloses under a person's key, in its order."""
    return opened(connection, f"{OPENED} AND d.person_id = %s", ledger_id, person_id)


def of_all(connection: Connection, ledger_id: UUID) -> list[Opened]:
    return opened(connection, OPENED, ledger_id)


def at_places(connection: Connection, ledger_id: UUID, places: Iterable[Place]) -> list[Opened]:
    """The values at these places; those that are not there, or erased, are left out."""
    asked = set(places)
    seqs = sorted({place.seq for place in asked})
    found = opened(connection, f"{OPENED} AND d.seq = ANY (%s)", ledger_id, seqs)
    return [one for one in found if one.place in asked]


def opened(connection: Connection, statement: str, *asked: Any) -> list[Opened]:
    rows = connection.exec_driver_sql(f"{statement} ORDER BY d.seq, d.name", asked).all()
    return [
        Opened(
            Place(row.seq, row.name),
            row.digest,
            newest_name(row.type),
            row.person_id,
            UUID(row.org) if row.org else None,
            reveal(unseal(bytes(row.key), bytes(row.sealed), row.digest)).value,
        )
        for row in rows
    ]


def names_in(found: Sequence[Opened]) -> frozenset[str]:
    """The names and e-mail addresses that a person's own details disclose, former ones too."""
    told = (one for one in found if one.type.startswith(ABOUT_PEOPLE) and one.place.field in ("name", "email"))
    return frozenset(text.strip() for one in told for text in one.texts if len(text.strip()) >= NAME_CHARACTERS_MIN)


def mentions(found: Iterable[Opened], names: frozenset[str], beside: UUID) -> list[Opened]:
    """Those values, not under the key of `beside`, in whose words one of the names stands as such, in any case."""
    if not names:
        return []
    said = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, sorted(names)))})(?!\w)", re.IGNORECASE)
    others = (one for one in found if one.person_id != beside and not one.type.startswith(ABOUT_PEOPLE))
    return [one for one in others if any(said.search(text) for text in one.texts)]


@cache
def enumerated(name: str, field_name: str) -> bool:
    """Whether a field of an event holds one of a few known words, which identify nobody by themselves."""
    hint = get_type_hints(all_types()[name].cls)[field_name]
    return any(isinstance(kind, type) and issubclass(kind, Enum) for kind in get_args(hint))


def texts_in(value: Any) -> Iterator[str]:
    """What somebody wrote in an erasable value: all of a text; in a larger one the texts that are no mere keys."""
    if isinstance(value, str):
        yield value
        return
    waiting = [value]
    while waiting:
        match waiting.pop():
            case str(text) if not KEY.fullmatch(text):
                yield text
            case list(parts):
                waiting += parts
            case dict(parts):
                waiting += parts.values()


def attachments_in(value: Any) -> Iterator[str]:
    """The SHA-256 of every attachment named in a JSON value, at any depth."""
    match value:
        case list():
            for one in value:
                yield from attachments_in(one)
        case dict() if value.keys() == ATTACHMENT_KEYS:
            yield value["sha256"]
        case dict():
            for one in value.values():
                yield from attachments_in(one)
