"""What a witness does with a checkpoint it is shown (C2SP tlog-witness), as a pure function of what it holds.

It cosigns a ledger's checkpoint only if that ledger grew out of the last one it cosigned. Two histories of one ledger
can so never both have its cosignature.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from services.ledger.domain.checkpoint import Checkpoint, MalformedCheckpoint, read_checkpoint
from services.ledger.domain.merkle import EMPTY_ROOT, HASH_BYTES, InvalidProof, verify_consistency
from services.ledger.domain.note import (
    NOTE_BYTES_MAX,
    Key,
    MalformedNote,
    Note,
    UntrustedNote,
    Verify,
    decoded,
    encoded,
    read_note,
    verified,
)

PROOF_LINES_MAX = 63
REQUEST_BYTES_MAX = NOTE_BYTES_MAX + 4_096
OLD = re.compile(r"old (0|[1-9][0-9]{0,18})")
SIZE_MEDIA_TYPE = "text/x.tlog.size"


class MalformedRequest(ValueError):
    """This body is no request to add a checkpoint."""


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """The request: from which size the proof starts, the proof, and the signed checkpoint."""

    old: int
    proof: tuple[bytes, ...]
    note: Note
    checkpoint: Checkpoint


@dataclass(frozen=True, slots=True)
class Answer:
    """A refusal as the witness answers it. `suspicious`: no honest log would have asked for this."""

    status: HTTPStatus
    words: str
    media_type: str = "text/plain; charset=utf-8"
    suspicious: bool = False


def write_request(old: int, proof: Sequence[bytes], note: str) -> bytes:
    """The body of `POST /add-checkpoint`."""
    return f"old {old}\n{''.join(f'{encoded(one)}{chr(10)}' for one in proof)}\n{note}".encode()


def read_request(raw: bytes) -> AddCheckpoint:
    """Raises MalformedRequest for anything but the exact form."""
    head, blank, rest = raw.partition(b"\n\n")
    if not blank or len(raw) > REQUEST_BYTES_MAX:
        raise MalformedRequest("A request is an old size, a proof, an empty line and a checkpoint.")
    try:
        first, *lines = head.decode("ascii").split("\n")
        old = OLD.fullmatch(first)
        if old is None or len(lines) > PROOF_LINES_MAX:
            raise MalformedRequest(f"A request begins with `old <size>` and at most {PROOF_LINES_MAX} hashes.")
        proof = tuple(decoded(line) for line in lines)
        note = read_note(rest)
        checkpoint = read_checkpoint(note.text)
    except (UnicodeDecodeError, MalformedNote, MalformedCheckpoint) as error:
        raise MalformedRequest(str(error)) from error
    if any(len(one) != HASH_BYTES for one in proof):
        raise MalformedRequest(f"A hash has {HASH_BYTES} bytes.")
    return AddCheckpoint(int(old[1]), proof, note, checkpoint)


def judge(asked: AddCheckpoint, trusted: Sequence[Key], held: Checkpoint | None, verify: Verify) -> Answer | None:
    """Why this checkpoint is not cosigned; None when it is. `held`: the last one cosigned of this origin.

    `trusted`: the log keys this witness knows, each under the origin that it signs for.
    """
    keys = [key for key in trusted if key.name == asked.checkpoint.origin]
    if not keys:
        return Answer(HTTPStatus.NOT_FOUND, f"This witness does not know the ledger {asked.checkpoint.origin}.\n")
    try:
        verified(asked.note, keys, verify)
    except UntrustedNote as error:
        return Answer(HTTPStatus.FORBIDDEN, f"{error}\n")
    if asked.old > asked.checkpoint.size:
        return Answer(HTTPStatus.BAD_REQUEST, "The old size is above that of the checkpoint.\n")
    size, root = (held.size, held.root) if held is not None else (0, EMPTY_ROOT)
    if asked.old != size:
        return Answer(HTTPStatus.CONFLICT, f"{size}\n", SIZE_MEDIA_TYPE)
    try:
        # Another root of the size that is held is among what this refuses: 422, as the specification has it since
        # July 2026, and 409 before. No honest log sees either.
        verify_consistency(size, asked.checkpoint.size, asked.proof, root, asked.checkpoint.root)
    except InvalidProof as error:
        return Answer(HTTPStatus.UNPROCESSABLE_ENTITY, f"{error}\n", suspicious=True)
    return None
