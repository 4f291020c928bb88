"""Signing in tests: the workers' runtime, with a fixed key and a folder for copies of checkpoints."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from pathlib import Path
from uuid import UUID

from services.ledger.checkpointing.signing import sign_ledger
from services.ledger.signing_keys import signers
from shared.service import Runtime

SEED = b64encode(bytes(range(32))).decode()


def workers_of(runtime: Runtime, folder: Path) -> Runtime:
    """The same runtime as the workers have it, their files in `folder`."""
    key = folder / "key"
    key.write_text(SEED)
    given = {"signing_keys": (f"file:{key}",), "checkpoint_copies": folder / "copies"}
    return replace(runtime, settings=runtime.settings.model_copy(update=given))


def sign(workers: Runtime, ledger_id: UUID) -> bool:
    """Sign a ledger as it is now; whether there was something to sign."""
    return sign_ledger(workers, ledger_id, signers(workers.settings))
