"""Whose word stands behind an export: which of its checkpoints the log signed, who cosigned them, and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from services.ledger.domain.checkpoint import Checkpoint, MalformedCheckpoint, read_checkpoint
from services.ledger.domain.export import CHECKPOINT, CHECKPOINTS, POLICY
from services.ledger.domain.files import Files, Unreadable, read
from services.ledger.domain.note import (
    NOTE_BYTES_MAX,
    MalformedNote,
    Note,
    SignatureType,
    UntrustedNote,
    Verify,
    read_note,
    verified,
)
from services.ledger.domain.policy import POLICY_BYTES_MAX, MalformedPolicy, Policy, read_policy
from services.ledger.domain.report import Notes

CLOCKS_SECONDS_MAX = 600
"""How far a witness's clock may be from the log's."""
LATE_SECONDS_MAX = 86_400
"""How long after it was signed a checkpoint may be cosigned, before what was recorded meanwhile looks back-dated."""
MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True)
class Trust:
    """How signatures are checked, and whose count: by this policy, or when it is None by the one in the export.

    `party_keys`: the keys, in base64, that are truly those of a party, by its id; of a party not in there nothing is
    known.
    """

    verify: Verify
    policy: Policy | None = None
    party_keys: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Seen:
    """A witness saw the tree of this size at this second since 1970."""

    size: int
    at: int
    witness: str


@dataclass(slots=True)
class Vouched:
    """Reads checkpoints as those see them who trust by the policy."""

    trust: Trust | None
    notes: Notes
    policy: Policy = field(default_factory=Policy)
    seen: list[Seen] = field(default_factory=list)

    def shipped(self, files: Files) -> list[tuple[str, Checkpoint]]:
        """The checkpoints of an export, each with where it was found; those that nobody trusted signed are told."""
        self.policy = self.policy_in(files)
        found = []
        for name in sorted(files.names()):
            if name != CHECKPOINT and not name.startswith(CHECKPOINTS):
                continue
            try:
                checkpoint = self.vouched(read(files, name, NOTE_BYTES_MAX))
                found.append((f"in the file {name}", checkpoint))
            except (Unreadable, MalformedNote, MalformedCheckpoint) as error:
                self.notes.add(None, "checkpoint-unreadable", f"The checkpoint in {name} cannot be read: {error}")
            except UntrustedNote as error:
                self.notes.add(None, "checkpoint-forged", f"The checkpoint in {name} is not the log's: {error}")
        self.require_quorum()
        return found

    def policy_in(self, files: Files) -> Policy:
        if self.trust is None:
            return Policy()
        if self.trust.policy is not None:
            return self.trust.policy
        if POLICY not in files.names():
            return Policy()
        try:
            return read_policy(read(files, POLICY, POLICY_BYTES_MAX))
        except (Unreadable, MalformedPolicy) as error:
            self.notes.add(None, "policy-unreadable", f"The policy in the export cannot be read: {error}")
            return Policy()

    def vouched(self, raw: bytes) -> Checkpoint:
        note = read_note(raw)
        checkpoint = read_checkpoint(note.text)
        if self.trust is not None:
            self.note_signatures(note, checkpoint, self.trust.verify)
        return checkpoint

    def note_signatures(self, note: Note, checkpoint: Checkpoint, verify: Verify) -> None:
        """Raises UntrustedNote unless a key of the log signed it, and none that is trusted only seems to have."""
        logs = [key for key in self.policy.logs if key.name == checkpoint.origin]
        signed = verified(note, [*logs, *self.policy.witnesses.values()], verify)
        if not any(key.type == SignatureType.LOG for key in signed):
            raise UntrustedNote("no key of the log that is trusted here has signed it.")
        figures = self.notes.figures
        figures.signed_size = max(figures.signed_size or 0, checkpoint.size)
        cosigners = {key: one for key, one in signed.items() if key.type == SignatureType.COSIGNATURE}
        self.seen += [Seen(checkpoint.size, one.cosigned_at, key.name) for key, one in cosigners.items()]
        if self.policy.quorum is not None and self.policy.met_by(cosigners.keys()):
            figures.cosigned_size = max(figures.cosigned_size or 0, checkpoint.size)

    def require_quorum(self) -> None:
        """Who brings a policy asks for its quorum; the export's own says only how far it goes."""
        if self.trust is None or self.trust.policy is None:
            return
        if self.notes.figures.signed_size is None:
            words = "The export has no checkpoint that a key of your policy signed."
            self.notes.add(None, "not-signed", words)
        elif self.policy.quorum is not None and self.notes.figures.cosigned_size is None:
            words = "No checkpoint of the export is cosigned by as many witnesses as your policy asks for."
            self.notes.add(None, "quorum-not-met", words)


@dataclass(slots=True)
class Times:
    """Recorded times against when witnesses saw the tree: what one saw was there, what it did not see was not."""

    notes: Notes
    seen: Sequence[Seen]
    before: list[Seen] = field(init=False)
    after: Seen | None = None
    told: set[Seen] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.before = sorted(self.seen, key=lambda one: (-one.size, -one.at))

    def check(self, seq: int, recorded_us: int) -> None:
        while self.before and self.before[-1].size <= seq:
            passed = self.before.pop()
            self.after = max((one for one in (self.after, passed) if one), key=lambda one: one.at)
        first = self.before[-1] if self.before else None
        if first is not None and recorded_us > (first.at + CLOCKS_SECONDS_MAX) * MICROSECONDS:
            self.tell(seq, first, "recorded-after-cosigned", "says that it was recorded after {} had cosigned it.")
        earliest = None if self.after is None else self.after.at - LATE_SECONDS_MAX
        if self.after is not None and earliest is not None and recorded_us < earliest * MICROSECONDS:
            words = "was back-dated: it says a time long before {} cosigned a tree in which it was not yet."
            self.tell(seq, self.after, "recorded-before-cosigned", words)

    def tell(self, seq: int, seen: Seen, code: str, words: str) -> None:
        """Once a cosignature: the first entry that disagrees with it."""
        if seen not in self.told:
            self.told.add(seen)
            self.notes.add(seq, code, f"Entry {seq} {words.format(seen.witness)}")
