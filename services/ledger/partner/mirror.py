"""A mirror: a partner's own copy of a ledger, kept up to date and checked as it grows, in the layout of an export.

What it holds it never gives up for what it is told: entries are taken only when, after those it has, they lead to a
checkpoint that the log signed. `concord verify FOLDER` checks the folder like any export.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import reduce
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from services.ledger.checkpointing.copies import write_whole
from services.ledger.domain.checkpoint import Checkpoint, MalformedCheckpoint, read_checkpoint
from services.ledger.domain.export import (
    BUNDLE_BYTES_MAX,
    CHECKPOINT,
    MANIFEST,
    POLICY,
    WIDTH,
    MalformedExport,
    Manifest,
    Tile,
    checkpoint_name,
    entries_in,
    read_manifest,
    read_object,
    read_tile,
    tiles_of,
    write_manifest,
    write_tile,
)
from services.ledger.domain.merkle import Frontier
from services.ledger.domain.note import NOTE_BYTES_MAX, Key, MalformedNote, Note, read_note, read_vkey, verified
from services.ledger.domain.policy import POLICY_BYTES_MAX
from services.ledger.domain.said import texts
from services.ledger.partner.backdating import BackDated
from services.ledger.partner.served import Contradicted, NotServed, NotThere, Served, in_its_form
from services.ledger.partner.values import Values, write
from shared.ed25519 import verify_ed25519
from shared.log.entry import leaf_hash

SIGNING_BYTES_MAX = 1 << 20
KEYS = "log-keys"
EVIDENCE = "evidence"
BACK_DATED = "back-dated"


class Damaged(Exception):
    """The folder is not as the mirror left it."""


@dataclass
class Coming:
    """What was taken beyond what is held, in whole tiles, and does not count before it leads to a checkpoint."""

    tree: Frontier
    gone: set[str] = field(default_factory=set)
    """Digests and attachments whose erasure the new entries record."""
    back_dated: BackDated | None = None


@dataclass
class Mirror:
    """The copy in `folder` of a ledger. `tree` and `held` are as far as it has come, `looked_at` when it last asked."""

    served: Served
    folder: Path
    keys: list[Key]
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    held: Checkpoint | None = None
    tree: Frontier = field(default_factory=Frontier)
    looked_at: datetime | None = None
    coming: Coming | None = None
    back_dated: BackDated | None = None
    """What the last turn found to be dated long before the one before it."""

    def __post_init__(self) -> None:
        """As it was left, with the keys given or those that were there at its first turn. Raises Damaged."""
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            self.reopen()
        except (MalformedNote, MalformedCheckpoint, MalformedExport, FileNotFoundError) as error:
            raise Damaged(f"{self.folder} cannot be read as a mirror: {error}") from error
        self.values.begin(self.size)

    def reopen(self) -> None:
        path = self.folder / KEYS
        if not self.keys and path.exists():
            self.keys = [read_vkey(line) for line in path.read_text().split()]
        if (self.folder / CHECKPOINT).exists():
            self.held = read_checkpoint(read_note((self.folder / CHECKPOINT).read_bytes()).text)
            self.tree = reduce(Frontier.append, self.leaves(self.held.size), Frontier())
            if self.tree.root != self.held.root:
                raise Damaged(f"The hashes in {self.folder} are not those of its own checkpoint: it was changed.")
        if (self.folder / MANIFEST).exists():
            self.looked_at = read_manifest((self.folder / MANIFEST).read_bytes()).made_at

    @property
    def values(self) -> Values:
        return Values(self.folder, self.served)

    @property
    def size(self) -> int:
        return self.held.size if self.held else 0

    def leaves(self, size: int) -> Iterator[bytes]:
        for tile in tiles_of(size):
            yield from self.kept(tile)

    def kept(self, tile: Tile) -> list[bytes]:
        try:
            return read_tile((self.folder / tile.name).read_bytes(), tile.width)
        except (MalformedExport, FileNotFoundError) as error:
            raise Damaged(f"{tile.name} in {self.folder} is not as the mirror left it: {error}") from error

    def turn(self) -> int:
        """Bring the copy up to the newest signed checkpoint; how many entries came.

        Raises Contradicted, and UntrustedNote for what the log did not sign; NotServed, after which the next turn
        goes on where this one came to; Damaged.
        """
        self.back_dated = None
        asked_at = self.now()
        with in_its_form():
            served = self.newest()
            if served is None:
                return 0
            self.pin_keys()
            note = read_note(served)
            verified(note, self.keys, verify_ed25519)
            shown = read_checkpoint(note.text)
            ledger = ledger_of(shown)
            self.require_growth(shown, note)
            policy = self.served.get("policy", POLICY_BYTES_MAX)  # before the entries: nothing may fail after them
            came = self.take(shown, note)
        write_whole(self.folder / POLICY, policy)
        self.keep_checkpoint(note, shown, Manifest(ledger, shown.origin, shown.size, shown.root, asked_at))
        return came

    def newest(self) -> bytes | None:
        """The checkpoint as it is served; None as long as nothing is signed of a ledger that is there."""
        try:
            return self.served.get("checkpoint", NOTE_BYTES_MAX)
        except NotThere as error:
            if self.held is not None:
                words = (
                    f"The log shows no checkpoint any more, and had signed {self.size:,} entries, which are kept here."
                )
                raise NotServed(f"{words} It is gone, or your key may not read it. {error}") from error
            self.served.get("signing", SIGNING_BYTES_MAX)
            return None

    def pin_keys(self) -> None:
        """On first use the keys that the log names are believed, and kept; a person adds those that come later."""
        if not self.keys:
            said = read_object(self.served.get("signing", SIGNING_BYTES_MAX), "What it says of its signing")
            self.keys = [read_vkey(one) for one in texts(said.get("log_keys"))]
            if not self.keys:
                raise MalformedNote("It names no key of the log.")
        write_whole(self.folder / KEYS, "".join(f"{key.vkey}\n" for key in self.keys).encode())

    def require_growth(self, shown: Checkpoint, note: Note) -> None:
        held = self.held
        if held is None:
            return
        if shown.origin != held.origin:
            raise Contradicted(f"This is a mirror of {held.origin}; what is served is {shown.origin}.")
        if shown.size < held.size:
            self.keep_evidence(note)
            words = f"The log shows {shown.size:,} entries, and had signed {held.size:,} before: it has lost some."
            raise Contradicted(f"{words} Both checkpoints are in {self.folder}.")
        if shown.size == held.size and shown.root != held.root:
            raise self.contradicted(note, f"The log signed two different histories of {held.size:,} entries.")

    def take(self, shown: Checkpoint, note: Note) -> int:
        """Fetch what is new, and keep it once it is shown to lead from what is held to the checkpoint.

        Whole tiles that came stay taken when a later request fails.
        """
        if self.coming is not None and self.coming.tree.size > shown.size:
            self.coming = None
            self.values.begin(self.size)
        coming = self.coming = self.coming or Coming(self.tree)
        for tile in tiles_of(shown.size):
            if tile.first + tile.width > coming.tree.size:
                self.take_tile(tile, coming, note)
        if (coming.tree.size, coming.tree.root) != (shown.size, shown.root):
            words = "The entries that are served do not lead from what is held to the checkpoint that the log signed."
            raise self.contradicted(note, words)
        self.values.keep(coming.gone)
        came = shown.size - self.size
        self.tree, self.coming = coming.tree, None
        self.keep_back_dated(coming.back_dated)
        return came

    def keep_back_dated(self, found: BackDated | None) -> None:
        self.back_dated = found
        if found is not None:
            with (self.folder / BACK_DATED).open("a") as into:
                into.write(f"{found.words}\n")

    def take_tile(self, tile: Tile, coming: Coming, note: Note) -> None:
        """All that is asked for comes before anything is kept, so that what fails half-way is taken whole again."""
        bundle = self.served.get(tile.bundle_name, BUNDLE_BYTES_MAX)
        entries = entries_in(bundle)
        if not entries:
            raise MalformedExport(f"{tile.bundle_name} is empty.")
        if len(entries) != tile.width:
            words = f"Of the {tile.width} entries from {tile.first:,} on that the log signed {len(entries)} are served."
            raise self.contradicted(note, words)
        leaves = [leaf_hash(one) for one in entries]
        self.require_same(tile, leaves, note)
        first_new = max(self.size, tile.first)
        new = dict(enumerate(entries[first_new - tile.first :], first_new))
        lines, gone = self.values.fetched(tile, new)
        back_dated = BackDated.among(new, self.looked_at, coming.back_dated)
        write(self.folder / tile.name, write_tile(leaves))
        write(self.folder / tile.bundle_name, bundle)
        self.values.expect(lines)
        coming.tree = reduce(Frontier.append, leaves[first_new - tile.first :], coming.tree)
        coming.gone |= gone
        coming.back_dated = back_dated

    def require_same(self, tile: Tile, leaves: list[bytes], note: Note) -> None:
        """In the bundle that was held in part, the part that was held is as it was."""
        width = self.size - tile.first
        if 0 < width < tile.width and self.kept(Tile(0, tile.index, width)) != leaves[:width]:
            raise self.contradicted(note, "The entries that are served are not those that were served before.")

    def contradicted(self, note: Note, words: str) -> Contradicted:
        """Keep the checkpoint that cannot be true beside ours, and say which entry was rewritten, if it is served."""
        self.keep_evidence(note)
        seq = self.rewritten()
        which = "" if seq is None else f" Entry {seq:,} is served otherwise than before: it was rewritten."
        return Contradicted(f"{words}{which} Both checkpoints are in {self.folder}.")

    def rewritten(self) -> int | None:
        """The first entry held here that is served otherwise now; None when none is, or not all are served."""
        for tile in tiles_of(self.tree.size):
            held = self.kept(tile)
            try:
                bundle = self.served.get(tile.bundle_name, BUNDLE_BYTES_MAX)
                served = [leaf_hash(one) for one in entries_in(bundle)]
            except (NotServed, MalformedExport):
                return None
            for seq, (was, now) in enumerate(zip(held, served, strict=False), tile.first):
                if was != now:
                    return seq
        return None

    def keep_checkpoint(self, note: Note, shown: Checkpoint, manifest: Manifest) -> None:
        """Last of all: from now on this is what is held. The one before stays beside it."""
        before = self.size
        if 0 < before < shown.size:
            write(self.folder / checkpoint_name(before), (self.folder / CHECKPOINT).read_bytes())
        write_whole(self.folder / CHECKPOINT, note.whole.encode())
        write_whole(self.folder / MANIFEST, write_manifest(manifest))
        if before < shown.size:
            self.drop_partial(before)
        self.held, self.looked_at = shown, manifest.made_at

    def drop_partial(self, before: int) -> None:
        """What was the last tile, and has become a wider one."""
        index, width = divmod(before, WIDTH)
        if width:
            narrower = Tile(0, index, width)
            (self.folder / narrower.name).unlink(missing_ok=True)
            (self.folder / narrower.bundle_name).unlink(missing_ok=True)

    def keep_evidence(self, note: Note) -> None:
        mark = sha256(note.text.encode()).hexdigest()[:16]
        write(self.folder / EVIDENCE / f"checkpoint-{mark}", note.whole.encode())


def ledger_of(shown: Checkpoint) -> UUID:
    try:
        return UUID(shown.origin.rpartition("/")[2])
    except ValueError as error:
        raise MalformedCheckpoint(f"The origin {shown.origin} does not end in the id of a ledger.") from error
