"""Ledger, put together."""

from __future__ import annotations

from services.ledger.api import exports, history, ledgers, proofs, state
from shared.service import Service

LEDGER = Service(
    name="ledger",
    question="What happened? History, as-of, diff, proofs and export.",
    routers=(ledgers.router, history.router, state.router, proofs.router, exports.router),
)
