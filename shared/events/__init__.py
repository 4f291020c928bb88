"""The published language: every event that one service records and another may read."""

from shared.events import directory, governance, ledger, metrics, scoring, webhooks
from shared.events.declare import Erasable, EventType, all_types, event, newest, stored_names, type_of, upcaster

__all__ = [
    "Erasable",
    "EventType",
    "all_types",
    "directory",
    "event",
    "governance",
    "ledger",
    "metrics",
    "newest",
    "scoring",
    "stored_names",
    "type_of",
    "upcaster",
    "webhooks",
]
