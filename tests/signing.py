"""Signing in tests: the workers' runtime, with a fixed key and a folder for copies of checkpoints."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Thread
from uuid import UUID

import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI

from services.ledger.checkpointing.signing import sign_ledger
from services.ledger.signing_keys import signers
from shared.service import Runtime
from shared.sockets import bind, server_config

SEED = b64encode(bytes(range(32))).decode()


def private_key_of(number: int) -> Ed25519PrivateKey:
    """A fixed key for each number."""
    return Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)


def workers_of(runtime: Runtime, folder: Path) -> Runtime:
    """The same runtime as the workers have it, their files in `folder`."""
    key = folder / "key"
    key.write_text(SEED)
    given = {"signing_keys": (f"file:{key}",), "checkpoint_copies": folder / "copies"}
    return replace(runtime, settings=runtime.settings.model_copy(update=given))


def sign(workers: Runtime, ledger_id: UUID) -> bool:
    """Sign a ledger as it is now; whether there was something to sign."""
    return sign_ledger(workers, ledger_id, signers(workers.settings))


@contextmanager
def answering(app: FastAPI) -> Iterator[str]:
    """A witness behind a real socket, in a thread; its address."""
    server = uvicorn.Server(server_config(app))
    with bind("127.0.0.1", 0) as door:
        thread = Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{door.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
