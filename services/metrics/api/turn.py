"""What requests of metrics take turns on, and how much room there is for heavy ones."""

from __future__ import annotations

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
