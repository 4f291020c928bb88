"""Verify an export offline: every hash from its entries up, against its manifest, its checkpoints and those you hold.

One bundle and one tile are in memory at a time. Signatures are checked by who has a library for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.ledger.domain.checkpoint import Checkpoint, MalformedCheckpoint, read_checkpoint
from services.ledger.domain.contents import Contents
from services.ledger.domain.export import (
    BUNDLE_BYTES_MAX,
    CHECKPOINT,
    CHECKPOINTS,
    MANIFEST,
    WIDTH,
    MalformedExport,
    Manifest,
    Tile,
    entries_in,
    read_manifest,
    read_tile,
    tiles_of,
)
from services.ledger.domain.files import Files, Unreadable, read
from services.ledger.domain.merkle import HASH_BYTES, Frontier
from services.ledger.domain.report import Notes, Report
from shared.log.entry import MalformedEntry, decode_entry, leaf_hash

SMALL_FILE_BYTES_MAX = 65_536
TILE_BYTES_MAX = WIDTH * HASH_BYTES
NO_HASH = bytes(HASH_BYTES)


def verify(files: Files, canonical: Callable[[Any], bytes], held: Iterable[Checkpoint] = ()) -> Report:
    """What is wrong with an export, if anything.

    `canonical(value) -> bytes` is RFC 8785 and raises ValueError for what it cannot write. `held`: checkpoints of this
    ledger from elsewhere, whose signatures the caller has checked. Never raises for what an export contains.
    """
    notes = Notes()
    try:
        manifest = read_manifest(read(files, MANIFEST, SMALL_FILE_BYTES_MAX))
    except (Unreadable, MalformedExport) as error:
        notes.add(None, "manifest-unreadable", str(error))
        return notes.report()
    tree = Tree(notes)
    tree.expect(manifest, [*shipped_checkpoints(files, notes), *(("you hold", checkpoint) for checkpoint in held)])
    contents = Contents(files, canonical, notes)
    hashed = any(name.startswith("tile/0/") for name in files.names())
    for tile in tiles_of(manifest.size):
        if notes.full:
            return notes.report()
        hashes = shipped_hashes(files, tile, notes) if hashed else [None] * tile.width
        entries = shipped_entries(files, tile, notes)
        for seq, (entry, given) in enumerate(zip(entries, hashes, strict=True), tile.first):
            tree.add(seq, entry, given)
            if entry is not None:
                contents.check(seq, entry)
    contents.finish()
    tree.judge(manifest)
    return notes.report()


def shipped_checkpoints(files: Files, notes: Notes) -> Iterator[tuple[str, Checkpoint]]:
    for name in sorted(files.names()):
        if name != CHECKPOINT and not name.startswith(CHECKPOINTS):
            continue
        try:
            yield f"in the file {name}", read_checkpoint(read(files, name, SMALL_FILE_BYTES_MAX).decode("utf-8"))
        except (Unreadable, MalformedCheckpoint, UnicodeDecodeError) as error:
            notes.add(None, "checkpoint-unreadable", f"The checkpoint in {name} cannot be read: {error}")


def shipped_hashes(files: Files, tile: Tile, notes: Notes) -> Sequence[bytes | None]:
    try:
        return read_tile(read(files, tile.name, TILE_BYTES_MAX), tile.width)
    except (Unreadable, MalformedExport) as error:
        notes.add(tile.first, "tile-unreadable", f"The hashes of {range_in_words(tile)} cannot be read: {error}")
        return [None] * tile.width


def shipped_entries(files: Files, tile: Tile, notes: Notes) -> Sequence[bytes | None]:
    try:
        entries = entries_in(read(files, tile.bundle_name, BUNDLE_BYTES_MAX))
    except (Unreadable, MalformedExport) as error:
        notes.add(tile.first, "bundle-unreadable", f"{range_in_words(tile).capitalize()} cannot be read: {error}")
        return [None] * tile.width
    if len(entries) == tile.width:
        return entries
    words = f"{range_in_words(tile).capitalize()} should be {tile.width}, but {len(entries)} are there."
    notes.add(tile.first, "bundle-length", words)
    return by_own_seq(entries, tile, notes)


def by_own_seq(entries: list[bytes], tile: Tile, notes: Notes) -> list[bytes | None]:
    """Where some are missing or too many, their own seqs tell which."""
    found: list[bytes | None] = [None] * tile.width
    for entry in entries:
        try:
            offset = decode_entry(entry).seq - tile.first
        except MalformedEntry:
            continue
        if not 0 <= offset < tile.width or found[offset] is not None:
            seq = tile.first + offset
            notes.add(seq, "entry-misplaced", f"Entry {seq} stands where it does not belong, or twice.")
        else:
            found[offset] = entry
    for seq, entry_found in enumerate(found, tile.first):
        if entry_found is None:
            notes.add(seq, "entry-missing", f"Entry {seq} is missing.")
    return found


def range_in_words(tile: Tile) -> str:
    return f"entries {tile.first} to {tile.first + tile.width - 1}"


@dataclass(slots=True)
class Tree:
    """The tree recomputed twice as entries pass: from the entries, and from the leaf hashes shipped with them.

    When the two differ, the one that leads to the stated root is the true one, and the other was changed.
    """

    notes: Notes
    found: Frontier = field(default_factory=Frontier)
    given: Frontier = field(default_factory=Frontier)
    differing: list[int] = field(default_factory=list)
    expected: dict[int, list[tuple[str, Checkpoint]]] = field(default_factory=dict)

    def expect(self, manifest: Manifest, checkpoints: Iterable[tuple[str, Checkpoint]]) -> None:
        """Checkpoints to meet on the way, each with where it comes from."""
        for source, checkpoint in checkpoints:
            self.notes.figures.checkpoints += 1
            called = f"The checkpoint of size {checkpoint.size} {source}"
            if checkpoint.origin != manifest.origin:
                words = f"{called} is of {checkpoint.origin}; this export says it is of {manifest.origin}."
                self.notes.add(None, "checkpoint-of-another-ledger", words)
            elif checkpoint.size > manifest.size:
                words = f"{called} is ahead of this export, which ends at size {manifest.size}: entries were left out."
                self.notes.add(None, "checkpoint-ahead", words)
            else:
                self.expected.setdefault(checkpoint.size, []).append((called, checkpoint))
        self.meet()

    def add(self, seq: int, entry: bytes | None, given: bytes | None) -> None:
        computed = None if entry is None else leaf_hash(entry)
        if computed and given and computed != given and len(self.differing) <= WIDTH:
            self.differing.append(seq)
        self.found = self.found.append(computed or given or NO_HASH)
        self.given = self.given.append(given or computed or NO_HASH)
        self.meet()

    def meet(self) -> None:
        for called, checkpoint in self.expected.pop(self.found.size, []):
            if checkpoint.root not in (self.found.root, self.given.root):
                words = f"{called} has another root: the first {checkpoint.size} entries are not those it was made of."
                self.notes.add(None, "checkpoint-differs", words)

    def judge(self, manifest: Manifest) -> None:
        """Say which of two differing hashes is wrong, and whether either tree has the root the manifest states."""
        if self.given.root == manifest.root:
            code, words = "entry-changed", "Entry {} was changed: it does not give the hash it had in the ledger."
        elif self.found.root == manifest.root:
            code, words = "tile-changed", "The shipped hash of entry {} was changed; the entry itself is true."
        else:
            code, words = "entry-or-tile-changed", "Entry {} and its shipped hash differ, and neither gives the root."
            stated = f"The {manifest.size} entries do not give the root that the manifest states."
            self.notes.add(None, "root-differs", stated)
        for seq in self.differing:
            self.notes.add(seq, code, words.format(seq))
