"""A proof that one entry is in a ledger, as text that stands by itself (C2SP tlog-proof).

c2sp.org/tlog-proof@v1
index <seq>
<hash, base64> …
                                an empty line, then the signed checkpoint as it is
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from services.ledger.domain.checkpoint import Checkpoint, MalformedCheckpoint, read_checkpoint
from services.ledger.domain.merkle import HASH_BYTES, InvalidProof, verify_inclusion
from services.ledger.domain.note import (
    NOTE_BYTES_MAX,
    MalformedNote,
    Note,
    SignatureType,
    UntrustedNote,
    Verify,
    decoded,
    encoded,
    read_note,
    verified,
)
from services.ledger.domain.policy import Policy

FIRST_LINE = "c2sp.org/tlog-proof@v1"
HASHES_MAX = 63
PROOF_BYTES_MAX = 2 * NOTE_BYTES_MAX
INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})")
EXTRA = "extra "


class MalformedProof(ValueError):
    """This text is no proof."""


@dataclass(frozen=True, slots=True)
class TlogProof:
    """The entry's seq, the hashes from its leaf to the root, and the checkpoint. `extra` is vouched for by nobody."""

    index: int
    hashes: tuple[bytes, ...]
    note: Note
    checkpoint: Checkpoint
    extra: bytes | None = None


def write_tlog_proof(index: int, hashes: Sequence[bytes], note: str) -> str:
    lines = [FIRST_LINE, f"index {index}", *(encoded(one) for one in hashes)]
    return "".join(f"{line}\n" for line in lines) + f"\n{note}"


def read_tlog_proof(raw: bytes) -> TlogProof:
    """Raises MalformedProof for anything but the exact form. It proves nothing yet."""
    head, blank, rest = raw.partition(b"\n\n")
    if not blank or len(raw) > PROOF_BYTES_MAX:
        raise MalformedProof("A proof is its lines, an empty line and a checkpoint.")
    try:
        first, *lines = head.decode("ascii").split("\n")
        extra = decoded(lines.pop(0).removeprefix(EXTRA)) if lines and lines[0].startswith(EXTRA) else None
        index = INDEX.fullmatch(lines[0]) if lines else None
        if first != FIRST_LINE or index is None or len(lines) > 1 + HASHES_MAX:
            raise MalformedProof(f"A proof begins with {FIRST_LINE} and the index of an entry.")
        hashes = tuple(decoded(line) for line in lines[1:])
        note = read_note(rest)
        checkpoint = read_checkpoint(note.text)
    except (UnicodeDecodeError, MalformedNote, MalformedCheckpoint) as error:
        raise MalformedProof(str(error)) from error
    if any(len(one) != HASH_BYTES for one in hashes):
        raise MalformedProof(f"A hash has {HASH_BYTES} bytes.")
    return TlogProof(int(index[1]), hashes, note, checkpoint, extra)


def verify_tlog_proof(proof: TlogProof, leaf: bytes, policy: Policy, verify: Verify) -> None:
    """That an entry with this leaf hash is in the ledger, as those see it whom the policy trusts.

    Raises UntrustedNote or InvalidProof.
    """
    logs = [key for key in policy.logs if key.name == proof.checkpoint.origin]
    signed = verified(proof.note, [*logs, *policy.witnesses.values()], verify)
    if not any(key.type == SignatureType.LOG for key in signed):
        raise UntrustedNote("No key of the log that is trusted here has signed the checkpoint.")
    if not policy.met_by([key for key in signed if key.type == SignatureType.COSIGNATURE]):
        raise UntrustedNote("Fewer witnesses than the policy asks for have cosigned the checkpoint.")
    if proof.index >= proof.checkpoint.size:
        raise InvalidProof("The entry comes after the checkpoint.")
    verify_inclusion(leaf, proof.index, proof.checkpoint.size, proof.hashes, proof.checkpoint.root)
