"""Events as they are read: with the values that are disclosed beside them, and the names of those that are erased."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import psycopg

from shared.log.codec import Stored
from shared.log.disclosure import reveal
from shared.log.envelope import Data
from shared.log.sealing import unseal

SELECT_DISCLOSURES = (
    "SELECT d.seq, d.name, d.digest, d.sealed, k.key FROM log.disclosures d"
    " LEFT JOIN log.person_keys k ON k.ledger_id = d.ledger_id AND k.person_id = d.person_id"
    " WHERE d.ledger_id = %s AND d.seq = ANY(%s)"
)


def with_disclosed(
    cursor: psycopg.Cursor[Any], ledger_id: UUID, rows: Sequence[tuple[int, int, bytes]]
) -> list[Stored]:
    """Rows of events with the values disclosed beside them, which are looked for where an event has any."""
    withheld = [seq for seq, _, body in rows if b'"_sd":[' in body]
    return opened(ledger_id, rows, cursor.execute(SELECT_DISCLOSURES, (ledger_id, withheld)) if withheld else ())


def opened(
    ledger_id: UUID, rows: Sequence[tuple[int, int, bytes]], disclosures: Iterable[tuple[Any, ...]]
) -> list[Stored]:
    """Events with their disclosed values; those whose disclosure or key is gone are named as erased."""
    disclosed: dict[int, Data] = defaultdict(dict)
    erased: dict[int, set[str]] = defaultdict(set)
    for seq, name, digest, sealed, key in disclosures:
        if sealed is None or key is None:
            erased[seq].add(name)
        else:
            disclosed[seq][name] = reveal(unseal(bytes(key), bytes(sealed), digest)).value
    return [
        Stored(ledger_id, seq, us, bytes(body), disclosed.get(seq, {}), frozenset(erased.get(seq, ())))
        for seq, us, body in rows
    ]
