"""What a checkpoint says, apart from its signatures: three lines of text (C2SP tlog-checkpoint)."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from dataclasses import dataclass

from services.ledger.domain.merkle import HASH_BYTES

SIZE_MAX = 2**63 - 1
LINES = re.compile(r"([^\n]+)\n(0|[1-9][0-9]{0,19})\n([A-Za-z0-9+/]{43}=)\n")
"""We write no extension lines and take none: the note ends here, with or without signatures after a blank line."""


class MalformedCheckpoint(ValueError):
    """This text is no checkpoint of ours."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A ledger's origin (`<host>/<ledger id>`), its size, and the 32 bytes of its root at that size."""

    origin: str
    size: int
    root: bytes


def write_checkpoint(checkpoint: Checkpoint) -> str:
    """The text that is signed: origin, size, base64 root; each line ends with a line feed."""
    if len(checkpoint.root) != HASH_BYTES or "\n" in checkpoint.origin or not checkpoint.origin:
        raise MalformedCheckpoint("A checkpoint has an origin on one line, a size, and a root of 32 bytes.")
    return f"{checkpoint.origin}\n{checkpoint.size}\n{b64encode(checkpoint.root).decode('ascii')}\n"


def read_checkpoint(text: str) -> Checkpoint:
    """What a checkpoint says, signed or not. It checks no signature. Raises MalformedCheckpoint."""
    body, blank, _ = text.partition("\n\n")
    found = LINES.fullmatch(f"{body}\n" if blank else text)
    if found is None:
        raise MalformedCheckpoint("A checkpoint has three lines: origin, size and base64 root.")
    if int(found[2]) > SIZE_MAX:
        raise MalformedCheckpoint("No ledger is that long.")
    root = b64decode(found[3])
    if b64encode(root).decode("ascii") != found[3]:
        raise MalformedCheckpoint("The root of a checkpoint is canonical base64.")
    return Checkpoint(found[1], int(found[2]), root)
