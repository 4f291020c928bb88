"""Verify an export offline: every hash from its entries up, against its manifest, its checkpoints and those you hold.

One bundle and one tile are in memory at a time. How Ed25519 is verified is passed in by who has a library for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.ledger.domain.checkpoint import Checkpoint
from services.ledger.domain.contents import Contents
from services.ledger.domain.disclosed import Disclosures
from services.ledger.domain.export import (
    BUNDLE_BYTES_MAX,
    MANIFEST,
    MalformedExport,
    Manifest,
    Tile,
    entries_in,
    read_manifest,
    read_tile,
    tiles_of,
)
from services.ledger.domain.files import Files, Unreadable, read
from services.ledger.domain.own_signatures import OwnSignatures
from services.ledger.domain.regrown import TILE_BYTES_MAX, Regrown
from services.ledger.domain.replayed import Replayed
from services.ledger.domain.report import Notes, Report, together
from services.ledger.domain.said import Said, body_in, said_in, texts
from services.ledger.domain.state import STATE
from services.ledger.domain.vouched import Times, Trust, Vouched
from shared.log.entry import MalformedEntry, decode_entry

SMALL_FILE_BYTES_MAX = 65_536


def verify(
    files: Files, canonical: Callable[[Any], bytes], held: Iterable[Checkpoint] = (), trust: Trust | None = None
) -> Report:
    """What is wrong with an export, if anything: both checks in one reading. Takes what `check_entries` does."""
    return check(files, canonical, held, trust, state=True)


def check_entries(
    files: Files, canonical: Callable[[Any], bytes], held: Iterable[Checkpoint] = (), trust: Trust | None = None
) -> Report:
    """What is wrong with the entries, and with whatever hangs on them but the state.

    `canonical(value) -> bytes` is RFC 8785 and raises ValueError for what it cannot write. `held`: checkpoints of this
    ledger from elsewhere, whose signatures the caller has checked. `trust`: how signatures are checked; None: not at
    all. Never raises for what an export contains.
    """
    return check(files, canonical, held, trust, state=False)


def check(
    files: Files,
    canonical: Callable[[Any], bytes],
    held: Iterable[Checkpoint],
    trust: Trust | None,
    *,
    state: bool,
) -> Report:
    notes = Notes()
    try:
        manifest = manifest_of(files)
    except (Unreadable, MalformedExport) as error:
        notes.add(None, "manifest-unreadable", str(error))
        return notes.report()
    vouched = Vouched(trust, notes)
    tree = Regrown(notes)
    tree.expect(manifest, [*vouched.shipped(files), *(("you hold", checkpoint) for checkpoint in held)])
    own = OwnSignatures(manifest.ledger, canonical, notes, trust)
    contents = Contents(files, canonical, notes, Times(notes, vouched.seen), own)
    stated = Stated.of(files, withheld=not contents.disclosures.shipped) if state else Stated()
    hashed = any(name.startswith("tile/0/") for name in files.names())
    for tile in tiles_of(manifest.size):
        if notes.full:
            return together(notes.report(), stated.notes.report())
        hashes = shipped_hashes(files, tile, notes) if hashed else [None] * tile.width
        entries = shipped_entries(files, tile, notes)
        tree.add(tile.first, entries, hashes)
        for seq, entry in enumerate(entries, tile.first):
            read = None if entry is None else contents.check(seq, entry)
            if state and read is not None:
                stated.apply(said_in(seq, *read))
    contents.finish()
    tree.judge(manifest, files)
    return together(notes.report(), stated.report())


def check_state(files: Files) -> Report:
    """Where the state that an export states is not what its entries say; `check_entries` says what they are worth.

    It needs nothing of that other check, so that the two can run side by side. Never raises for what an export
    contains.
    """
    told = Notes()  # what is amiss with the entries themselves is told by the other check
    try:
        manifest = manifest_of(files)
    except (Unreadable, MalformedExport):
        return Notes().report()
    disclosures = Disclosures(files, told)
    stated = Stated.of(files, withheld=not disclosures.shipped)
    if stated.replayed is None:
        return Notes().report()
    for tile in tiles_of(manifest.size):
        if stated.notes.full or told.full:
            break
        for seq, entry in enumerate(shipped_entries(files, tile, told), tile.first):
            body = None if entry is None else body_of(entry)
            if body is not None:
                digests = texts(body.get("_sd"))
                stated.apply(said_in(seq, body, disclosures.of(seq, digests), len(digests)))
    return stated.report()


@dataclass(slots=True)
class Stated:
    """The state that an export states, held against what its entries say one after the other; it may state none."""

    notes: Notes = field(default_factory=Notes)
    replayed: Replayed | None = None

    @classmethod
    def of(cls, files: Files, *, withheld: bool) -> Stated:
        notes = Notes()
        return cls(notes, Replayed(files, notes, withheld=withheld) if STATE in files.names() else None)

    def apply(self, said: Said | None) -> None:
        if said is not None and self.replayed is not None and not self.notes.full:
            self.replayed.apply(said)

    def report(self) -> Report:
        """After the last entry."""
        if self.replayed is not None and not self.notes.full:
            self.replayed.finish()
        return self.notes.report()


def manifest_of(files: Files) -> Manifest:
    """Raises Unreadable or MalformedExport."""
    return read_manifest(read(files, MANIFEST, SMALL_FILE_BYTES_MAX))


def body_of(entry: bytes) -> dict[str, Any] | None:
    """None when it cannot be read, which the check of the entries tells."""
    try:
        return body_in(decode_entry(entry).body)
    except MalformedEntry:
        return None


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
