"""The right to be forgotten: everything that a person's key discloses in the ledgers goes, and every proof stays valid.

Erasable values stand in three places: as sealed disclosures beside the events, in the rows that read models made of
them, and in answers kept for Idempotency-Keys. The first two need no list of columns: when the disclosures are gone, a
replay says what the rows are now, and where a live row differs, it is changed. An answer that holds one of the values
is replaced by one that says so; the request it answered is never carried out again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, get_args, get_type_hints
from uuid import UUID

from sqlalchemy import Connection, Table

from shared.events import all_types
from shared.events.declare import newest_name
from shared.events.ledger import ErasureExecuted, ErasureGround
from shared.ids import uuid7
from shared.log.disclosure import reveal
from shared.log.envelope import Actor, Cause, Moment, Recorded
from shared.log.log import Log
from shared.log.read_models import ReadModel
from shared.log.rebuild import Difference, table_differences
from shared.log.rows import LiveRows
from shared.log.sealing import unseal
from shared.log.shadow import replay
from shared.log.statements import key_columns
from shared.service import Service

DIGESTS_MAX = 500
"""Of one event: a digest takes 46 bytes and an attachment's SHA-256 67, so that 500 of each fit in one entry."""
SHORT_CHARACTERS = 4
"""A text shorter than this is looked for in answers as a whole JSON value; longer ones wherever they stand."""
KEY = re.compile(r"[a-z0-9_]*")
"""A member of an enumeration, a criterion, a hash: it identifies nobody."""
ATTACHMENT_KEYS = {"sha256", "bytes", "media_type"}
ANSWER = {
    "type": "/problems/refused",
    "title": "Refused by a rule",
    "status": 409,
    "detail": "This was carried out; its answer held personal data, which has been erased since. Read the thing anew.",
    "refusal": "answer-erased",
}

DISCLOSED = (
    "SELECT d.seq, d.name, d.digest, d.sealed, k.key, e.type FROM log.disclosures d"
    " JOIN log.events e ON e.ledger_id = d.ledger_id AND e.seq = d.seq"
    " JOIN log.person_keys k ON k.ledger_id = d.ledger_id AND k.person_id = d.person_id"
    " WHERE d.ledger_id = %s AND d.person_id = %s AND d.sealed IS NOT NULL ORDER BY d.seq, d.name"
)
OF_OTHERS = (
    "SELECT d.digest, d.sealed, k.key FROM log.disclosures d"
    " JOIN log.person_keys k ON k.ledger_id = d.ledger_id AND k.person_id = d.person_id"
    " WHERE d.ledger_id = %s AND d.person_id <> %s AND d.sealed IS NOT NULL"
)


@dataclass(frozen=True)
class Known:
    """What one ledger discloses of a person."""

    ledger_id: UUID
    digests: tuple[str, ...] = ()
    types: frozenset[str] = frozenset()
    """The events that disclose it, by the newest name of their types."""
    texts: frozenset[str] = frozenset()
    attachments: frozenset[str] = frozenset()


@dataclass
class Erasing:
    """One erasure, in the transaction of `connection`, which acts for Concord (`system`) in the role `role`."""

    connection: Connection
    role: str
    services: Sequence[Service]
    person_id: UUID
    ground: ErasureGround
    recorded: list[Recorded[Any]] = field(default_factory=list)

    def ledgers(self, home: UUID) -> list[UUID]:
        """The ledgers that disclose something of the person, and `home`; their writers wait until this is over."""
        rows = self.connection.exec_driver_sql("SELECT * FROM log.ledgers_of_person(%s, %s)", (self.person_id, home))
        return [row[0] for row in rows]

    def forget(self, ledger_id: UUID, *, actor: Actor, at: datetime, cause: Cause) -> Known:
        """Erase what one ledger discloses, record that it was done, and mend the rows that were made of it."""
        known = self.known(ledger_id)
        if events := list(executed(known, self.ground)):
            self.recorded += Log(self.connection).append(
                ledger_id, f"erasure/{uuid7()}", 0, events, actor=actor, effective_at=at, cause=cause
            )
        erase = "SELECT log.erase_person(%s, %s, %s::text[])"
        self.connection.exec_driver_sql(erase, (ledger_id, self.person_id, sorted(known.attachments)))
        for service in self.services:
            self.mend(service, known)
        return known

    def known(self, ledger_id: UUID) -> Known:
        rows = self.connection.exec_driver_sql(DISCLOSED, (ledger_id, self.person_id)).all()
        texts: set[str] = set()
        attachments: set[str] = set()
        for row in rows:
            value = reveal(unseal(bytes(row.key), bytes(row.sealed), row.digest)).value
            attachments |= set(attachments_in(value))
            if not enumerated(newest_name(row.type), row.name):
                texts |= set(texts_in(value))
        return Known(
            ledger_id,
            tuple(row.digest for row in rows),
            frozenset(newest_name(row.type) for row in rows),
            frozenset(texts),
            frozenset(attachments - self.of_others(ledger_id, attachments)),
        )

    def of_others(self, ledger_id: UUID, attachments: set[str]) -> set[str]:
        """Those of these attachments that somebody else disclosed too: content is kept once, by its hash."""
        if not attachments:
            return set()
        rows = self.connection.exec_driver_sql(OF_OTHERS, (ledger_id, self.person_id))
        values = (reveal(unseal(bytes(row.key), bytes(row.sealed), row.digest)).value for row in rows)
        return attachments & {one for value in values for one in attachments_in(value)}

    def mend(self, service: Service, known: Known) -> None:
        """Bring a service's rows of this ledger to what a replay makes of its events now."""
        affected = [model for model in service.read_models if known.types & model.branches.keys()]
        if not affected:
            return
        self.become(service.role)
        own = [model for model in affected if not model.followed]
        followed = [model for model in affected if model.followed]
        if own:
            self.mend_models(own, known.ledger_id, None)
        if followed:
            self.mend_models(followed, known.ledger_id, self.place(f"{service.name}.read_models", known.ledger_id) - 1)
        self.become(self.role)

    def mend_models(self, models: Sequence[ReadModel], ledger_id: UUID, until: int | None) -> None:
        replayed = replay(self.connection, models, ledger_id, Moment(seq=until))
        live = LiveRows(self.connection, ledger_id)
        for table in (table for model in models for table in model.tables):
            for one in list(table_differences(self.connection, table, replayed)):
                mend_row(live, table, one)

    def place(self, follower: str, ledger_id: UUID) -> int:
        """How many events a follower has applied, and it applies no more until this is over."""
        statement = "SELECT next FROM log.places WHERE follower = %s AND ledger_id = %s FOR UPDATE"
        row = self.connection.exec_driver_sql(statement, (follower, ledger_id)).first()
        return row[0] if row else 0

    def become(self, role: str) -> None:
        self.connection.exec_driver_sql("SELECT set_config('role', %s, true)", (role,))

    def forget_answers(self, known: Iterable[Known]) -> None:
        """Replace the kept answers that hold one of the values, of all who read the ledgers it was disclosed in."""
        found = list(known)
        values = sorted({needle(text) for one in found for text in one.texts if text})
        asked = ([one.ledger_id for one in found], values, json.dumps(ANSWER).encode())
        self.connection.exec_driver_sql("SELECT log.erase_answers(%s::uuid[], %s::text[], %s)", asked)


def executed(known: Known, ground: ErasureGround) -> Iterator[ErasureExecuted]:
    """What is recorded: digests alone, DIGESTS_MAX of each kind an event."""
    digests, attachments = sorted(known.digests), sorted(known.attachments)
    for at in range(0, max(len(digests), len(attachments)), DIGESTS_MAX):
        page = slice(at, at + DIGESTS_MAX)
        yield ErasureExecuted(ground=ground, digests=tuple(digests[page]), attachments=tuple(attachments[page]))


def mend_row(live: LiveRows, table: Table, one: Difference) -> None:
    key = {name: value for name, value in zip(key_columns(table), one.key, strict=True) if name != "ledger_id"}
    if one.replayed is None:
        live.remove(table, key)
    elif one.live is None:
        live.insert(table, **{name: value for name, value in one.replayed.items() if name != "ledger_id"})
    else:
        before = one.live
        live.change(table, key, **{name: v for name, v in one.replayed.items() if before[name] != v})


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


def needle(text: str) -> str:
    """The text as it stands in an answer's JSON."""
    written = json.dumps(text, ensure_ascii=False)
    return written if len(text) < SHORT_CHARACTERS else written[1:-1]
