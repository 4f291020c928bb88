"""When something was recorded, every endpoint that asked for it gets a delivery: in the same transaction, once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from services.webhooks.catalogue import notice_of, told_types
from services.webhooks.deliveries import queue
from services.webhooks.domain.endpoint import Endpoint, Status
from services.webhooks.feed import add_to_feeds
from services.webhooks.read_models.endpoints import wishes_of
from shared.log.envelope import Recorded
from shared.log.followers import Follower

LISTENING = (
    "SELECT e.*, r.until_seq FROM log.readers r JOIN webhooks.endpoints e ON e.ledger_id = r.org_id"
    " WHERE r.ledger_id = %s AND e.status IN ('enabled', 'paused') ORDER BY e.id"
)
"""The endpoints of all organisations that may read the ledger."""


def tell(connection: Connection, recorded: Sequence[Recorded[Any]]) -> None:
    """Events of one ledger, to those that may read it: in their feeds, and to the endpoints registered by then."""
    source = recorded[0].ledger_id
    add_to_feeds(connection, source, [one.seq for one in recorded])
    listening = connection.exec_driver_sql(LISTENING, (source,)).all()
    if not listening:
        return
    notices = [(one, notice_of(one)) for one in recorded]
    for row in listening:
        endpoint = Endpoint(Status(row.status), wishes_of(row))
        alliance = None if source == row.ledger_id else source
        asked = [
            notice
            for one, notice in notices
            if row.registered_at <= one.recorded_at
            and (row.until_seq is None or one.seq <= row.until_seq)
            and endpoint.matches(one.name, alliance, notice.data)
        ]
        queue(connection, row.ledger_id, row.id, asked)


def tell_one(connection: Connection, recorded: Recorded[Any]) -> None:
    tell(connection, [recorded])


DELIVERIES = Follower("webhooks.deliveries", "concord_webhooks", tell_one, frozenset(told_types()), tell)
