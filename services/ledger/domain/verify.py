"""Verify an export offline: every hash from its entries up, against its manifest, its checkpoints and those you hold.

One bundle and one tile are in memory at a time. How Ed25519 is verified is passed in by who has a library for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from json import JSONDecoder
from typing import Any

from services.ledger.domain.checkpoint import Checkpoint
from services.ledger.domain.contents import Contents, texts
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
from services.ledger.domain.regrown import TILE_BYTES_MAX, Regrown
from services.ledger.domain.replayed import Replayed, Said
from services.ledger.domain.report import Notes, Report, together
from services.ledger.domain.state import STATE
from services.ledger.domain.vouched import Times, Trust, Vouched
from shared.log.entry import MalformedEntry, decode_entry

SMALL_FILE_BYTES_MAX = 65_536
DECODER = JSONDecoder()


def verify(
    files: Files, canonical: Callable[[Any], bytes], held: Iterable[Checkpoint] = (), trust: Trust | None = None
) -> Report:
    """What is wrong with an export, if anything: both checks, one after the other.

    Takes and gives what `check_entries` does.
    """
    return together(check_entries(files, canonical, held, trust), check_state(files))


def check_entries(
    files: Files, canonical: Callable[[Any], bytes], held: Iterable[Checkpoint] = (), trust: Trust | None = None
) -> Report:
    """What is wrong with the entries, and with whatever hangs on them but the state.

    `canonical(value) -> bytes` is RFC 8785 and raises ValueError for what it cannot write. `held`: checkpoints of this
    ledger from elsewhere, whose signatures the caller has checked. `trust`: how signatures are checked; None: not at
    all. Never raises for what an export contains.
    """
    notes = Notes()
    try:
        manifest = manifest_of(files)
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


def check_state(files: Files) -> Report:
    """Where the state that an export states is not what its entries say; `check_entries` says what they are worth.

    It needs nothing of that other check, so that the two can run side by side. Never raises for what an export
    contains.
    """
    notes = Notes()
    told = Notes()  # what is amiss with the entries themselves is told by the other check
    try:
        manifest = manifest_of(files)
    except (Unreadable, MalformedExport):
        return notes.report()
    if STATE not in files.names():
        return notes.report()
    disclosures = Disclosures(files, told)
    replayed = Replayed(files, notes, withheld=not disclosures.shipped)
    for tile in tiles_of(manifest.size):
        if notes.full:
            return notes.report()
        for seq, entry in enumerate(shipped_entries(files, tile, told), tile.first):
            body = None if entry is None else body_of(entry)
            if body is not None:
                digests = texts(body.get("_sd"))
                disclosed = disclosures.of(seq, digests)
                if said := said_in(seq, body, disclosed, len(digests)):
                    replayed.apply(said)
    replayed.finish()
    return notes.report()


def manifest_of(files: Files) -> Manifest:
    """Raises Unreadable or MalformedExport."""
    return read_manifest(read(files, MANIFEST, SMALL_FILE_BYTES_MAX))


def body_of(entry: bytes) -> dict[str, Any] | None:
    """None when it cannot be read, which the check of the entries tells."""
    try:
        body, _ = DECODER.raw_decode(decode_entry(entry).body.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def said_in(seq: int, body: dict[str, Any], disclosed: dict[str, Any], digests: int) -> Said | None:
    name, stream, version, data = body.get("type"), body.get("stream"), body.get("version"), body.get("data")
    if isinstance(name, str) and isinstance(stream, str) and type(version) is int and isinstance(data, dict):
        return Said(seq, name, stream, version, data, disclosed, digests - len(disclosed))
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
