"""An upload: figures larger than a request, sent part by part, each taken whole up to a row's end, and once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from shared.domain import Aggregate, Event, Refused
from shared.events.metrics import UploadAdvanced, UploadCompleted, UploadOpened


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenUpload:
    by: UUID
    side: UUID
    source: str | None
    media_type: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvanceUpload:
    """The part that begins at byte `offset`: `taken` of its unpacked bytes were whole rows, now in `batch` if any."""

    side: UUID
    offset: int
    taken: int
    rows: int
    batch: UUID | None
    header: tuple[str, ...] | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteUpload:
    side: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class Upload:
    """`offset`: where the next part begins."""

    side: UUID | None = None
    source: str | None = None
    media_type: str = ""
    offset: int = 0
    rows: int = 0
    header: tuple[str, ...] | None = None
    completed: bool = False


def open_upload(command: OpenUpload, upload: Upload) -> list[Event]:
    """Raises `Refused` already-open."""
    if upload.side is not None:
        raise Refused("already-open", "This upload is open; send its parts.")
    return [UploadOpened(side=command.side, source=command.source, media_type=command.media_type)]


def check_part(side: UUID, offset: int, upload: Upload) -> None:
    """Whether a part that begins at `offset` may come now.

    Raises `Refused` not-the-uploader, upload-completed, wrong-offset.
    """
    if side != upload.side:
        raise Refused("not-the-uploader", "The side that opened an upload sends its parts.")
    if upload.completed:
        raise Refused("upload-completed", "This upload is complete; open another.")
    if offset != upload.offset:
        raise Refused("wrong-offset", f"Everything up to byte {upload.offset} is taken; go on from there.")


def advance(command: AdvanceUpload, upload: Upload) -> list[Event]:
    """Raises `Refused` as `check_part` does."""
    check_part(command.side, command.offset, upload)
    advanced = UploadAdvanced(
        offset=upload.offset + command.taken,
        rows=upload.rows + command.rows,
        batch=command.batch,
        header=command.header or upload.header,
    )
    return [advanced]


def complete(command: CompleteUpload, upload: Upload) -> list[Event]:
    """Raises `Refused` as `check_part` does."""
    check_part(command.side, upload.offset, upload)
    return [UploadCompleted(offset=upload.offset, rows=upload.rows)]


def evolve(upload: Upload, event: Event) -> Upload:
    match event:
        case UploadOpened():
            return Upload(side=event.side, source=event.source, media_type=event.media_type)
        case UploadAdvanced():
            return replace(upload, offset=event.offset, rows=event.rows, header=event.header)
        case UploadCompleted():
            return replace(upload, completed=True)
        case _:
            return upload


UPLOAD = Aggregate("upload", Upload(), evolve)
