"""What a ledger is called in checkpoints, for ever."""

from __future__ import annotations

from uuid import UUID

from shared.settings import Settings


def origin_of(settings: Settings, ledger_id: UUID) -> str:
    """`<host>/<ledger id>`: the public address without its scheme."""
    _, _, host = settings.origin.rpartition("://")
    return f"{host.rstrip('/')}/{ledger_id}"
