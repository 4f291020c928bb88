"""Verify an export offline: every hash from its entries up, against its manifest, its checkpoints and those you hold.

One bundle and one tile are in memory at a time. How Ed25519 is verified is passed in by who has a library for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from services.ledger.domain.checkpoint import Checkpoint
from services.ledger.domain.contents import Contents
from services.ledger.domain.export import (
    BUNDLE_BYTES_MAX,
    MANIFEST,
    MalformedExport,
    Tile,
    entries_in,
    read_manifest,
    read_tile,
    tiles_of,
)
from services.ledger.domain.files import Files, Unreadable, read
from services.ledger.domain.regrown import TILE_BYTES_MAX, Regrown
from services.ledger.domain.report import Notes, Report
from services.ledger.domain.vouched import Times, Trust, Vouched
from shared.log.entry import MalformedEntry, decode_entry

SMALL_FILE_BYTES_MAX = 65_536


def verify(
    files: Files, canonical: Callable[[Any], bytes], held: Iterable[Checkpoint] = (), trust: Trust | None = None
) -> Report:
    """What is wrong with an export, if anything.

    `canonical(value) -> bytes` is RFC 8785 and raises ValueError for what it cannot write. `held`: checkpoints of this
    ledger from elsewhere, whose signatures the caller has checked. `trust`: how signatures are checked; None: not at
    all. Never raises for what an export contains.
    """
    notes = Notes()
    try:
        manifest = read_manifest(read(files, MANIFEST, SMALL_FILE_BYTES_MAX))
    except (Unreadable, MalformedExport) as error:
        notes.add(None, "manifest-unreadable", str(error))
        return notes.report()
    vouched = Vouched(trust, notes)
    tree = Regrown(notes)
    tree.expect(manifest, [*vouched.shipped(files), *(("you hold", checkpoint) for checkpoint in held)])
    contents = Contents(files, canonical, notes, Times(notes, vouched.seen))
    hashed = any(name.startswith("tile/0/") for name in files.names())
    for tile in tiles_of(manifest.size):
        if notes.full:
            return notes.report()
        hashes = shipped_hashes(files, tile, notes) if hashed else [None] * tile.width
        entries = shipped_entries(files, tile, notes)
        tree.add(tile.first, entries, hashes)
        for seq, entry in enumerate(entries, tile.first):
            if entry is not None:
                contents.check(seq, entry)
    contents.finish()
    tree.judge(manifest, files)
    return notes.report()


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
