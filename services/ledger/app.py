"""Ledger, put together."""

from __future__ import annotations

from services.ledger.api import checkpoints, exports, history, ledgers, proofs, state, tiles, witnesses
from services.ledger.checkpointing import cosigning, signing
from services.ledger.read_models.witnesses import WITNESS_LIST
from shared.service import Service, Worker

LEDGER = Service(
    name="ledger",
    question="What happened? History, as-of, diff, proofs, checkpoints and export.",
    routers=(
        ledgers.router,
        history.router,
        state.router,
        proofs.router,
        checkpoints.router,
        tiles.router,
        witnesses.router,
        exports.router,
    ),
    read_models=(WITNESS_LIST,),
    workers=(
        Worker("ledger.checkpointer", signing.turn, every_seconds=1.0),
        Worker("ledger.cosigner", cosigning.turn, every_seconds=1.0),
    ),
)
