"""The newest signed checkpoint of each ledger, outside the database: what a restored backup cannot forget."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from services.ledger.domain.checkpoint import Checkpoint, MalformedCheckpoint, read_checkpoint
from services.ledger.domain.note import NOTE_BYTES_MAX, MalformedNote, read_note


class UnreadableCopy(Exception):
    """A copy is there and cannot be read."""


@dataclass(frozen=True, slots=True)
class Copies:
    """A folder with one file a ledger. Written whole or not at all, and on disk before it counts."""

    folder: Path

    def newest(self, ledger_id: UUID) -> Checkpoint | None:
        path = self.path(ledger_id)
        try:
            with path.open("rb") as opened:
                return read_checkpoint(read_note(opened.read(NOTE_BYTES_MAX + 1)).text)
        except FileNotFoundError:
            return None
        except (OSError, MalformedNote, MalformedCheckpoint) as error:
            raise UnreadableCopy(f"{path.name}: {getattr(error, 'strerror', None) or error}") from error

    def keep(self, ledger_id: UUID, note: str) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        write_whole(self.path(ledger_id), note.encode())

    def path(self, ledger_id: UUID) -> Path:
        return self.folder / f"{ledger_id}.checkpoint"


def write_whole(path: Path, content: bytes) -> None:
    """Replace a file; after a crash it is the old or the new one, and after the return it is the new one."""
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    with new.open("wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())
    new.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
