"""One MetaData a schema, so that every table says whose it is."""

from __future__ import annotations

from sqlalchemy import MetaData

SERVICES = ("directory", "scoring", "governance", "metrics", "ledger", "webhooks")

_metadata = {name: MetaData(schema=name) for name in SERVICES}


def schema(service: str) -> MetaData:
    """The MetaData that a service's read models declare their tables in."""
    return _metadata[service]


def all_metadata() -> list[MetaData]:
    return list(_metadata.values())
