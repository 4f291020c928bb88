"""What is disclosed beside entries, as a reader may have it: for exports, and for mirrors bundle by bundle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.ledger.domain.export import DisclosureLine
from services.ledger.read_models.facts import facts
from shared.events.declare import newest_name
from shared.events.scoring import HELD_BACK
from shared.http.session import Session
from shared.log.sealing import unseal

VALUES = (
    "SELECT d.seq, d.digest, d.sealed, k.key FROM log.disclosures d"
    " LEFT JOIN log.person_keys k ON k.ledger_id = d.ledger_id AND k.person_id = d.person_id"
    " WHERE d.ledger_id = %s AND d.seq = ANY(%s) ORDER BY d.seq, d.name"
)


def disclosed(session: Session, ledger_id: UUID, rows: Sequence[Any]) -> list[DisclosureLine]:
    """The disclosures of these rows of the log (seq, recorded_us, type, body), None for what is held back.

    What was erased has no line.
    """
    holding = [row.seq for row in rows if b'"_sd":[' in bytes(row.body)]
    if not holding:
        return []
    asked = [(row.seq, row.recorded_us, row.body) for row in rows if newest_name(row.type) in HELD_BACK]
    found = facts(session.connection, ledger_id, session.caller, asked) if asked else []
    held_back = {one.seq for one in found if one.data is None}
    return [
        DisclosureLine(seq, digest, None if seq in held_back else unseal(bytes(key), bytes(sealed), digest))
        for seq, digest, sealed, key in session.connection.exec_driver_sql(VALUES, (ledger_id, holding))
        if sealed is not None and key is not None
    ]
