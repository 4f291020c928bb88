"""The state of a ledger as an export takes it away: as `GET …/state` tells it, a page of things in memory."""

from __future__ import annotations

from collections.abc import Iterator

from services.ledger.api.telling import after
from services.ledger.domain.state import line_of, write_line
from services.ledger.domain.thing import Thing
from services.ledger.read_models.facts import of_streams
from services.ledger.read_models.ledgers import Ledger
from shared.http.session import Session

THINGS_AT_ONCE = 500
BEGINNINGS = (
    "SELECT seq, stream FROM log.events WHERE ledger_id = %s AND version = 1 AND seq > %s AND seq < %s"
    " ORDER BY seq LIMIT %s"
)


def state_lines(session: Session, ledger: Ledger) -> Iterator[bytes]:
    """The lines of state.ndjson for the first `ledger.size` entries, by the first entry of each thing."""
    last = -1
    while True:
        rows = session.connection.exec_driver_sql(BEGINNINGS, (ledger.id, last, ledger.size, THINGS_AT_ONCE)).all()
        if not rows:
            return
        things = {stream: Thing(stream) for _, stream in rows}
        held_back: dict[str, list[int]] = {}
        for fact in of_streams(session.connection, ledger.id, session.caller, things, end=ledger.size):
            things[fact.stream] = after(things[fact.stream], fact)
            if fact.data is None:
                held_back.setdefault(fact.stream, []).append(fact.seq)
        for seq, stream in rows:
            yield write_line(line_of(things[stream], seq, held_back.get(stream, ())))
        last = rows[-1].seq
