"""Taking turns where two requests at once would each miss what the other is about to write; and for room to work in."""

from __future__ import annotations

from uuid import UUID

from shared.http.session import Session
from shared.http.workroom import RoomFor

KPI_KEYS = "metrics.kpi-keys"
OBSERVATIONS = "metrics.observations"

INGESTION = RoomFor(
    "batches",
    places=4,  # a batch of 100,000 rows takes about 200 MB while it is worked on
    places_of_one=3,
    waiting=2,
    coming_in=16,  # up to 64 MiB each, in files
    coming_in_of_one=6,
    turn_of="alliance_id",
)


def take_turn(session: Session, what: str, *ids: UUID) -> None:
    """Wait until no other transaction has this turn, and keep it until ours ends. Read afterwards, never before."""
    name = "/".join((what, *map(str, ids)))
    session.connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (name,))
