"""A witness: a small server that a partner runs on its own machine (C2SP tlog-witness), with a folder for its memory.

It cosigns what grew out of what it cosigned before. What it remembers is on disk before a cosignature leaves it.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import Annotated

import structlog
from fastapi import FastAPI, Request, Response
from fastapi import Path as InPath
from starlette.concurrency import run_in_threadpool

from services.ledger.checkpointing.copies import write_whole
from services.ledger.domain.checkpoint import Checkpoint, read_checkpoint
from services.ledger.domain.note import (
    Key,
    Note,
    SignatureType,
    cosignature,
    cosigned_message,
    read_note,
    read_vkey,
    verified,
)
from services.ledger.domain.witnessing import (
    REQUEST_BYTES_MAX,
    AddCheckpoint,
    Answer,
    MalformedRequest,
    judge,
    read_request,
)
from services.ledger.signing_keys import Signer, in_memory, kept_key
from shared.ed25519 import verify_ed25519

log = structlog.get_logger()

PLAIN = "text/plain; charset=utf-8"
KEY_FILE, LOGS_FILE, CHECKPOINT_FILE, LOCK_FILE = "key", "logs", "checkpoint", "lock"
EVIDENCE_MAX = 100
"""Refused checkpoints that are kept of one ledger: what no honest log would have signed."""


@dataclass
class Witness:
    """One witness: its name, its key, the logs it knows, and its folder. `now()` is in seconds since 1970."""

    folder: Path
    name: str
    trusted: Sequence[Key]
    now: Callable[[], float] = time.time
    signer: Signer = field(init=False)
    mutex: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.signer = in_memory(kept_key(self.folder / KEY_FILE))

    @property
    def key(self) -> Key:
        return Key(self.name, SignatureType.COSIGNATURE, self.signer.public)

    def add_checkpoint(self, raw: bytes) -> Answer:
        """The answer to `POST /add-checkpoint`."""
        try:
            asked = read_request(raw)
        except MalformedRequest as error:
            return Answer(HTTPStatus.BAD_REQUEST, f"{error}\n")
        with self.alone():
            refusal = judge(asked, self.trusted, self.last(asked.checkpoint.origin), verify_ed25519)
            if refusal is None:
                return self.cosign(asked)
            if refusal.suspicious:
                self.keep_evidence(asked)
            return refusal

    def cosign(self, asked: AddCheckpoint) -> Answer:
        at = int(self.now())
        made = cosignature(self.key, at, self.signer.sign(cosigned_message(asked.note.text, at)))
        logs = [key for key in self.trusted if key.name == asked.checkpoint.origin]
        signed_by_log = tuple(verified(asked.note, logs, verify_ed25519).values())
        kept = Note(asked.note.text, (*signed_by_log, made))
        path = self.place(asked.checkpoint.origin) / CHECKPOINT_FILE
        path.parent.mkdir(exist_ok=True)
        write_whole(path, kept.whole.encode())
        return Answer(HTTPStatus.OK, made.line)

    def keep_evidence(self, asked: AddCheckpoint) -> None:
        """Two checkpoints that the log signed and that cannot both be true: proof that it has rewritten its history."""
        folder = self.place(asked.checkpoint.origin)
        folder.mkdir(exist_ok=True)
        log.error("the log contradicts itself", origin=asked.checkpoint.origin, size=asked.checkpoint.size)
        if len(list(folder.glob("refused-*"))) < EVIDENCE_MAX:
            mark = sha256(asked.note.text.encode()).hexdigest()[:16]
            write_whole(folder / f"refused-{asked.checkpoint.size}-{mark}", asked.note.whole.encode())

    def last(self, origin: str) -> Checkpoint | None:
        """The last checkpoint cosigned of this ledger. A damaged file stops the witness rather than make it forget."""
        try:
            return read_checkpoint(read_note((self.place(origin) / CHECKPOINT_FILE).read_bytes()).text)
        except FileNotFoundError:
            return None

    def shown(self, origin_hash: str) -> bytes | None:
        """The last checkpoint by the hash of its origin, for whoever asks."""
        try:
            return (self.folder / origin_hash / CHECKPOINT_FILE).read_bytes()
        except FileNotFoundError:
            return None

    def place(self, origin: str) -> Path:
        return self.folder / sha256(origin.encode()).hexdigest()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """One request at a time, also when somebody starts a second process on the same folder."""
        with self.mutex, (self.folder / LOCK_FILE).open("w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield


def log_keys(folder: Path, given: Sequence[str]) -> list[Key]:
    """The keys given now and those given before, which the file `logs` keeps, one a line. Raises MalformedNote."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / LOGS_FILE
    before = path.read_text().split() if path.exists() else []
    lines = list(dict.fromkeys((*before, *given)))
    keys = [read_vkey(line) for line in lines]
    if lines != before:
        write_whole(path, "".join(f"{line}\n" for line in lines).encode())
        os.chmod(path, 0o644)  # noqa: PTH101 - public keys, for all to read
    return keys


def witness_app(witness: Witness) -> FastAPI:
    """The witness behind HTTP: three routes."""
    app = FastAPI(title="Concord witness", docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/")
    def introduce() -> Response:
        return Response(f"{witness.key.vkey}\n", media_type=PLAIN)

    @app.post("/add-checkpoint")
    async def add_checkpoint(request: Request) -> Response:
        chunks, size = [], 0
        async for chunk in request.stream():
            chunks.append(chunk)
            size += len(chunk)
            if size > REQUEST_BYTES_MAX:
                return Response("That is no checkpoint.\n", HTTPStatus.REQUEST_ENTITY_TOO_LARGE, media_type=PLAIN)
        answer = await run_in_threadpool(witness.add_checkpoint, b"".join(chunks))
        return Response(answer.words, answer.status, headers={"Content-Type": answer.media_type})

    @app.get("/{origin_hash}/checkpoint")
    def last_checkpoint(origin_hash: Annotated[str, InPath(pattern="^[0-9a-f]{64}$")]) -> Response:
        found = witness.shown(origin_hash)
        if found is None:
            return Response("Never cosigned.\n", HTTPStatus.NOT_FOUND, media_type=PLAIN)
        return Response(found, media_type=PLAIN)

    return app
