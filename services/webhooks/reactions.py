"""When something was recorded, every endpoint that asked for it gets a delivery: in the same transaction, once."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from services.webhooks.catalogue import notice_of, told_types
from services.webhooks.deliveries import queue
from services.webhooks.domain.endpoint import Endpoint, Status, Wishes
from shared.log.envelope import Recorded
from shared.log.followers import Follower

LISTENING = (
    "SELECT e.ledger_id, e.id, e.status, e.url, e.event_types, e.alliances"
    "  FROM log.readers r JOIN webhooks.endpoints e ON e.ledger_id = r.org_id"
    " WHERE r.ledger_id = %s AND (r.until_seq IS NULL OR r.until_seq >= %s)"
    "   AND e.status IN ('enabled', 'paused') AND e.registered_at <= %s ORDER BY e.id"
)
"""The endpoints of all organisations that may read the event, registered when it was recorded."""


def tell(connection: Connection, recorded: Recorded[Any]) -> None:
    rows = connection.exec_driver_sql(LISTENING, (recorded.ledger_id, recorded.seq, recorded.recorded_at)).all()
    if not rows:
        return
    notice = notice_of(recorded)
    for row in rows:
        endpoint = Endpoint(Status(row.status), Wishes(row.url, tuple(row.event_types), tuple(row.alliances)))
        alliance = None if recorded.ledger_id == row.ledger_id else recorded.ledger_id
        if endpoint.matches(recorded.name, alliance):
            queue(connection, row.ledger_id, row.id, notice)


DELIVERIES = Follower("webhooks.deliveries", "concord_webhooks", tell, frozenset(told_types()))
