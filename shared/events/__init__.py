"""The published language: every event that one service records and another may read."""

from shared.events import (
    directory,
    governance,
    governance_agreements,
    governance_duties,
    governance_exit,
    governance_reviews,
    governance_work,
    ledger,
    metrics,
    scoring,
    webhooks,
)
from shared.events.declare import Erasable, EventType, all_types, event, newest, stored_names, type_of, upcaster

__all__ = [
    "Erasable",
    "EventType",
    "all_types",
    "directory",
    "event",
    "governance",
    "governance_agreements",
    "governance_duties",
    "governance_exit",
    "governance_reviews",
    "governance_work",
    "ledger",
    "metrics",
    "newest",
    "scoring",
    "stored_names",
    "type_of",
    "upcaster",
    "webhooks",
]
