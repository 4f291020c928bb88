"""The right to be forgotten: values that ledgers disclose go for good, and every proof stays valid.

Erasable values stand in three places: as sealed disclosures beside the events, in the rows that read models made of
them, and in answers kept for Idempotency-Keys. The first two need no list of columns: when the disclosures are gone, a
replay says what the rows are now, and where a live row differs, it is changed. An answer that holds one of the values
is replaced by one that says so; the request it answered is never carried out again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table

from shared.events.ledger import ErasureExecuted, ErasureGround
from shared.ids import uuid7
from shared.log.envelope import Actor, Cause, Moment, Recorded
from shared.log.log import Log
from shared.log.opened import Opened, attachments_in, of_all
from shared.log.read_models import ReadModel
from shared.log.rebuild import Difference, table_differences
from shared.log.rows import LiveRows, live_rows
from shared.log.shadow import replay
from shared.log.statements import key_columns
from shared.service import Service

DIGESTS_MAX = 500
"""Of one event: a digest takes 46 bytes and an attachment's SHA-256 67, so that 500 of each fit in one entry."""
SHORT_CHARACTERS = 4
"""A text shorter than this is looked for in answers as a whole JSON value; longer ones wherever they stand."""
ANSWER = {
    "type": "/problems/refused",
    "title": "Refused by a rule",
    "status": 409,
    "detail": "This was carried out; its answer held personal data, which has been erased since. Read the thing anew.",
    "refusal": "answer-erased",
}


@dataclass(frozen=True)
class Going:
    """What goes from one ledger."""

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
    ground: ErasureGround
    recorded: list[Recorded[Any]] = field(default_factory=list)

    def hold(self, ledgers: Iterable[UUID]) -> None:
        """Let the writers of these ledgers wait until this is over."""
        self.connection.exec_driver_sql("SELECT log.hold_ledgers(%s::uuid[])", (sorted(ledgers),))

    def forget(
        self, ledger_id: UUID, found: Sequence[Opened], *, person: UUID | None, actor: Actor, at: datetime, cause: Cause
    ) -> Going:
        """Erase these values of one ledger, record that it was done, and mend the rows that were made of them.

        `person`: whose key goes with them, so that no copy of a sealed value will ever open again.
        """
        going = self.going(ledger_id, found)
        if events := list(executed(going, self.ground)):
            self.recorded += Log(self.connection).append(
                ledger_id, f"erasure/{uuid7()}", 0, events, actor=actor, effective_at=at, cause=cause
            )
        erase = "SELECT log.erase_values(%s, %s::bigint[], %s::text[], %s::text[], %s)"
        seqs, fields = [one.place.seq for one in found], [one.place.field for one in found]
        self.connection.exec_driver_sql(erase, (ledger_id, seqs, fields, sorted(going.attachments), person))
        for service in self.services:
            self.mend(service, going)
        return going

    def going(self, ledger_id: UUID, found: Sequence[Opened]) -> Going:
        """What goes with these values: an attachment too, unless a value that stays names it."""
        attachments = {sha256 for one in found for sha256 in attachments_in(one.value)}
        if attachments:
            places = {one.place for one in found}
            staying = (one.value for one in of_all(self.connection, ledger_id) if one.place not in places)
            attachments -= {sha256 for value in staying for sha256 in attachments_in(value)}
        return Going(
            ledger_id,
            tuple(one.digest for one in found),
            frozenset(one.type for one in found),
            frozenset(text for one in found for text in one.texts),
            frozenset(attachments),
        )

    def mend(self, service: Service, going: Going) -> None:
        """Bring a service's rows of this ledger to what a replay makes of its events now."""
        affected = [model for model in service.read_models if going.types & model.branches.keys()]
        if not affected:
            return
        self.become(service.role)
        own = [model for model in affected if not model.followed]
        followed = [model for model in affected if model.followed]
        if own:
            self.mend_models(own, going.ledger_id, None)
        if followed:
            self.mend_models(followed, going.ledger_id, self.place(f"{service.name}.read_models", going.ledger_id) - 1)
        self.become(self.role)

    def mend_models(self, models: Sequence[ReadModel], ledger_id: UUID, until: int | None) -> None:
        replayed = replay(self.connection, models, ledger_id, Moment(seq=until))
        with live_rows(self.connection, ledger_id) as live:
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

    def forget_answers(self, gone: Iterable[Going]) -> None:
        """Replace the kept answers that hold one of the values, of all who read the ledgers it was disclosed in."""
        found = list(gone)
        values = sorted({needle(text) for one in found for text in one.texts if text})
        asked = ([one.ledger_id for one in found], values, json.dumps(ANSWER).encode())
        self.connection.exec_driver_sql("SELECT log.erase_answers(%s::uuid[], %s::text[], %s)", asked)


def executed(going: Going, ground: ErasureGround) -> Iterator[ErasureExecuted]:
    """What is recorded: digests alone, DIGESTS_MAX of each kind an event."""
    digests, attachments = sorted(going.digests), sorted(going.attachments)
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


def needle(text: str) -> str:
    """The text as it stands in an answer's JSON."""
    written = json.dumps(text, ensure_ascii=False)
    return written if len(text) < SHORT_CHARACTERS else written[1:-1]
